"""Records of another entity that meet a condition, shown in a form. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from engine.expr.types import ListType, RecordType, Type
from engine.fields.base import APP_ZONE, ColumnSpec, Conversion, FieldType, InvalidValue, Value
from metadata.findings import Finding
from metadata.model import Field

MAX_COLUMNS = 12
MAX_SORTS = 3
MOST = 100
USUAL = 10
_ID = {"type": "string", "minLength": 1, "maxLength": 64}


class QueryType(FieldType):
    """The records of the entity ``from`` for which ``filter`` holds: ``it`` is such a record, other names are fields of
    the record the field belongs to. Without a filter these are all records.

    It has no value of its own, so it is blank everywhere; what it shows is asked for when it is shown
    (``engine.records.queries``), by whoever looks. ``columns`` are fields of that entity, ``limit`` rows make a page.
    """

    name = "query"
    label = {"zh-CN": "关联查询", "en": "Query"}
    storage = "none"
    writable = False
    in_expressions = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["from", "columns"],
        "additionalProperties": False,
        "properties": {
            "from": {"type": "string", "pattern": "^ent_[a-z0-9][a-z0-9_]{0,39}$"},
            "filter": {
                "type": "object",
                "required": ["src"],
                "properties": {"src": {"type": "string"}, "refs": {"type": "object"}},
            },
            "columns": {"type": "array", "minItems": 1, "maxItems": MAX_COLUMNS, "items": _ID},
            "sort": {
                "type": "array",
                "maxItems": MAX_SORTS,
                "items": {
                    "type": "object",
                    "required": ["field"],
                    "additionalProperties": False,
                    "properties": {"field": _ID, "dir": {"enum": ["asc", "desc"]}},
                },
            },
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": "null", "readOnly": True}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return ()

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is not None:
            raise InvalidValue("F119")
        return None

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return ()

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return None

    def to_json(self, f: Field, value: Value) -> Any:
        return None

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if text.strip():
            raise InvalidValue("F119")
        return None

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ""

    def expr_type(self, f: Field) -> Type:
        """Type of what it shows; expressions do not see the field (``in_expressions``)."""
        return ListType(RecordType(str(f.options.get("from", ""))))

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ()

    def check_options(self, f: Field) -> Sequence[Finding]:
        columns: Sequence[Any] = f.options.get("columns", ())
        twice = [at for at, one in enumerate(columns) if one in columns[:at]]
        return [Finding("F915", f"/options/columns/{at}", {"label": f.label}) for at in twice]

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        """Take nothing over: what another type held has no place here."""
        if value == source_type.blank(source):
            return Conversion(None)
        raise InvalidValue("F119")
