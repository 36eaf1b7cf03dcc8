"""An application whose entities derive from one another, random edits of it, and the test that all values agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from support import application, entity, field, formula

from engine.actor import system_actor
from engine.expr.values import Env
from engine.problems import NotFound
from engine.records.derive import Environments, settle
from engine.records.faults import errors_of
from engine.records.formulas import formulas_of
from engine.records.loading import Loader, typer_of
from engine.records.spec import BulkRow
from engine.records.store import RecordStore
from metadata.findings import Refused
from metadata.model import App

ROBOT = system_actor("test")
NUMBER = {"options": {"scale": 2}}
ENTITIES = ("company", "tag", "deal", "line", "part")
PEOPLE = ("u_ann", "u_bob", "u_eve", None)


def link(name: str, target: str, **more: Any) -> Any:
    return field(name, "link_one", options={"entity": f"ent_{target}", "on_delete": "clear"}, **more)


def app() -> App:
    company = entity(
        "company",
        field("cname"),
        field("rate", "number", **NUMBER),
        link("mother", "company"),
        formula("label", 'cname & "/" & mother.cname', "text"),
        formula("boss", "owner.name & owner.department.name", "text"),
        formula("largest", 'LOOKUP(deal, d -> d.company = RECORDID(), d -> d.total, "max")'),
        formula("deals", "COUNTIF(deal, d -> d.company = RECORDID() AND d.rows > 0)", scale=0),
        formula("won", 'LOOKUP(deal, d -> d.kind = cname, d -> d.total, "sum")'),
        formula("namesakes", "COUNTIF(company, c -> c.cname = cname AND c.rate > 1)", scale=0),
        title="fld_cname",
    )
    tag = entity(
        "tag",
        field("tname"),
        field("weight", "number", **NUMBER),
        link("of", "company"),
        formula("score", "weight * of.rate"),
        title="fld_tname",
    )
    part = entity("part", field("cost", "number", **NUMBER), parent="ent_line", title="fld_cost")
    line = entity(
        "line",
        field("what"),
        field("qty", "number", **NUMBER),
        field("price", "number", **NUMBER),
        field("parts", "subtable", options={"entity": "ent_part"}),
        link("stock", "tag"),
        formula("amount", "qty * price"),
        formula("share", "amount / parent.base", scale=4),
        formula("costs", "SUM(parts.cost)"),
        parent="ent_deal",
        title="fld_what",
    )
    deal = entity(
        "deal",
        field("name"),
        field("base", "number", **NUMBER),
        link("company", "company"),
        field("tags", "link_many", options={"entity": "ent_tag"}),
        field("peers", "link_many", options={"entity": "ent_deal"}),
        field("lines", "subtable", options={"entity": "ent_line"}),
        formula("total", "SUM(lines.amount)"),
        formula("rows", "COUNT(lines)", scale=0),
        formula("average", "AVERAGE(lines.price)", scale=4),
        formula("many", "SUM(FILTER(lines, it.qty > 1).amount)"),
        formula("costly", "SUM(lines.parts.cost) + COUNT(lines.parts)"),
        formula("deep", "SUM(lines.costs)"),
        formula("first", "FIRST(lines.what)", "text"),
        formula("ratio", "total / base", scale=4),
        formula("rated", "total * company.rate"),
        formula("customer", "company.label", "text"),
        formula("grand", "company.mother.rate"),
        formula("weights", "SUM(tags.score)"),
        formula("named", 'TEXTJOIN(",", TRUE, tags.tname)', "text"),
        formula("rates", "MAX(tags.of.rate)"),
        formula("stocked", "SUM(lines.stock.weight)"),
        formula("friends", "SUM(peers.total)"),
        formula("circle", "SUM(peers.friends) + friends"),
        formula("worst", "SUM(lines.share)", scale=4),
        field("kind"),
        formula("quota", "ratio + rows * 1000"),
        formula("standing", "company.deals * 10 + company.mother.deals", scale=0),
        formula("best", 'LOOKUP(line, i -> i.what = company.cname, i -> i.amount, "max")'),
        formula("owned", 'LOOKUP(tag, t -> t.of = company, t -> t.of.rate + t.weight, "sum")'),
        formula("constant", 'COUNTIF(tag, t -> t.tname = "x")', scale=0),
        title="fld_name",
    )
    return application(company, tag, part, line, deal)


class Edits:
    """Random writes through a store; what is refused leaves nothing behind."""

    def __init__(self, store: RecordStore, draw: random.Random):
        self.store, self.draw = store, draw
        self.operations: tuple[Callable[[], None], ...] = (
            *(self.create,) * 4,
            *(self.update,) * 6,
            self.delete,
            self.restore,
            self.rows,
            self.bulk,
        )

    def step(self) -> str:
        operation = self.draw.choice(self.operations)
        savepoint = self.store.connection.begin_nested()
        try:
            operation()
        except (Refused, NotFound):
            savepoint.rollback()
        else:
            savepoint.commit()
        return operation.__name__

    def some(self, name: str, trashed: bool = False) -> str | None:
        table = self.store.catalog.entity(name).table
        deleted = table.c.deleted_at
        wanted = select(table.c.id).where(deleted.is_not(None) if trashed else deleted.is_(None)).order_by(table.c.id)
        ids = list(self.store.connection.execute(wanted).scalars())
        return self.draw.choice(ids) if ids else None

    def several(self, name: str) -> list[str]:
        found = (self.some(name) for _ in range(self.draw.randrange(4)))
        return list(dict.fromkeys(one for one in found if one))

    def number(self) -> str | None:
        return self.draw.choice((None, "0", "1", "2.5", "-3", "100", "0.33"))

    def values(self, name: str) -> dict[str, Any]:
        draw = self.draw
        offers: dict[str, dict[str, Callable[[], Any]]] = {
            "company": {
                "cname": lambda: draw.choice("ABC"),
                "rate": self.number,
                "mother": lambda: self.some("company"),
                "owner": lambda: draw.choice(PEOPLE),
            },
            "tag": {
                "tname": lambda: draw.choice("xyz"),
                "weight": self.number,
                "of": lambda: self.some("company"),
            },
            "part": {"cost": self.number},
            "line": {
                "what": lambda: draw.choice("pqA"),
                "qty": self.number,
                "price": self.number,
                "stock": lambda: self.some("tag"),
            },
            "deal": {
                "name": lambda: draw.choice("abc"),
                "kind": lambda: draw.choice("ABC"),
                "base": self.number,
                "company": lambda: self.some("company"),
                "tags": lambda: self.several("tag"),
                "peers": lambda: self.several("deal"),
            },
        }
        chosen = [key for key in offers[name] if draw.random() < 0.6]
        return {key: offers[name][key]() for key in chosen}

    def fresh(self, name: str) -> dict[str, Any]:
        values = self.values(name)
        parent = {"part": "line", "line": "deal"}.get(name)
        return {**values, "parent": self.some(parent)} if parent else values

    def create(self) -> None:
        name = self.draw.choice(ENTITIES)
        self.store.create(ROBOT, name, self.fresh(name))

    def update(self) -> None:
        name = self.draw.choice(ENTITIES)
        one = self.some(name)
        if one:
            self.store.update(ROBOT, name, one, self.values(name), None)

    def delete(self) -> None:
        name = self.draw.choice(ENTITIES)
        one = self.some(name)
        if one:
            self.store.delete(ROBOT, name, one)

    def restore(self) -> None:
        name = self.draw.choice(ENTITIES)
        one = self.some(name, trashed=True)
        if one:
            self.store.restore(ROBOT, name, one)

    def rows(self) -> None:
        """Send a sub-table: rows kept, changed, moved, added, left out."""
        one = self.some("deal")
        if not one:
            return
        held = [row.id for row in self.store.get(ROBOT, "deal", one).values["lines"]]
        self.draw.shuffle(held)
        kept = held[: self.draw.randrange(len(held) + 1)]
        lines: list[dict[str, Any]] = [{"id": row, **self.values("line")} for row in kept]
        lines += [
            {**self.values("line"), "parts": [self.values("part") for _ in range(self.draw.randrange(3))]}
            for _ in range(self.draw.randrange(3))
        ]
        self.draw.shuffle(lines)
        self.store.update(ROBOT, "deal", one, {**self.values("deal"), "lines": lines}, None)

    def bulk(self) -> None:
        name = self.draw.choice(ENTITIES)
        rows = []
        for _ in range(self.draw.randrange(1, 5)):
            one = self.some(name)
            kind = self.draw.choice(("create", "update", "delete"))
            if kind == "create":
                rows.append(BulkRow(op="create", values=self.fresh(name)))
            elif one:
                rows.append(BulkRow(op=kind, id=one, values=self.values(name) if kind == "update" else {}))  # type: ignore[arg-type]
        self.store.bulk(ROBOT, name, rows, atomic=self.draw.random() < 0.5)


def wrong_values(store: RecordStore) -> list[tuple[str, str, Any, Any]]:
    """Return the stored formulas that are not what they read gives: field, record, stored, expected.

    Every formula is computed one record at a time in Python from what is stored; no other formula than the right one
    of each can pass for all, since none reads itself.
    """
    catalog, connection = store.catalog, store.connection
    base = Env(now=store.now, zone=store.surroundings.zone)
    environments = Environments(catalog, Loader(connection, catalog), base)
    found: list[tuple[str, str, Any, Any]] = []
    for each in catalog.snapshot.entities:
        model = catalog.entity(each.id)
        typer = typer_of(catalog, model)
        for row in list(connection.execute(select(model.table).where(model.table.c.deleted_at.is_(None)))):
            values = typer.values(row)
            for one in formulas_of(catalog).stored[each.id]:
                expected = settle(model.by_id[one.id], one.compute(environments.values(each.id, values, one.loads)))
                stored = (values[one.id], errors_of(row.extra).get(one.id, ""))
                if stored != expected:
                    found.append((one.field.key, row.id, stored, expected))
    return found
