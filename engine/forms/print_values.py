"""What a template of a page holds in its hands: values that show as text and compare as what they are.

They are built in the child process from plain data, so there is nothing behind them: no record store, no files, no
person. ``{{ record.amount }}`` shows the text of the field, ``record.amount > 1000`` compares numbers, a choice is
equal to its id and to its label in either language. A blank value counts as nothing: it is equal to blank, before
every other value in order, zero in a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import total_ordering
from typing import Any

from markupsafe import Markup, escape

from engine.forms.print_names import FILE_PARTS, VALUE_PARTS

Json = Any


class NoPart(LookupError):
    """A value has no part of that name."""


@total_ordering
class Shown:
    """One value of a field. ``names`` are all the ways a choice may be called, ``items`` the parts of a list."""

    __slots__ = ("html", "items", "names", "raw", "text")

    def __init__(self, text: str, raw: Any, names: Sequence[str] = (), items: Sequence[Shown] = (), html: str = ""):
        self.text, self.raw, self.names, self.items, self.html = text, raw, tuple(names), tuple(items), html

    def part(self, name: str) -> Any:
        """Return ``raw`` or ``text``. Raises :class:`NoPart`."""
        if name not in VALUE_PARTS:
            raise NoPart(name)
        return self.raw if name == "raw" else self.text

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.html or Markup("<br>").join(escape(line) for line in self.text.split("\n"))

    def __bool__(self) -> bool:
        return bool(self.items) if self.raw is None else bool(self.raw)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) and self.names:
            return other in self.names
        mine, theirs = _alike(self, other)
        return bool(mine == theirs)

    def __lt__(self, other: object) -> bool:
        mine, theirs = _alike(self, other)
        if mine is None or theirs is None:
            return mine is None and theirs is not None
        try:
            return bool(mine < theirs)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.raw)

    def __len__(self) -> int:
        return len(self.items) if self.items or self.raw == () else len(self.text)

    def __iter__(self) -> Iterator[Shown]:
        return iter(self.items)

    def __contains__(self, other: object) -> bool:
        if self.items:
            return any(one == other for one in self.items)
        return isinstance(other, str | Shown) and str(other) in self.text

    def __add__(self, other: object) -> Any:
        return _number(self) + _number(other)

    def __radd__(self, other: object) -> Any:
        return _number(other) + _number(self)


class Row:
    """A record, a person or a file: shows as its title, and has the parts the template names."""

    __slots__ = ("_parts", "title")

    def __init__(self, title: str, parts: Mapping[str, Any]):
        self.title, self._parts = title, parts

    def part(self, name: str) -> Any:
        """Return a field as the template calls it. Raises :class:`NoPart`."""
        try:
            return self._parts[name]
        except KeyError:
            raise NoPart(name) from None

    def __str__(self) -> str:
        return self.title

    def __html__(self) -> str:
        return str(escape(self.title))

    def __bool__(self) -> bool:
        return bool(self.title)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(self.title)


class Image(Row):
    """A file; a picture among them carries its bytes as a ``data:`` address."""

    __slots__ = ("address",)

    def __init__(self, data: Mapping[str, Any]):
        super().__init__(str(data.get("name", "")), {name: data.get(name, "") for name in FILE_PARTS})
        self.address = str(data.get("data", ""))


class Rows(tuple[Any, ...]):
    """Rows of a sub-table, linked records, people, files: shows as their titles."""

    __slots__ = ()

    def __str__(self) -> str:
        return "、".join(str(one) for one in self)

    def __html__(self) -> str:
        return Markup("、").join(self)


def built(node: Json) -> Any:
    """Return the value of a node as ``print_data`` sends it."""
    if isinstance(node, list):
        return Rows(built(one) for one in node)
    kind = node["k"]
    if kind == "record":
        return Row(node["t"], {name: built(part) for name, part in node["f"].items()})
    if kind == "file":
        return Image(node)
    items = tuple(built(one) for one in node.get("m", ()))
    if kind == "many":
        return Shown(node["t"], () if not items else tuple(one.raw for one in items), items=items)
    return Shown(node["t"], _typed(kind, node.get("r")), node.get("n", ()), html=node.get("h", ""))


def _typed(kind: str, value: Json) -> Any:
    if value is None:
        return None
    if kind == "number":
        return Decimal(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "instant":
        return datetime.fromisoformat(value)
    return value


def raw(value: object) -> Any:
    """Return what a value is: a number, a date, a text, true or false, or None."""
    return value.raw if isinstance(value, Shown) else value


def _alike(mine: Shown, other: object) -> tuple[Any, Any]:
    """Return both sides so that Python can compare them."""
    left, right = mine.raw, raw(other)
    if right == "":
        right = None
    if isinstance(left, Decimal) and isinstance(right, int | float | str) and not isinstance(right, bool):
        try:
            right = Decimal(str(right))
        except InvalidOperation:
            return left, None if right is None else str(right)
    if isinstance(left, datetime) and not isinstance(right, datetime):
        left = left.date()
    if isinstance(left, date) and isinstance(right, datetime) and not isinstance(left, datetime):
        right = right.date()
    if isinstance(left, date) and isinstance(right, str):
        left = left.isoformat()
    return left, right


def _number(value: object) -> Decimal:
    """Return a value as a number, blank as zero. Raises ``InvalidOperation`` for what is no number."""
    plain = raw(value)
    if plain is None or plain == "":
        return Decimal(0)
    if isinstance(plain, bool):
        return Decimal(int(plain))
    return plain if isinstance(plain, Decimal) else Decimal(str(plain))


def as_number(value: object) -> Decimal | None:
    """Return a value as a number; None for blank. Raises ``InvalidOperation`` for what is no number."""
    plain = raw(value)
    return None if plain is None or plain == "" else _number(value)
