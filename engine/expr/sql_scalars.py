"""Literals, columns and single values in SQL; on SQLite what has no native form becomes a program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    true,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from engine.expr import build, sql_dates, sql_numbers
from engine.expr.functions.base import Column, Function, function_of
from engine.expr.moments import microseconds
from engine.expr.numbers import KEPT, LIMIT, plain
from engine.expr.sql_programs import decoder, instant_text, register
from engine.expr.sql_values import NotPushable, Sql, SqlResolver
from engine.expr.tree import Call, Const, Lambda, Let, Node, Path, const, is_rows, rebuild, slots
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, TEXT, Choice, ListType, NumberType
from engine.expr.values import Env

POSTGRESQL_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "choice": Text(),
    "record": Text(),
    "null": Text(),
    "number": Numeric(asdecimal=True),
    "boolean": Boolean(),
    "date": Date(),
    "datetime": DateTime(timezone=True),
    "duration": BigInteger(),
}
_TOTALS = frozenset({"SUM", "MIN", "MAX", "COUNT", "AVERAGE", "COUNTALL", "EXISTS", "ALL", "FIRST", "LAST", "IN"})
_KEEPING = frozenset({"FILTER", "MAP"})


def over_rows(node: Node) -> bool:
    """Say whether a list comes from rows of a table (rather than from one value)."""
    while isinstance(node, Call) and node.name in _KEEPING:
        node = node.args[0]
    if isinstance(node, Call):
        return function_of(node).rows is not None
    return isinstance(node, Path) and is_rows(node)


def any_of(conditions: Sequence[Column | None]) -> Column | None:
    """Return the disjunction of the conditions there are."""
    found = [condition for condition in conditions if condition is not None]
    return or_(*found) if len(found) > 1 else found[0] if found else None


class Scalars(ABC):
    """State of one compilation and everything about single values."""

    def __init__(self, resolver: SqlResolver, dialect: str, env: Env):
        self.resolver = resolver
        self.dialect = dialect
        self.env = env
        self.native = dialect == "postgresql"
        self.rows: dict[int, tuple[SqlResolver, tuple[str, ...]]] = {}
        self.items: dict[int, Sql] = {}

    @abstractmethod
    def compile(self, node: Node) -> Sql:
        """Return a node's value and guard. Raises :class:`NotPushable`."""

    @abstractmethod
    def any_item(self, node: Node) -> Column:
        """Return SQL that says whether a list has an item."""

    @abstractmethod
    def total(self, node: Call) -> Sql:
        """Return a total over a list."""

    @abstractmethod
    def listed(self, node: Node) -> Sql:
        """Return the items of a list of values that comes from rows as a JSON array (SQLite)."""

    def zone(self) -> Column:
        """Return the application zone as a parameter."""
        return literal(self.env.zone.key, Text())

    def on_clocks(self, moment: Sql, node: Node) -> Sql:
        """Return an instant with the error of one whose clocks show no year from 1 to 9999; stored ones show one."""
        if node.type.kind != "datetime" or not node.may_error:
            return moment
        return Sql(moment.value, any_of([moment.guard, sql_dates.beyond_clocks(moment.value, self.env.zone)]))

    # -- leaves ----------------------------------------------------------------------------------------------------

    def constant(self, node: Const) -> Column:
        """Return a constant as a bound parameter of its type."""
        value, kind = node.value, node.type.kind
        if value is None:
            return cast(null(), POSTGRESQL_TYPES[kind]) if self.native else null()
        if kind == "boolean":
            return true() if value else false()
        if self.native:
            return literal(microseconds(value) if kind == "duration" else value, POSTGRESQL_TYPES[kind])
        if kind == "number":
            return literal(plain(value), Text())
        if isinstance(value, datetime):
            return literal(instant_text(value), Text())
        if kind == "date":
            return literal(value.isoformat(), Text())
        return literal(microseconds(value) if kind == "duration" else value)

    def column(self, node: Path) -> Column:
        """Return the stored column of a path."""
        if isinstance(node.root, int):
            return self._row_column(node.root, node)
        if node.root != "":
            raise NotPushable(f"{node.root} is not in the database")
        return self.resolver.column(node.ids)

    def _row_column(self, slot: int, node: Path) -> Column:
        resolver, prefix = self.rows[slot]
        ids = (*prefix, *node.ids)
        return resolver.column(ids or ("sys_id",))

    def path(self, node: Path) -> Sql:
        """Return the value of a path."""
        if isinstance(node.root, int) and node.root in self.items and not node.ids:
            return self.items[node.root]
        if is_rows(node):
            raise NotPushable("rows are no single value")
        column = self.column(node)
        kind = node.type.kind
        if isinstance(node.type, NumberType):
            return Sql(self._number(column, node.type.scale))
        if kind == "boolean":
            return Sql(self._boolean(column, node.nullable))
        typed = self.native and kind != "list"
        return Sql(type_coerce(column, POSTGRESQL_TYPES.get(kind, Text())) if typed else column)

    def _number(self, column: Column, scale: int | None) -> Column:
        if scale is None:
            return sql_numbers.numeric(column) if self.native else column
        if self.native:
            return sql_numbers.scaled(type_coerce(column, BigInteger()), scale)
        return func.dg_number(type_coerce(column, Integer()), scale, type_=Text)

    def _boolean(self, column: Column, nullable: bool) -> Column:
        typed: Column = type_coerce(column, Boolean()) if self.native else type_coerce(column, Integer()) == 1
        return typed if nullable else func.coalesce(typed, false(), type_=Boolean)

    def stored(self, node: Node) -> tuple[Column, int] | None:
        """Return the scaled integer behind a number and its scale, when it is a plain column."""
        if isinstance(node, Path) and isinstance(node.type, NumberType) and node.type.scale is not None:
            if isinstance(node.root, int) and node.root in self.items:
                return None
            return type_coerce(self.column(node), BigInteger()), node.type.scale
        return None

    # -- values ----------------------------------------------------------------------------------------------------

    def argument(self, node: Node) -> Sql:
        """Return a value as functions and comparisons take it: numbers cut to 12 decimals."""
        made = self.compile(node)
        if not isinstance(node.type, NumberType) or node.facts.scale <= KEPT:
            return made
        if self.native:
            return replace(made, value=sql_numbers.keep12(made.value))
        return replace(made, value=func.dg_kept(made.value, type_=Text))

    def as_stored(self, value: Column, scale: int) -> Column:
        """Return a number as a scaled integer; NULL when it does not fit."""
        if self.native:
            return sql_numbers.as_stored(value, scale)
        return func.dg_scaled(value, scale, type_=BigInteger)

    def guarded(self, value: Column, args: Sequence[Sql], *, own: bool, blanks: Sequence[Node] = ()) -> Sql:
        """Return a value with the errors of its arguments, and with its own: NULL though no argument is."""
        guard = any_of([arg.guard for arg in args])
        if own:
            present = [arg.value.is_not(None) for arg in args]
            mine = and_(value.is_(None), *present)
            guard = any_of([guard, mine])
        return Sql(value, guard)

    def scalar(self, node: Call) -> Sql:
        """Return a call that is neither logic nor a total."""
        function = function_of(node)
        if callable(function.sql) and self.native:
            return function.sql(self, node)
        if not self.native:
            if isinstance(function.sqlite, str):
                raise NotPushable(function.sqlite)
            return self.program(node)
        if not callable(function.postgresql):
            reason = function.postgresql
            raise NotPushable(reason if isinstance(reason, str) else f"{function.name} has no database form")
        return self._built(function, function.postgresql, node)

    def _built(self, function: Function, build: Any, node: Call) -> Sql:
        args = [self.compile(arg) if function.raw_numbers else self.argument(arg) for arg in node.args]
        values = [arg.value for arg in args]
        if function.blank == "text":
            values = [self._as_text(arg, one) for arg, one in zip(args, node.args, strict=True)]
        value = build(*values)
        if function.extra.get("round") and sum(arg.facts.scale for arg in node.args) > node.facts.scale:
            value = sql_numbers.keep20(value)
        if function.extra.get("bounded") and node.facts.bound >= LIMIT:
            value = sql_numbers.clamp(value)
        if node.type.kind == "text" and function.blank == "text":
            value = func.nullif(value, "", type_=Text)
        guard = any_of([arg.guard for arg in args])
        if self._fails_itself(function, node.args):
            own = self._own_guard(function, value, values, node.args)
            guard = any_of([guard, own])
            value = case((own, null()), else_=value) if function.extra.get("guards_value") else value
        return Sql(type_coerce(value, POSTGRESQL_TYPES[node.type.kind]), guard)

    def _fails_itself(self, function: Function, args: Sequence[Node]) -> bool:
        return bool(function.errors) and (function.fails is None or function.fails(args))

    def _as_text(self, made: Sql, node: Node) -> Column:
        """Text functions read blank text as empty; an error stays NULL."""
        if node.type.kind not in ("text", "null") or not (node.nullable or node.may_error):
            return made.value
        filled: Column = func.coalesce(made.value, "", type_=Text)
        return filled if made.guard is None else case((made.guard, null()), else_=filled)

    def _own_guard(self, function: Function, value: Column, values: list[Column], nodes: Sequence[Node]) -> Column:
        present = [
            one.is_not(None)
            for one, node in zip(values, nodes, strict=True)
            if (node.nullable or node.may_error) and not (function.blank == "text" and node.type.kind == "text")
        ]
        failed = function.guard(*values) if function.guard else value.is_(None)
        return and_(failed, *present) if present else failed

    # -- text ------------------------------------------------------------------------------------------------------

    def ordered(self, value: Column, node: Node) -> Column:
        """Return a value as it sorts in the language: text by code point."""
        return collate(value, "C") if self.native and node.type.kind in ("text", "choice", "record") else value

    def label(self, node: Call) -> Sql:
        """Return the label of an option."""
        choice, language = node.args
        made = self.compile(choice)
        if not isinstance(choice.type, Choice) or not isinstance(language, Const):
            raise TypeError(node)
        names = choice.type.labels(language.value)
        pairs = [(made.value == option, literal(label, Text())) for option, label in names.items()]
        return replace(made, value=case(*pairs, else_=null()) if pairs else self.constant(const(None, TEXT, node.span)))

    def text(self, node: Call) -> Sql:
        """Return the canonical text of a value."""
        source = node.args[0]
        made = self.argument(source)
        kind = source.type.kind
        if kind == "number":
            value = sql_numbers.plain(made.value)
        elif kind == "boolean":
            value = case((made.value, "TRUE"), (not_(made.value), "FALSE"), else_=null())
        elif kind == "date":
            value = sql_dates.iso_date(made.value)
        elif kind == "datetime":
            value = sql_dates.iso_time(made.value, self.zone())
            made = self.on_clocks(made, source)
        elif kind == "duration":
            value = sql_dates.duration_text(made.value)
        else:
            value = made.value
        return Sql(type_coerce(value, Text()), made.guard)

    def text_predicate(self, node: Call) -> Column | None:
        """SQLite's own functions where they mean the same: a stored text and a written part."""
        text, part = node.args
        if not isinstance(text, Path) or not isinstance(part, Const) or not part.value or text.type.kind != "text":
            return None
        column, wanted = self.path(text).value, literal(part.value, Text())
        length = len(part.value)
        if node.name == "CONTAINS":
            return func.instr(column, wanted) > 0
        start = 1 if node.name == "STARTSWITH" else -length
        return func.substr(column, start, length) == wanted

    # -- programs --------------------------------------------------------------------------------------------------

    def program(self, node: Node) -> Sql:
        """Return a part of the expression as one call of a registered function of its columns."""
        builder = _Leaves(self, slots(node))
        tree = builder.node(node)
        token = register(tree, builder.first, builder.kinds, builder.decoders, self.env.zone, self.env.outside)
        args = [literal(token, Integer()), *builder.columns]
        kind = node.type.kind
        value = func.dg_call(*args, type_=Boolean if kind == "boolean" else Text)
        fails = func.dg_fails(*args, type_=Boolean) if node.may_error else None
        return Sql(value, fails)


