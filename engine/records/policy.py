"""Compile roles to rights. Computed fields are closed over what they read; see ``rights`` for the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.actor import OWN_ROLE, SYSTEM_ROLE
from engine.records.rights import (
    ACTIONS,
    MASKED,
    READ,
    ROW_SOURCES,
    SYSTEM_GRANTS,
    WRITE,
    WRITE_ACTIONS,
    Allowance,
    EntityPolicy,
    ExtraGrant,
    Reason,
    RowRange,
    RowSource,
    bit_mask,
    covers,
    grant_level,
    judged_by_owner,
    register_row_source,
    within,
)
from metadata.model import Entity, Grant, Role
from metadata.snapshot import Snapshot

__all__ = [
    "ROW_SOURCES",
    "ExtraGrant",
    "Policy",
    "Reason",
    "RowSource",
    "Source",
    "Sources",
    "known_roles",
    "register_row_source",
    "role_grants",
    "system_grant",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a computed field reads: a chain of field ids from its entity, each hop a link, a sub-table or the parent.

    With ``entity`` the chain starts at records of another entity that were looked up, whichever they are.
    """

    path: tuple[str, ...]
    entity: str = ""


Sources = Callable[[str], tuple[Source, ...] | None]
"""Sources of a computed field by id; None for a field that is not computed."""


class Policy:
    """Rights of one set of roles on every entity of a snapshot, compiled on first question."""

    def __init__(self, snapshot: Snapshot, roles: frozenset[str], sources: Sources, own: Sequence[Grant] = ()):
        self.snapshot = snapshot
        self.roles = roles
        self._sources = sources
        self._entities: dict[str, EntityPolicy] = {}
        self._allowances = _allowances(snapshot, roles, own)

    def entity(self, entity_id: str) -> EntityPolicy:
        """Return the rights on an entity (by id). Raises ``KeyError`` when there is no such entity."""
        found = self._entities.get(entity_id)
        if found is None:
            found = self._entities[entity_id] = self._compile(self.snapshot.entity(entity_id), (), frozenset())
        return found

    def seen_from(self, entity_id: str, compiling: frozenset[str]) -> EntityPolicy:
        """Return the rights on an entity while others are being compiled.

        Computed fields that lead back into one of those are taken as unreadable here, so two entities whose
        formulas read each other end in a refusal, not in a loop.
        """
        found = self._entities.get(entity_id)
        return found or self._compile(self.snapshot.entity(entity_id), (), compiling)

    def with_extras(self, entity_id: str, extras: Sequence[ExtraGrant]) -> EntityPolicy:
        """Return the rights on an entity with extra rows added; not kept."""
        if not extras:
            return self.entity(entity_id)
        return self._compile(self.snapshot.entity(entity_id), extras, frozenset())

    def _compile(self, entity: Entity, extras: Sequence[ExtraGrant], compiling: frozenset[str]) -> EntityPolicy:
        ranges: list[RowRange] = []
        allowances: list[Allowance] = []
        for role, grant in self._allowances.get(entity.id, ()):
            if grant.range not in ranges:
                ranges.append(grant.range)
            allowances.append(Allowance(role=role, grant=grant, where=ranges.index(grant.range)))
        for extra in extras:
            ranges.append(extra)
            grant = Grant(
                id=extra.source or "extra",
                entity=entity.id,
                actions=("read",),
                fields=extra.levels,
                default_level=extra.default_level,
            )
            allowances.append(Allowance(role="", grant=grant, where=len(ranges) - 1, source=extra.source or "extra"))
        rows = {action: bit_mask(a.where for a in allowances if action in a.grant.actions) for action in ACTIONS}
        return _FieldRights(self, entity, tuple(ranges), rows, tuple(allowances), compiling).build(self._sources)


