"""One rule set, two evaluators: whatever form, whatever is filled in, browser and server make the same of it."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from form_browser import FormBrowser
from hypothesis import HealthCheck, given, settings
from random_forms import CLIENTS, Case, Filling, case, cases, meant
from support import people, person, publish

from engine.actor import Actor
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.fields.base import FIELD_TYPES, InvalidValue
from engine.fields.computed import FormulaType
from engine.records.foresight import foresee
from engine.records.present import record_json
from engine.records.spec import Manner
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Entity, Field
from runtime.api.rules import outcome_json, surroundings_json
from runtime.describe import describe_app

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
ANN, EVE = person("u_ann", "rol_all"), person("u_eve", "rol_some")
SEEN = frozenset({"read", "write"})
SEVERITIES = {"error": "block", "warning": "warn", "info": "log"}
REASON = "because"
SEEDS = 24
SAID = frozenset({"R325", "R332", "R323"})
"""Findings of checks, which may be placed at a field somebody sees only masked."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[FormBrowser]:
    with FormBrowser() as found:
        yield found


class Undone(Exception):
    """Takes back what was written to look at it."""


@dataclass(frozen=True)
class Desk:
    """A published application, a browser, and the records there are."""

    space: Workspace
    app: App
    browser: FormBrowser
    clients: Sequence[str]

    @property
    def doc(self) -> Entity:
        return self.app.entities[0]

    @property
    def line(self) -> Entity:
        return self.app.entities[1]


def opened(
    template: Path, folder: Path, app: App, bases: Sequence[Json], browser: FormBrowser
) -> tuple[Desk, list[str]]:
    """Publish an application, with records from before it had rules; return it with their ids ("" for none)."""
    path = folder / "form.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}", sqlite_hooks=(register_sqlite_functions,))
    people(database)
    publish(database, bare(app))
    space = Workspace(database, clock=lambda: NOW)
    with space.write("test") as store:
        clients = [store.create(ANN, "client", meant_of(values)).id for values in CLIENTS]
        desk = Desk(space, app, browser, clients)
        ids = [store.create(ANN, "doc", accepted(desk, values)).id if values else "" for values in bases]
    publish(database, app)
    return desk, ids


def meant_of(values: Mapping[str, Any]) -> Json:
    return {key: meant(key, value) for key, value in values.items()}


def bare(app: App) -> App:
    """Return an application before anything was demanded of its records."""
    entities = (
        replace(one, rules=(), fields=tuple(replace(f, required=False) for f in one.fields)) for one in app.entities
    )
    return replace(app, entities=tuple(entities), forms=())


