"""What a field type is: a small core, and capabilities a type opts into by overriding them.

A type says how a value is typed, stored, read, shown, filtered and converted; it never opens a connection and never
decides a permission. Callers ask ``supports(capability, f)`` instead of testing for classes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, and_, case, false, literal, or_, true

from engine.expr.types import Type
from engine.fields.operands import ME, Asking
from engine.registry import Registry
from metadata.findings import Finding
from metadata.model import Field

Value = Any
"""A canonical value: None (blank), str, bool, Decimal, date, datetime (aware, UTC) or a tuple of str."""

ColumnKind = Literal["text", "int64", "bool", "date", "instant", "json"]
Storage = Literal["columns", "links", "children", "computed", "none"]
"""``columns`` of its own, a ``links`` table, ``children`` rows of another entity, ``computed`` columns, or ``none``:
such a field has no value, what it shows is asked for."""

Holds = Literal["", "people", "departments", "files"]
"""What the ids in a value are of, where they are not records (see :meth:`FieldType.target` for those)."""

Capability = Literal["filter", "sort", "group", "search", "write", "store"]

APP_ZONE = ZoneInfo("Asia/Shanghai")
"""Zone of instants read from and written as text unless the caller names another."""

MAX_OPERANDS = 5_000
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One physical column: ``f_<field id body>_<storage tag><suffix>`` (see :meth:`FieldType.storage_tag`)."""

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
    """A value taken over from another type. ``lossy``: converting back would not give the same value, so the
    original is worth showing to a person (it is kept in any case)."""

    value: Value
    lossy: bool = False


class FieldType(ABC):
    """Core of a type. ``f`` is always the field definition the question is about.

    ``columns`` of the SQL methods are the elements of :meth:`columns`, in order. With storage ``links`` they are
    ``(record id, links.left_id, links.right_id)``: the record's id in the outer query and an alias of the link table.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    label: ClassVar[Mapping[str, str]]
    storage: ClassVar[Storage] = "columns"
    writable: ClassVar[bool] = True
    holds: ClassVar[Holds] = ""
    discloses: ClassVar[bool] = True
    """Whether a value may be shown, compared and converted at all; a secret is only revealed."""
    in_expressions: ClassVar[bool] = True
    """Whether expressions may name a field of the type."""
    pushable: ClassVar[bool] = True
    """Whether its first column alone is the value in expressions of the database."""
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

    def to_log(self, f: Field, value: Value) -> Any:
        """What the log keeps of a value, as JSON."""
        return self.to_json(f, value)

    def as_text(self, f: Field, value: Value) -> str:
        """What another type reads when a field changes to it."""
        return self.format(f, value, "en")

    @abstractmethod
    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        """Read what a person or a spreadsheet wrote. Raises :class:`InvalidValue`; ``parse(format(v)) == v``."""

    @abstractmethod
    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
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

    def storage_tag(self, f: Field) -> str:
        """Lower-case letters and digits naming how values are stored.

        Part of the column name: a change of type or options that keeps the tag needs no data change, any other one
        gets new columns beside the old. So a definition alone says where its data is, in every version.
        """
        return self.name.replace("_", "")

    def check_options(self, f: Field) -> Sequence[Finding]:
        """Findings beyond ``options_schema`` (places relative to the field)."""
        return ()

    def supports(self, capability: Capability, f: Field) -> bool:
        """Say whether the type can do something for a field: filter, sort, group, search, write, store."""
        match capability:
            case "filter":
                return bool(self.operators(f))
            case "sort":
                return self.sortable(f)
            case "group":
                return self.groupable(f)
            case "search":
                return self.searchable(f)
            case "write":
                return self.writable
            case "store":
                return bool(self.columns(f))

    # -- capabilities -------------------------------------------------------------------------------------------

    def operators(self, f: Field) -> tuple[str, ...]:
        """Filter operators; empty means not filterable."""
        return ()

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        """SQL of ``[operator, field, operand]``; two-valued, never raises. ``operand`` is canonical and resolved.

        A type without operators has no record that meets one.
        """
        return false()

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        """The same in Python; agrees with :meth:`condition` on every value (contract suite)."""
        return False

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        """Type the right side of a filter. Raises :class:`InvalidValue`.

        The result may hold ``@me`` or a relative date; :meth:`resolve_operand` settles it when the question is asked.
        """
        if operator not in self.operators(f):
            raise InvalidValue("F801", operator=operator, operators=", ".join(self.operators(f)))
        if operator in ("blank", "not_blank"):
            if raw is not None:
                raise InvalidValue("F803", operator=operator)
            return None
        if operator in LIST_OPERATORS:
            return tuple(self.accept_one_operand(f, operator, one) for one in operand_list(raw))
        if operator == "between":
            pair = operand_list(raw)
            if len(pair) != 2:
                raise InvalidValue("F804", operator=operator)
            return tuple(self.accept_one_operand(f, operator, one) for one in pair)
        return self.accept_one_operand(f, operator, raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        """Type one value on the right side of a filter; blank is refused (there are operators for it)."""
        value = self.accept(f, raw)
        if value is None or value == ():
            raise InvalidValue("F805", operator=operator)
        return value

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        """Replace ``@me`` and relative dates by what they mean for this question."""
        if operand is ME:
            return asking.user
        if isinstance(operand, tuple):
            return tuple(self.resolve_operand(f, operator, one, asking) for one in operand)
        return operand

    def sortable(self, f: Field) -> bool:
        return False

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        """Sort key, blank first when ascending; only for a sortable field."""
        return tuple(columns)

    def aggregates(self, f: Field) -> tuple[str, ...]:
        """Of count, sum, avg, min, max, distinct."""
        return ("count",)

    def groupable(self, f: Field) -> bool:
        return False

    def searchable(self, f: Field) -> bool:
        """Say whether the quick search looks into this field."""
        return False

    def search_text(self, f: Field, value: Value) -> str:
        """Text the search index keeps; empty means nothing to find."""
        return ""

    def search_condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], word: str, dialect: str
    ) -> ColumnElement[bool]:
        """SQL that says whether the field contains a word of the quick search; two-valued."""
        return false()

    def unique_key(self, f: Field, value: Value) -> str | None:
        """Normalised text for a folded unique rule; None means blank, never a duplicate."""
        return None if value is None else str(value)

    def indexable(self, f: Field) -> bool:
        """Say whether every value of the last column fits into an index entry."""
        return True

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        """Say whether a unique rule (``folded`` or ``exact``) needs a column for :meth:`unique_key`, since the value's
        own column does not tell equal values apart from different ones."""
        return False

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        """SQL text shown to someone with level ``masked``; hides everything but that there is a value."""
        return masked(columns[0].is_not(None))

    def final(self, f: Field) -> bool:
        """Say whether a value stays as it is once it is given; a person may not change it any more."""
        return False

    def target(self, f: Field) -> str:
        """Entity id a relation points to; empty for other types."""
        return ""

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        """Take over a value of another type (field ``source``). Default: through text. Raises :class:`InvalidValue`."""
        if value == source_type.blank(source):
            return Conversion(self.blank(f))
        if not source_type.discloses:
            raise InvalidValue("F117")
        text = source_type.as_text(source, value)
        made = self.parse(f, text, "en")
        if made == self.blank(f) and made is not False:
            raise InvalidValue("F100", value=text[:64])
        return Conversion(made, lossy=not self.gives_back(f, made, value, source, source_type))

    def gives_back(self, f: Field, made: Value, value: Value, source: Field, source_type: FieldType) -> bool:
        """Say whether reading ``made`` as the source type gives ``value`` again."""
        try:
            return bool(source_type.parse(source, self.format(f, made, "en"), "en") == value)
        except InvalidValue:
            return False


LIST_OPERATORS = frozenset({"in", "not_in", "has_any", "has_all", "has_none"})
BLANK_OPERATORS = ("blank", "not_blank")


def operand_list(raw: Any) -> Sequence[Any]:
    """Return the items of a list operand. Raises :class:`InvalidValue` for anything else or too many."""
    if not isinstance(raw, list | tuple):
        raise InvalidValue("F802", limit=MAX_OPERANDS)
    if len(raw) > MAX_OPERANDS:
        raise InvalidValue("F802", limit=MAX_OPERANDS)
    return raw


def masked(present: ColumnElement[bool], shown: ColumnElement[Any] | None = None) -> ColumnElement[str]:
    """SQL text: ``shown`` (or three stars) where there is a value, NULL elsewhere."""
    return case((present, literal(HIDDEN, Text) if shown is None else shown), else_=None)


def present_and(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Make a comparison two-valued without hiding it from an index: ``NULL AND FALSE`` is false."""
    return and_(condition, column.is_not(None))


