"""A small world of records for tests: as a schema, as tables, and as the records Python reads.

Opportunities (``deal``) have items (rows) and an account (to-one), accounts have contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    select,
    true,
)

from engine import org
from engine.expr.schema import Scope, Symbol
from engine.expr.sql_programs import instant_text
from engine.expr.to_sql import NotPushable, RowSource
from engine.expr.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DEPARTMENT_ENTITY,
    PERSON,
    TEXT,
    USER_ENTITY,
    Choice,
    ListType,
    RecordType,
    Type,
    number,
)
from tests.engine.expr.showcase import CHEN

STAGE = Choice(
    (
        ("opt_won", {"zh-CN": "赢单", "en": "Won"}),
        ("opt_lost", {"zh-CN": "输单", "en": "Lost"}),
        ("opt_new", {"zh-CN": "新建", "en": "New"}),
    )
)
TAG = Choice((("opt_vip", {"zh-CN": "重要", "en": "VIP"}), ("opt_old", {"zh-CN": "老客户", "en": "Old"})))


def symbol(identifier: str, key: str, type_: Type, zh: str = "", *, nullable: bool = True) -> Symbol:
    return Symbol(identifier, key, {"zh-CN": zh or key, "en": key.capitalize()}, type_, nullable)


FIELDS: Mapping[str, Sequence[Symbol]] = {
    "ent_deal": (
        symbol("sys_id", "id", TEXT, nullable=False),
        symbol("sys_owner", "owner", PERSON, "负责人", nullable=False),
        symbol("fld_name", "name", TEXT, "名称"),
        symbol("fld_code", "code", TEXT, "编码"),
        symbol("fld_amount", "amount", number(2, "CNY"), "金额"),
        symbol("fld_rate", "rate", number(4), "比例"),
        symbol("fld_score", "score", number(0), "评分"),
        symbol("fld_stage", "stage", STAGE, "阶段"),
        symbol("fld_hot", "hot", BOOLEAN, "热门", nullable=False),
        symbol("fld_due", "due", DATE, "到期"),
        symbol("fld_start", "start", DATE, "开始"),
        symbol("fld_at", "at", DATETIME, "时间"),
        symbol("fld_tags", "tags", ListType(TAG), "标签"),
        symbol("fld_account", "account", RecordType("ent_account"), "客户"),
        symbol("fld_items", "items", ListType(RecordType("ent_item")), "明细"),
    ),
    "ent_item": (
        symbol("sys_id", "id", TEXT, nullable=False),
        symbol("fld_product", "product", TEXT, "产品"),
        symbol("fld_price", "price", number(2), "单价"),
        symbol("fld_qty", "qty", number(0), "数量"),
        symbol("fld_day", "day", DATE, "日期"),
        symbol("fld_for", "customer", RecordType("ent_account"), "对象"),
    ),
    "ent_account": (
        symbol("sys_id", "id", TEXT, nullable=False),
        symbol("fld_title", "title", TEXT, "客户名称"),
        symbol("fld_region", "region", TEXT, "地区"),
        symbol("fld_credit", "credit", number(2), "额度"),
        symbol("fld_contacts", "contacts", ListType(RecordType("ent_contact")), "联系人"),
    ),
    "ent_contact": (
        symbol("sys_id", "id", TEXT, nullable=False),
        symbol("fld_phone", "phone", TEXT, "电话"),
        symbol("fld_weight", "weight", number(1), "权重"),
    ),
}


class WorldSchema:
    def __init__(self) -> None:
        self.symbols = {entity: {s.key: s for s in symbols} for entity, symbols in FIELDS.items()}

    def entities(self) -> Mapping[str, str]:
        return {"account": "ent_account", "客户表": "ent_account", "item": "ent_item"}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self.symbols[entity_id]

    def by_id(self, field_id: str) -> Symbol:
        return next(s for symbols in FIELDS.values() for s in symbols if s.id == field_id)


SCOPE = Scope(WorldSchema(), "ent_deal", frozenset({"OLD", "USER"}))


def tables(dialect: str) -> tuple[MetaData, dict[str, Table]]:
    """The tables of the world, stored as the record layer stores fields."""
    native = dialect == "postgresql"
    day = Date() if native else Text()
    instant = DateTime(timezone=True) if native else Text()
    metadata = MetaData()
    kinds: dict[str, Any] = {"number": BigInteger(), "boolean": Boolean(), "date": day, "datetime": instant}
    made = {}
    for entity, symbols in FIELDS.items():
        columns = [Column("rid", Integer, primary_key=True), Column("parent_id", Text), Column("pos", Integer)]
        for one in symbols:
            if isinstance(one.type, ListType):
                if not isinstance(one.type.item, RecordType):
                    columns.append(Column(one.id, JSON))
                continue
            indexed = one.id in ("fld_amount", "fld_stage")
            columns.append(Column(one.id, kinds.get(one.type.kind, Text()), index=indexed))
        made[entity] = Table(f"r_{entity}", metadata, *columns)
    return metadata, made


class PeopleResolver:
    """The ids of people or departments."""

    def __init__(self, row: FromClause):
        self.row = row

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        return self.row.c[{"sys_id": "id", "usr_name": "name"}[path[0]]]

    def rows(self, path: tuple[str, ...]) -> RowSource:
        raise NotPushable("people have no rows")

    def records(self, entity_id: str) -> RowSource:
        raise NotPushable("people lead nowhere")


class WorldResolver:
    """Columns of a row, and of what it links to through scalar subqueries."""

    def __init__(self, made: Mapping[str, Table], entity: str, row: FromClause):
        self.made, self.entity, self.row = made, entity, row

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        first, rest = path[0], path[1:]
        if not rest:
            return self.row.c[first]
        target = self._target(first)
        linked = self.made[target].alias()
        inner = WorldResolver(self.made, target, linked).column(rest)
        return select(inner).where(linked.c.sys_id == self.row.c[first]).correlate_except(linked).scalar_subquery()

    def _target(self, field: str) -> str:
        one = next(s for s in FIELDS[self.entity] if s.id == field)
        item = one.type.item if isinstance(one.type, ListType) else one.type
        if not isinstance(item, RecordType) or item.entity not in FIELDS:
            raise NotPushable("people are not in this world")
        return item.entity

    def records(self, entity_id: str) -> RowSource:
        if entity_id in (USER_ENTITY, DEPARTMENT_ENTITY):
            people = (org.user if entity_id == USER_ENTITY else org.department).alias()
            return RowSource(people, true(), PeopleResolver(people), (people.c.id,))
        found = self.made[entity_id].alias()
        return RowSource(found, true(), WorldResolver(self.made, entity_id, found), (found.c.sys_id,))

    def rows(self, path: tuple[str, ...]) -> RowSource:
        target_field = path[-1]
        entity = self.entity
        owner: ColumnElement[Any] = self.row.c.sys_id
        if len(path) > 1:
            owner = self.column(path[:-1])
            entity = self._target(path[0])
        target = WorldResolver(self.made, entity, self.row)._target(target_field)
        child = self.made[target].alias()
        return RowSource(child, child.c.parent_id == owner, WorldResolver(self.made, target, child), (child.c.pos,))


def stored(one: Symbol, value: Any, dialect: str) -> Any:
    """A canonical value as the column keeps it."""
    if value is None or one.type.kind in ("text", "choice", "boolean"):
        return value
    if one.type.kind == "number":
        scale = getattr(one.type, "scale", 0) or 0
        return int(value.scaleb(scale))
    if isinstance(one.type, RecordType):
        return value if isinstance(value, str) else value["sys_id"]
    if isinstance(one.type, ListType):
        return list(value)
    if dialect == "sqlite":
        return instant_text(value) if isinstance(value, datetime) else value.isoformat()
    return value


def insert_all(connection: Any, made: Mapping[str, Table], dialect: str, deals: Sequence[Mapping[str, Any]]) -> None:
    """Write the deals with their rows, and every account they name."""
    accounts = {}
    for deal in deals:
        linked = [deal["fld_account"], *[item["fld_for"] for item in deal["fld_items"]]]
        accounts.update({account["sys_id"]: account for account in linked if account})
        _insert(connection, made, dialect, "ent_deal", deal, None, 0)
        for pos, item in enumerate(deal["fld_items"]):
            _insert(connection, made, dialect, "ent_item", item, deal["sys_id"], pos)
    for account in accounts.values():
        _insert(connection, made, dialect, "ent_account", account, None, 0)
        for pos, contact in enumerate(account["fld_contacts"]):
            _insert(connection, made, dialect, "ent_contact", contact, account["sys_id"], pos)


def _insert(
    connection: Any, made: Mapping[str, Table], dialect: str, entity: str, row: Any, parent: str | None, pos: int
) -> None:
    values = {
        one.id: stored(one, row[one.id], dialect)
        for one in FIELDS[entity]
        if not (isinstance(one.type, ListType) and isinstance(one.type.item, RecordType))
    }
    connection.execute(made[entity].insert().values(parent_id=parent, pos=pos, **values))


def contact(identifier: str, phone: str | None, weight: str | None) -> dict[str, Any]:
    return {"sys_id": identifier, "fld_phone": phone, "fld_weight": Decimal(weight) if weight else None}


ACCOUNTS: list[dict[str, Any]] = [
    {
        "sys_id": "a1",
        "fld_title": "北京远景",
        "fld_region": "north",
        "fld_credit": Decimal("1000.50"),
        "fld_contacts": [contact("c1", "138-0013", "1.5"), contact("c2", None, "2.5"), contact("c3", "86", None)],
    },
    {"sys_id": "a2", "fld_title": None, "fld_region": "a%_b", "fld_credit": None, "fld_contacts": []},
]


def item(identifier: str, product: str | None, price: str | None, qty: int | None, day: date | None, at: int) -> Any:
    return {
        "sys_id": identifier,
        "fld_product": product,
        "fld_price": Decimal(price) if price else None,
        "fld_qty": Decimal(qty) if qty is not None else None,
        "fld_day": day,
        "fld_for": ACCOUNTS[at] if at >= 0 else None,
    }


def deal(identifier: str, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {one.id: None for one in FIELDS["ent_deal"]}
    row |= {"sys_id": identifier, "sys_owner": CHEN, "fld_items": [], "fld_tags": (), "fld_hot": False}
    return row | values


DEALS: list[dict[str, Any]] = [
    deal(
        "d1",
        fld_name="Big Deal",
        fld_code="HT-0042",
        fld_amount=Decimal("600000.00"),
        fld_rate=Decimal("0.1500"),
        fld_score=Decimal(7),
        fld_stage="opt_won",
        fld_hot=True,
        fld_due=date(2024, 1, 31),
        fld_start=date(2023, 12, 1),
        fld_at=datetime(2024, 3, 9, 23, 30, tzinfo=UTC),
        fld_tags=("opt_vip", "opt_old"),
        fld_account=ACCOUNTS[0],
        fld_items=[
            item("i1", "x", "10.00", 2, date(2024, 1, 1), 0),
            item("i2", "y", "2.50", None, None, 1),
            item("i3", None, "0.00", 0, date(2020, 2, 29), -1),
        ],
    ),
    deal(
        "d2",
        fld_name="北京 é😀 b",
        fld_code="1,234.5",
        fld_amount=Decimal("-0.01"),
        fld_rate=Decimal(0),
        fld_score=Decimal(-3),
        fld_stage="opt_lost",
        fld_due=date(2024, 2, 29),
        fld_start=date(2024, 2, 29),
        fld_at=datetime(1999, 12, 31, 16, 0, tzinfo=UTC),
        fld_tags=("opt_old",),
        fld_account=ACCOUNTS[1],
    ),
    deal("d3"),
    deal(
        "d4",
        fld_name="  a  b ",
        fld_code="%",
        fld_amount=Decimal("100000.00"),
        fld_rate=Decimal("-1.2500"),
        fld_score=Decimal(0),
        fld_stage="opt_new",
        fld_hot=True,
        fld_due=date(9999, 12, 31),
        fld_start=date(1, 1, 1),
        fld_at=datetime(2024, 11, 3, 6, 30, 15, 123456, tzinfo=UTC),
        fld_items=[item("i4", "x", "99999999.99", 1000000, date(2024, 12, 31), 0)],
    ),
    deal(
        "d5",
        fld_name="aXb'\"\\",
        fld_code="-12%",
        fld_amount=Decimal("99999999999999.99"),
        fld_rate=Decimal("99999999.9999"),
        fld_score=Decimal(10**15),
        fld_stage=None,
        fld_due=None,
        fld_start=date(2024, 3, 31),
        fld_at=None,
        fld_tags=("opt_vip",),
        fld_account=ACCOUNTS[0],
        fld_items=[item("i5", "Z", "-3.33", 3, None, 1), item("i6", "x", None, 5, date(2024, 1, 15), 1)],
    ),
    deal("d6", fld_name="big deal", fld_amount=Decimal("0.00"), fld_score=Decimal(2), fld_stage="opt_won"),
]