def filled(desk: Desk, values: Mapping[str, Any], rows: Sequence[str] = ()) -> Json:
    """Return drawn values with the ids of the records there are; rows that are not there are new."""

    def one(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("@"):
            return desk.clients[int(value[1:])]
        return [one(each) for each in value] if isinstance(value, list) else value

    def row(body: Mapping[str, Any]) -> Json:
        at = int(body["id"][1:]) if "id" in body else len(rows)
        return {**({"id": rows[at]} if at < len(rows) else {}), **{k: one(v) for k, v in body.items() if k != "id"}}

    made = {key: one(value) for key, value in values.items() if key != "lines"}
    if "lines" in values:
        found = [row(body) for body in values["lines"]]
        seen: set[str] = set()
        for body in found:
            if body.get("id") in seen:
                del body["id"]
            seen.add(body.get("id", ""))
        made["lines"] = found
    return made


def accepted(desk: Desk, values: Mapping[str, Any]) -> Json:
    """Return drawn values without those their types refuse."""
    made = filled(desk, {"lines": [], **values})
    rows = [{key: one for key, one in row.items() if fits(desk.line, key, one)} for row in made.pop("lines")]
    return {**{key: one for key, one in made.items() if fits(desk.doc, key, one)}, "lines": rows}


def fits(owner: Entity, key: str, value: Any) -> bool:
    f = next(one for one in owner.fields if one.key == key)
    try:
        FIELD_TYPES.get(f.type).accept(f, value)
    except InvalidValue:
        return False
    return True


def refused_of(desk: Desk, values: Mapping[str, Any]) -> tuple[dict[str, list[Any]], set[str]]:
    """Return the values their own types refuse by field id, and their places."""
    found: dict[str, list[Any]] = {}
    places: set[str] = set()
    bodies = [
        ("", desk.doc, values),
        *((f"/lines/{at}", desk.line, row) for at, row in enumerate(values.get("lines", ()))),
    ]
    for place, owner, body in bodies:
        for f in owner.fields:
            if f.type != "subtable" and f.key in body and not fits(owner, f.key, body[f.key]):
                found.setdefault(f.id, []).append(body[f.key])
                places.add(f"{place}/{f.key}")
    return found, places


# -- what the server says ---------------------------------------------------------------------------------------------


def told(store: RecordStore, actor: Actor, asked: Mapping[str, Any]) -> Json:
    """Return the answer to ``POST .../settle``."""
    writing = store.preview(actor, "doc", Manner(form=asked.get("form", "")))
    return outcome_json(store, "ent_doc", foresee(writing, asked["values"], asked.get("id", "")))


def written(
    desk: Desk, actor: Actor, record_id: str, values: Json, reasons: bool
) -> tuple[Json | None, set[tuple[str, str, str, str]]]:
    """Write for real, then take it back; return what is stored then, and what was found."""
    rules = [rule.id for one in desk.app.entities for rule in one.rules] if reasons else []
    manner = Manner(reasons=dict.fromkeys(rules, REASON))
    stored: Json | None = None
    found: set[tuple[str, str, str, str]] = set()
    try:
        with desk.space.write("test") as store:
            if record_id:
                made = store.update(actor, "doc", record_id, values, None, manner=manner)
            else:
                made = store.create(actor, "doc", values, manner=manner)
            found = {(one.code, one.place, SEVERITIES[one.severity], one.rule) for one in made.notices}
            stored = record_json(store.get(actor, "doc", made.id), store, actor)["record"]["values"]
            raise Undone
    except Undone:
        pass
    except Refused as refused:
        found = {(one.code, one.place, SEVERITIES[one.severity], one.rule) for one in refused.findings}
    return stored, found


# -- what the browser says --------------------------------------------------------------------------------------------


def asked(desk: Desk, actor: Actor, record_id: str, values: Json) -> Json:
    """Open the form in the browser, enter values, ask the server as often as it wants, and mend as on saving."""
    refused, _ = refused_of(desk, values)
    with desk.space.read("test") as store:
        described = describe_app(store, actor)
        entities = {one["key"]: one for one in described["entities"]}
        base = None
        if record_id:
            record = record_json(store.get(actor, "doc", record_id), store, actor)["record"]
            base = {**record["values"], "id": record["id"]}
        state = desk.browser.ask(
            {
                "entities": entities,
                "entity": "doc",
                "around": surroundings_json(store, actor),
                "base": base,
                "unknown": [f["key"] for f in entities["doc"]["fields"] if f["level"] not in SEEN],
                "sets": list(values.items()),
                "refused": refused,
            }
        )
        state = heard(desk, store, actor, state)
        state = desk.browser.ask({"mend": True})
        return heard(desk, store, actor, state)


def heard(desk: Desk, store: RecordStore, actor: Actor, state: Json) -> Json:
    for _ in range(8):
        if state["ask"] is None:
            return state
        state = desk.browser.ask({"settled": told(store, actor, state["ask"])})
    raise AssertionError(f"the browser does not stop asking: {state['ask']}")


# -- the same? --------------------------------------------------------------------------------------------------------


def plain(f: Field, value: Any) -> Any:
    """Return what the field's type makes of a value: two ways to write one are the same."""
    kind = FIELD_TYPES.get(f.type)
    kind = kind.result(f) if isinstance(kind, FormulaType) else kind
    try:
        return kind.accept(f, value)
    except InvalidValue:
        return value


def differing(place: str, owner: Entity, seen: frozenset[str], server: Json, browser: Json) -> Iterator[str]:
    """Yield what two states of a record, or of a row, do not have in common."""
    seen -= {f.key for f in owner.fields if f.type == "formula" and f.key not in server["values"]}
    for name in ("hidden", "required", "locked"):
        left, right = set(server[name]) & seen, set(browser[name]) & seen
        if left != right:
            yield f"{place} {name}: server {sorted(left)}, browser {sorted(right)}"
    left, right = (
        {key: sorted(one) for key, one in each["choices"].items() if key in seen} for each in (server, browser)
    )
    if left != right:
        yield f"{place} choices: server {left}, browser {right}"
    yield from values_differing(place, owner, seen, server["values"], browser["values"])


def values_differing(place: str, owner: Entity, seen: frozenset[str], server: Json, browser: Json) -> Iterator[str]:
    for f in owner.fields:
        if f.key in seen and f.key in server and f.type != "subtable":
            left, right = plain(f, server[f.key]), plain(f, browser.get(f.key))
            if left != right:
                yield f"{place}/{f.key} ({f.type}): server {left!r}, browser {right!r}"


def levels(desk: Desk, actor: Actor, owner: Entity) -> dict[str, str]:
    with desk.space.read("test") as store:
        return dict(store.access(actor, owner.id).levels)


def compared(desk: Desk, actor: Actor, record_id: str, values: Json) -> list[str]:
    """Fill in a form in the browser and on the server; return the differences."""
    access = {one.id: levels(desk, actor, one) for one in (desk.doc, desk.line)}
    seen = {name: frozenset(key for key, level in found.items() if level in SEEN) for name, found in access.items()}
    values = {key: one for key, one in values.items() if access[desk.doc.id].get(key) == "write"}
    rows = [
        {k: v for k, v in row.items() if k == "id" or access[desk.line.id].get(k) == "write"}
        for row in values.get("lines", ())
    ]
    if "lines" in values:
        values["lines"] = rows
    browser = asked(desk, actor, record_id, values)
    _, refused = refused_of(desk, values)
    with desk.space.read("test") as store:
        server = told(store, actor, {"values": values, "id": record_id})
    wrong = list(differing("", desk.doc, seen[desk.doc.id], server, browser))
    for at, row in enumerate(server["rows"].get("lines", ())):
        if at < len(browser["rows"]["lines"]):
            wrong += differing(f"/lines/{at}", desk.line, seen[desk.line.id], row, browser["rows"]["lines"][at])
        else:
            wrong.append(f"/lines/{at} is not in the browser")
    rows_at = [f"/lines/{at}" for at in range(len(values.get("lines", ())))]
    known = {
        "",
        *rows_at,
        *(
            f"{at}/{key}"
            for at, one in [("", "ent_doc"), *((row, "ent_line") for row in rows_at)]
            for key in access[one]
        ),
    }
    clear = {
        "",
        *rows_at,
        *(f"{at}/{key}" for at, one in [("", "ent_doc"), *((row, "ent_line") for row in rows_at)] for key in seen[one]),
    }
    shown = {(one["code"], one["place"], one["severity"], one["rule"]) for one in browser["findings"]}
    shown = {
        (code, place, kind, rule) if (code, kind) != ("R325", "warn") else ("R332", place, kind, rule)
        for code, place, kind, rule in shown
    }
    shown = {one for one in shown if one[1] not in refused and one[1] in (known if one[0] in SAID else clear)}
    for manner, sent in (("all", values), ("entered", browser["entered"])):
        if record_id and not browser["entered"]:
            continue  # nothing changes, so nothing is judged
        stored, found = written(desk, actor, record_id, sent, reasons=False)
        found = {one for one in found if one[0] != "R330" or was_sent(browser["entered"], one[1])}
        outright = {
            one
            for one in found
            if one[1] not in refused and one[1] in (known if one[3].startswith("rul_") and one[0] in SAID else clear)
        }
        stopped = stored is None
        if stored is not None:
            outright = {one for one in outright if one[2] == "log" and one in shown} | {
                one for one in outright if one[2] != "log"
            }
            wrong += [f"{manner}: written, {one}" for one in shown if one[2] != "log"]
        expected = {one for one in shown if one[2] != "log"} if stopped else shown
        if stopped and outright != expected:
            wrong.append(
                f"{manner}: findings: server {sorted(outright - expected)}, browser {sorted(expected - outright)}"
            )
        if all(one[2] == "warn" for one in found):
            stored, _ = written(desk, actor, record_id, sent, reasons=True)
        if stored is not None:
            wrong += (
                f"{manner}: stored {one}"
                for one in values_differing("", desk.doc, seen[desk.doc.id], stored, browser["values"])
            )
    return wrong


def was_sent(body: Json, place: str) -> bool:
    """Say whether the form sends the value at a place; it keeps back what rules fill in whatever is sent."""
    key, _, cell = place[1:].partition("/")
    if not cell:
        return key in body
    at, _, name = cell.partition("/")
    return name in body[key][int(at)]


def same(template: Path, browser: FormBrowser, app: App, fillings: Sequence[Filling]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bases = [base if stored else {} for _, stored, base, _ in fillings]
        desk, ids = opened(template, Path(folder), app, bases, browser)
        try:
            for (who, _, _, values), record_id in zip(fillings, ids, strict=True):
                actor = ANN if who == "all" else EVE
                rows: list[str] = []
                if record_id:
                    with desk.space.read("test") as store:
                        found = record_json(store.get(ANN, "doc", record_id), store, ANN)["record"]["values"]
                        rows = [row["id"] for row in found["lines"]]
                made = filled(desk, values, rows)
                if record_id and not rows and not made.get("lines", True):
                    del made["lines"]  # the form never sends what is as it was
                wrong = compared(desk, actor, record_id, made)
                assert not wrong, f"{'stored' if record_id else 'new'} {made} by {who}\n" + "\n".join(wrong)
        finally:
            desk.space.database.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_browser_and_server_make_the_same_of_a_form(sqlite_template: Path, browser: FormBrowser, seed: int) -> None:
    same(sqlite_template, browser, *case(random.Random(seed).choice))


@pytest.mark.long
@settings(max_examples=1_000, suppress_health_check=list(HealthCheck))
@given(one=cases())
def test_browser_and_server_make_the_same_of_many_forms(sqlite_template: Path, browser: FormBrowser, one: Case) -> None:
    same(sqlite_template, browser, *one)
