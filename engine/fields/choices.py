"""Choices: yes or no, one option, several options. An option is known by its id; labels may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, false, func, literal, or_

from engine.expr.types import BOOLEAN, Choice, ListType, Type
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    equal_in_python,
    equality,
    masked,
    present_and,
)
from engine.fields.folding import folded_key
from engine.fields.id_lists import SEPARATOR, IdList
from metadata.findings import Finding, in_language
from metadata.model import Field

SELECT_OPERATORS = ("=", "<>", "in", "not_in", *BLANK_OPERATORS)
_YES = frozenset({"是", "真", "有", "对", "√", "✓", "✔", "yes", "y", "true", "t", "1", "on"})
_NO = frozenset({"否", "假", "无", "错", "×", "✗", "no", "n", "false", "f", "0", "off"})
MAX_OPTIONS = 1_000
COLORS = ("ok", "warn", "bad", "info", "violet", "teal", "neutral")
OPTION: dict[str, Any] = {
    "type": "object",
    "required": ["id", "label"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^opt_[a-z0-9][a-z0-9_]{0,39}$"},
        "label": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "color": {"enum": list(COLORS)},
        "probability": {"type": ["number", "string"]},
        "retired": {"type": "boolean"},
    },
}
OPTION_LIST: dict[str, Any] = {"type": "array", "maxItems": MAX_OPTIONS, "items": OPTION}


def choices_of(f: Field) -> list[dict[str, Any]]:
    """Return the values of a field that have names, each with ``id``, ``label`` and perhaps ``color``.

    They are the options of a choice, and the ``words`` of a text formula.
    """
    named = f.options.get("options") or [{"id": w["value"], **w} for w in f.options.get("words", ())]
    return [{key: value for key, value in one.items() if key != "value"} for one in named]


class SwitchType(FieldType):
    """Yes or no; never blank, so a column that was added later reads as no."""

    name = "switch"
    label = {"zh-CN": "开关", "en": "Switch"}

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["boolean", "null"]}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("bool"),)

    def blank(self, f: Field) -> Value:
        return False

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return False
        if not isinstance(raw, bool):
            raise InvalidValue("F401", value=str(raw)[:64])
        return raw

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (bool(value),)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return bool(row[0])

    def to_json(self, f: Field, value: Value) -> Any:
        return bool(value)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        word = folded_key(text)
        if not word or word in _NO:
            return False
        if word in _YES:
            return True
        raise InvalidValue("F401", value=text.strip()[:64])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        if locale.startswith("zh"):
            return "是" if value else "否"
        return "Yes" if value else "No"

    def expr_type(self, f: Field) -> Type:
        return BOOLEAN

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("=", "<>")

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if not isinstance(raw, bool):
            raise InvalidValue("F401", value=str(raw)[:64])
        return raw

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        column = columns[0]
        if operand == (operator == "="):
            return present_and(column, column == literal(True, column.type))
        return or_(column.is_(None), column == literal(False, column.type))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return (bool(value) == bool(operand)) == (operator == "=")

    def sortable(self, f: Field) -> bool:
        return True

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        return (func.coalesce(columns[0], false()),)

    def groupable(self, f: Field) -> bool:
        return True

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "distinct")

    def unique_key(self, f: Field, value: Value) -> str | None:
        return None if not value else "true"

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        return masked(or_(columns[0].is_(None), columns[0].is_not(None)))


class _Options:
    """What one and several options share."""

    def check_options(self, f: Field) -> Sequence[Finding]:
        found: list[Finding] = []
        ids: set[str] = set()
        labels: set[tuple[str, str]] = set()
        for index, option in enumerate(options_of(f)):
            place = f"/options/options/{index}"
            if option["id"] in ids:
                found.append(Finding("F903", place + "/id", {"id": option["id"]}))
            ids.add(option["id"])
            for language, label in option.get("label", {}).items():
                key = (language, folded_key(label))
                if key in labels:
                    found.append(Finding("F904", f"{place}/label/{language}", {"label": label}))
                labels.add(key)
        return found


class SelectType(_Options, FieldType):
    """One of a list of options."""

    name = "select"
    label = {"zh-CN": "单选", "en": "Select"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["options"],
        "additionalProperties": False,
        "properties": {"options": OPTION_LIST},
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"enum": [*(option["id"] for option in options_of(f)), None]}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"),)

    def accept(self, f: Field, raw: Any) -> Value:
        return None if raw is None or raw == "" else option_id(f, raw)

    def to_json(self, f: Field, value: Value) -> Any:
        return value

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return read_option(f, text) if text.strip() else None

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else option_label(f, value, locale)

    def expr_type(self, f: Field) -> Type:
        return Choice(tuple((option["id"], option["label"]) for option in options_of(f)))

    def operators(self, f: Field) -> tuple[str, ...]:
        return SELECT_OPERATORS

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return equality(columns[0], operator, operand)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return equal_in_python(value, operator, operand)

    def sortable(self, f: Field) -> bool:
        return True

    def sort_order(self, f: Field) -> Sequence[str]:
        """Ids of the options in the order they sort: the one the designer gave them."""
        return [option["id"] for option in options_of(f)]

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        places = {option: place for place, option in enumerate(self.sort_order(f))}
        if not places:
            return (columns[0],)
        return (case(places, value=columns[0], else_=case((columns[0].is_(None), None), else_=len(places))),)

    def groupable(self, f: Field) -> bool:
        return True

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "distinct")

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, MultiSelectType) and value:
            made = take_option(f, value[0], source)
            if len(value) > 1:
                raise InvalidValue("F404", count=len(value), limit=1)
            return Conversion(made, lossy=option_for(source, f, made) != value[0])
        if isinstance(source_type, SelectType) and value is not None:
            made = take_option(f, value, source)
            return Conversion(made, lossy=option_for(source, f, made) != value)
        return super().convert(f, value, source, source_type)


class MultiSelectType(_Options, IdList):
    """Any number of a list of options, in the order chosen."""

    name = "multi_select"
    label = {"zh-CN": "多选", "en": "Multi-select"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["options"],
        "additionalProperties": False,
        "properties": {"options": OPTION_LIST},
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        ids = [option["id"] for option in options_of(f)]
        return {"type": ["array", "null"], "items": {"enum": ids or [None]}, "maxItems": MAX_OPTIONS}

    def limit(self, f: Field) -> int:
        return MAX_OPTIONS

    def accept_item(self, f: Field, raw: Any) -> str:
        return option_id(f, raw)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        """Labels are told apart by ``,``, ``;`` or ``、``; one that holds such a sign is matched whole first."""
        if not text.strip():
            return ()
        return self.accept(f, list(_read_labels(f, text)))

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(option_label(f, one, locale) for one in value)

    def expr_type(self, f: Field) -> Type:
        return ListType(Choice(tuple((option["id"], option["label"]) for option in options_of(f))))

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, SelectType | MultiSelectType) and value:
            held = value if isinstance(value, tuple) else (value,)
            made = tuple(dict.fromkeys(take_option(f, one, source) for one in held))
            back = tuple(option_for(source, f, one) for one in made)
            return Conversion(made, lossy=back != held)
        return super().convert(f, value, source, source_type)


def options_of(f: Field) -> Sequence[Mapping[str, Any]]:
    """Return the options of a field in the designer's order."""
    return f.options.get("options", ())  # type: ignore[no-any-return]


