"""What an application is: frozen values, one class per kind of definition.

The JSON form has the same keys as the attributes here (``metadata.codec`` converts both ways; attributes at their
default are left out). References are ids (``fld_...``), never names. Text people read is a language map.
Options of a field type, the config of a flow node and the style of a widget are validated by their own schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any, Literal

Text = Mapping[str, str]
"""``{"zh-CN": ..., "en": ...}``; at least one language."""

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of the same."""

FORMAT = 2
"""Shape of the file; older files are upgraded by ``metadata.upgrade``."""

PLATFORM = "0.1.0"
"""Version of the product, as in setup.cfg; an application may require one (``requires.platform``)."""

PROVENANCE = "dougong"
"""Every top-level package of the product carries this marker (``runtime.selfcheck``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expr:
    """Source text for people plus the ids its names stand for; a rename rewrites ``src`` and the key."""

    src: str
    refs: Mapping[str, str] = member(default_factory=dict)
    lang: int = 1
    blank_as_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    field: str
    dir: Literal["asc", "desc"] = "asc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """Uniqueness among live records, over the value normalised and within equal ``scope`` fields."""

    normalise: Literal["exact", "folded"] = "folded"
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    id: str
    key: str
    type: str
    label: Text
    help: Text = member(default_factory=dict)
    required: bool = False
    unique: Unique | None = None
    indexed: bool = False
    default: Json = None
    default_expr: Expr | None = None
    options: Mapping[str, Json] = member(default_factory=dict)
    trashed: bool = False


RuleKind = Literal["check", "show", "require", "lock", "set", "choose"]
Severity = Literal["block", "warn", "fix", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds for every record of an entity, on every way it is written; ``when`` says in which records.

    ``check``: unless ``check`` is true the record is refused (``block``), wants a reason (``warn``), is mended with
    ``values`` (``fix``) or is written and noted (``log``). ``show``: ``fields`` are there only while ``when`` is true;
    what is not there is never required, and its value is kept or cleared (``hidden``). ``require`` and ``lock``:
    ``fields`` must be filled in, or may not be changed. ``set``: ``values`` (field id to expression) are written when
    what they read changes, always, or while the field is blank (``moment``). ``choose``: only ``options`` of a choice
    field, or records and people for which ``filter`` is true (``it`` is the candidate), may be picked.
    ``fields`` may name layout elements of a form as well, which stand for the fields in them.
    """

    id: str
    kind: RuleKind = "check"
    label: Text = member(default_factory=dict)
    when: Expr | None = None
    fields: tuple[str, ...] = ()
    check: Expr | None = None
    message: Text = member(default_factory=dict)
    severity: Severity = "block"
    values: Mapping[str, Expr] = member(default_factory=dict)
    moment: Literal["change", "always", "blank"] = "change"
    hidden: Literal["keep", "clear"] = "keep"
    options: tuple[str, ...] = ()
    filter: Expr | None = None
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of record. ``parent`` makes its records rows of that entity's sub-table field."""

    id: str
    key: str
    label: Text
    icon: str = "table"
    title: str = ""
    fields: tuple[Field, ...] = ()
    parent: str = ""
    own: tuple[str, ...] = ("sys_owner",)
    sort: tuple[Sort, ...] = ()
    rules: tuple[Rule, ...] = ()
    trashed: bool = False


