"""Code of single values: arithmetic, comparison, logic, text. Entries of the tables of :mod:`engine.expr.code_nodes`.

What an entry does is what the closure of the same function does; a test holds the two together.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from engine.expr import limits, numbers, texts
from engine.expr.code_nodes import FORMS, TEXTS, Generator
from engine.expr.code_writer import (
    Operand,
    assign,
    attribute,
    call,
    compare,
    is_none,
    name,
    negated,
)
from engine.expr.functions.base import function_of
from engine.expr.functions.maths import ROUNDING_MODES
from engine.expr.numbers import INTERMEDIATE, LIMIT
from engine.expr.tree import Call, Const, Node
from engine.expr.types import ListType

_LOWEST = -LIMIT
_MANY = 8
_JOIN = "".join


def _bound(node: Call) -> Decimal:
    """Return the largest magnitude of the result of arithmetic."""
    known = function_of(node).numbers
    return LIMIT if known is None else known(node.args)[1]


def within(write: Generator, made: Operand) -> Operand:
    """Check a number for 19 integer digits."""
    kept = write.temporary()
    named = ast.NamedExpr(ast.Name(kept, ast.Store()), made.expr)
    inside = ast.Compare(write.bind(_LOWEST), [ast.Lt(), ast.Lt()], [named, write.bind(LIMIT)])
    checked = ast.IfExp(inside, name(kept), call(write.bind(numbers.overflow)))
    return Operand(checked, made.guards, raising=True)


def _combined(write: Generator, args: list[Node], build: Callable[..., ast.expr]) -> Operand:
    made, guards = write.gather([partial(write.loose, arg) for arg in args])
    return Operand(build(*[one.expr for one in made]), guards, any(one.raising for one in made))


# -- arithmetic ---------------------------------------------------------------------------------------------------


def _sum(write: Generator, node: Call) -> Operand:
    args = list(node.args)
    last = args[-1]
    if len(args) == 2 and isinstance(last, Call) and last.name == "NEG":
        made = _combined(write, [args[0], last.args[0]], partial(call, write.bind(numbers.subtract)))
    elif len(args) > _MANY:
        made = _combined(write, args, partial(call, write.bind(numbers.add_all)))
    else:
        made = _combined(write, args, partial(_added, write))
    return made if _bound(node) < LIMIT else within(write, made)


def _added(write: Generator, first: ast.expr, *more: ast.expr) -> ast.expr:
    for other in more:
        first = call(write.bind(numbers.add), first, other)
    return first


def _negative(write: Generator, node: Call) -> Operand:
    made = write.operand(node.args[0])
    return replace(made, expr=call(write.bind(Decimal.copy_negate), made.expr))


def _product(write: Generator, node: Call) -> Operand:
    made = _combined(write, list(node.args), partial(call, write.bind(numbers.multiply)))
    if sum(arg.facts.scale for arg in node.args) > INTERMEDIATE:
        made = replace(made, expr=call(write.bind(numbers.quantize), made.expr, write.bind(numbers.UNIT20)))
    return made if _bound(node) < LIMIT else within(write, made)


def _quotient(write: Generator, node: Call) -> Operand:
    divisor = node.args[1]
    if not isinstance(divisor, Const) or not divisor.value:
        return replace(_combined(write, list(node.args), partial(call, write.bind(numbers.divide))), raising=True)
    made = write.loose(node.args[0])
    exact = call(write.bind(numbers.exact_quotient), made.expr, write.bind(divisor.value))
    made = Operand(call(write.bind(numbers.quantize), exact, write.bind(numbers.UNIT20)), made.guards, made.raising)
    return made if _bound(node) < LIMIT else within(write, made)


def _rounding(mode: str) -> Callable[[Generator, Call], Operand]:
    """Rounding to a number of decimals known now is one step."""
    quantize = numbers.quantizer(mode)

    def form(write: Generator, node: Call) -> Operand:
        function = function_of(node)
        digits = node.args[1] if len(node.args) == 2 else None
        fixed = 0 if digits is None else -1
        if isinstance(digits, Const) and digits.value is not None:
            fixed = numbers.places(digits.value)
        if fixed < 0:
            makers = [partial(write.argument, arg) for arg in node.args]
            return write.built(function, node, makers, partial(call, write.bind(function.python)))
        made = write.argument(node.args[0])
        made = replace(made, expr=call(write.bind(quantize), made.expr, write.bind(numbers.unit(fixed))))
        return made if _bound(node) < LIMIT else within(write, made)

    return form


def _length(write: Generator, node: Call) -> Operand:
    made = write.text(node.args[0])
    return Operand(call(write.bind(len), made.expr), (), made.raising, whole=True)


def _days(write: Generator, node: Call) -> Operand:
    made, guards = write.gather([partial(write.operand, arg) for arg in node.args])
    ordinal = write.bind(date.toordinal)
    end, start = (call(ordinal, one.expr) for one in made)
    return Operand(ast.BinOp(end, ast.Sub(), start), guards, any(one.raising for one in made), whole=True)


# -- comparison ---------------------------------------------------------------------------------------------------


def _comparable(write: Generator, node: Node) -> Operand:
    return write.cut(node, write.loose(node))


def _against(write: Generator, value: Operand, constant: Node) -> ast.expr | None:
    """Return a constant to compare an int with: an int too."""
    if value.whole and isinstance(constant, Const) and constant.value is not None:
        whole = int(constant.value)
        return write.bind(whole) if whole == constant.value else None
    return None


def _ordered(op: ast.cmpop) -> Callable[[Generator, Call], Operand]:
    def form(write: Generator, node: Call) -> Operand:
        made, guards = write.gather([partial(_comparable, write, arg) for arg in node.args])
        left, right = made
        a = _against(write, right, node.args[0]) or left.expr
        b = _against(write, left, node.args[1]) or right.expr
        return Operand(compare(a, op, b), guards, left.raising or right.raising)

    return form


def _equal(op: ast.cmpop) -> Callable[[Generator, Call], Operand]:
    def form(write: Generator, node: Call) -> Operand:
        left, right = node.args
        if isinstance(left.type, ListType):
            made, _ = write.gather([partial(write.operand, arg) for arg in node.args])
            a, b = (call(write.bind(list), one.expr) for one in made)
            return Operand(compare(a, op, b))
        fixed = isinstance(right, Const) and right.value is not None
        makers = [partial(_equated, write, left, fixed), partial(_equated, write, right, False)]
        made, _ = write.gather(makers)
        raising = any(one.raising for one in made)
        if isinstance(right, Const) and right.value is None:
            is_blank = is_none(made[0].expr)
            return Operand(is_blank if isinstance(op, ast.Eq) else negated(is_blank), (), raising)
        return Operand(compare(made[0].expr, op, made[1].expr), (), raising)

    return form


def _equated(write: Generator, node: Node, fixed: bool) -> Operand:
    """Return a value to compare; text compared with a text that is not blank may be stored as empty."""
    if fixed and node.type.kind in ("text", "choice"):
        loaded = write.once(node)
        if loaded is not None:
            return Operand(loaded)
    if node.type.kind == "number":
        return write.plain(_comparable(write, node))
    return write.value(node)


def _member(write: Generator, node: Call) -> Operand:
    value, source = node.args
    made, _ = write.gather([partial(_equated, write, value, False), partial(write.operand, source)])
    return Operand(compare(made[0].expr, ast.In(), made[1].expr), (), made[0].raising)


def _is_blank(write: Generator, node: Call) -> Operand:
    argument = node.args[0]
    if isinstance(argument.type, ListType):
        return Operand(negated(name(write.list(argument))))
    made = write.value(argument)
    return Operand(is_none(made.expr), (), made.raising)


# -- text ---------------------------------------------------------------------------------------------------------


def _joined(write: Generator, node: Call) -> Operand:
    made, _ = write.gather([partial(write.text, arg) for arg in node.args])
    parts = ast.Tuple([one.expr for one in made], ast.Load())
    kept = write.temporary()
    joined = ast.NamedExpr(ast.Name(kept, ast.Store()), call(write.bind(_JOIN), parts))
    length = call(write.bind(len), joined)
    long = call(write.bind(texts.bounded), name(kept))
    fits = compare(length, ast.LtE(), ast.Constant(limits.TEXT))
    return Operand(ast.IfExp(fits, name(kept), long), (), raising=True)


def _count(node: Call, at: int, usual: int) -> int | None:
    """Return a count that is known now."""
    if len(node.args) <= at:
        return usual
    count = node.args[at]
    return int(count.value) if isinstance(count, Const) and count.value is not None and count.value >= 0 else None


def _sliced(write: Generator, node: Call, first: int | None, last: int | None) -> Operand:
    made = write.text(node.args[0])
    bounds = [None if at is None else ast.Constant(at) for at in (first, last)]
    return Operand(ast.Subscript(made.expr, ast.Slice(*bounds), ast.Load()), (), made.raising)


def _called_text(write: Generator, node: Call) -> Operand:
    made = write.text_call(function_of(node), node)
    return Operand(made.value(ast.Constant("")), raising=made.raising)


def _left(write: Generator, node: Call) -> Operand:
    count = _count(node, 1, 1)
    return _called_text(write, node) if count is None else _sliced(write, node, None, count)


def _right(write: Generator, node: Call) -> Operand:
    count = _count(node, 1, 1)
    return _sliced(write, node, -count, None) if count else _called_text(write, node)


def _contains(write: Generator, node: Call) -> Operand:
    made, _ = write.gather([partial(write.text, arg) for arg in node.args])
    text, part = made
    found = call(write.bind(operator.contains), text.expr, part.expr)  # "in" would evaluate the part first
    return Operand(found, (), text.raising or part.raising)


# -- the clock ----------------------------------------------------------------------------------------------------


def _clock(part: str) -> Callable[[Generator, Call], Operand]:
    return lambda write, node: Operand(name(write.need(part, attribute("env", part))))


# -- blanks -------------------------------------------------------------------------------------------------------


def _coalesce(write: Generator, node: Call) -> Operand:
    first, *others = node.args
    made = write.operand(first)
    if len(others) == 1 and isinstance(others[0], Const) and others[0].value is not None:
        return Operand(made.value(write.operand(others[0]).expr), (), made.raising)
    target = write.keep(made.value(), raising=made.raising)
    for other in others:
        with write.branch() as scope:
            made = write.operand(other)
            write.emit(assign(target, made.value()), raising=made.raising)
        write.emit(ast.If(is_none(name(target)), scope.block, []))
    return Operand(name(target), (target,) if made.guards else ())


FORMS.update(
    {
        "+": _sum,
        "NEG": _negative,
        "*": _product,
        "/": _quotient,
        "<": _ordered(ast.Lt()),
        "<=": _ordered(ast.LtE()),
        ">": _ordered(ast.Gt()),
        ">=": _ordered(ast.GtE()),
        "=": _equal(ast.Eq()),
        "<>": _equal(ast.NotEq()),
        "IN": _member,
        "ISBLANK": _is_blank,
        "LEN": _length,
        "DAYS": _days,
        "CONTAINS": _contains,
        "TODAY": _clock("today"),
        "NOW": _clock("now"),
        "COALESCE": _coalesce,
        **{function: _rounding(mode) for function, mode in ROUNDING_MODES.items()},
    }
)
TEXTS.update({"&": _joined, "LEFT": _left, "RIGHT": _right})
