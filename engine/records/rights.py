"""Who may do what with which rows and fields: roles compiled to plain data, with the reason kept beside each right.

Grants add up. A field level holds only inside the row range of the grant that gives it, so "all rows without amounts"
plus "own rows with amounts" never becomes "all amounts". Ranges are numbered per entity; sets of them are bit masks:

    rows["update"] = 0b01            update reaches rows of range 0
    readable["fld_amount"] = (0b10,) the amount is readable in rows of range 1
    readable["fld_margin"] = (a, b)  a computed field: the row must be in a *and* in b (every source is readable)

Nothing here knows SQL; ``secured`` turns ranges into conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

from sqlalchemy import ColumnElement, Connection, FromClause

from engine.actor import Actor
from metadata.model import SYSTEM_FIELDS, Entity, Grant, Level, Range
from metadata.snapshot import Snapshot

ACTIONS: Final = (
    "create",
    "read",
    "update",
    "delete",
    "import",
    "export",
    "print",
    "transfer",
    "bulk",
    "history",
    "share",
)
HIDDEN, MASKED, READ, WRITE = range(4)
LEVELS: Final[tuple[Level, ...]] = ("hidden", "masked", "read", "write")
_RANK: Final[Mapping[str, int]] = {name: rank for rank, name in enumerate(LEVELS)}
_ALWAYS: Final = frozenset({"sys_id", "sys_rev"})
_SYSTEM_IDS: Final = frozenset({*(f.id for f in SYSTEM_FIELDS), "sys_parent"})
WRITE_ACTIONS: Final = ("create", "update")

SYSTEM_GRANTS: Final = "grt_system"
"""Id of the grants behind :data:`engine.actor.SYSTEM_ROLE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraGrant:
    """Rows somebody may read for another reason than a role: an open flow task, a share.

    ``rows`` gets the physical table of the entity and returns the condition; ``levels`` and ``default_level`` say
    what may be seen there (``write`` counts as ``read``). Only the action ``read`` is given.
    """

    rows: Callable[[FromClause], ColumnElement[bool]]
    levels: Mapping[str, Level] = field(default_factory=dict)
    default_level: Level = "read"
    source: str = ""


class RowSource(Protocol):
    """Answers which extra rows an actor may read; asked for people, never for system actors."""

    def __call__(
        self, connection: Connection, actor: Actor, entity: Entity, snapshot: Snapshot
    ) -> Sequence[ExtraGrant]: ...


ROW_SOURCES: dict[str, RowSource] = {}


def register_row_source(name: str, source: RowSource) -> None:
    """Add a row source. Raises ``ValueError`` for a name taken by another one."""
    if ROW_SOURCES.get(name, source) is not source:
        raise ValueError(f"row source {name!r} is already there")
    ROW_SOURCES[name] = source


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One grant at work: the answer to "why may Ann see this". ``where`` is the number of its range."""

    role: str
    grant: Grant
    where: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A right and where it comes from, for people: role and grant ids, the kind of range, the level of the field."""

    role: str
    grant: str
    range: str
    level: Level | None = None


RowRange = Range | ExtraGrant


@dataclass(frozen=True, kw_only=True, eq=False)
class EntityPolicy:
    """Rights of one set of roles on one entity.

    ``rows``      action -> ranges whose rows it reaches (0: never)
    ``readable``  field id -> conjunction of masks; an empty tuple means readable in every visible row;
                  a field that is missing here is readable nowhere
    ``masked``    field id -> ranges where at least the masked text shows
    ``writable``  action (create, update) -> field id -> ranges where it may be written
    """

    entity: Entity
    ranges: tuple[RowRange, ...]
    rows: Mapping[str, int]
    readable: Mapping[str, tuple[int, ...]]
    masked: Mapping[str, int]
    writable: Mapping[str, Mapping[str, int]]
    allowances: tuple[Allowance, ...]

    def allows(self, action: str) -> bool:
        """Say whether the action is possible at all, on some row."""
        return self.rows.get(action, 0) != 0

    @cached_property
    def whole(self) -> int:
        """Mask of the ranges that hold every row."""
        return bit_mask(i for i, r in enumerate(self.ranges) if isinstance(r, Range) and r.kind == "all")

    def everywhere(self, action: str) -> bool:
        """Say whether the action reaches every row."""
        return bool(self.rows.get(action, 0) & self.whole)

    @cached_property
    def varies(self) -> bool:
        """Say whether two visible rows may show different fields."""
        return any(self.readable.values()) or any(
            not self.always_masked(field_id) for field_id in self.masked if field_id not in self.readable
        )

    def always_masked(self, field_id: str) -> bool:
        """Say whether a field that is not readable shows masked in every visible row."""
        return covers(self.ranges, self.masked.get(field_id, 0), self.rows.get("read", 0))

    @cached_property
    def level_bits(self) -> int:
        """Ranges a row must be tested against to know its levels for reading."""
        return mask_union(mask for conjuncts in self.readable.values() for mask in conjuncts) | mask_union(
            mask
            for field_id, mask in self.masked.items()
            if self.readable.get(field_id, (0,)) and not self.always_masked(field_id)
        )

    def read_level(self, field_id: str, bits: int) -> int:
        """Level of a field for reading in a row that lies in the ranges ``bits``."""
        conjuncts = self.readable.get(field_id)
        if conjuncts is not None and all(bits & mask for mask in conjuncts):
            return READ
        masked = self.masked.get(field_id, 0)
        return MASKED if masked and (bits & masked or self.always_masked(field_id)) else HIDDEN

    def best_level(self, field_id: str) -> int:
        """Highest level of the field over all rows, writing included."""
        if any(self.writable.get(action, {}).get(field_id) for action in WRITE_ACTIONS):
            return WRITE
        if field_id in self.readable:
            return READ
        return MASKED if field_id in self.masked else HIDDEN

    def may_write(self, action: str, field_id: str, bits: int) -> bool:
        """Say whether the field may be written by an action in a row that lies in the ranges ``bits``."""
        return bool(self.writable.get(action, {}).get(field_id, 0) & (bits | self.whole))

    def reasons(self, action: str, bits: int, field_id: str | None = None) -> tuple[Reason, ...]:
        """Return every grant that gives the action on a row in ``bits``; with a field, those that show it."""
        found = []
        for allowance in self.allowances:
            grant = allowance.grant
            if action not in grant.actions or not (bits | self.whole) >> allowance.where & 1:
                continue
            level = LEVELS[grant_level(grant, field_id)] if field_id else None
            if level != "hidden":
                kind = allowance.source or grant.range.kind
                found.append(Reason(role=allowance.role, grant=grant.id, range=kind, level=level))
        return tuple(found)


def grant_level(grant: Grant, field_id: str | None) -> int:
    if field_id in _ALWAYS:
        return READ
    if field_id in _SYSTEM_IDS:
        named = grant.fields.get(str(field_id))
        rank = READ if named is None else _RANK[named]
        if field_id == "sys_owner" and rank >= READ and named != "read":
            return WRITE if {"transfer", "create"} & set(grant.actions) else READ
        if field_id == "sys_parent" and rank >= READ:
            return WRITE if "create" in grant.actions else READ
        if field_id == "sys_flow_state" and grant.id == SYSTEM_GRANTS:
            return WRITE
        return min(rank, READ)
    return _RANK[grant.fields.get(str(field_id), grant.default_level)]


def covers(ranges: Sequence[RowRange], mask: int, visible: int) -> bool:
    """Say whether every row in the ranges ``visible`` is surely also in the ranges ``mask``."""
    chosen = [r for i, r in enumerate(ranges) if mask >> i & 1]
    return bool(visible) and all(any(within(r, c) for c in chosen) for i, r in enumerate(ranges) if visible >> i & 1)


def within(inner: RowRange, outer: RowRange) -> bool:
    """Say whether the rows of one range are surely rows of the other."""
    if inner == outer:
        return True
    if not isinstance(outer, Range):
        return False
    if outer.kind == "all":
        return True
    if not isinstance(inner, Range):
        return False
    return (inner.kind, outer.kind) in (("own", "team"), ("department", "department_tree"))


def judged_by_owner(r: RowRange) -> bool:
    return isinstance(r, Range) and r.kind != "expression"


def bit_mask(numbers: Iterable[int]) -> int:
    return mask_union(1 << number for number in numbers)


def mask_union(masks: Iterable[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result