class _FieldRights:
    """One compilation: field levels per range, then computed fields closed over what they read."""

    def __init__(
        self,
        policy: Policy,
        entity: Entity,
        ranges: tuple[RowRange, ...],
        rows: Mapping[str, int],
        allowances: tuple[Allowance, ...],
        compiling: frozenset[str],
    ):
        self.policy, self.entity, self.ranges = policy, entity, ranges
        self.rows, self.allowances = rows, allowances
        self.compiling = compiling | {entity.id}
        self.looped = entity.id in compiling
        self.fields = policy.snapshot.all_fields(entity)

    def build(self, sources: Sources) -> EntityPolicy:
        at_least: dict[str, tuple[int, int]] = {}
        writable: dict[str, dict[str, int]] = {action: {} for action in WRITE_ACTIONS}
        for f in self.fields:
            masked = readable = 0
            for allowance in self.allowances:
                level = grant_level(allowance.grant, f.id)
                if "read" in allowance.grant.actions:
                    masked |= (level >= MASKED) << allowance.where
                    readable |= (level >= READ) << allowance.where
                for action in WRITE_ACTIONS:
                    if action in allowance.grant.actions and level == WRITE:
                        writable[action][f.id] = writable[action].get(f.id, 0) | 1 << allowance.where
            at_least[f.id] = (masked, readable)
        result_readable: dict[str, tuple[int, ...]] = {}
        result_masked: dict[str, int] = {}
        for f in self.fields:
            masked, readable = at_least[f.id]
            conjuncts: tuple[int, ...] | None = (readable,)
            read_from = sources(f.id)
            if read_from is not None and f.options.get("public") is not True:
                conjuncts = self._closed(f.id, at_least, sources, frozenset())
            conjuncts = self._simplified(conjuncts)
            if conjuncts is not None:
                result_readable[f.id] = conjuncts
            # a computed value must not show through its mask either, so it has none
            if masked and read_from is None and conjuncts != ():
                result_masked[f.id] = masked
        return EntityPolicy(
            entity=self.entity,
            ranges=self.ranges,
            rows=self.rows,
            readable=result_readable,
            masked=result_masked,
            writable=writable,
            allowances=self.allowances,
        )

    def _closed(
        self, field_id: str, levels: Mapping[str, tuple[int, int]], sources: Sources, seen: frozenset[str]
    ) -> tuple[int, ...] | None:
        """Masks that must all hold for a field to be readable with everything it is computed from."""
        if field_id in seen or field_id not in levels:
            return None
        masks: list[int] = [levels[field_id][1]]
        read_from = sources(field_id)
        if read_from and self.looped:
            return None
        for source in read_from or ():
            if source.entity:  # any of its records may have been read, so all of them must be readable
                masks.append(levels[field_id][1] if self._further(source.entity, source.path) else 0)
                continue
            head, rest = source.path[0], source.path[1:]
            own = self._closed(head, levels, sources, seen | {field_id})
            if own is None:
                return None
            masks.extend(own)
            if rest:
                masks.append(self._beyond(head, rest, levels[head][1]))
        return tuple(masks)

    def _beyond(self, hop: str, rest: tuple[str, ...], hop_readable: int) -> int:
        """Ranges in whose rows everything the path reads in other entities is readable too."""
        snapshot, field_id = self.policy.snapshot, rest[0]
        if hop in ("sys_owner", "sys_created_by", "sys_updated_by"):
            return hop_readable
        f = snapshot.field_of(self.entity, hop)
        target = str(f.options.get("entity", ""))
        if not snapshot.has_entity(target):
            return hop_readable  # people and departments are public inside an application
        other = self.policy.seen_from(target, self.compiling)
        if len(rest) > 1:  # a longer chain: all of it must be readable wherever it leads
            further = self._further(target, rest)
            return hop_readable if further else 0
        conjuncts = other.readable.get(field_id)
        if conjuncts is None:
            return 0
        if conjuncts == () and other.everywhere("read"):
            return hop_readable
        if f.type != "subtable" and f.id != "sys_parent":
            return 0
        # rows of a child are ranged by their parent, so equal ranges reach the same records on both sides
        givers = other.rows["read"] if conjuncts == () else conjuncts[0] if len(conjuncts) == 1 else 0
        their = [r for i, r in enumerate(other.ranges) if givers >> i & 1 and judged_by_owner(r)]
        return bit_mask(i for i, r in enumerate(self.ranges) if any(within(r, t) for t in their))

    def _further(self, entity_id: str, path: tuple[str, ...]) -> bool:
        snapshot, current = self.policy.snapshot, entity_id
        for field_id in path:
            rights = self.policy.seen_from(current, self.compiling)
            if not rights.everywhere("read") or rights.readable.get(field_id) != ():
                return False
            current = str(snapshot.field_of(current, field_id).options.get("entity", ""))
            if not snapshot.has_entity(current):
                return True
        return True

    def _simplified(self, conjuncts: tuple[int, ...] | None) -> tuple[int, ...] | None:
        visible = self.rows["read"]
        if conjuncts is None or not visible or not all(conjuncts):
            return None
        return tuple(sorted({mask for mask in conjuncts if not covers(self.ranges, mask, visible)}))


def _allowances(snapshot: Snapshot, roles: frozenset[str], own: Sequence[Grant]) -> dict[str, list[tuple[str, Grant]]]:
    found: dict[str, list[tuple[str, Grant]]] = {}
    for grant in own:
        found.setdefault(grant.entity, []).append((OWN_ROLE, grant))
    for role in snapshot.app.roles:
        if role.id in roles:
            for grant in role.grants:
                found.setdefault(grant.entity, []).append((role.id, grant))
    if SYSTEM_ROLE in roles:
        for entity in snapshot.entities:
            found.setdefault(entity.id, []).append((SYSTEM_ROLE, system_grant(entity)))
    return found


def system_grant(entity: Entity) -> Grant:
    """Return the grant of product work: every action, every row, every field."""
    return Grant(id=SYSTEM_GRANTS, entity=entity.id, actions=ACTIONS, default_level="write")


def known_roles(snapshot: Snapshot, roles: Iterable[str]) -> frozenset[str]:
    """Return the roles that mean something in this application (the cache key of a policy)."""
    chosen = frozenset(roles)
    return frozenset(r.id for r in snapshot.app.roles if r.id in chosen) | (chosen & {SYSTEM_ROLE})


def role_grants(role: Role, entity_id: str) -> tuple[Grant, ...]:
    """Return the grants of a role on one entity."""
    return tuple(grant for grant in role.grants if grant.entity == entity_id)