class _Leaves:
    """Replaces what a program reads from the database by slots, and collects the columns in order."""

    def __init__(self, compiler: Scalars, first: int):
        self.compiler = compiler
        self.first = first
        self.columns: list[Column] = []
        self.kinds: list[str] = []
        self.decoders: list[Any] = []
        self.inner: set[int] = set()
        self.known: dict[Path, Path] = {}

    def node(self, node: Node) -> Node:
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Call) and node.name in _TOTALS and any(over_rows(arg) for arg in node.args):
            return self._total(node)
        if isinstance(node, Call) and function_of(node).query is not None:
            return self._total(node)
        if isinstance(node.type, ListType) and over_rows(node):
            made = self.compiler.listed(node)
            return self._failing(self._leaf(node, made.value), made)
        if isinstance(node, Lambda | Let):
            self.inner.add(node.slot)
        return rebuild(node, self.node)

    def _path(self, node: Path) -> Node:
        if isinstance(node.root, int) and node.root in self.inner:
            return node
        if node in self.known:
            return self.known[node]
        stored = self.compiler.stored(node)
        if stored is not None:
            self.known[node] = self._leaf(node, stored[0], stored[1])
            return self.known[node]
        made = self.compiler.path(node)
        leaf = self._leaf(node, made.value)
        if made.guard is None:
            self.known[node] = leaf
        return self._failing(leaf, made)

    def _total(self, node: Call) -> Node:
        made = self.compiler.compile(node)
        return self._failing(self._leaf(node, made.value), made)

    def _leaf(self, node: Node, column: Column, scale: int | None = None) -> Path:
        kind, decode = decoder(node.type, scale)
        self.columns.append(column)
        self.kinds.append(kind)
        self.decoders.append(decode)
        slot = self.first + len(self.columns) - 1
        leaf = path_node(slot, (), node.type, node.span, nullable=True)
        return replace(leaf, facts=replace(leaf.facts, scale=node.facts.scale, bound=node.facts.bound))

    def _failing(self, leaf: Path, made: Sql) -> Node:
        """Hand an error of a leaf on: the program raises when the guard column is true."""
        if made.guard is None:
            return leaf
        self.columns.append(made.guard)
        self.kinds.append("boolean")
        self.decoders.append(bool)
        slot = self.first + len(self.columns) - 1
        flag = path_node(slot, (), BOOLEAN, leaf.span, nullable=False)
        return build.unfolded("FAILIF", [flag, leaf], leaf.span)
