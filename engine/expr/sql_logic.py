"""Conditions in SQL.

A condition is asked in two ways: :meth:`Logic.true` gives SQL that holds exactly where the condition is TRUE (it may
be NULL elsewhere, which WHERE reads as no), :meth:`Logic.false` where it is FALSE. So ``stage = "won"`` stays
``col = :x``, which an index serves, and NOT of something blank or failing holds nowhere. Only where TRUE, FALSE and
blank must be told apart is a value compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    true,
)
from sqlalchemy.sql.elements import Grouping

from engine.expr import build
from engine.expr.functions.base import Column
from engine.expr.numbers import CONTEXT, keep12
from engine.expr.sql_scalars import Scalars, any_of, over_rows
from engine.expr.sql_values import NotPushable, Sql
from engine.expr.tree import Call, Const, Items, Node
from engine.expr.types import ListType

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_INT64 = 2**63
_PREDICATES = frozenset({"CONTAINS", "STARTSWITH", "ENDSWITH"})


class Logic(Scalars):
    """Comparison, AND/OR/NOT, IF, blanks and errors."""

    # -- where it is TRUE, where it is FALSE -----------------------------------------------------------------------

    def true(self, node: Node) -> Column:
        """Return SQL that holds exactly where the condition is TRUE."""
        return self._holds(node, True)

    def false(self, node: Node) -> Column:
        """Return SQL that holds exactly where the condition is FALSE."""
        return self._holds(node, False)

    def _holds(self, node: Node, wanted: bool) -> Column:
        if isinstance(node, Const):
            return true() if node.value is wanted else false()
        if isinstance(node, Call):
            if node.name in ("AND", "OR"):
                parts = [self._holds(arg, wanted) for arg in node.args]
                return and_(*parts) if (node.name == "AND") is wanted else or_(*parts)
            if node.name == "NOT":
                return self._holds(node.args[0], not wanted)
            if node.name in _COMPARISONS:
                return self._compared(node, node.name if wanted else _OPPOSITE[node.name])
            if node.name == "IN":
                return self._member(node, wanted)
            if node.name == "ISBLANK":
                return self._blank(node.args[0], wanted)
            if node.name in _PREDICATES and wanted and not self.native:
                found = self.text_predicate(node)
                if found is not None:
                    return found
        made = self.compile(node)
        return made.value if wanted else not_(made.value)

    def _safe(self, column: Column, *parts: Sql) -> Column:
        """Deny where an operand is an error."""
        guard = any_of([part.guard for part in parts])
        return column if guard is None else and_(column, not_(func.coalesce(guard, false())))

    def may_be_null(self, node: Node) -> bool:
        """Say whether the column of a node may be NULL."""
        return node.nullable or node.may_error

    def _compared(self, node: Call, op: str) -> Column:
        """Return a comparison that holds where it is TRUE."""
        left, right = node.args
        if isinstance(left, Const) and not isinstance(right, Const):
            left, right, op = right, left, _FLIPPED[op]
        if left.type.kind == "list":
            raise NotPushable("whole lists are not compared in the database")
        if op not in ("=", "<>") and any(isinstance(one, Const) and one.value is None for one in (left, right)):
            return _null_boolean()
        if left.type.kind == "boolean" and right.type.kind == "boolean" and isinstance(right, Const):
            return self._compared_with_flag(left, op, right)
        if left.type.kind == "number":
            stored = self._stored_numbers(left, op, right)
            if stored is not None:
                return stored
            if not self.native:
                made = self.program(node if op == node.name else self._rewritten(node, op))
                return made.value
        a, b = self.argument(left), self.argument(right)
        if op in ("=", "<>"):
            return self._safe_equality(a, b, left, right, op)
        x, y = self.ordered(a.value, left), self.ordered(b.value, right)
        return _ordered(op, x, y)

    def _rewritten(self, node: Call, op: str) -> Node:
        """The program of a comparison asked the other way round."""
        args = list(node.args)
        if isinstance(args[0], Const) and not isinstance(args[1], Const):
            args.reverse()
        return build.unfolded(op, args, node.span)

    def _compared_with_flag(self, left: Node, op: str, right: Const) -> Column:
        if op not in ("=", "<>"):
            raise NotPushable("true and false have no order")
        if right.value is None:
            return self._blank(left, op == "=")
        if op == "=":
            return self._holds(left, right.value)
        held = self._holds(left, right.value)
        return self._safe(not_(func.coalesce(held, false())), self.compile(left))

    def _safe_equality(self, a: Sql, b: Sql, left: Node, right: Node, op: str) -> Column:
        if isinstance(right, Const) and right.value is None:
            return self._blank(left, op == "=")
        one_is_there = not self.may_be_null(left) or not self.may_be_null(right)
        both_are_there = not self.may_be_null(left) and not self.may_be_null(right)
        if op == "=":
            if one_is_there:
                return a.value == b.value
            return self._safe(a.value.is_not_distinct_from(b.value), a, b)
        if both_are_there:
            return a.value != b.value
        return self._safe(a.value.is_distinct_from(b.value), a, b)

    # -- stored numbers --------------------------------------------------------------------------------------------

    def _stored_numbers(self, left: Node, op: str, right: Node) -> Column | None:
        """Compare stored integers as they are, so that an index on the column serves."""
        column = self.stored(left)
        if column is None:
            return None
        if isinstance(right, Const):
            if right.value is None:
                return self._blank(left, op == "=") if op in ("=", "<>") else false()
            return self._with_literal(column[0], op, keep12(right.value), column[1], left)
        other = self.stored(right)
        if other is None or other[1] != column[1]:
            return None
        if op == "=":
            if self.may_be_null(left) and self.may_be_null(right):
                return column[0].is_not_distinct_from(other[0])
            return column[0] == other[0]
        if op == "<>":
            return column[0].is_distinct_from(other[0])
        return _ordered(op, column[0], other[0])

    def _with_literal(self, column: Column, op: str, number: Decimal, scale: int, left: Node) -> Column:
        exact = CONTEXT.scaleb(number, Decimal(scale))
        low, high = int(exact.to_integral_value(ROUND_FLOOR)), int(exact.to_integral_value(ROUND_CEILING))
        if op in ("=", "<>") and (low != high or not -_INT64 <= low < _INT64):
            return false() if op == "=" else true()
        if not -_INT64 <= low < _INT64 or not -_INT64 <= high < _INT64:
            beyond = (op in ("<", "<=")) is (number > 0)
            return case((column.is_(None), null()), else_=true() if beyond else false())
        if low != high:  # no stored number lies between the two: move the bound to the one that decides
            op = op[0] + "="
        bound = literal(low if op[0] == "<" else high, BigInteger())
        if op == "=":
            return column == bound
        if op == "<>":
            return column.is_distinct_from(bound) if self.may_be_null(left) else column != bound
        return _ordered(op, column, bound)

    # -- IN, ISBLANK, text -----------------------------------------------------------------------------------------

    def _member(self, node: Call, wanted: bool) -> Column:
        value, source = node.args
        if isinstance(source, Items):
            return self._among(value, source, wanted)
        made = self.compile(node)
        return made.value if wanted else not_(made.value)

    def _among(self, value: Node, source: Items, wanted: bool) -> Column:
        constants = [item for item in source.items if isinstance(item, Const)]
        simple = value.type.kind != "number" or self.native or self.stored(value) is not None
        if len(constants) < len(source.items) or value.type.kind in ("boolean", "null") or not simple:
            return self._one_by_one(value, source, wanted)
        present = [item for item in constants if item.value is not None]
        holds_blank = len(present) < len(constants)
        made = self.argument(value)
        column, literals = self._comparable_literals(value, present, made.value)
        found: Column = column.in_(literals) if literals else false()
        if wanted:
            return self._safe(or_(found, column.is_(None)), made) if holds_blank else found
        absent: Column = column.not_in(literals) if literals else true()
        if holds_blank:
            return and_(absent, column.is_not(None))
        return self._safe(or_(absent, column.is_(None)), made) if self.may_be_null(value) else absent

    def _comparable_literals(self, value: Node, items: Sequence[Const], column: Column) -> tuple[Column, list[Column]]:
        stored = self.stored(value)
        if stored is None:
            return column, [self.constant(item) for item in items]
        scaled = [CONTEXT.scaleb(keep12(item.value), Decimal(stored[1])) for item in items]
        whole = [int(number) for number in scaled if number == number.to_integral_value()]
        return stored[0], [literal(number, BigInteger()) for number in whole if -_INT64 <= number < _INT64]

    def _one_by_one(self, value: Node, source: Items, wanted: bool) -> Column:
        if not source.items:
            return false() if wanted else true()
        equal = [build.call("=", [value, item], item.span) for item in source.items]
        parts = [self._holds(part, wanted) for part in equal]
        return or_(*parts) if wanted else and_(*parts)

    def _blank(self, node: Node, wanted: bool) -> Column:
        if isinstance(node, Const):
            return true() if (node.value is None) is wanted else false()
        if isinstance(node.type, ListType):
            some = self.any_item(node)
            return not_(some) if wanted else some
        stored = self.stored(node)
        if stored is not None:
            return stored[0].is_(None) if wanted else stored[0].is_not(None)
        made = self.compile(node)
        if wanted:
            return self._safe(made.value.is_(None), made)
        return made.value.is_not(None)

    # -- values ----------------------------------------------------------------------------------------------------

    def logic(self, node: Call) -> Sql | None:
        """Return the value of a call this class knows, or None."""
        name = node.name
        if name in _COMPARISONS:
            return self._comparison_value(node)
        if name in ("AND", "OR"):
            return self._kleene(node)
        if name == "NOT":
            made = self.compile(node.args[0])
            return Sql(negated(made.value), made.guard)
        if name in ("IN", "ISBLANK"):
            return self._two_valued(node)
        if name == "XOR":
            return self._odd(node)
        if not self.native:
            return None
        forms: dict[str, Any] = {
            "IF": self._if,
            "COALESCE": self._coalesce,
            "IFERROR": self._iferror,
            "ISERROR": self._iserror,
            "FAILIF": self._failif,
        }
        form = forms.get(name)
        made_: Sql | None = form(node) if form else None
        return made_

    def _comparison_value(self, node: Call) -> Sql:
        if not self.native and node.args[0].type.kind == "number" and self._stored_numbers(*_split(node)) is None:
            return self.program(node)
        guards = [self.compile(arg).guard for arg in node.args if arg.may_error]
        guard = any_of(guards)
        value = self._compared(node, node.name)
        if node.name in ("=", "<>"):
            value = func.coalesce(value, false() if node.name == "=" else true())
            if node.name == "<>" and not any(self.may_be_null(arg) for arg in node.args):
                value = self._compared(node, node.name)
        elif any(isinstance(arg, Const) and arg.value is None for arg in node.args):
            value = _null_boolean()
        return self._nulled(value, guard)

    def _nulled(self, value: Column, guard: Column | None) -> Sql:
        """Keep the rule that the value of an error is NULL."""
        if guard is None:
            return Sql(value)
        return Sql(case((guard, null()), else_=value), guard)

    def _kleene(self, node: Call) -> Sql:
        parts = [self.compile(arg) for arg in node.args]
        values = [part.value for part in parts]
        value = and_(*values) if node.name == "AND" else or_(*values)
        guard = any_of([part.guard for part in parts])
        if guard is None:
            return Sql(value)
        return Sql(value, and_(guard, value.is_(None)))

    def _two_valued(self, node: Call) -> Sql:
        inner = node.args[0]
        if node.name == "IN" and not isinstance(node.args[1], Items):
            if over_rows(node.args[1]) or self.native:
                return self.total(node)
            return self.program(node)
        if node.name == "ISBLANK" and not self.native and inner.type.kind == "list" and not over_rows(inner):
            return self.program(node)
        if not self.native and inner.type.kind == "number" and self.stored(inner) is None:
            return self.program(node)
        guards = [self.compile(arg).guard for arg in (inner, *_item_nodes(node)) if arg.may_error]
        value = func.coalesce(self._holds(node, True), false())
        return self._nulled(value, any_of(guards))

    def _odd(self, node: Call) -> Sql:
        parts = [self.compile(arg) for arg in node.args]
        ones = [case((part.value, 1), else_=0) for part in parts]
        count: Any = ones[0]
        for one in ones[1:]:
            count = count + one
        return self._nulled(count % 2 == 1, any_of([part.guard for part in parts]))

    def _if(self, node: Call) -> Sql:
        """CASE over conditions; a failing condition fails the whole, an untaken branch never does."""
        conditions = [(self.compile(part), self.true(part)) for part in node.args[:-1:2]]
        results = [self.compile(part) for part in node.args[1::2]]
        otherwise = self.compile(node.args[-1]) if len(node.args) % 2 else None
        values: list[Any] = []
        guards: list[Any] = []
        for (condition, holds), result in zip(conditions, results, strict=True):
            if condition.guard is not None:
                values.append((condition.guard, null()))
                guards.append((condition.guard, true()))
            values.append((holds, result.value))
            guards.append((holds, result.guard if result.guard is not None else false()))
        last = otherwise.value if otherwise else null()
        value = case(*values, else_=last)
        failing = any(part.may_error for part in node.args)
        if not failing:
            return Sql(value)
        rest = otherwise.guard if otherwise is not None and otherwise.guard is not None else false()
        return Sql(value, case(*guards, else_=rest))

    def _coalesce(self, node: Call) -> Sql:
        parts = [self.compile(arg) for arg in node.args]
        if all(part.guard is None for part in parts):
            return Sql(func.coalesce(*[part.value for part in parts], type_=parts[0].value.type))
        values: list[Any] = []
        guards: list[Any] = []
        for part in parts:
            if part.guard is not None:
                values.append((part.guard, null()))
                guards.append((part.guard, true()))
            values.append((part.value.is_not(None), part.value))
            guards.append((part.value.is_not(None), false()))
        return Sql(case(*values, else_=null()), case(*guards, else_=false()))

    def _iferror(self, node: Call) -> Sql:
        first, second = self.argument(node.args[0]), self.argument(node.args[1])
        if first.guard is None:
            return first
        guard = None if second.guard is None else and_(first.guard, second.guard)
        return Sql(case((first.guard, second.value), else_=first.value), guard)

    def _iserror(self, node: Call) -> Sql:
        made = self.argument(node.args[0])
        return Sql(false() if made.guard is None else func.coalesce(made.guard, false()))

    def _failif(self, node: Call) -> Sql:
        flag, made = self.compile(node.args[0]), self.compile(node.args[1])
        return self._nulled(made.value, any_of([flag.guard, flag.value, made.guard]))


def negated(condition: Column) -> Column:
    """Return the opposite, in brackets: behind NOT, ``IS NULL`` would bind to what NOT is about."""
    return Grouping(not_(condition))


def _split(node: Call) -> tuple[Node, str, Node]:
    left, right = node.args
    if isinstance(left, Const) and not isinstance(right, Const):
        return right, _FLIPPED[node.name], left
    return left, node.name, right


def _item_nodes(node: Call) -> tuple[Node, ...]:
    return node.args[1].children() if len(node.args) > 1 else ()


def _ordered(op: str, left: Column, right: Column) -> Column:
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    return left > right if op == ">" else left >= right


def _null_boolean() -> Column:
    return cast(null(), Boolean())
