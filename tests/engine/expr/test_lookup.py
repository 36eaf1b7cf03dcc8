"""Records of other entities: the equality they are found by, the same answer in Python and in both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from engine.expr.compile import bind, check, to_expr
from engine.expr.deps import Join, joins
from engine.expr.outside import Nowhere
from engine.expr.rewrite import rewrite
from engine.expr.schema import Scope
from engine.expr.to_json import decode, encode
from engine.expr.to_python import closure
from engine.expr.tree import Node
from engine.expr.values import Env
from tests.engine.expr.test_sql import ENV, World, agree, comparable, tree_of, world  # noqa: F401 - the fixture
from tests.engine.expr.world import ACCOUNTS, DEALS, SCOPE, WorldSchema


class WorldOutside(Nowhere):
    """The accounts and items of the world, found by any field."""

    def found(self, entity_id: str, field_id: str, key: Any) -> Sequence[Any]:
        items = [item for deal in DEALS for item in deal["fld_items"]]
        rows: Sequence[Any] = ACCOUNTS if entity_id == "ent_account" else items
        return [row for row in rows if self._value(row[field_id]) == key]

    def _value(self, value: Any) -> Any:
        return value["sys_id"] if isinstance(value, dict) else value


OUTSIDE = ENV.looking(WorldOutside())

SOURCES = [
    "LOOKUP(account, x -> x.region = name, x -> x.credit)",
    "LOOKUP(account, x -> x.region = account.region, x -> x.credit)",
    'LOOKUP(account, x -> x.region = account.region, x -> x.title, "last")',
    'LOOKUP(account, x -> account.region = x.region AND x.credit > 1, x -> x.credit, "sum")',
    'LOOKUP(account, x -> x = account, x -> x.title, "strict")',
    "LOOKUP(客户表, x -> x.id = account.id, x -> x.credit * 2)",
    "LOOKUP(account, it = account, it.region)",
    'LOOKUP(account, x -> x.credit = amount / score, x -> x.title, "count")',
    "LOOKUP(account, x -> x.title = NULL, x -> x.credit)",
    "COUNTIF(item, x -> x.product = LEFT(code, 1))",
    'COUNTIF(item, x -> x.product = "x" AND x.qty > score)',
    'SUMIF(item, x -> x.product = "x", x -> x.price)',
    'SUMIF(item.product, "x", item.price)',
    'SUMIFS(item.price, item.qty, ">1", item.product, "x")',
    'COUNTIFS(item.product, "x", item.qty, ">1")',
    'MAXIFS(item.price, item.product, "x")',
    'COUNTIF(item.product, "x")',
    'MAPX("max", "x", item.product, item.price)',
    'MAPX("first", account, item.customer, item.qty)',
    "EXISTS(item, x -> x.customer = account)",
    "EXISTS(item, x -> x.customer = account AND x.price / x.qty > 2)",
    "SUM(FILTER(item, x -> x.customer = account AND x.qty > 1).price)",
    "SUM(FILTER(item, x -> x.customer = account).customer.credit)",
    "COUNT(FILTER(account, x -> x = account).contacts)",
    "FIRST(FILTER(item, x -> x.customer = account)).product",
    'account IN FILTER(item, x -> x.product = "x").customer',
    "SUM(items, i -> LOOKUP(account, a -> a = i.customer, a -> a.credit))",
    "COUNTIF(item, x -> x.qty = 2)",
    "COUNTIF(item, x -> x.price = amount)",
    "COUNTIF(item, x -> x.day = due)",
    "COUNTIF(item, x -> x.qty = 1 / score)",
    "IF(COUNTIF(account, x -> x = account) > 0, amount, 0)",
]
CONDITIONS = [
    "COUNTIF(item, x -> x.customer = account) > 1",
    'LOOKUP(account, x -> x = account, x -> x.region) = "north"',
    "EXISTS(item, x -> x.customer = account)",
]


@pytest.mark.parametrize("source", SOURCES)
def test_databases_agree_with_python(world: World, source: str) -> None:  # noqa: F811
    tree = tree_of(source)
    function = closure(tree)
    wanted = [function(OUTSIDE.at(record)) for record in DEALS]
    assert [comparable(v) for v in world.values(tree)] == [comparable(v) for v in wanted]
    assert comparable(closure(decode(encode(tree)))(OUTSIDE.at(DEALS[0]))) == comparable(wanted[0])


RANKED = """
MEDIAN(items.price) | MEDIAN(items.qty) | LARGE(items.price, 2) | SMALL(items.price, score) | LARGE(items.day, 1)
SMALL(items.product, 1) | MEDIAN(items, x -> x.price / x.qty) | MEDIAN(FILTER(items, x -> x.qty > 0).price)
MEDIAN(items.price * items.qty) | LARGE(items.price, 0) | LARGE(items.price, 1.9) | MEDIAN(items.customer.credit)
"""
ARRANGED = """
STDEV(items.price) | VARP(items.qty) | PRODUCT(items.qty) | SUMPRODUCT(items.price, items.qty)
COUNT(DISTINCT(items.product)) | JOIN(DISTINCT(items.product), "/") | INDEX(items.price, 2)
SUM(REVERSELIST(items.price)) | FIRST(SORTBY(items.price, x -> -x)) | TEXTJOIN("-", TRUE, items.product)
JOIN(items.product) | SUM(CONCATLIST(items.price, [1, amount])) | MEDIAN(items.price, amount) | MEDIAN(amount, rate, 3)
LEN(CONCAT(items.product))
"""


def _each(text: str) -> list[str]:
    return [source.strip() for line in text.strip().splitlines() for source in line.split(" | ")]


def test_lists_of_rows_in_order(world: World) -> None:  # noqa: F811
    for source in _each(RANKED):
        assert world.dialect in tree_of(source).pushable
        agree(world, source)


def test_lists_of_rows_in_another_arrangement(world: World) -> None:  # noqa: F811
    for source in _each(ARRANGED):
        if world.dialect in tree_of(source).pushable:
            agree(world, source)
        else:
            assert world.dialect == "postgresql"


@pytest.mark.parametrize("source", CONDITIONS)
def test_conditions_are_pushed_down(world: World, source: str) -> None:  # noqa: F811
    tree = tree_of(source)
    for asked, answer in ((source, True), (f"NOT({source})", False)):
        wanted = [r["sys_id"] for r in DEALS if closure(tree)(OUTSIDE.at(r)) is answer]
        assert world.chosen(tree_of(asked)) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "SUM(客户表.credit)",
        "COUNTIF(客户表, x -> x.credit > 5)",
        "COUNTIF(客户表, x -> x.region = name OR x.title = name)",
        "COUNTIF(客户表, x -> x.credit = x.credit)",
        "LOOKUP(客户表, x -> NOT(x.region = name), x -> x.title)",
        "ALL(客户表, x -> x.region = name)",
        "COUNT(客户表)",
    ],
)
def test_reading_every_record_is_refused(source: str) -> None:
    found = check(source, SCOPE).findings
    assert [finding.code for finding in found] == ["X803"]
    assert "客户表" in found[0].text("zh-CN")


def test_a_field_goes_before_an_entity_of_its_name_unless_a_list_is_wanted() -> None:
    assert tree_of("account.region").deps == {("fld_account", "fld_region")}
    tree = tree_of("LOOKUP(account, x -> x.region = account.region, x -> x.credit)")
    assert tree.deps == {("fld_account", "fld_region")}
    assert tree.facts.scans == {("ent_account", ("fld_region",)), ("ent_account", ("fld_credit",))}
    assert tree.facts.uses == {"RECORDS"}


def test_what_a_lookup_reads_is_known() -> None:
    tree = tree_of("LOOKUP(item, x -> x.customer = account AND x.customer.credit > amount, x -> x.price)")
    assert tree.deps == {("fld_account",), ("fld_amount",)}
    assert tree.facts.scans == {
        ("ent_item", ("fld_for",)),
        ("ent_item", ("fld_for", "fld_credit")),
        ("ent_item", ("fld_price",)),
    }
    assert joins(tree) == (Join("ent_item", ("fld_for",), ("fld_account",)),)
    assert joins(tree_of('COUNTIF(item, x -> x.product = "x")')) == (Join("ent_item", ("fld_product",), None),)
    assert joins(tree_of("amount + 1")) == ()


def test_the_records_that_point_here_are_found_by_the_id_of_the_record() -> None:
    source, here = "COUNTIF(item, x -> x.customer = RECORDID())", Scope(WorldSchema(), "ent_account", frozenset())
    tree = bind(to_expr(source, here), here)
    assert joins(tree) == (Join("ent_item", ("fld_for",), ("sys_id",)),)
    counts = [closure(tree)(OUTSIDE.at(account)) for account in ACCOUNTS]
    assert sum(counts) == sum(item["fld_for"] is not None for deal in DEALS for item in deal["fld_items"]) > 0
    assert check(source.replace("x.customer = RECORDID()", "RECORDID() = x.customer"), here).findings == ()
    assert [finding.code for finding in check(source, SCOPE).findings] == ["X303", "X803"]  # a deal is no account


def test_a_name_of_an_entity_is_kept_by_id_and_renamed() -> None:
    expr = to_expr("COUNTIF(客户表, x -> x = account) > 0", SCOPE)
    assert expr.refs["@客户表"] == "ent_account"
    later = rewrite(expr, SCOPE, {"ent_account": "client"})
    assert later.src == "COUNTIF(client, x -> x = account) > 0"
    assert later.refs["@client"] == "ent_account"


def test_without_an_outside_a_lookup_is_a_mistake_of_the_caller() -> None:
    tree: Node = tree_of("COUNTIF(item, x -> x.customer = account)")
    with pytest.raises(LookupError):
        closure(tree)(Env(DEALS[0]))
