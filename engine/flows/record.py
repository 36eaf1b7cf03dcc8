"""The record a flow works on, as its expressions and rules see it: read as the flow, never shown to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.actor import Actor
from engine.expr.values import VALUE, CurrentUser, Env, ErrorValue, Value
from engine.flows.definitions import Compiled, Definitions
from engine.flows.state import Instance
from engine.people import actor_for
from engine.problems import NotFound
from engine.records.store import RecordStore
from metadata.model import Expr


class RecordView:
    """Lazy, and kept for one command; :meth:`forget` after the record was written."""

    def __init__(self, store: RecordStore, system: Actor, definitions: Definitions, instance: Instance):
        self._store = store
        self._system = system
        self._definitions = definitions
        self._instance = instance
        self._user: CurrentUser | None = None
        self._records: dict[tuple[tuple[str, ...], ...], Mapping[str, Any]] = {}

    def forget(self) -> None:
        self._records.clear()

    def prepared(
        self, expr: Expr, *, boolean: bool = False, old: Mapping[str, Any] | None = None
    ) -> tuple[Callable[[Env], Value] | None, Env]:
        """Return a function and what to call it with; no function for an expression that is broken."""
        entity_id = self._instance.entity_id
        compiled = self._definitions.expression(
            self._store.snapshot, entity_id, expr, boolean=boolean, old=old is not None
        )
        return compiled.compute, self._env(compiled, old)

    def compute(self, expr: Expr) -> Value | ErrorValue:
        """Evaluate an expression about the record."""
        compute, env = self.prepared(expr)
        return compute(env) if compute is not None else ErrorValue(VALUE)

    def _env(self, compiled: Compiled, old: Mapping[str, Any] | None) -> Env:
        user = self._initiator() if "USER" in compiled.uses else None
        return Env(self._read(compiled.paths), old=old, user=user, zone=self._store.workspace.zone)

    def _read(self, paths: tuple[tuple[str, ...], ...]) -> Mapping[str, Any]:
        found = self._records.get(paths)
        if found is None:
            one = self._instance
            found = self._store.environment(self._system, one.entity_id, one.record_id, paths)
            self._records[paths] = found
        return found

    def _initiator(self) -> CurrentUser | None:
        if self._user is None:
            try:
                actor = actor_for(self._store.connection, self._instance.initiator_id, self._instance.app_id)
            except NotFound:
                return None
            self._user = CurrentUser(
                id=actor.id, roles=actor.roles, departments=actor.departments, fields={"usr_name": actor.name}
            )
        return self._user

    def values(self, field_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return fields of the record by id."""
        return self._read(tuple((field_id,) for field_id in sorted(field_ids)))

    def people(self, path: Sequence[str]) -> Sequence[str]:
        """Read a person field, over to-one links if the path is longer than one; blank gives nobody."""
        value: Any = self._read((tuple(path),))
        for hop in path:
            value = value.get(hop) if isinstance(value, Mapping) else None
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    def follow(self, path: Sequence[str]) -> tuple[str, str] | None:
        """Return (entity id, record id) at the end of a chain of links; None when one is blank or gone."""
        snapshot, entity_id, record_id = self._store.snapshot, self._instance.entity_id, self._instance.record_id
        for number, hop in enumerate(path):
            chain = tuple(path[: number + 1])
            value: Any = self._read((chain,))
            for step in chain:
                value = value.get(step) if isinstance(value, Mapping) else None
            linked = value.get("sys_id") if isinstance(value, Mapping) else value
            if not isinstance(linked, str):
                return None
            try:
                entity_id = str(snapshot.field_of(entity_id, hop).options.get("entity", ""))
            except KeyError:
                return None
            record_id = linked
        return entity_id, record_id


def overlay_text(config: Mapping[str, Any]) -> str:
    """Return a node's field set as kept on its seats: blank when everything may be read."""
    levels = dict(sorted(config.get("fields", {}).items()))
    default = config.get("default_level", "read")
    if default == "read" and all(level != "hidden" for level in levels.values()):
        return ""
    return json.dumps({"default": default, "fields": levels}, sort_keys=True)
