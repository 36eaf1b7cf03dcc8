"""The bound, typed tree every back end reads: seven kinds of node, frozen, names replaced by field ids.

Operators are calls too (``+``, ``=``, ``AND`` ...), so that a back end is a table. Each node carries what the checks
found out about it; the constructors at the end compute that from the children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.expr.numbers import KEPT, LIMIT, WIDEST, ZERO, plain
from engine.expr.types import ANY, BOOLEAN, ListType, NumberType, RecordType, Type
from engine.expr.values import Value

Span = tuple[int, int]
Ids = tuple[str, ...]
DIALECTS = frozenset({"sqlite", "postgresql"})
_INT64 = Decimal(2**63)
_UNSCALED_COLUMN = KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a node without running it.

    ``deps`` are the field paths it reads (from the record; ``old`` from its earlier state), ``uses`` the parts of the
    environment (NOW, ZONE, USER, OLD, PARAM, APP, and RECORDS, ORG, CALENDAR, CHANCE outside it). ``scans`` are the
    field paths read from records of other entities that were looked up, each with its entity. ``scale`` and ``bound``
    are the most decimals and the largest magnitude a number can have. ``pushable`` names the SQL dialects that can
    compute it whole.
    """

    nullable: bool = True
    may_error: bool = False
    volatile: bool = False
    deps: frozenset[Ids] = frozenset()
    old: frozenset[Ids] = frozenset()
    scans: frozenset[tuple[str, Ids]] = frozenset()
    uses: frozenset[str] = frozenset()
    pushable: frozenset[str] = DIALECTS
    scale: int = KEPT
    bound: Decimal = LIMIT
    size: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    type: Type
    span: Span = field(compare=False)
    facts: Facts = field(compare=False, repr=False)

    @property
    def nullable(self) -> bool:
        return self.facts.nullable

    @property
    def may_error(self) -> bool:
        return self.facts.may_error

    @property
    def volatile(self) -> bool:
        """Whether the value changes with the clock or by chance; such a formula is never stored."""
        return self.facts.volatile

    @property
    def deps(self) -> frozenset[Ids]:
        """Field paths the value depends on, each a tuple of field ids from the record outwards."""
        return self.facts.deps

    @property
    def pushable(self) -> frozenset[str]:
        """SQL dialects that can compute the whole of it."""
        return self.facts.pushable

    def children(self) -> tuple[Node, ...]:
        return ()

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below, parents first."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children()))


Tree = Node