def option_id(f: Field, raw: Any) -> str:
    """Return the id when it is one of the options. Raises :class:`InvalidValue`."""
    for option in options_of(f):
        if option["id"] == raw:
            return str(raw)
    raise no_option(f, raw)


def option_label(f: Field, option: str, language: str) -> str:
    """Return the label of an option; an option that is gone shows its id."""
    for one in options_of(f):
        if one["id"] == option:
            return in_language(one.get("label", {}), language) or option
    return option


def read_option(f: Field, text: str) -> str:
    """Return the option a text names: by id, or by label in any language, whatever the case and width."""
    found = find_option(f, text)
    if found is None:
        raise no_option(f, text.strip())
    return found


def find_option(f: Field, text: str) -> str | None:
    """As :func:`read_option`, with None for no such option and for a label that several have."""
    plain, key = text.strip(), folded_key(text)
    for option in options_of(f):
        if option["id"] == plain:
            return plain
    named = [
        str(option["id"])
        for option in options_of(f)
        if any(folded_key(label) == key for label in option.get("label", {}).values())
    ]
    return named[0] if len(named) == 1 else None


def take_option(f: Field, option: str, source: Field) -> str:
    """Return the option of ``f`` that stands for an option of ``source``: same id, else same label."""
    found = option_for(f, source, option)
    if found is None:
        raise no_option(f, option_label(source, option, "en"))
    return found


def option_for(f: Field, source: Field, option: str) -> str | None:
    """As :func:`take_option`, with None for no such option."""
    if any(one["id"] == option for one in options_of(f)):
        return option
    labels: Mapping[str, str] = next((one.get("label", {}) for one in options_of(source) if one["id"] == option), {})
    return next((found for label in labels.values() if (found := find_option(f, label)) is not None), None)


def _read_labels(f: Field, text: str) -> Iterator[str]:
    starts = [0, *(found.end() for found in SEPARATOR.finditer(text))]
    ends = [*(found.start() for found in SEPARATOR.finditer(text)), len(text)]
    at = 0
    while at < len(starts):
        for last in range(len(ends) - 1, at - 1, -1):
            piece = text[starts[at] : ends[last]]
            found = find_option(f, piece) if piece.strip() else None
            if found is not None:
                yield found
                break
        else:
            last = at
            if text[starts[at] : ends[at]].strip():
                raise no_option(f, text[starts[at] : ends[at]].strip())
        at = last + 1


def no_option(f: Field, raw: Any) -> InvalidValue:
    """Return the refusal of something that is no option, with the first options there are."""
    labels = {
        language: "、".join(in_language(option.get("label", {}), language) for option in options_of(f)[:20])
        for language in ("zh-CN", "en")
    }
    labels["en"] = labels["en"].replace("、", ", ")
    return InvalidValue("F402", value=str(raw)[:64], options=labels)