def equality(column: ColumnElement[Any], operator: str, operand: Any) -> ColumnElement[bool]:
    """SQL of =, <>, in, not_in, blank, not_blank over one column; two-valued."""
    match operator:
        case "=":
            return present_and(column, column == operand)
        case "<>":
            return column.is_distinct_from(operand)
        case "in":
            return present_and(column, column.in_(operand)) if operand else false()
        case "not_in":
            return or_(column.is_(None), column.not_in(operand)) if operand else true()
        case "blank":
            return column.is_(None)
        case "not_blank":
            return column.is_not(None)
    raise ValueError(operator)


def comparison(column: ColumnElement[Any], operator: str, operand: Any) -> ColumnElement[bool]:
    """SQL of <, <=, >, >=, between, and of :func:`equality`, over one column; two-valued."""
    match operator:
        case "between":
            return present_and(column, and_(column >= operand[0], column <= operand[1]))
        case "<":
            return present_and(column, column < operand)
        case "<=":
            return present_and(column, column <= operand)
        case ">":
            return present_and(column, column > operand)
        case ">=":
            return present_and(column, column >= operand)
    return equality(column, operator, operand)


def equal_in_python(value: Value, operator: str, operand: Any) -> bool:
    """Python twin of :func:`equality`."""
    match operator:
        case "=":
            return value is not None and bool(value == operand)
        case "<>":
            return bool(value != operand)
        case "in":
            return value is not None and value in operand
        case "not_in":
            return value is None or value not in operand
        case "blank":
            return value is None
        case "not_blank":
            return value is not None
    raise ValueError(operator)


FIELD_TYPES: Registry[FieldType] = Registry("field type")
