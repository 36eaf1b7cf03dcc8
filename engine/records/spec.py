"""Questions to and answers from the record store, as plain values (no SQL, no Flask).

A path is a field id or key, or a dotted chain over to-one links (``account.region``); one that the actor may not
read fails exactly like one that does not exist. A filter tree is JSON:

    ["and", f, ...]  ["or", f, ...]  ["not", f]
    [operator, path, value]      ["=", "stage", "opt_won"]   ["in", "region", ["opt_east", "opt_north"]]
    ["blank", path]  ["not_blank", path]
    ["mine", "@unread"]      what whoever asks marked: @favourite, @unread (news since one looked), @visited
    ["expr", "amount > 1000 AND stage = \\"won\\""]            any boolean expression of the language

Operators per type are ``FieldType.operators``; ``"@me"`` and ``{"last": 30, "unit": "day"}`` are resolved on the
server at the time of asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.expr.tree import Node
from metadata.findings import Finding

Filter = Any
CountMode = Literal["none", "capped", "exact"]
Grain = Literal["year", "quarter", "month", "week", "day", "hour", "weekday", "month_of_year"]
Aggregate = Literal["count", "sum", "avg", "min", "max", "distinct"]

COUNT_CAP = 1_000
PAGE_LIMIT = 200
OFFSET_LIMIT = 10_000_000
BULK_LIMIT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SortSpec:
    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """Records with the same value of ``path`` stand together; dates with a ``grain`` by their period."""

    id: str
    path: str
    grain: Grain | None = None
    descending: bool = False
    """Order of the groups in :class:`GroupingSpec`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """One group: ``value`` is what the grouping gave for it, canonical or as JSON."""

    group: GroupSpec
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySpec:
    """A page of records. ``fields`` empty means all readable columns; ``cursor`` (keyset) or ``offset``, not both.

    ``within`` narrows it to one group of a grouping. ``marks`` are conditions each record is told to hold or not.
    ``met`` is a bound condition about the record, which nobody may send: the product itself makes it.
    """

    entity: str
    fields: tuple[str, ...] = ()
    filter: Filter = None
    sort: tuple[SortSpec, ...] = ()
    search: str = ""
    limit: int = 50
    cursor: str = ""
    offset: int = 0
    count: CountMode = "none"
    trashed: bool = False
    within: tuple[Within, ...] = ()
    marks: tuple[Filter, ...] = ()
    met: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """``values`` are canonical values by field key, only readable ones; ``masked`` keys hold masked text.

    A sub-table's value is a tuple of records. ``levels`` is ``{field key: level}`` for this row when asked for (forms
    need it), else empty; ``actions`` then are the actions possible on this very record. ``errors`` says why a computed
    field is blank: its error code by key.
    """

    id: str
    entity: str  # entity id
    rev: int
    values: Mapping[str, Any]
    masked: frozenset[str] = frozenset()
    levels: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    """Texts a change of type could not take over, by field key; with ``levels`` only."""
    notices: tuple[Finding, ...] = ()
    """What rules mended or noted while it was written."""
    marks: tuple[int, ...] = ()
    """Which of the conditions ``QuerySpec.marks`` hold, by their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``labels`` resolves ids shown in the rows: ``{"user": {id: name}, "<entity key>": {id: title}}``.

    ``count`` is None when not asked; with ``capped`` it is at most ``COUNT_CAP + 1``, which means "more".
    ``at_least`` says that there may be more than counted: rows had to be looked at one by one, and were too many.
    """

    records: tuple[Record, ...]
    next_cursor: str = ""
    count: int | None = None
    at_least: bool = False
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """``path`` empty counts rows; ``where`` is a filter inside the measure (conditional aggregation)."""

    id: str
    aggregate: Aggregate
    path: str = ""
    where: Filter = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateSpec:
    """Grouped totals over the rows and fields the actor may read. Rows come back as dicts by id."""

    entity: str
    groups: tuple[GroupSpec, ...] = ()
    measures: tuple[MeasureSpec, ...] = ()
    filter: Filter = None
    search: str = ""
    limit: int = 10_000


Total = Literal["count", "sum", "avg", "min", "max", "distinct", "filled", "blank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingSpec:
    """How the rows of a list stand together: nested groups and the totals below columns, ``{path: total}``."""

    entity: str
    groups: tuple[GroupSpec, ...] = ()
    totals: Mapping[str, Total] = field(default_factory=dict)
    filter: Filter = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group: the canonical values of its level and those above; blank is None. ``count`` are its records."""

    values: tuple[Any, ...]
    count: int
    totals: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """``groups`` stand in the order they are shown in, each before those inside it; the rest is over all records."""

    groups: tuple[Group, ...]
    count: int
    totals: Mapping[str, Any]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a write is made: through which form (the entity's default form if none of its own is named), and the
    reasons given for warnings of rules, by rule id. A ``preview`` writes nothing, so it waits for nobody."""

    form: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    preview: bool = False


PLAIN = Manner()
"""Through the default form, without reasons."""

Operation = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRow:
    """One write of many. ``rev`` None skips the check for changes made meanwhile.

    ``typed`` values are canonical already, made by the field types themselves from text (``FieldType.parse``).
    """

    op: Operation
    values: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    rev: int | None = None
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What became of one row: its id and revision, or the findings that kept it out (places relative to the row)."""

    id: str = ""
    rev: int = 0
    findings: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()
    """What rules mended or noted, although the row was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """Outcomes in the order of the rows."""

    results: tuple[BulkOutcome, ...]

    @property
    def failed(self) -> int:
        return sum(1 for one in self.results if one.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityAccess:
    """What an actor may do with an entity at best: possible actions and the highest level of each field that shows."""

    entity: str  # entity id
    actions: tuple[str, ...]
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One write of a record as its reader may see it: ``changes`` is ``{field key: (before, after)}`` in JSON form."""

    id: int
    at: str
    action: str
    rev: int
    actor_kind: str
    actor: str
    on_behalf_of: str
    changes: Mapping[str, tuple[Any, Any]]
