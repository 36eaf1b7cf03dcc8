"""What one actor may reach in one transaction: rights, secured aliases and the parameters that fill them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.actor import Actor, own_role
from engine.expr.types import USER_ENTITY
from engine.expr.values import CurrentUser, Env
from engine.fields.operands import Asking
from engine.records.catalog import Catalog
from engine.records.formulas import formula_sources
from engine.records.loading import Loader
from engine.records.outside import DatabaseOutside
from engine.records.paths import Paths
from engine.records.policy import Policy, known_roles
from engine.records.pushdown import Lasting, lasting_of
from engine.records.ranges import ACTOR
from engine.records.rights import ROW_SOURCES, EntityPolicy, ExtraGrant
from engine.records.secured import Insight, Secured, Wanted, build, insight
from metadata.model import Entity, Range

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
        self.policy: Policy = remembered(
            catalog.kept,
            ("policy", self.roles),
            lambda: Policy(catalog.snapshot, self.roles, formula_sources(catalog), actor.grants),
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
        return remembered(self._extended, ("rights", entity_id), lambda: self.policy.with_extras(entity_id, extras))

    def alias(
        self, entity_id: str, *, action: str = "read", trashed: bool = False, name: str = "s0", clocked: bool = True
    ) -> Secured:
        """Return the secured alias of an entity (by id)."""
        wanted = Wanted(action=action, trashed=trashed, name=name, clocked=clocked)
        key = ("alias", self.roles, entity_id, wanted)
        return remembered(
            self.shelf(entity_id), key, lambda: build(self.catalog, self.rights, entity_id, wanted, self.env)
        )

    def insight(self, entity_id: str, *, trashed: bool = False) -> Insight:
        """Return the select of the write path for an entity (by id)."""
        key = ("insight", self.roles, entity_id, trashed)
        return remembered(
            self.shelf(entity_id),
            key,
            lambda: insight(self.catalog, self.rights, entity_id, self.env, trashed=trashed),
        )

    def paths(self, base: Secured) -> Paths:
        """Return a resolver of paths from an alias."""
        return Paths(base, lambda entity_id, name: self.alias(entity_id, name=name))

    def keeps(self, entity_id: str) -> bool:
        """Say whether the rights on an entity depend on roles alone."""
        return not any(self._extra(one.id) for one in self._chain(entity_id))

    def shelf(self, *entity_ids: str) -> dict[Any, Any]:
        """Return where to keep what is built from the aliases of entities, under keys that name the roles.

        It lasts as long as the catalogue; a day, where an expression asks for the day (one shelf for each time zone);
        as long as this access, where one asks for the person or the moment, or rows are given to the actor alone.
        """
        lasting = max((self._lasting(one) for one in entity_ids), default=Lasting.ALWAYS)
        if lasting is Lasting.ALWAYS:
            return self.catalog.kept
        if lasting is Lasting.ASKING:
            return self._extended
        days: dict[str, tuple[date, dict[Any, Any]]] = self.catalog.kept.setdefault("days", {})
        zone, today = str(self.env.zone), self.env.today
        found = days.get(zone)
        if found is None or found[0] != today:
            found = days[zone] = (today, {})
        return found[1]

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

    def _chain(self, entity_id: str) -> Iterator[Entity]:
        """Yield an entity and those its records are rows of."""
        entity: Entity | None = self.catalog.snapshot.entity(entity_id)
        while entity is not None:
            yield entity
            entity = self.catalog.snapshot.parent(entity)

    def _lasting(self, entity_id: str) -> Lasting:
        return max(
            Lasting.ASKING if self._extra(one.id) else self._of_expressions(one.id) for one in self._chain(entity_id)
        )

    def _of_expressions(self, entity_id: str) -> Lasting:
        ranges = self.policy.entity(entity_id).ranges
        return remembered(
            self.catalog.kept,
            ("lasting", self.roles, entity_id),
            lambda: lasting_of(self.catalog, self.catalog.entity(entity_id), ranges),
        )

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


def remembered(kept: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
    """Return what is kept under a key, making it first if it is not there."""
    found = kept.get(key)
    if found is None:
        found = kept[key] = make()
    return found
