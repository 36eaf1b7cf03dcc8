"""Types of the expression language.

text · number · boolean · date · datetime · duration · choice · record · list · file, and the type of a bare NULL.
Everything is nullable except lists (empty instead) and checkboxes. There is no conversion between text, number and
boolean. Money is a number with a currency annotation; annotations never make two number types differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["text", "number", "boolean", "date", "datetime", "duration", "choice", "record", "list", "file", "null"]

USER_ENTITY = "org_user"
DEPARTMENT_ENTITY = "org_department"


@dataclass(frozen=True, slots=True)
class Type:
    """Base of all types; the scalar types without parameters are instances of it."""

    kind: Kind

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class NumberType(Type):
    """A decimal. ``scale`` is the most decimals a value can have (None: as many as the language keeps);
    a column of a record is stored as an integer scaled by it. ``currency`` is for display and a warning."""

    kind: Kind = field(default="number", init=False)
    scale: int | None = field(default=None, compare=False)
    currency: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Type):
    """One of a set of options: ``((option id, label map), ...)``. Values are option ids; equal sets are equal types."""

    kind: Kind = field(default="choice", init=False)
    options: tuple[tuple[str, Mapping[str, str]], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self.ids == other.ids

    def __hash__(self) -> int:
        return hash(("choice", self.ids))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(option for option, _ in self.options)

    def option(self, text: str) -> str | None:
        """Return the id of the option a text names: its id, its id without the prefix, or a label in any language."""
        for option, _ in self.options:
            if text in (option, option.removeprefix("opt_")):
                return option
        return next((option for option, labels in self.options if text in labels.values()), None)

    def labels(self, language: str) -> dict[str, str]:
        """Return ``{option id: label}`` in a language, falling back to any label and then to the id."""
        return {
            option: labels.get(language) or next(iter(labels.values()), "") or option for option, labels in self.options
        }


@dataclass(frozen=True, slots=True)
class RecordType(Type):
    """A link to one record of an entity; its value is the record's id."""

    kind: Kind = field(default="record", init=False)
    entity: str

    def __str__(self) -> str:
        return {USER_ENTITY: "person", DEPARTMENT_ENTITY: "department"}.get(self.entity, "record")


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """Many values of one type, in order. Never blank, only empty."""

    kind: Kind = field(default="list", init=False)
    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


TEXT = Type("text")
NUMBER = NumberType()
BOOLEAN = Type("boolean")
DATE = Type("date")
DATETIME = Type("datetime")
DURATION = Type("duration")
FILE = Type("file")
ANY = Type("null")
"""Type of NULL: fits wherever any type is wanted."""
NULL = ANY
PERSON = RecordType(USER_ENTITY)
DEPARTMENT = RecordType(DEPARTMENT_ENTITY)


def number(scale: int | None = None, currency: str = "") -> NumberType:
    """Return a number type with annotations."""
    return replace(NUMBER, scale=scale, currency=currency)
