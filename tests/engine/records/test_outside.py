"""Expressions that ask beyond their record: the same rows in Python and in SQL; nothing shown that may not be seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from support import application, entity, field, formula, grant, person, role, where, workspace

from engine import calendars, org
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.expr.compile import bind
from engine.expr.to_python import closure
from engine.records.derive import Environments
from engine.records.formulas import RANGE_ROOTS, formulas_of
from engine.records.loading import Loader
from engine.records.schema import scope_of
from engine.records.spec import QuerySpec, SortSpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Expr

ROBOT = system_actor("test")
LEAD = person("u_lead", "rol_all")
DAYS = (date(2024, 9, 27), date(2024, 9, 29), date(2024, 10, 1), date(2024, 10, 8), date(2024, 10, 12))


def app() -> App:
    product = entity(
        "product",
        field("sku"),
        field("cost", "currency"),
        field("maker", "user"),
        field("tags", "link_many", options={"entity": "ent_product"}),
        title="fld_sku",
    )
    sale = entity(
        "sale",
        field("name"),
        field("code"),
        field("qty", "number", options={"scale": 0}),
        field("product", "link_one", options={"entity": "ent_product"}),
        field("day", "date"),
        field("uid", default_expr=Expr(src="UUID()")),
        field("no", "number", options={"scale": 0}, default_expr=Expr(src="SEQ()")),
        field("luck", "number", options={"scale": 6}, default_expr=Expr(src="RAND()")),
        formula("price", "LOOKUP(product, x -> x.sku = code, x -> x.cost)"),
        formula("twins", "COUNTIF(sale, x -> x.code = code AND x.id <> id)", scale=0),
        formula("whose", "LOOKUP(product, x -> x = product, x -> USERNAME(x.maker))", "text"),
        title="fld_name",
    )
    every = tuple(grant(f"e{t}", t, "read create update delete", default="write") for t in ("product", "sale"))
    return application(
        product,
        sale,
        roles=(
            role("all", *every),
            role("seller", grant("s", "sale", "read", default="read")),
            role("some", grant("t", "sale", "read", default="read"), grant("u", "product", "read", sku="read")),
            role("team", grant("v", "sale", "read", where("owner IN SUBORDINATES(USER)"), default="read")),
            role("house", grant("w", "sale", "read", where("INDEPT(owner, CURRENTDEPTS(), TRUE)"), default="read")),
        ),
    )


@pytest.fixture
def space(db: Database) -> Workspace:
    found = workspace(db, app())
    with db.write() as connection:
        for member, lead in (("u_ann", "u_lead"), ("u_bob", "u_lead"), ("u_lead", "u_boss")):
            connection.execute(update(org.user).where(org.user.c.id == member).values(manager_id=lead))
        calendars.seed(connection)
        calendars.create(connection, "shop")
        calendars.set_days(connection, "shop", [date(2024, 9, 28), date(2024, 9, 29)], worked=True)
        calendars.set_days(connection, "shop", [date(2024, 9, 30)], worked=False, label="stocktaking")
    with found.write("test") as store:
        lamp = store.create(ROBOT, "product", {"sku": "L", "cost": 20, "maker": "u_ann"}).id
        store.create(ROBOT, "product", {"sku": "T", "cost": 300, "maker": "u_eve"})
        store.create(ROBOT, "product", {"sku": None, "cost": 1})
        rows: list[dict[str, Any]] = [
            {"name": "a", "code": "L", "qty": 1, "product": lamp},
            {"name": "b", "code": "L", "qty": 3},
            {"name": "c", "code": "T", "qty": None, "product": lamp},
            {"name": "d", "code": None, "qty": 20},
            {"name": "e", "code": "?", "qty": 0},
        ]
        owners = ("u_ann", "u_bob", "u_eve", "u_lead", "u_boss")
        for row, owner, day in zip(rows, owners, DAYS, strict=True):
            store.create(person(owner, "rol_all"), "sale", {**row, "day": day.isoformat()})
    return found


@pytest.fixture
def store(space: Workspace) -> Iterator[RecordStore]:
    with space.read("test") as opened:
        yield opened


def names(store: RecordStore, who: Actor, **more: Any) -> str:
    page = store.list(who, QuerySpec(entity="sale", sort=(SortSpec(path="name"),), **more))
    return "".join(record.values["name"] for record in page.records)


def in_python(store: RecordStore, who: Actor, source: str) -> str:
    """The sales for which a condition holds when the product computes it."""
    catalog = store.catalog
    scope = scope_of(formulas_of(catalog).schema, catalog.snapshot.entity("sale"), RANGE_ROOTS)
    tree = bind(Expr(src=source), scope)
    access = store.access_of(who)
    loader = Loader(store.connection, catalog)
    environments = Environments(catalog, loader, access.env)
    found = ""
    for record in store.list(ROBOT, QuerySpec(entity="sale", sort=(SortSpec(path="name"),))).records:
        values = loader.rows("ent_sale", [record.id])[record.id]
        env = environments.values("ent_sale", values, tuple(tree.deps))
        found += str(values["fld_name"]) if closure(tree)(env) is True else ""
    return found


CONDITIONS = [
    ("LOOKUP(product, x -> x.sku = code, x -> x.cost) > 100", "c"),
    ('LOOKUP(product, x -> x.sku = code, x -> x.maker.name) = "Ann"', "ab"),
    ("COUNTIF(sale, x -> x.code = code) = 2", "ab"),
    ("COUNTIF(sale, x -> x.product = product AND x.qty > 0) = 1", "ac"),
    ("ISBLANK(LOOKUP(product, x -> x.sku = code, x -> x.cost))", "de"),
    ("EXISTS(product, x -> x.maker = owner)", "ac"),
    ('MAPX("sum", code, sale.code, sale.qty) = 4', "ab"),
    ('INDEPT(owner, "d_sales")', "de"),
    ('INDEPT(owner, "d_sales", TRUE)', "abde"),
    ("INDEPT(owner, CURRENTDEPTS())", "de"),
    ("USER_IN_DEP(owner, owner.department)", "abcde"),
    ("USER_DIRECT_DEP(owner, owner.department.parent)", ""),
    ("owner IN SUBORDINATES(USER)", "ab"),
    ("owner IN SUBORDINATES(MANAGER(USER), 1)", "d"),
    ('owner IN DEPTMEMBERS("d_sales", TRUE)', "abde"),
    ("COUNT(DEPTMEMBERS(owner.department, TRUE)) = 4", "de"),
    ('"Bob" IN SUBORDINATES(owner).name', "d"),
    ('DEPTPATH(owner.department) = "d_sales/d_east"', "a"),
    ('MANAGER(owner, 2).name = "Boss"', "ab"),
    ('USERNAME(owner) & DEPTNAME(owner.department) = "Eved_other"', "c"),
    ("ISWORKDAYCN(day)", "abde"),
    ('ISWORKDAYCN(day, "shop")', "abcd"),
    ('NETWORKDAYSCN(day, DATE(2024, 10, 8), "shop") = 9', "a"),
    ("NETWORKDAYSCN(day, DATE(2024, 10, 12)) = 5", "cd"),
    ('NETWORKDAYSCN(DATE(2024, 10, 12), day, "shop") < -8', "abc"),
    ("ISWORKDAY(day, [DATE(2024, 10, 1)])", "ad"),
    ("NETWORKDAYS(day, DATE(2024, 10, 12), [DATE(2024, 10, 1), DATE(2024, 10, 1), DATE(2024, 9, 28)]) = 9", "b"),
    ("NETWORKDAYS(DATE(2024, 10, 12), day) = -4", "d"),
    ('CALENDARKNOWS(day) AND NOT(CALENDARKNOWS(day, "shop") AND day > DATE(2024, 10, 1))', "abc"),
    ('ISERROR(ISWORKDAYCN(day, "nowhere"))', "abcde"),
]


def test_filters_and_python_agree(store: RecordStore) -> None:
    wrong = []
    for source, expected in CONDITIONS:
        got = (in_python(store, LEAD, source), names(store, LEAD, filter=["expr", source]))
        if got != (expected, expected):
            wrong.append((source, expected, got))
    assert not wrong


def test_a_count_by_the_calendar_of_the_table_is_that_of_the_days(store: RecordStore) -> None:
    kept = calendars.load(store.connection)
    assert kept.days.exceptions == calendars.published().days.exceptions
    assert kept.years == calendars.published().years
    start, last = date(2023, 12, 25), date(2024, 10, 20)
    days = calendars.between(start, last)
    count = sum(kept.days.is_worked(day) for day in days)
    assert kept.days.count(start.toordinal(), last.toordinal()) == count
    assert kept.days.after((start - timedelta(days=1)).toordinal(), count) <= last.toordinal()
    shop = calendars.load(store.connection, "shop")
    assert (shop.years, shop.knows(date(2025, 1, 1))) == ({2024}, False)


def test_stored_lookups(space: Workspace) -> None:
    with space.write("test") as store:
        sales = {r.values["name"]: r.values for r in store.list(LEAD, QuerySpec(entity="sale")).records}
        assert [sales[one]["price"] for one in "abcde"] == [20, 20, 300, None, None]
        assert [sales[one]["whose"] for one in "abcde"] == ["Ann", None, "Ann", None, None]
        new = store.create(LEAD, "sale", {"name": "f", "code": "L"})
        assert new.values["twins"] == 2
        assert new.values["price"] == 20


def test_what_is_new_each_time(store: RecordStore) -> None:
    sales = [r.values for r in store.list(LEAD, QuerySpec(entity="sale", sort=(SortSpec(path="name"),))).records]
    assert [one["no"] for one in sales] == [1, 2, 3, 4, 5]
    assert len({one["uid"] for one in sales}) == 5
    assert all(0 <= one["luck"] < 1 for one in sales)
    assert len({one["luck"] for one in sales}) > 1


def test_a_looked_up_value_shows_only_to_who_may_read_where_it_comes_from(store: RecordStore) -> None:
    for who, shown in ((LEAD, True), (person("u_eve", "rol_seller"), False), (person("u_eve", "rol_some"), False)):
        values = store.list(who, QuerySpec(entity="sale")).records[0].values
        assert ("price" in values) is shown
        assert "twins" in values


def test_a_filter_looks_up_only_what_its_asker_may_read(store: RecordStore) -> None:
    some = person("u_eve", "rol_some")
    assert names(store, some, filter=["expr", "EXISTS(product, x -> x.sku = code)"]) == "abc"
    refused = (
        (person("u_eve", "rol_seller"), "EXISTS(product, x -> x.sku = code)"),
        (some, "LOOKUP(product, x -> x.sku = code, x -> x.cost) > 1"),
        (some, "RAND() < 2"),
    )
    for who, source in refused:
        with pytest.raises(Refused):
            names(store, who, filter=["expr", source])


def test_ranges_by_the_organization(store: RecordStore) -> None:
    assert names(store, person("u_lead", "rol_team")) == "ab"
    assert names(store, person("u_ann", "rol_team")) == ""
    assert names(store, person("u_lead", "rol_house")) == "abde"
    assert names(store, person("u_bob", "rol_house")) == "b"


def test_a_person_is_known_beyond_the_name(store: RecordStore) -> None:
    assert names(store, LEAD, filter=["expr", 'USER.department.name = "d_sales"']) == "abcde"
    assert in_python(store, LEAD, 'USER.department.name = "d_sales" AND MANAGER(USER).name = "Boss"') == "abcde"