ItemKind = Literal["field", "section", "columns", "tabs", "tab", "page", "divider", "note", "embed", "button"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormItem:
    """A field on a form, or a layout element with ``items`` of its own (``section``, ``columns``, ``tabs`` of ``tab``,
    ``page``) or without (``divider``, ``note`` with ``text``, ``embed``, ``button``).

    ``width`` counts twelfths of the row. While ``when`` is false the element and all in it are not there, which for a
    field means the same as a ``show`` rule. ``config`` belongs to the kind: ``url`` of an embed (a template over
    fields), ``flow`` of a button, ``collapsed`` of a section.
    """

    id: str
    kind: ItemKind = "field"
    field: str = ""
    width: Literal[3, 4, 6, 8, 9, 12] = 6
    label: Text = member(default_factory=dict)
    text: Text = member(default_factory=dict)
    config: Mapping[str, Json] = member(default_factory=dict)
    when: Expr | None = None
    items: tuple[FormItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a record is filled in and read. ``related`` names link fields of other entities shown as tabs.

    ``pages`` make steps of it; ``mode`` ``single`` asks one question at a time.
    """

    id: str
    entity: str
    label: Text
    items: tuple[FormItem, ...] = ()
    related: tuple[str, ...] = ()
    mode: Literal["page", "single"] = "page"
    default: bool = False

    def walk(self) -> Iterator[FormItem]:
        """Yield every part of the form in reading order, an element before what is in it."""
        pending = list(reversed(self.items))
        while pending:
            item = pending.pop()
            yield item
            pending.extend(reversed(item.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A page to print: a sandboxed Jinja template over one record, to HTML and PDF.

    ``refs`` are the names in ``html`` with the ids they stand for, so that a rename breaks nothing. Offered while
    ``when`` is true of the record. ``page`` holds ``size`` (A4, A5, 80mm ...), ``landscape``, ``margin`` (mm) and
    ``numbers`` (false: pages are not numbered).
    """

    id: str
    entity: str
    label: Text
    html: str = ""
    css: str = ""
    refs: Mapping[str, str] = member(default_factory=dict)
    page: Mapping[str, Json] = member(default_factory=dict)
    when: Expr | None = None
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A row (or the cell of ``field``) gets ``color`` where ``filter`` holds; the first that holds wins."""

    filter: Json
    color: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved way to look at an entity. ``filter`` is a filter tree (``engine.records.spec``) over field ids.

    ``kind`` names a registered view kind; ``parts`` says which field plays which part in it (``start``, ``end``,
    ``by``, ``cover``, ``parent`` ...). ``group`` are up to three fields rows stand together by, ``totals`` aggregates
    by field, ``quick`` the fields of the quick filter, ``freeze`` the number of columns that stay on scrolling.
    """

    id: str
    entity: str
    label: Text
    kind: str = "table"
    columns: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    filter: Json = None
    sort: tuple[Sort, ...] = ()
    parts: Mapping[str, str] = member(default_factory=dict)
    group: tuple[str, ...] = ()
    totals: Mapping[str, str] = member(default_factory=dict)
    colors: tuple[Colour, ...] = ()
    quick: tuple[str, ...] = ()
    freeze: int = 1
    options: Mapping[str, Json] = member(default_factory=dict)
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    id: str
    type: str
    label: Text = member(default_factory=dict)
    config: Mapping[str, Json] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEdge:
    """A wire. ``from_node``/``port`` is where it starts; the first true ``when`` by ``order`` is taken."""

    id: str
    from_node: str
    to_node: str
    port: str = "out"
    when: Expr | None = None
    order: int = 0
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    id: str
    key: str
    label: Text
    entity: str
    trigger: Mapping[str, Json] = member(default_factory=dict)
    settings: Mapping[str, Json] = member(default_factory=dict)
    nodes: tuple[FlowNode, ...] = ()
    edges: tuple[FlowEdge, ...] = ()
    layout: Mapping[str, Json] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """One chart or table; the keys follow the report specification (dataset, dims, measures, calc, encode)."""

    id: str
    type: str
    label: Text
    v: int = 1
    dataset: Mapping[str, Json] = member(default_factory=dict)
    dims: tuple[Mapping[str, Json], ...] = ()
    measures: tuple[Mapping[str, Json], ...] = ()
    calc: tuple[Mapping[str, Json], ...] = ()
    encode: Mapping[str, Json] = member(default_factory=dict)
    sort: tuple[Json, ...] = ()
    limit: int = 2000
    style: Mapping[str, Json] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """Place of a widget on the 12-column grid, in grid units."""

    w: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    id: str
    key: str
    label: Text
    widgets: tuple[Widget, ...] = ()
    grid: tuple[GridCell, ...] = ()
    filters: tuple[Mapping[str, Json], ...] = ()


Level = Literal["hidden", "masked", "read", "write"]
RangeKind = Literal["all", "own", "team", "department", "department_tree", "departments", "expression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which rows. ``team`` is own plus the reporting line below; ``expression`` must push down to SQL whole."""

    kind: RangeKind = "all"
    departments: tuple[str, ...] = ()
    expr: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions on rows of one entity, with field levels that hold only inside this grant's range."""

    id: str
    entity: str
    actions: tuple[str, ...] = ()
    range: Range = member(default_factory=Range)
    fields: Mapping[str, Level] = member(default_factory=dict)
    default_level: Level = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    id: str
    key: str
    label: Text
    grants: tuple[Grant, ...] = ()
    dashboards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """``kind`` view or dashboard points to ``target``; ``folder`` holds ``items``."""

    id: str
    kind: Literal["folder", "view", "dashboard"]
    label: Text = member(default_factory=dict)
    icon: str = ""
    target: str = ""
    items: tuple[MenuItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    id: str
    key: str
    name: Text
    version: str = "0.1.0"
    format: int = FORMAT
    icon: str = "layout-grid"
    description: Text = member(default_factory=dict)
    requires: Mapping[str, Json] = member(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    forms: tuple[Form, ...] = ()
    views: tuple[View, ...] = ()
    prints: tuple[Print, ...] = ()
    flows: tuple[Flow, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()
    roles: tuple[Role, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    samples: tuple[Mapping[str, Json], ...] = ()
    migrations: tuple[Mapping[str, Json], ...] = ()


SYSTEM_FIELDS: tuple[Field, ...] = (
    Field(id="sys_id", key="id", type="text", label={"zh-CN": "编号", "en": "Id"}),
    Field(id="sys_created_at", key="created_at", type="datetime", label={"zh-CN": "创建时间", "en": "Created at"}),
    Field(id="sys_created_by", key="created_by", type="user", label={"zh-CN": "创建人", "en": "Created by"}),
    Field(id="sys_updated_at", key="updated_at", type="datetime", label={"zh-CN": "更新时间", "en": "Updated at"}),
    Field(id="sys_updated_by", key="updated_by", type="user", label={"zh-CN": "更新人", "en": "Updated by"}),
    Field(id="sys_owner", key="owner", type="user", label={"zh-CN": "负责人", "en": "Owner"}),
    Field(id="sys_flow_state", key="flow_state", type="text", label={"zh-CN": "流程状态", "en": "Flow state"}),
    Field(id="sys_rev", key="rev", type="number", label={"zh-CN": "版本", "en": "Revision"}, options={"scale": 0}),
)
"""Columns every record has. Only ``owner`` may be written by a person (with the transfer action)."""

SYSTEM_PARENT = Field(id="sys_parent", key="parent", type="link_one", label={"zh-CN": "所属记录", "en": "Parent"})
"""Extra system field of an entity with a parent; its target is that parent."""
