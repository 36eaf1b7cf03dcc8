"""What a field type is: a small core, and capabilities a type opts into by overriding them.

A type says how a value is typed, stored, read, shown, filtered and converted; it never opens a connection and never
decides a permission. Callers ask ``supports(name)`` instead of testing for classes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from sqlalchemy import ColumnElement

from engine.expr.types import Type
from engine.registry import Registry
from metadata.findings import Finding
from metadata.model import Field

Value = Any
"""A canonical value: None (blank), str, bool, Decimal, date, datetime (aware, UTC) or a tuple of str."""

ColumnKind = Literal["text", "int64", "bool", "date", "instant", "json"]
Storage = Literal["columns", "links", "children", "computed"]
"""``columns`` of its own, a ``links`` table, ``children`` rows of another entity, or ``computed`` columns."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One physical column; its name is ``f_<field id body>`` plus ``_<suffix>`` when there are several."""

    kind: ColumnKind
    suffix: str = ""


class InvalidValue(ValueError):
    """A value that is not of the type. Carries code and params of the finding; the caller knows the place."""

    def __init__(self, code: str, **params: Any):
        self.code, self.params = code, params
        super().__init__(code)

    def at(self, place: str) -> Finding:
        """Return the finding at a place."""
        return Finding(self.code, place, self.params)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Outcome of converting one value to another type: kept, or refused with the original shown to a person."""

    value: Value
    lossy: bool = False


class FieldType(ABC):
    """Core of a type. ``f`` is always the field definition the question is about."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    label: ClassVar[Mapping[str, str]]
    storage: ClassVar[Storage] = "columns"
    options_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "additionalProperties": False, "properties": {}}

    @abstractmethod
    def value_schema(self, f: Field) -> dict[str, Any]:
        """JSON Schema 2020-12 of a value as it travels over the API (blank is null and always allowed here)."""

    @abstractmethod
    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        """Physical columns, in order; empty for ``links`` and ``children``."""

    @abstractmethod
    def accept(self, f: Field, raw: Any) -> Value:
        """Type a value that came as JSON or as a canonical value. Raises :class:`InvalidValue`. Never guesses text."""

    @abstractmethod
    def to_json(self, f: Field, value: Value) -> Any:
        """Canonical value to its JSON form: decimals as plain strings, dates ISO, instants ``...Z``."""

    @abstractmethod
    def parse(self, f: Field, text: str, locale: str) -> Value:
        """Read what a person or a spreadsheet wrote. Raises :class:`InvalidValue`; ``parse(format(v)) == v``."""

    @abstractmethod
    def format(self, f: Field, value: Value, locale: str) -> str:
        """Write a value for people and for export; blank is the empty string."""

    @abstractmethod
    def expr_type(self, f: Field) -> Type:
        """Type of the field in the expression language."""

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        """Canonical value to one storable value a column (same order as :meth:`columns`)."""
        return (value,)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        """Stored values to the canonical value."""
        return row[0]

    def blank(self, f: Field) -> Value:
        """The empty value; a switch is False, everything else None or an empty tuple."""
        return None

    def check_options(self, f: Field) -> Sequence[Finding]:
        """Findings beyond ``options_schema`` (places relative to the field)."""
        return ()

    # -- capabilities -------------------------------------------------------------------------------------------

    def operators(self, f: Field) -> tuple[str, ...]:
        """Filter operators; empty means not filterable."""
        return ()

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        """SQL of ``[operator, field, operand]``; two-valued, never raises. ``operand`` is canonical."""
        raise NotImplementedError(self.name)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        """The same in Python; agrees with :meth:`condition` on every value (contract suite)."""
        raise NotImplementedError(self.name)

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        """Type the right side of a filter. Raises :class:`InvalidValue`."""
        return self.accept(f, raw)

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        """Sort key; empty means not sortable."""
        return tuple(columns)

    def aggregates(self, f: Field) -> tuple[str, ...]:
        """Of count, sum, avg, min, max, distinct."""
        return ("count",)

    def groupable(self, f: Field) -> bool:
        return False

    def search_text(self, f: Field, value: Value) -> str:
        """Text the search index keeps; empty means not searched."""
        return ""

    def unique_key(self, f: Field, value: Value) -> str | None:
        """Normalised text for a folded unique rule; None means blank, never a duplicate."""
        return None if value is None else str(value)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        """SQL text shown to someone with level ``masked``; default hides everything but that there is a value."""
        raise NotImplementedError(self.name)

    def target(self, f: Field) -> str:
        """Entity id a relation points to; empty for other types."""
        return ""

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        """Take over a value of another type (field ``source``). Default: through text. Raises :class:`InvalidValue`."""
        text = source_type.format(source, value, "en")
        return Conversion(self.parse(f, text, "en"), lossy=source_type.name != self.name)

    def upgrade_options(self, options: Mapping[str, Any], from_version: int) -> Mapping[str, Any]:
        return options


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field definition together with its type; what the record layer passes around."""

    field: Field
    type: FieldType = field(compare=False)


FIELD_TYPES: Registry[FieldType] = Registry("field type")
