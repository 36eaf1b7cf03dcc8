"""The Python back end inside SQLite: a part of an expression runs as one deterministic function of its columns.

SQLite has no decimals, so what is not plain comparison or logic is compiled, registered under a short token, and
called with the columns it needs: a closure at first, byte-code once it has run often. It agrees with Python because it
is Python. A token lives as long as a statement that carries it.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expr.code_programs import Decoder, Scaled, program, same
from engine.expr.functions.totals import add_up, average
from engine.expr.functions.workdays import calendar_names
from engine.expr.moments import microseconds
from engine.expr.numbers import CONTEXT, keep12, plain
from engine.expr.outside import Outside, Shelf
from engine.expr.to_bytecode import AFTER
from engine.expr.to_json import encode
from engine.expr.to_python import Compiler, rounded
from engine.expr.tree import Node
from engine.expr.types import ListType, NumberType, Type
from engine.expr.values import Env, Fault, Value, zone_of

FAILED = "NUM"
"""What a total gives that is an error (NULL would mean that there was nothing to add up)."""


class Token(int):
    """The number of a program in a statement. Keeping the token keeps the program."""

    program: Program


class Program:
    """Holds a compiled part of an expression in the table of running programs; leaving, it takes it out."""

    __slots__ = ("__weakref__", "number")

    def __init__(self, made: Callable[[int], Run]):
        self.number = next(_numbers)
        _running[self.number] = made(self.number)
        weakref.finalize(self, _running.pop, self.number, None)


Run = Callable[..., Any]
"""From stored values to the stored result; raises :class:`Fault`."""
_numbers = itertools.count(1)
_running: dict[int, Run] = {}
_failed: list[tuple[int, Sequence[Any]] | None] = [None]
"""The call that failed last."""
_known: weakref.WeakValueDictionary[str, Program] = weakref.WeakValueDictionary()


def register(
    tree: Node, first: int, kinds: Sequence[str], decoders: Sequence[Decoder], zone: ZoneInfo, outside: Outside
) -> Token:
    """Return the token of a program; an equal one is shared. The leaves are the slots from ``first`` on.

    Of what is outside, a program has the calendars it names, as they are now.
    """
    shelf = Shelf.of(outside, calendar_names(tree))
    text = json.dumps([encode(tree), first, list(kinds), zone.key, shelf.stamps()], sort_keys=True)
    found = _known.get(text)
    if found is None:
        found = Program(lambda number: _counted(number, tree, first, decoders, zone, shelf))
        _known[text] = found
    token = Token(found.number)
    token.program = found
    return token


def _counted(number: int, tree: Node, first: int, decoders: Sequence[Decoder], zone: ZoneInfo, shelf: Shelf) -> Run:
    """Return the closure of a program, which puts byte-code in its place once that pays."""
    body = rounded(Compiler().value(tree), tree)
    returns = encoder(tree.type)
    inner: list[Value] = [None] * first
    new = Env.__new__
    left = AFTER

    def frame() -> Env:
        env = new(Env)  # only what a program reads: its slots, the zone and the count of steps
        env.zone, env.steps, env.outside = zone, 0, shelf
        return env

    def run(*values: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0:
            _running[number] = program(tree, first, decoders, frame, returns)
        env = frame()
        env.slots = slots = inner.copy()
        for decode, value in zip(decoders, values, strict=True):
            slots.append(None if value is None else decode(value))
        result = body(env)
        return None if result is None else returns(result)

    return run


# -- values in and out --------------------------------------------------------------------------------------------


def decoder(type_: Type, scale: int | None = None) -> tuple[str, Decoder]:
    """Return a name and the function that reads a stored value; ``scale`` is given for a scaled integer."""
    kind = type_.kind
    if kind == "number":
        if not scale:
            return "number", Decimal
        return f"scaled{scale}", Scaled(Decimal(1).scaleb(-scale))
    if isinstance(type_, ListType):
        name, item = decoder(type_.item)
        return f"list {name}", lambda text: [None if part is None else item(part) for part in json.loads(text)]
    return kind, _DECODERS.get(kind, same)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _span(value: int) -> timedelta:
    return timedelta(microseconds=value)


_DECODERS: dict[str, Decoder] = {
    "boolean": bool,
    "date": date.fromisoformat,
    "datetime": _instant,
    "duration": _span,
}


def instant_text(moment: datetime) -> str:
    """Return an instant as SQLite stores it: UTC, fixed width, sorts as text."""
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S.%f}Z"


def encoder(type_: Type) -> Callable[[Value], Any]:
    """Return the function that writes a value as SQLite stores it."""
    if isinstance(type_, NumberType):
        return plain
    if isinstance(type_, ListType):
        item = encoder(type_.item)
        return lambda values: json.dumps(
            [None if value is None else item(value) for value in values], ensure_ascii=False
        )
    return _ENCODERS.get(type_.kind, same)


_ENCODERS: dict[str, Callable[[Value], Any]] = {
    "boolean": same,
    "date": date.isoformat,
    "datetime": instant_text,
    "duration": microseconds,
}


# -- registered functions -----------------------------------------------------------------------------------------


def _call(token: int, *values: Any) -> Any:
    try:
        return _running[token](*values)
    except Fault:
        _failed[0] = (token, values)
        return None


def _fails(token: int, *values: Any) -> int:
    if _failed[0] == (token, values):  # a statement asks for the value and for the failure of one row
        return 1
    try:
        _running[token](*values)
    except Fault:
        return 1
    return 0


def _number(value: int | None, scale: int) -> str | None:
    return None if value is None else plain(CONTEXT.scaleb(Decimal(value), Decimal(-scale)))


def _scaled(value: str | int | None, scale: int) -> int | None:
    """Return a number as a stored, scaled integer; NULL when it does not fit."""
    if value is None:
        return None
    whole = int(CONTEXT.scaleb(Decimal(value), Decimal(scale)).to_integral_value(CONTEXT.rounding))
    return whole if abs(whole) < 2**63 else None


def _kept(value: str | int | None) -> str | None:
    """Return a number cut to 12 decimals."""
    return None if value is None else plain(keep12(Decimal(value)))


def _local(text: str | None, zone: str | None) -> str | None:
    """Return the wall clock of a stored instant (``YYYY-MM-DDTHH:MM:SS``); NULL for what is no instant."""
    if text is None or zone is None:
        return None
    try:
        local = datetime.fromisoformat(text).astimezone(zone_of(zone))
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}"


class _Total(ABC):
    """Collects numbers: scaled integers (scale >= 0), or decimal texts (scale -1)."""

    def __init__(self) -> None:
        self.values: list[Decimal] = []

    def step(self, value: str | int | None, scale: int) -> None:
        if value is not None:
            number = Decimal(value)
            self.values.append(CONTEXT.scaleb(number, Decimal(-scale)) if scale > 0 else number)

    def finalize(self) -> str | None:
        try:
            result = self.result()
        except Fault:
            return FAILED
        return None if result is None else plain(result)

    @abstractmethod
    def result(self) -> Decimal | None:
        """Return the total, or None when there is none. Raises :class:`Fault`."""


class _Sum(_Total):
    def result(self) -> Decimal | None:
        return add_up(self.values)


class _Average(_Total):
    def result(self) -> Decimal | None:
        return average(self.values)


class _Least(_Total):
    def result(self) -> Decimal | None:
        return min(self.values, default=None)


class _Greatest(_Total):
    def result(self) -> Decimal | None:
        return max(self.values, default=None)


def register_sqlite_functions(raw: sqlite3.Connection) -> None:
    """Register the language's deterministic functions on a raw SQLite connection."""
    raw.create_function("dg_call", -1, _call, deterministic=True)
    raw.create_function("dg_fails", -1, _fails, deterministic=True)
    raw.create_function("dg_number", 2, _number, deterministic=True)
    raw.create_function("dg_local", 2, _local, deterministic=True)
    raw.create_function("dg_kept", 1, _kept, deterministic=True)
    raw.create_function("dg_scaled", 2, _scaled, deterministic=True)
    raw.create_aggregate("dg_sum", 2, _Sum)  # type: ignore[arg-type]
    raw.create_aggregate("dg_average", 2, _Average)  # type: ignore[arg-type]
    raw.create_aggregate("dg_least", 2, _Least)  # type: ignore[arg-type]
    raw.create_aggregate("dg_greatest", 2, _Greatest)  # type: ignore[arg-type]