@dataclass(frozen=True, slots=True)
class Const(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A value found by following fields from ``root``: "" the record, OLD, USER, PARAM, APP, or a variable's slot.

    All hops but the last are to-one; the last may be a list (a to-many link or a field that holds many values).
    """

    root: str | int
    ids: Ids


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    args: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    """A function of the item in ``slot``; stands only as an argument of a function over lists."""

    slot: int
    body: Node

    def children(self) -> tuple[Node, ...]:
        return (self.body,)


@dataclass(frozen=True, slots=True)
class Items(Node):
    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Let(Node):
    """``body`` with the value of ``value`` in ``slot``."""

    slot: int
    value: Node
    body: Node

    def children(self) -> tuple[Node, ...]:
        return (self.value, self.body)


# -- facts ------------------------------------------------------------------------------------------------------


def number_scale(type_: Type) -> int:
    """Return the most decimals a value of a number type has."""
    scale = type_.scale if isinstance(type_, NumberType) else None
    return KEPT if scale is None else scale


def column_bound(type_: Type) -> Decimal:
    """Return the largest magnitude of a stored number: a 64-bit integer, scaled."""
    scale = type_.scale if isinstance(type_, NumberType) else None
    return LIMIT if scale is None else min(LIMIT, _INT64.scaleb(-scale))


def const(value: Value, type_: Type, span: Span = (0, 0)) -> Const:
    """Return a constant. Empty text is blank."""
    if value == "" and isinstance(value, str):
        value = None
    facts = Facts(nullable=value is None)
    if isinstance(value, Decimal):
        value = Decimal(plain(value))
        exponent = value.as_tuple().exponent
        scale = max(0, -exponent) if isinstance(exponent, int) else KEPT
        facts = Facts(nullable=False, scale=scale, bound=value.copy_abs())
    elif isinstance(type_, NumberType):
        facts = Facts(scale=0, bound=ZERO)
    return Const(type_, span, facts, value)


def path(
    root: str | int,
    ids: Ids,
    type_: Type,
    span: Span = (0, 0),
    *,
    nullable: bool = True,
    deps: frozenset[Ids] | None = None,
    scans: frozenset[tuple[str, Ids]] = frozenset(),
) -> Path:
    """Return a path. ``deps`` and ``scans`` are given for one from a variable: only the binder knows its origin."""
    uses = frozenset({root}) if isinstance(root, str) and root else frozenset[str]()
    reads = frozenset({ids}) if root in ("", "OLD") and deps is None else deps or frozenset()
    facts = Facts(
        nullable=nullable and not isinstance(type_, ListType),
        deps=frozenset() if root == "OLD" else reads,
        old=reads if root == "OLD" else frozenset(),
        scans=scans,
        uses=uses,
        pushable=frozenset() if root == "OLD" else DIALECTS,
        scale=number_scale(type_),
        bound=column_bound(type_),
    )
    return Path(type_, span, facts, root, ids)


def merged(nodes: tuple[Node, ...]) -> Facts:
    """Return what a node has from its children."""
    if len(nodes) == 1:
        return replace(nodes[0].facts, size=nodes[0].facts.size + 1)
    deps: set[Ids] = set()
    old: set[Ids] = set()
    scans: set[tuple[str, Ids]] = set()
    uses: set[str] = set()
    pushable = DIALECTS
    for node in nodes:
        facts = node.facts
        deps |= facts.deps
        old |= facts.old
        scans |= facts.scans
        uses |= facts.uses
        pushable &= facts.pushable
    return Facts(
        nullable=any(node.facts.nullable for node in nodes),
        may_error=any(node.facts.may_error for node in nodes),
        volatile=any(node.facts.volatile for node in nodes),
        deps=frozenset(deps),
        old=frozenset(old),
        scans=frozenset(scans),
        uses=frozenset(uses),
        pushable=pushable,
        size=1 + sum(node.facts.size for node in nodes),
    )


def items(nodes: tuple[Node, ...], item: Type, span: Span = (0, 0)) -> Items:
    """Return a list written out."""
    return Items(ListType(item), span, replace(merged(nodes), nullable=False), nodes)


def function(slot: int, body: Node, span: Span = (0, 0)) -> Lambda:
    """Return a function of one item."""
    return Lambda(body.type, span, body.facts, slot, body)


def let(slot: int, value: Node, body: Node, span: Span = (0, 0)) -> Let:
    """Return a body with a named value."""
    facts = replace(merged((value, body)), nullable=body.nullable, scale=body.facts.scale, bound=body.facts.bound)
    return Let(body.type, span, facts, slot, value, body)


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with every child replaced by ``change(child)``; facts are kept as they are."""
    if isinstance(node, Call):
        return replace(node, args=tuple(change(arg) for arg in node.args))
    if isinstance(node, Items):
        return replace(node, items=tuple(change(item) for item in node.items))
    if isinstance(node, Lambda):
        return replace(node, body=change(node.body))
    if isinstance(node, Let):
        return replace(node, value=change(node.value), body=change(node.body))
    return node


def blank(type_: Type, span: Span = (0, 0)) -> Node:
    """Return the blank of a type; a list is never blank, only empty."""
    return items((), type_.item, span) if isinstance(type_, ListType) else const(None, type_, span)


def retyped(node: Node, wanted: Type) -> Node:
    """Return a node that only gives NULL as one of a type; parts of other types (conditions) stay."""
    if node.type != ANY:
        return node
    if isinstance(node, Const):
        return blank(wanted, node.span)
    facts = replace(node.facts, nullable=node.nullable and not isinstance(wanted, ListType))
    return replace(rebuild(node, lambda child: retyped(child, wanted)), type=wanted, facts=facts)


def slots(node: Node) -> int:
    """Return how many variable slots a tree needs."""
    used = [part.slot for part in node.walk() if isinstance(part, Lambda | Let)]
    return max(used, default=-1) + 1


def is_rows(node: Node) -> bool:
    """Say whether a node is a list of records."""
    return isinstance(node.type, ListType) and isinstance(node.type.item, RecordType)


def is_boolean(node: Node) -> bool:
    return node.type == BOOLEAN


def top_bound(value: Decimal) -> Decimal:
    """Return a computed bound, capped where a larger number is an error anyway."""
    return min(value, WIDEST)


def free_slots(node: Node) -> frozenset[int]:
    """Return the variables a part reads that are bound outside it."""
    found = frozenset({node.root}) if isinstance(node, Path) and isinstance(node.root, int) else frozenset[int]()
    for child in node.children():
        found |= free_slots(child)
    return found - {node.slot} if isinstance(node, Lambda | Let) else found
