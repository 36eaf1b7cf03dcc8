"""Closures that read: fields along paths, variables. A blank on the way gives blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.expr.tree import Path
from engine.expr.types import ListType, NumberType, RecordType
from engine.expr.values import Env, Value, as_list, record_id

Fn = Callable[[Env], Value]


def _record(env: Env) -> Mapping[str, Value]:
    return env.record


def _old(env: Env) -> Mapping[str, Value]:
    return env.old


def _user(env: Env) -> Mapping[str, Value]:
    return env.user.fields if env.user else {}


def _params(env: Env) -> Mapping[str, Value]:
    return env.params


def _app(env: Env) -> Mapping[str, Value]:
    return env.app


_ROOTS: Mapping[str, Callable[[Env], Mapping[str, Value]]] = {
    "": _record,
    "OLD": _old,
    "USER": _user,
    "PARAM": _params,
    "APP": _app,
}


def compile_path(node: Path) -> Fn:
    """Return the function that follows a path; a blank on the way gives blank."""
    if not node.ids:
        return _bare(node)
    if len(node.ids) == 1 and (node.root == "" or isinstance(node.root, int)):
        near = _near(node)
        if near is not None:
            return near
    return _finish(_follow(node.root, node.ids), node)


def _near(node: Path) -> Fn | None:
    """The commonest paths in one step: a field of the record or of the current row."""
    only, slot, kind = node.ids[0], node.root, node.type.kind
    if isinstance(slot, int):
        if kind not in ("number", "date", "datetime"):
            return None

        def of_row(env: Env) -> Value:
            row = env.slots[slot]
            value = row.get(only) if row.__class__ is dict else None if row is None else field_of(row, only)
            return Decimal(value) if value.__class__ is int else value

        return of_row
    if kind in ("text", "choice"):
        return lambda env: env.record.get(only) or None
    if kind == "number":

        def of_record(env: Env) -> Value:
            value = env.record.get(only)
            return Decimal(value) if value.__class__ is int else value

        return of_record
    if kind in ("date", "datetime", "duration"):
        return lambda env: env.record.get(only)
    return None


def _bare(node: Path) -> Fn:
    slot = node.root
    if isinstance(slot, str):
        return lambda env: env.user.id if env.user else None
    if isinstance(node.type, RecordType):
        return lambda env: record_id(env.slots[slot])
    if isinstance(node.type, ListType):
        return lambda env: as_list(env.slots[slot])
    return lambda env: env.slots[slot]


def _follow(root: str | int, ids: Sequence[str]) -> Fn:
    if root == "" and len(ids) == 1:
        only = ids[0]
        return lambda env: env.record.get(only)
    if root == "" and len(ids) == 2:
        first, second = ids

        def two(env: Env) -> Value:
            row = env.record.get(first)
            return None if row is None else field_of(row, second)

        return two
    start: Fn
    if isinstance(root, str):
        start = _ROOTS[root]
    else:
        slot = root

        def start(env: Env) -> Value:
            return env.slots[slot]

    def follow(env: Env) -> Value:
        row: Any = start(env)
        for identifier in ids:
            if row is None:
                return None
            row = field_of(row, identifier)
        return row

    return follow


def field_of(row: Value, identifier: str) -> Value:
    """Return a field of a linked record. Raises ``LookupError`` for one of which only the id was loaded."""
    if isinstance(row, str):
        if identifier == "sys_id":
            return row
        raise LookupError(f"field {identifier} of linked record {row} was not loaded")
    return row.get(identifier)


def _finish(follow: Fn, node: Path) -> Fn:
    """Give a value read from a record its canonical form."""
    type_ = node.type
    if isinstance(type_, RecordType):
        return lambda env: record_id(follow(env))
    if isinstance(type_, ListType):
        return lambda env: as_list(follow(env))
    if type_.kind == "boolean" and not node.nullable:
        return lambda env: follow(env) is True
    if type_.kind in ("text", "choice"):
        return lambda env: follow(env) or None
    if isinstance(type_, NumberType):
        return lambda env: _number(follow(env))
    return follow


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if type(value) is int else value
