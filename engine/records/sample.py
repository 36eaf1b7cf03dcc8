"""A record as one actor may see it, in the shape an expression reads: what a live preview may show, and no more.

Everything comes through the record store, so a preview can tell nobody what a list or a form would not. A field the
actor may not see on the record stops the preview; a linked record they may not see is blank, as in their lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from engine.actor import Actor
from engine.expr.schema import DEPARTMENT_FIELDS, USER_FIELDS
from engine.expr.tree import Path, Tree
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY, ListType, RecordType, Type
from engine.expr.values import CurrentUser, Env
from engine.fields.base import InvalidValue
from engine.problems import NotFound
from engine.records.catalog import EntityModel, FieldModel
from engine.records.links import chunks
from engine.records.loading import Loader
from engine.records.spec import PAGE_LIMIT, QuerySpec, Record
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

MOST_ROWS: Final = 2_000
"""So many records at most are read for one preview."""

Ids = tuple[str, ...]
Values = dict[str, Any]
_PEOPLE: Final = {USER_ENTITY: USER_FIELDS, DEPARTMENT_ENTITY: DEPARTMENT_FIELDS}


class NoPreview(Exception):
    """A record an expression cannot be tried on: ``why`` is ``hidden`` (``labels`` name the fields), ``unpublished``,
    ``size`` (too much to read) or ``elsewhere`` (it searches other records)."""

    def __init__(self, why: str, labels: Sequence[Mapping[str, str]] = ()):
        self.why, self.labels = why, tuple(labels)
        super().__init__(why)


def environment(store: RecordStore, actor: Actor, entity: str, record_id: str, tree: Tree) -> Env:
    """Return the environment of an expression over a stored record. Raises :class:`NoPreview` and NotFound."""
    reading = _Reading(store, actor)
    model = store.catalog.entity(entity)
    found = reading.rows(model.id, [record_id], _paths(tree)).get(record_id)
    if found is None:
        raise NotFound(what=model.entity.label)
    return reading.finish(tree, found)


def environment_of_inputs(store: RecordStore, actor: Actor, entity: str, inputs: Mapping[str, Any], tree: Tree) -> Env:
    """Return the environment of an expression over values that are in no record: ``{field key: JSON value}``.

    Raises :class:`Refused` for a value that is not of its field's type, and :class:`NoPreview`.
    """
    reading = _Reading(store, actor)
    record = _typed(store, store.catalog.entity(entity), inputs, "/sample/inputs")
    found = reading.values([record], record.entity, _paths(tree), given=True)
    return reading.finish(tree, found[0])


def _paths(tree: Tree) -> frozenset[Ids]:
    return tree.facts.deps | tree.facts.old


def _typed(store: RecordStore, model: EntityModel, inputs: Mapping[str, Any], place: str) -> Record:
    values: Values = {}
    for key, raw in inputs.items():
        f = model.find(key)
        if f is None:
            raise Refused([Finding("R201", f"{place}/{key}", {"name": key[:200]})])
        if f.storage == "children" and isinstance(raw, list):
            below = store.catalog.entity(f.target)
            rows = [row for row in raw[:MOST_ROWS] if isinstance(row, Mapping)]
            values[f.key] = tuple(_typed(store, below, row, f"{place}/{key}/{at}") for at, row in enumerate(rows))
            continue
        try:
            values[f.key] = f.type.accept(f.field, raw)
        except InvalidValue as wrong:
            raise Refused([wrong.at(f"{place}/{key}")]) from None
    return Record(id="", entity=model.id, rev=0, values=values)


class _Reading:
    """Reads records for one preview, level by level, each level in a few questions."""

    def __init__(self, store: RecordStore, actor: Actor):
        self._store, self._actor = store, actor
        self._people = Loader(store.connection, store.catalog)
        self._read = 0

    def finish(self, tree: Tree, record: Values) -> Env:
        """Return the environment over a record that was read."""
        if "RECORDS" in tree.facts.uses:
            raise NoPreview("elsewhere")
        base = self._store.access_of(self._actor).env
        env = base.at(record, old=record)
        asked = [node.ids for node in tree.walk() if isinstance(node, Path) and node.root == "USER" and node.ids]
        if asked and base.user is not None:
            known = self.rows(USER_ENTITY, [base.user.id], asked).get(base.user.id, {})
            user = base.user
            env.user = CurrentUser(user.id, user.roles, user.departments, {**user.fields, **known})
        return env

    def rows(self, entity_id: str, ids: Iterable[str], paths: Iterable[Ids]) -> dict[str, Values]:
        """Return the readable records among ``ids``, with what the paths lead to."""
        wanted = list(dict.fromkeys(one for one in ids if one))
        self._read += len(wanted)
        if self._read > MOST_ROWS:
            raise NoPreview("size")
        paths = list(paths)
        if entity_id in _PEOPLE:
            return self._persons(entity_id, wanted, _below(paths))
        if not self._store.catalog.has(entity_id):
            return {}
        model = self._store.catalog.entity(entity_id)
        keys = tuple(self._field(model, field_id).key for field_id in _below(paths))
        found: list[Record] = []
        for part in chunks(wanted, PAGE_LIMIT):
            spec = QuerySpec(entity=model.id, fields=(*keys, "id"), filter=["in", "id", list(part)], limit=PAGE_LIMIT)
            found += self._store.list(self._actor, spec, labels=False).records
        made = self.values(found, model.id, paths)
        return {record.id: values for record, values in zip(found, made, strict=True)}

    def _persons(self, entity_id: str, ids: Sequence[str], below: Mapping[str, list[Ids]]) -> dict[str, Values]:
        found = {one: dict(values) for one, values in self._people.rows(entity_id, ids).items()}
        for field_id, rest in below.items():
            deeper = [path for path in rest if path]
            if deeper:
                known = _PEOPLE[entity_id].values()
                target = next(_leads_to(symbol.type) for symbol in known if symbol.id == field_id)
                linked = self.rows(target, [values[field_id] for values in found.values()], deeper)
                for values in found.values():
                    values[field_id] = linked.get(values[field_id])
        return found

    def _field(self, model: EntityModel, field_id: str) -> FieldModel:
        """Return a field by id if it is published and this person may ever see it."""
        f = model.by_id.get(field_id)
        if f is None:
            raise NoPreview("unpublished")
        if self._store.access_of(self._actor).alias(model.id).field(field_id) is None:
            raise NoPreview("hidden", [f.field.label])
        return f

    def values(
        self, records: Sequence[Record], entity_id: str, paths: Iterable[Ids], *, given: bool = False
    ) -> list[Values]:
        """Return records as values by field id; ``given`` ones are complete as they are, what lacks is blank."""
        model = self._store.catalog.entity(entity_id)
        made: list[Values] = [{"sys_id": record.id or None} for record in records]
        for field_id, rest in _below(paths).items():
            f = self._field(model, field_id)
            blank = f.type.blank(f.field)
            if not given and any(f.key not in one.values or f.key in one.masked for one in records):
                raise NoPreview("hidden", [f.field.label])
            held = [one.values.get(f.key, blank) for one in records]
            for values, value in zip(made, self._led_to(f, entity_id, held, rest, given=given), strict=True):
                values[field_id] = value
        return made

    def _led_to(
        self, f: FieldModel, entity_id: str, held: Sequence[Any], rest: Sequence[Ids], *, given: bool
    ) -> list[Any]:
        """Return the values of a field of several records, with what the paths behind it lead to."""
        deeper = [path for path in rest if path]
        if f.storage == "children":
            flat = [row for rows in held for row in rows or ()]
            made = iter(self.values(flat, f.target, deeper, given=given))
            return [[next(made) for _ in rows or ()] for rows in held]
        if not deeper:
            return list(held)
        target = _leads_to(f.type.expr_type(f.field))
        ids = [one for value in held for one in (value if isinstance(value, tuple) else (value,))]
        linked = self.rows(target, ids, deeper)
        return [
            [linked[one] for one in value if one in linked] if isinstance(value, tuple) else linked.get(value)
            for value in held
        ]


def _leads_to(type_: Type) -> str:
    """Return the entity of the records a field holds; empty when it holds none."""
    item = type_.item if isinstance(type_, ListType) else type_
    return item.entity if isinstance(item, RecordType) else ""


def _below(paths: Iterable[Ids]) -> dict[str, list[Ids]]:
    """Return ``{first field: what follows it}``."""
    found: dict[str, list[Ids]] = {}
    for path in paths:
        if path:
            found.setdefault(path[0], []).append(path[1:])
    return found
