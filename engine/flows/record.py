"""The record a flow works on, as its expressions and rules see it: read as the flow, never shown to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.expr.to_python import decide
from engine.expr.types import USER_ENTITY
from engine.expr.values import VALUE, CurrentUser, Env, ErrorValue, Value
from engine.flows.definitions import Definitions
from engine.flows.state import Instance
from engine.people import actor_for
from engine.problems import NotFound
from engine.records.derive import Environments
from engine.records.loading import Loader
from engine.records.outside import DatabaseOutside
from engine.records.store import RecordStore
from metadata.model import Expr


class RecordView:
    """Lazy, and kept for one command; :meth:`forget` after the record was written."""

    def __init__(self, store: RecordStore, definitions: Definitions, instance: Instance):
        self._store = store
        self._definitions = definitions
        self._instance = instance
        self._user: CurrentUser | None = None
        self._loader = Loader(store.connection, store.catalog)

    def forget(self) -> None:
        self._loader = Loader(self._store.connection, self._store.catalog)

    def prepared(self, expr: Expr, *, boolean: bool = False) -> tuple[Callable[[Env], Value] | None, Env]:
        """Return a function and what to call it with; no function for an expression that is broken."""
        compiled = self._definitions.expression(self._store.catalog, self._instance.entity_id, expr, boolean=boolean)
        return compiled.compute, self._env(compiled.paths, compiled.uses)

    def compute(self, expr: Expr) -> Value | ErrorValue:
        """Evaluate an expression about the record."""
        compute, env = self.prepared(expr)
        return compute(env) if compute is not None else ErrorValue(VALUE)

    def holds(self, expr: Expr) -> bool:
        """Decide a condition about the record: blank and errors mean no."""
        compute, env = self.prepared(expr, boolean=True)
        return compute is not None and decide(compute, env)

    def _env(self, paths: Sequence[tuple[str, ...]], uses: frozenset[str] = frozenset()) -> Env:
        store, one = self._store, self._instance
        user = self._initiator() if "USER" in uses else None
        base = Env(user=user, now=store.now, zone=store.surroundings.zone)
        values = self._loader.rows(one.entity_id, [one.record_id]).get(one.record_id, {"sys_id": one.record_id})
        return Environments(store.catalog, self._loader, base).values(one.entity_id, values, paths)

    def _read(self, path: Sequence[str]) -> Any:
        value: Any = self._env((tuple(path),)).record
        for hop in path:
            value = value.get(hop) if isinstance(value, Mapping) else None
        return value

    def _initiator(self) -> CurrentUser | None:
        if self._user is None:
            try:
                actor = actor_for(self._store.connection, self._instance.initiator_id, self._instance.app_id)
            except NotFound:
                return None
            self._user = CurrentUser(
                id=actor.id,
                roles=actor.roles,
                departments=actor.departments,
                fields=DatabaseOutside(self._store.catalog, self._loader).row(USER_ENTITY, actor.id),
            )
        return self._user

    def values(self, field_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return fields of the record by id."""
        return self._env([(field_id,) for field_id in field_ids]).record

    def people(self, path: Sequence[str]) -> Sequence[str]:
        """Read a person field, over to-one links if the path is longer than one; blank gives nobody."""
        value = self._read(path) if self._known(path) else None
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    def follow(self, path: Sequence[str]) -> tuple[str, str] | None:
        """Return (entity id, record id) at the end of a chain of links; None when one is blank or gone."""
        entity_id, record_id = self._instance.entity_id, self._instance.record_id
        if not path:
            return entity_id, record_id
        if not self._known(path):
            return None
        linked = self._read([*path, "sys_id"])
        for hop in path:
            entity_id = str(self._store.snapshot.field_of(entity_id, hop).options.get("entity", ""))
        return (entity_id, linked) if isinstance(linked, str) else None

    def _known(self, path: Sequence[str]) -> bool:
        """Say whether every field of a path still exists (the running version may be older than the application)."""
        try:
            self._store.snapshot.path(self._instance.entity_id, ".".join(path))
        except KeyError:
            return False
        return True


def overlay_text(config: Mapping[str, Any]) -> str:
    """Return a node's field set as kept on its seats: blank when everything may be read."""
    levels = dict(sorted(config.get("fields", {}).items()))
    default = config.get("default_level", "read")
    if default == "read" and all(level != "hidden" for level in levels.values()):
        return ""
    return json.dumps({"default": default, "fields": levels}, sort_keys=True)
