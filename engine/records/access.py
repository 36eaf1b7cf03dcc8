"""What one actor may reach in one transaction: rights, secured aliases and the parameters that fill them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.actor import Actor, own_role
from engine.expr.types import USER_ENTITY
from engine.expr.values import CurrentUser, Env
from engine.fields.operands import Asking
from engine.records.catalog import Catalog
from engine.records.formulas import formula_sources, volatile
from engine.records.loading import Loader
from engine.records.outside import DatabaseOutside
from engine.records.paths import Paths
from engine.records.policy import Policy, known_roles
from engine.records.pushdown import asks_who
from engine.records.ranges import ACTOR
from engine.records.rights import ROW_SOURCES, EntityPolicy, ExtraGrant
from engine.records.secured import Insight, Secured, Wanted, build, insight
from metadata.model import Range

T = TypeVar("T")


class Access:
    """Rights of an actor; one per store and actor.

    Everything that depends on roles alone is kept with the catalogue. Extra rows (open tasks, shares) are asked for
    once per transaction and forgotten when something was written.
    """

    def __init__(self, connection: Connection, catalog: Catalog, actor: Actor, asking: Asking):
        self.actor = actor
        self.catalog = catalog
        self.asking = asking
        self.connection = connection
        self.roles = known_roles(catalog.snapshot, actor.roles)
        if actor.grants:
            self.roles |= {own_role(actor.grants)}
        self.policy: Policy = self._kept(
            ("policy", self.roles), lambda: Policy(catalog.snapshot, self.roles, formula_sources(catalog), actor.grants)
        )
        self._asks = actor.kind != "system" and bool(ROW_SOURCES)
        self._extras: dict[str, tuple[ExtraGrant, ...]] = {}
        self._extended: dict[Any, Any] = {}
        outside = DatabaseOutside(catalog, Loader(connection, catalog))
        user = CurrentUser(
            id=actor.id,
            roles=actor.roles,
            departments=actor.departments,
            fields=outside.row(USER_ENTITY, actor.id, {"usr_name": actor.name}),
        )
        nobody = actor.kind == "link"  # what is asked of the person is blank
        self.env = Env(user=None if nobody else user, now=asking.now, zone=asking.zone, outside=outside)
        self.binds: dict[str, Any] = {ACTOR: actor.id}

    def forget(self) -> None:
        """Ask for extra rows again; tasks may have been opened or closed."""
        self._extras.clear()
        self._extended.clear()

    def rights(self, entity_id: str) -> EntityPolicy:
        """Return the rights on an entity (by id)."""
        extras = self._extra(entity_id)
        if not extras:
            return self.policy.entity(entity_id)
        return self._here(("rights", entity_id), lambda: self.policy.with_extras(entity_id, extras))

    def alias(
        self, entity_id: str, *, action: str = "read", trashed: bool = False, name: str = "s0", clocked: bool = True
    ) -> Secured:
        """Return the secured alias of an entity (by id)."""
        wanted = Wanted(action=action, trashed=trashed, name=name, clocked=clocked)
        key = ("alias", entity_id, wanted)
        make = lambda: build(self.catalog, self.rights, entity_id, wanted, self.env)  # noqa: E731
        return self._here(key, make) if self._extended_by(entity_id) else self._kept((self.roles, key), make)

    def insight(self, entity_id: str, *, trashed: bool = False) -> Insight:
        """Return the select of the write path for an entity (by id)."""
        key = ("insight", entity_id, trashed)
        make = lambda: insight(self.catalog, self.rights, entity_id, self.env, trashed=trashed)  # noqa: E731
        return self._here(key, make) if self._extended_by(entity_id) else self._kept((self.roles, key), make)

    def paths(self, base: Secured) -> Paths:
        """Return a resolver of paths from an alias."""
        return Paths(base, lambda entity_id, name: self.alias(entity_id, name=name))

    def keeps(self, entity_id: str) -> bool:
        """Say whether what is built for an entity depends on roles alone and may be kept."""
        return not self._extended_by(entity_id)

    def policy_key(self, entity_id: str) -> str:
        """Return a text that is equal for two actors only if they surely see the same of an entity and its links.

        Rights that name the actor (own, team, a department, an expression, open tasks) make the key the actor's own.
        """
        reached, waiting = set[str](), [entity_id]
        personal = False
        while waiting:
            one = waiting.pop()
            if one in reached:
                continue
            reached.add(one)
            rights = self.rights(one)
            visible = rights.rows["read"] | rights.level_bits
            personal |= any(
                not (isinstance(r, Range) and r.kind in ("all", "departments"))
                for number, r in enumerate(rights.ranges)
                if visible >> number & 1
            )
            snapshot = self.catalog.snapshot
            targets = (str(f.options.get("entity", "")) for f in snapshot.all_fields(one))
            waiting += [target for target in targets if snapshot.has_entity(target)]
        parts = (self.catalog.snapshot.version, *sorted(self.roles), self.actor.id if personal else "")
        return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()

    def _extended_by(self, entity_id: str) -> bool:
        """Say whether the alias of an entity is the actor's own: extra rows, or an expression with person or clock."""
        snapshot = self.catalog.snapshot
        chain = snapshot.entity(entity_id)
        while True:
            if self._extra(chain.id) or self._asks_who(chain.id):
                return True
            parent = snapshot.parent(chain)
            if parent is None:
                return False
            chain = parent

    def _asks_who(self, entity_id: str) -> bool:
        key = ("asks who", self.roles, entity_id)
        found: bool | None = self.catalog.kept.get(key)
        if found is None:
            model = self.catalog.entity(entity_id)
            ranges = self.policy.entity(entity_id).ranges
            exprs = [r.expr for r in ranges if isinstance(r, Range) and r.kind == "expression"]
            found = any(asks_who(self.catalog, model, expr) for expr in exprs)
            found = found or any(volatile(self.catalog, f) is not None for f in model.own)
            self.catalog.kept[key] = found
        return found

    def _extra(self, entity_id: str) -> tuple[ExtraGrant, ...]:
        if not self._asks:
            return ()
        found = self._extras.get(entity_id)
        if found is None:
            snapshot = self.catalog.snapshot
            entity = snapshot.entity(entity_id)
            given: list[ExtraGrant] = []
            for source in ROW_SOURCES.values():
                given.extend(source(self.connection, self.actor, entity, snapshot))
            found = self._extras[entity_id] = tuple(given)
        return found

    def _kept(self, key: Any, make: Callable[[], T]) -> T:
        return remembered(self.catalog.kept, key, make)

    def _here(self, key: Any, make: Callable[[], T]) -> T:
        return remembered(self._extended, key, make)


def remembered(kept: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
    """Return what is kept under a key, making it first if it is not there."""
    found = kept.get(key)
    if found is None:
        found = kept[key] = make()
    return found
