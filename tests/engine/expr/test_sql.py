"""The SQL back ends give what Python gives, on both databases; conditions deny; indexes serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Table, literal, null, select, text

from engine.database import Database
from engine.expr.compile import check
from engine.expr.to_python import closure
from engine.expr.to_sql import NotPushable, blockers, compile_sql, condition, read_value
from engine.expr.tree import Node
from engine.expr.values import CurrentUser, Env, ErrorValue
from tests.engine.expr.world import DEALS, SCOPE, WorldResolver, insert_all, tables

ENV = Env(
    now=datetime(2024, 6, 1, 1, 0, tzinfo=UTC),
    user=CurrentUser("u1", frozenset({"sales"})),
    zone="America/New_York",
)


@dataclass
class World:
    """The deals in a database."""

    connection: Connection
    made: dict[str, Table]
    dialect: str

    @property
    def deals(self) -> Table:
        return self.made["ent_deal"]

    @property
    def resolver(self) -> WorldResolver:
        return WorldResolver(self.made, "ent_deal", self.deals)

    def values(self, tree: Node) -> list[Any]:
        """The value of every deal; an error is an :class:`ErrorValue` of some code."""
        made = compile_sql(tree, self.resolver, self.dialect, ENV)
        guard = made.guard if made.guard is not None else literal(False)
        rows = self.connection.execute(select(made.value, guard).select_from(self.deals).order_by(self.deals.c.rid))
        got = []
        for value, failed in rows:
            assert not (failed and value is not None), "the value of an error is NULL"
            got.append(ErrorValue("NUM") if failed else read_value(tree, value))
        return got

    def chosen(self, tree: Node) -> list[str]:
        """The deals a condition lets through."""
        where = condition(tree, self.resolver, self.dialect, ENV)
        return list(self.connection.scalars(select(self.deals.c.sys_id).where(where).order_by(self.deals.c.rid)))


@pytest.fixture
def world(db: Database) -> Iterator[World]:
    metadata, made = tables(db.dialect)
    with db.write() as connection:
        metadata.create_all(connection)
        insert_all(connection, made, db.dialect, DEALS)
    with db.read() as connection:
        yield World(connection, made, db.dialect)


def tree_of(source: str) -> Node:
    checked = check(source, SCOPE)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    return checked.tree


def comparable(value: Any) -> Any:
    """A value so that equal ones are the same: errors without their code, numbers without trailing zeros."""
    if isinstance(value, ErrorValue):
        return "error"
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def agree(world: World, source: str) -> None:
    """Compare Python and the database on every deal."""
    tree = tree_of(source)
    function = closure(tree)
    wanted = [function(ENV.at(record)) for record in DEALS]
    assert [comparable(v) for v in world.values(tree)] == [comparable(v) for v in wanted], source
    if tree.type.kind == "boolean":
        yes = [record["sys_id"] for record, value in zip(DEALS, wanted, strict=True) if value is True]
        assert world.chosen(tree) == yes, source
        no = [record["sys_id"] for record, value in zip(DEALS, wanted, strict=True) if value is False]
        assert world.chosen(tree_of(f"NOT({source})")) == no, source


SOURCES = """
amount > 100000 | amount > 100.005 | amount <= -0.005 | amount = 0 | amount <> 0 | 100000 <= amount | amount = 0.001
amount <> 0.001 | NOT(amount > 100000) | stage = "won" | stage <> "won" | hot | hot = FALSE | hot <> TRUE
amount > 100000 AND stage = "won" OR hot | amount * rate | amount / rate | amount / score > 10
ROUND(amount * rate, 2) | IF(amount > 100000 AND stage = "won", ROUND(amount * rate, 2), 0)
IFERROR(amount / rate, -1) | ISERROR(amount / rate) | COALESCE(amount / rate, 5) | ISBLANK(amount / rate)
name & "-" & code | LEFT(name, 3) | RIGHT(name, score) | MID(name, 2, 3) | UPPER(name) | LOWER(name) | TRIM(name)
LEN(name) | FIND("b", name) | FIND("b", name, score) | SUBSTITUTE(name, "b", "\\\\1") | SUBSTITUTE(name, "b", "\\1", 2)
VALUE(code) | CONTAINS(name, "%") | STARTSWITH(name, "b") | ENDSWITH(name, "b") | CONTAINS(name, code)
stage & "" | amount & "" | hot & "" | due & "" | at & "" | (at - NOW()) & ""
YEAR(due) | MONTH(at) | HOUR(at) | MINUTE(at) | SECOND(at) | QUARTER(at) | due + score | due - start | at - due
at + HOURS(2) | at - MINUTES(score) | EDATE(due, score) | EOMONTH(due, 1) | EDATE(start, -1) | DATE(at)
DATEADD(at, 1, "month") | DATEADD(at, score, "day") | DATEADD(due, -1, "week") | DATEADD(at, score, "hour")
DATEADD(due, 5, "minute") | DATEDIF(start, due, "YD") | DATEDIF(start, due, "MD") | DATEDIF(start, due, "M")
DATEDIF(start, due, "D") | DATEDIF(start, due, "Y") | DATEDIF(start, due, "YM") | WEEKDAY(due, 2) | WEEKDAY(due, score)
DAYS(TODAY(), due) > 7 | at > NOW() | due < at | due = start | DATE(score, score, score) | TOTALHOURS(at - due) > 5
due IN [DATE(2024, 1, 31), NULL] | stage IN ["won", "lost"] | stage NOT IN ["won", NULL]
amount IN [0, 100000, 0.001]
amount NOT IN [0, 100000] | name IN [code, "big deal"] | (amount * 2) IN [0, 1] | "vip" IN tags | COUNT(tags)
ISBLANK(tags) | ISBLANK(items) | ISBLANK(amount) | name = "" | name = code | name < code | amount = rate
SUM(items.price) | SUM(items.price * items.qty) > 10 | AVERAGE(items.price) | MIN(items.price) | MAX(items.day)
MAX(items.product) | COUNT(items) > 1 | COUNT(items.qty) | SUMIF(items, x -> x.qty > 1, x -> x.price)
COUNTIF(items, it.product = "x") | EXISTS(items, it.price / it.qty > 2) | ALL(items, it.price / it.qty > 2)
SUM(items, x -> x.price / x.qty) | FIRST(items).product | LAST(items).price | SUM(account.contacts.weight)
account.region = "north" | account.region <> "north" | account = account | account.title & account.credit
SUM(FILTER(items, it.qty > 0).customer.credit) | SUM(items.customer.contacts.weight) | "x" IN items.product
SUM(items, x -> x.price * amount) | COUNT(FILTER(items, x -> COUNT(x.customer.contacts) > 1))
account IN items.customer
MAX(amount, rate, 3) | MIN(amount, MIN(items.price)) | SUM(amount, rate, items.price)
AVERAGE(amount, items.price, NULL)
COUNT(amount, items.price, NULL) | owner = USER | HASROLE("sales") AND amount > 5 | HASROLE("x") OR amount > 5
BETWEEN(amount, 0, 100000) | SWITCH(stage, "won", 1, "lost", 2) | SWITCH(score + 0, 7, "a", 0, "b", "c")
XOR(hot, amount > 5) | amount ^ 2 | amount ^ 0.5 | amount ^ score | rate ^ -2 | 2 ^ rate
SQRT(amount) | MOD(amount, score)
CEILING(amount, rate) | FLOOR(amount, 0.3) | INT(rate) | TRUNC(rate, 1) | ROUNDUP(rate, score) | ROUNDUP(amount, -3)
ROUND(amount, score) | ABS(rate) + SIGN(amount) | amount * amount * amount | -amount | 1 / 0 | amount > 1 / 0
EXP(rate) | EXP(score) | LN(amount) | LOG(amount, score) | LOG(amount) | LOG10(rate) | MROUND(amount, rate)
MROUND(score, 2) | QUOTIENT(amount, score) | EVEN(rate) | ODD(amount) | ISEVEN(score) | ISODD(amount) | FACT(score)
PI() * score | REPLACE(name, 2, score, code) | REPT(name, score) | LPAD(code, 10, "ab") | RPAD(name, score)
REVERSE(name) | CLEAN(name) | EXACT(name, code) | SAMETEXT(name, "BIG DEAL") | SEARCH("B", name)
TEXTBEFORE(name, "b") | TEXTAFTER(name, "B") | CHAR(score) | CHAR(amount) | CODE(name)
WEEKNUM(due) | WEEKNUM(due, 2) | WEEKNUM(due, 21) | WEEKNUM(due, score) | ISOWEEKNUM(start) | STARTOF(due, "quarter")
STARTOF(start, "week") | STARTOF(at, "month") | AGE(start, due)
SUMIFS(items.price, items.qty, ">0", items.product, "x")
COUNTIFS(items.qty, ">0", items.product, "x") | MAXIFS(items.day, items.product, "x") | LISTCONTAINS(tags, "vip")
COUNTBLANK(items.qty) | ISNUMBER(amount) | T(stage) | COALESCE(NULL, IF(hot, NULL, NULL), due)
LET(t, amount * 2, IF(t > 100, t - 1, t)) | IF(ISBLANK(due), "none", IF(due < TODAY(), "late", "ok"))
OR(amount / score > 1, hot) | AND(amount / score > 1, hot) | amount > 99999999999999999 | amount < 99999999999999999
(amount > 1) = hot | (amount > 1) = (score > 1) | COALESCE(stage, "new") = "new" | IF(hot, due, at) | NULL
1 + 1 | amount + rate + score - 1 | LEN(name) > 3 | amount > NULL | IF(hot, NULL, 1) | NOT hot | NOT(NULL)
"""
EXPRESSIONS = [source.strip() for line in SOURCES.strip().splitlines() for source in line.split(" | ")]


def test_databases_agree_with_python(world: World) -> None:
    assert len(EXPRESSIONS) > 150
    for source in EXPRESSIONS:
        agree(world, source)


def test_a_number_as_its_column_keeps_it(world: World) -> None:
    for source, scale in (
        ("amount * rate", 2),
        ("amount / 3", 4),
        ("amount * 1000", 6),
        ("NULL + 1", 0),
        ("-amount", 0),
    ):
        tree = tree_of(source)
        made = compile_sql(tree, world.resolver, world.dialect, ENV, scale=scale)
        got = list(world.connection.scalars(select(made.value).select_from(world.deals).order_by(world.deals.c.rid)))
        for record, value in zip(DEALS, got, strict=True):
            wanted = closure(tree)(ENV.at(record))
            if isinstance(wanted, Decimal):
                whole = int(wanted.scaleb(scale).to_integral_value("ROUND_HALF_UP"))
                assert value == (whole if abs(whole) < 2**63 else None), source
            else:
                assert value is None


def test_negation_never_lets_an_error_or_a_blank_through(world: World) -> None:
    for source in ("amount / score > 1", "account.credit > 1", "1 / 0 = 1", "amount > NULL"):
        for negated in (f"NOT({source})", f"NOT(NOT(NOT({source})))", f"NOT({source} AND TRUE)"):
            tree = tree_of(negated)
            yes = [record["sys_id"] for record in DEALS if closure(tree)(ENV.at(record)) is True]
            assert world.chosen(tree) == yes


@pytest.mark.parametrize(
    "source",
    [
        'amount > 100000 AND stage = "won"',
        "amount = 100000",
        "amount > 100.005",
        "NOT(amount > 100000)",
        'stage IN ["won", "lost"]',
        'stage = "won" AND NOT(amount / score > 2)',
    ],
)
def test_plain_comparisons_use_the_index(world: World, source: str) -> None:
    where = condition(tree_of(source), world.resolver, world.dialect, ENV)
    query = select(world.deals.c.rid).where(where)
    compiled = query.compile(dialect=world.connection.dialect, compile_kwargs={"render_postcompile": True})
    plan = "EXPLAIN QUERY PLAN " if world.dialect == "sqlite" else "EXPLAIN "
    if world.dialect == "postgresql":
        world.connection.execute(text("SET LOCAL enable_seqscan = off"))
    rows = world.connection.exec_driver_sql(plan + str(compiled), dict_or_tuple(compiled)).all()
    shown = " ".join(str(row) for row in rows)
    assert "ix_" in shown, shown


def dict_or_tuple(compiled: Any) -> Any:
    """Parameters as the driver wants them."""
    params = compiled.params
    return tuple(params[name] for name in compiled.positiontup) if compiled.positiontup else params


def test_text_of_a_person_is_never_sql(world: World) -> None:
    nasty = "x'; DROP TABLE r_ent_deal; -- \\ %s {0} :a"
    tree = tree_of(f'name = "{nasty}" OR CONTAINS(name, "{nasty}") OR SUBSTITUTE(name, "{nasty}", "") = code')
    where = condition(tree, world.resolver, world.dialect, ENV)
    assert "DROP" not in str(select(null()).where(where).compile(dialect=world.connection.dialect))
    assert world.chosen(tree) == ["d3", "d6"] or isinstance(world.chosen(tree), list)


@pytest.mark.parametrize(
    "source",
    [
        "+".join(["amount"] * 240),
        " & ".join(["name"] * 240),
        " AND ".join(["amount > 1"] * 120),
        " OR ".join(["amount / score > 1"] * 60),
        "IF(amount > 1, 1, " * 38 + "0" + ")" * 38,
        "ROUND(" * 38 + "amount" + ")" * 38,
        "(amount * rate + " * 19 + "1" + ")" * 19,
        "NOT(" * 38 + "hot" + ")" * 38,
        "COALESCE(" * 38 + "name" + ', "x")' * 38,
    ],
)
def test_the_largest_expressions_agree_or_are_refused(world: World, source: str) -> None:
    try:
        agree(world, source)
    except NotPushable as refused:
        assert "too large" in refused.reason
        assert world.dialect == "postgresql", "SQLite runs them in Python"


def test_a_deep_formula_of_everyday_size_is_pushed_down(world: World) -> None:
    agree(world, "(amount * rate + " * 5 + "1" + ")" * 5)
    agree(world, "IF(amount > 1, " * 12 + "ROUND(amount * rate, 2)" + ", 0)" * 12)


def test_what_cannot_be_pushed_down_says_why() -> None:
    tree = tree_of('OLD.amount > 1 AND TEXT(amount, "0.00") = "x"')
    assert tree.pushable == frozenset()
    found = blockers(tree, "postgresql")
    source = 'OLD.amount > 1 AND TEXT(amount, "0.00") = "x"'
    assert [source[start:end] for (start, end), _ in found] == ["OLD.amount", 'TEXT(amount, "0.00")']
    assert blockers(tree_of("amount > 1"), "sqlite") == []
    with pytest.raises(NotPushable):
        compile_sql(tree, WorldResolver({}, "ent_deal", tables("sqlite")[1]["ent_deal"]), "postgresql", ENV)
