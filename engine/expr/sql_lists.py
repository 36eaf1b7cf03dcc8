"""Lists in SQL: rows of to-many links (and JSON lists in a column) as correlated scalar subqueries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, FromClause, Integer, Text, and_, case, cast, collate, false, func, null, select, true
from sqlalchemy.dialects.postgresql import JSONB

from engine.expr import sql_numbers
from engine.expr.functions.base import Column, function_of
from engine.expr.numbers import LIMIT
from engine.expr.sql_logic import Logic
from engine.expr.sql_programs import FAILED
from engine.expr.sql_scalars import any_of
from engine.expr.sql_values import NotPushable, RowSource, Sql, SqlResolver
from engine.expr.tree import Call, Items, Lambda, Node, Path, is_rows
from engine.expr.types import ListType, NumberType, RecordType, Type

_SQLITE_TOTALS = {"SUM": "dg_sum", "AVERAGE": "dg_average", "MIN": "dg_least", "MAX": "dg_greatest"}


@dataclass(slots=True)
class Stream:
    """Rows of a subquery. The item is either a record (``record`` and a path from it) or a value.

    ``failures`` are (conditions so far, guard): the list is an error when a row meets both; ``guard`` makes it one
    whatever the rows are.
    """

    from_: list[FromClause]
    where: list[Column]
    type: Type
    value: Sql | None = None
    stored: tuple[Column, int] | None = None
    record: tuple[SqlResolver, tuple[str, ...]] | None = None
    order: list[Column] = field(default_factory=list)
    failures: list[tuple[list[Column], Column]] = field(default_factory=list)
    guard: Column | None = None


class Lists(Logic):
    """Totals, picks and tests over lists."""

    def stream(self, node: Node) -> Stream:
        """Return the rows behind a list."""
        if isinstance(node, Path) and is_rows(node):
            return self._rows(node)
        if isinstance(node, Path) and isinstance(node.type, ListType):
            return self._json(node, node.type.item)
        if isinstance(node, Call) and node.name == "FILTER":
            return self._filtered(node)
        if isinstance(node, Call) and node.name == "MAP":
            return self._mapped(node)
        if isinstance(node, Call) and (rows := function_of(node).rows) is not None:
            found: Stream = rows(self, node)
            return found
        raise NotPushable("this list does not come from the database")

    def _rows(self, node: Path) -> Stream:
        if isinstance(node.root, int):
            resolver, prefix = self.rows[node.root]
            source: RowSource = resolver.rows((*prefix, *node.ids))
        elif node.root == "":
            source = self.resolver.rows(node.ids)
        else:
            raise NotPushable(f"{node.root} is not in the database")
        item = node.type.item if isinstance(node.type, ListType) else node.type
        return Stream([source.from_], [source.on], item, record=(source.resolver, ()), order=list(source.order))

    def _json(self, node: Path, item: Type) -> Stream:
        if item.kind not in ("text", "choice", "record"):
            raise NotPushable("a list of numbers or dates in one field is not read by the database")
        column = self.column(node)
        if self.native:
            source: Any = func.jsonb_array_elements_text(cast(column, JSONB)).table_valued("value").render_derived()
        else:
            source = func.json_each(column).table_valued("value")
        return Stream([source], [true()], item, value=Sql(cast(source.c.value, Text)))

    def _bind_item(self, stream: Stream, made: Node) -> Lambda:
        if not isinstance(made, Lambda):
            raise TypeError(made)
        if stream.record is not None:
            self.rows[made.slot] = stream.record
        elif stream.value is not None:
            self.items[made.slot] = stream.value
        return made

    def _filtered(self, node: Call) -> Stream:
        stream = self.stream(node.args[0])
        made = self._bind_item(stream, node.args[1])
        if made.body.may_error:
            guard = self.compile(made.body).guard
            if guard is not None:
                stream.failures.append((list(stream.where), guard))
        stream.where.append(self.true(made.body))
        return stream

    def _mapped(self, node: Call) -> Stream:
        outer = self.stream(node.args[0])
        made = self._bind_item(outer, node.args[1])
        body = made.body
        if isinstance(body.type, ListType):
            inner = self.stream(body)
            if inner.guard is not None:
                inner.failures.append(([], inner.guard))
            inner.guard = outer.guard
            inner.failures = outer.failures + [([*outer.where, *where], guard) for where, guard in inner.failures]
            inner.from_ = outer.from_ + inner.from_
            inner.where = outer.where + inner.where
            inner.order = outer.order + inner.order
            return inner
        if isinstance(body, Path) and isinstance(body.type, RecordType) and body.root in self.rows:
            resolver, prefix = self.rows[int(body.root)]
            ids = (*prefix, *body.ids)
            value = Sql(resolver.column(ids or ("sys_id",)))
            return Stream(
                outer.from_,
                outer.where,
                body.type,
                value,
                None,
                (resolver, ids),
                outer.order,
                outer.failures,
                outer.guard,
            )
        value = self.argument(body)
        failures = list(outer.failures)
        if value.guard is not None:
            failures.append((list(outer.where), value.guard))
        stored = self.stored(body)
        made_of = Sql(value.value)
        return Stream(outer.from_, outer.where, body.type, made_of, stored, None, outer.order, failures, outer.guard)

    def listed(self, node: Node) -> Sql:
        """Return the items of a list of values as a JSON array, in order (SQLite)."""
        stream = self.stream(node)
        if stream.value is None:
            raise NotPushable("records are put together by the application")
        rows = self.select_from(stream, stream.value.value.label("item")).order_by(*stream.order).subquery()
        found = select(func.json_group_array(rows.c.item, type_=Text())).select_from(rows).correlate_except(rows)
        return Sql(found.scalar_subquery(), self.failed(stream))

    def in_order(self, stream: Stream) -> Column:
        """Return the value of an item as it sorts in the language: text by code point."""
        value = self.item_value(stream)
        return collate(value, "C") if self.native and stream.type.kind in ("text", "choice", "record") else value

    # -- subqueries ------------------------------------------------------------------------------------------------

    def select_from(self, stream: Stream, what: Column, *more: Column) -> Any:
        """Return a select over the rows of a list."""
        found = select(what).select_from(*stream.from_).where(and_(*stream.where, *more))
        return found.correlate_except(*stream.from_)

    def _one(self, stream: Stream, what: Column) -> Column:
        """Return a scalar subquery over the rows."""
        found: Column = self.select_from(stream, what).scalar_subquery()
        return found

    def _some(self, stream: Stream, *more: Column) -> Column:
        """Return whether there is a row."""
        found: Column = self.select_from(stream, cast(1, Integer), *more).exists()
        return found

    def failed(self, stream: Stream) -> Column | None:
        """Return the condition that some row of the list is an error."""
        checks = [] if stream.guard is None else [stream.guard]
        for where, guard in stream.failures:
            some = select(1).select_from(*stream.from_).where(and_(*where, guard)).correlate_except(*stream.from_)
            checks.append(some.exists())
        return any_of(checks)

    def _finished(self, value: Column, guard: Column | None) -> Sql:
        return self._nulled(value, guard)

    def any_item(self, node: Node) -> Column:
        """Return whether a list has an item."""
        if isinstance(node, Items):
            return true() if node.items else false()
        return self._some(self.stream(node))

    def total(self, node: Call) -> Sql:
        """Return a total, pick or test over one list."""
        if node.name == "IN":
            return self._contains(node)
        source = node.args[0]
        if isinstance(source, Items) or not isinstance(source.type, ListType):
            return self._scalar_total(node)
        if node.name in ("EXISTS", "ALL"):
            return self._some_or_all(node)
        stream = self.stream(source)
        if node.name in ("FIRST", "LAST"):
            return self._pick(node, stream)
        if node.name in ("COUNT", "COUNTALL"):
            return self._count(node, stream)
        return self._aggregate(node, stream)

    def _count(self, node: Call, stream: Stream) -> Sql:
        whole = node.name == "COUNTALL" or stream.record is not None or stream.value is None
        what = func.count() if whole or stream.value is None else func.count(stream.value.value)
        count = self._one(stream, what)
        value = sql_numbers.numeric(cast(count, sql_numbers.NUMERIC)) if self.native else count
        return self._finished(value, self.failed(stream))

    def _aggregate(self, node: Call, stream: Stream) -> Sql:
        if stream.value is None:
            raise NotPushable("records have no total")
        failed = self.failed(stream)
        if isinstance(stream.type, NumberType) or stream.type.kind == "null":
            value = self._number_total(node, stream)
        else:
            what = stream.value.value
            if self.native and stream.type.kind == "text":
                what = collate(what, "C")
            value = self._one(stream, func.min(what) if node.name == "MIN" else func.max(what))
        if node.name in ("SUM", "AVERAGE"):
            failed = any_of([failed, self._overflowed(node, stream, value)])
        if not self.native and node.name in ("SUM", "AVERAGE"):
            value = func.nullif(value, FAILED, type_=Text)
            if node.name == "SUM":  # nothing to add up gives 0, an overflow NULL
                value = func.coalesce(value, case((_or_false(failed), null()), else_="0"), type_=Text)
        return self._finished(value, failed)

    def _overflowed(self, node: Call, stream: Stream, value: Column) -> Column:
        if not self.native:
            return func.coalesce(value, "") == FAILED
        if node.name == "SUM" or stream.value is None:
            return value.is_(None)
        some = self._some(stream, stream.value.value.is_not(None))
        return and_(value.is_(None), some)

    def _number_total(self, node: Call, stream: Stream) -> Column:
        what = stream.value.value if stream.value is not None else null()
        if not self.native:
            args = stream.stored if stream.stored is not None else (what, -1)
            total = getattr(func, _SQLITE_TOTALS[node.name])(*args, type_=Text)
            return self._one(stream, total)
        if node.name == "SUM":
            return sql_numbers.clamp(self._one(stream, func.coalesce(func.sum(what), sql_numbers.ZERO)))
        if node.name == "AVERAGE":
            mean = sql_numbers.divide(sql_numbers.clamp(func.sum(what)), cast(func.count(what), sql_numbers.NUMERIC))
            return sql_numbers.numeric(self._one(stream, mean))
        chosen = func.min(what) if node.name == "MIN" else func.max(what)
        return sql_numbers.numeric(self._one(stream, chosen))

    def _pick(self, node: Call, stream: Stream) -> Sql:
        if stream.record is not None and stream.value is None:
            resolver, prefix = stream.record
            what = resolver.column(prefix or ("sys_id",))
        elif stream.value is not None:
            what = stream.value.value
        else:
            raise NotPushable("this item has no value")
        order = [column.desc() for column in stream.order] if node.name == "LAST" else stream.order
        found = self.select_from(stream, what).order_by(*order).limit(1).scalar_subquery()
        return self._finished(found, self.failed(stream))

    def _some_or_all(self, node: Call) -> Sql:
        stream = self.stream(node.args[0])
        made = self._bind_item(stream, node.args[1])
        holds = self.true(made.body)
        guard = self.compile(made.body).guard if made.body.may_error else None
        failing = None if guard is None else self._some(stream, guard)
        if node.name == "EXISTS":
            value = self._some(stream, holds)
            return self._decided(value, stream, failing, by=value)
        counter = func.coalesce(holds, false(), type_=Boolean)
        misses = ~counter if guard is None else and_(~counter, ~func.coalesce(guard, false(), type_=Boolean))
        missed = self._some(stream, misses)
        return self._decided(~missed, stream, failing, by=missed)

    def _decided(self, value: Column, stream: Stream, failing: Column | None, *, by: Column) -> Sql:
        """An error of the condition in some row counts only when no row decides; one of the list always does."""
        own = None if failing is None else and_(failing, ~by)
        return self._finished(value, any_of([self.failed(stream), own]))

    def _contains(self, node: Call) -> Sql:
        wanted, source = node.args
        stream = self.stream(source)
        item = self.item_value(stream)
        made = self.argument(wanted)
        if isinstance(stream.type, NumberType) and not self.native:
            raise NotPushable("numbers in rows are compared one by one")
        same = item == made.value
        if self.may_be_null(wanted):
            same = item.is_not_distinct_from(made.value)
        found = self._some(stream, same)
        return self._finished(found, any_of([made.guard, self.failed(stream)]))

    def item_value(self, stream: Stream) -> Column:
        """Return what stands for one item of a list: its value, or the id of its record."""
        if stream.value is not None:
            return stream.value.value
        if stream.record is None:
            raise NotPushable("this item has no value")
        resolver, prefix = stream.record
        return resolver.column(prefix or ("sys_id",))

    # -- totals over values written out ----------------------------------------------------------------------------

    def _scalar_total(self, node: Call) -> Sql:
        nodes = _values(node.args)
        if node.name not in ("SUM", "MIN", "MAX", "COUNT", "AVERAGE"):
            raise NotPushable(f"{node.name} of a written list")
        parts = [self.argument(part) for part in nodes]
        guard = any_of([part.guard for part in parts])
        if not parts:
            empty = sql_numbers.ZERO if node.name in ("SUM", "COUNT") else cast(null(), sql_numbers.NUMERIC)
            return Sql(empty, guard)
        if node.name in ("MIN", "MAX"):
            values = [self.ordered(part.value, one) for part, one in zip(parts, nodes, strict=True)]
            chosen = func.least(*values) if node.name == "MIN" else func.greatest(*values)
            return self._finished(chosen, guard)
        count = _added([case((part.value.is_not(None), 1), else_=0) for part in parts])
        if node.name == "COUNT":
            return self._finished(sql_numbers.numeric(cast(count, sql_numbers.NUMERIC)), guard)
        total = _added([func.coalesce(part.value, sql_numbers.ZERO) for part in parts])
        total = sql_numbers.clamp(total) if node.facts.bound >= LIMIT else total
        if node.name == "SUM":
            return self._finished(total, any_of([guard, total.is_(None)]))
        mean = sql_numbers.divide(total, cast(count, sql_numbers.NUMERIC))
        return self._finished(mean, any_of([guard, total.is_(None)]))


def _or_false(condition: Column | None) -> Column:
    return false() if condition is None else condition


def _values(args: Sequence[Node]) -> list[Node]:
    return [part for arg in args for part in (arg.items if isinstance(arg, Items) else (arg,))]


def _added(parts: Sequence[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
