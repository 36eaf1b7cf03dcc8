"""Code over lists: loops instead of closures. A total over a MAP needs no list in between."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.expr import numbers
from engine.expr.budget import spend, spend_text
from engine.expr.code_forms import within
from engine.expr.code_logic import caught, first_failure, raise_unless
from engine.expr.code_nodes import FORMS, LISTS, Generator
from engine.expr.code_writer import FALSE, NONE, TRUE, Operand, all_of, assign, attribute, call, name, negated
from engine.expr.functions.totals import average, largest, smallest
from engine.expr.to_python import is_slow
from engine.expr.tree import Call, Lambda, Node, is_rows
from engine.expr.types import ListType, Type
from engine.expr.values import record_id

_ZERO = ast.Constant(0)


def _kept(write: Generator, type_: Type, value: str) -> None:
    """Count a list put into a list, or a long text."""
    if isinstance(type_, ListType):
        _spend(write, value)
    elif type_.kind == "text":
        write.emit(ast.Expr(call(write.bind(spend_text), name("env"), name(value))), raising=True)


def _size(write: Generator, source: str) -> ast.expr:
    return call(write.bind(len), name(source))


def _spend(write: Generator, source: str) -> None:
    """Count the items of a list as looked at."""
    write.emit(ast.Expr(call(write.bind(spend), name("env"), _size(write, source))), raising=True)


@contextmanager
def _each(write: Generator, source: str, made: Lambda) -> Iterator[Node]:
    """Write a loop: what is written inside the ``with`` block is done for every item, which the body names."""
    target = write.temporary()
    with write.branch(loop=True) as scope, write.item(made.slot, made.body, target):
        if is_slow(made.body):
            write.emit(ast.Expr(call(write.bind(spend), name("env"), _ZERO)), raising=True)
        yield made.body
    write.emit(ast.For(ast.Name(target, ast.Store()), name(source), scope.block, []))


def _function(node: Node) -> Lambda:
    if not isinstance(node, Lambda):
        raise TypeError(node)
    return node


def _append(target: str, value: ast.expr, way: str = "append") -> ast.stmt:
    return ast.Expr(call(attribute(target, way), value))


def _new_list(write: Generator) -> str:
    return write.keep(ast.List([], ast.Load()))


# -- lists --------------------------------------------------------------------------------------------------------


def _map(write: Generator, node: Call) -> str:
    source = write.list(node.args[0])
    _spend(write, source)
    target = _new_list(write)
    with _each(write, source, _function(node.args[1])) as body:
        if isinstance(body.type, ListType):
            part = write.list(body)
            _kept(write, body.type, part)
            write.emit(_append(target, name(part), "extend"))
        elif body.type.kind == "text":
            made = write.argument(body)
            text = write.keep(made.value(), raising=made.raising)
            _kept(write, body.type, text)
            write.emit(_append(target, name(text)))
        else:
            made = write.argument(body)
            write.emit(_append(target, made.value()), raising=made.raising)
    return target


def _filter(write: Generator, node: Call) -> str:
    source = write.list(node.args[0])
    _spend(write, source)
    target, made = _new_list(write), _function(node.args[1])
    with _each(write, source, made) as body:
        item = write.variables[made.slot].name
        condition = write.test(body)
        write.emit(ast.If(condition, [_append(target, name(item))], []))
    return target


# -- totals -------------------------------------------------------------------------------------------------------


def _items(
    write: Generator, node: Node, consume: Callable[[Operand], ast.stmt], wanted: Callable[[Node], Operand]
) -> None:
    """Write what is done with every item of an argument that is not blank."""
    if not isinstance(node.type, ListType):
        _consumed(write, write.cut(node, wanted(node)), consume)
        return
    if isinstance(node, Call) and node.name == "MAP" and not isinstance(node.args[1].type, ListType):
        source = write.list(node.args[0])
        _spend(write, source)
        with _each(write, source, _function(node.args[1])) as body:
            _consumed(write, write.cut(body, wanted(body)), consume)
        _spend(write, source)
        return
    source = write.list(node)
    _spend(write, source)
    item = write.temporary()
    with write.branch(loop=True) as scope:
        _consumed(write, Operand(name(item), (item,)), consume)
    write.emit(ast.For(ast.Name(item, ast.Store()), name(source), scope.block, []))


def _consumed(write: Generator, made: Operand, consume: Callable[[Operand], ast.stmt]) -> None:
    write.raised += made.raising
    statement = consume(made)
    write.emit(ast.If(all_of(made.present), [statement], []) if made.guards else statement)


def _sum(write: Generator, node: Call) -> Operand:
    total = write.keep(write.bind(numbers.ZERO))
    add = write.bind(numbers.add)
    for arg in node.args:
        _items(write, arg, lambda made: assign(total, call(add, name(total), made.expr)), write.loose)
    return write.settle(within(write, Operand(name(total))))


def _count(write: Generator, node: Call) -> Operand:
    total = write.keep(_ZERO)
    one = ast.Constant(1)

    def present(part: Node) -> Operand:
        made = write.loose(part)
        return write.settle(made) if made.raising else made  # counted, not used: an error must still show

    for arg in node.args:
        _items(write, arg, lambda made: assign(total, ast.BinOp(name(total), ast.Add(), one)), present)
    return Operand(name(total), whole=True)


def _over_values(compute: Callable[..., object]) -> Callable[[Generator, Call], Operand]:
    """MIN, MAX and AVERAGE: what is not blank is collected first."""

    def form(write: Generator, node: Call) -> Operand:
        values = _new_list(write)
        for arg in node.args:
            _items(write, arg, lambda made: _append(values, made.expr), write.operand)
        return write.settle_blank(Operand(call(write.bind(compute), name(values)), (), raising=True))

    return form


def _decided(wanted: bool) -> Callable[[Generator, Call], Operand]:
    """EXISTS and ALL: an item decides; an error counts only when nothing decides."""
    decided, otherwise = (TRUE, FALSE) if wanted else (FALSE, TRUE)

    def form(write: Generator, node: Call) -> Operand:
        source = write.list(node.args[0])
        _spend(write, source)
        result, failed = write.keep(otherwise), write.keep(NONE)
        with _each(write, source, _function(node.args[1])) as body:
            with write.branch(nested=True) as scope:
                condition = write.test(body)
                stop = ast.If(condition if wanted else negated(condition), [assign(result, decided), ast.Break()], [])
                write.emit(stop)
            write.emit(caught(write, scope.block, [first_failure(failed)]))
        write.emit(raise_unless(failed, result, decided), raising=True)
        return Operand(name(result))

    return form


def _count_all(write: Generator, node: Call) -> Operand:
    return Operand(_size(write, write.list(node.args[0])), whole=True)


def _pick(index: int) -> Callable[[Generator, Call], Operand]:
    def form(write: Generator, node: Call) -> Operand:
        source = write.list(node.args[0])
        at: ast.expr = ast.Constant(index) if index >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-index))
        item: ast.expr = ast.Subscript(name(source), at, ast.Load())
        if is_rows(node.args[0]):
            item = call(write.bind(record_id), item)
        return write.settle_blank(Operand(ast.IfExp(name(source), item, NONE)))

    return form


LISTS.update({"MAP": _map, "FILTER": _filter})
FORMS.update(
    {
        "SUM": _sum,
        "COUNT": _count,
        "MIN": _over_values(smallest),
        "MAX": _over_values(largest),
        "AVERAGE": _over_values(average),
        "EXISTS": _decided(True),
        "ALL": _decided(False),
        "COUNTALL": _count_all,
        "FIRST": _pick(0),
        "LAST": _pick(-1),
    }
)
