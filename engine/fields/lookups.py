"""Fields of linked records shown here, and totals over them: formulas that nobody has to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from engine.fields.computed import FormulaType
from metadata.findings import Finding
from metadata.model import Field

ROLLUPS = ("count", "sum", "avg", "min", "max", "distinct", "join", "earliest", "latest", "and", "or")
_RESULT_OF: Mapping[str, str] = {
    "count": "number",
    "distinct": "number",
    "join": "text",
    "and": "boolean",
    "or": "boolean",
}
_RESULT = {
    key: schema for key, schema in FormulaType.options_schema["properties"].items() if key not in ("expr", "words")
}
_ID = {"type": "string", "minLength": 1, "maxLength": 64}
_SEPARATOR = {"type": "string", "maxLength": 10}


class LookupType(FormulaType):
    """The field ``field`` of the record that the link ``via`` leads to; over a link to many, their texts joined.

    Computed, stored and kept up like the formula ``via.field``, so whoever may not read its source does not see it.
    ``result`` says what the value is, as a formula's does.
    """

    name = "lookup"
    label = {"zh-CN": "他表字段", "en": "Lookup"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["via", "field", "result"],
        "additionalProperties": False,
        "properties": {"via": _ID, "field": _ID, "separator": _SEPARATOR, **_RESULT},
    }

    def check_options(self, f: Field) -> Sequence[Finding]:
        return ()


class RollupType(FormulaType):
    """A total over the rows of a sub-table or link ``via``, or over the records of ``from`` whose link ``via`` leads
    here; ``filter`` narrows them (``it`` is the row). Computed and kept up like a formula."""

    name = "rollup"
    label = {"zh-CN": "汇总", "en": "Rollup"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["via", "fn", "result"],
        "additionalProperties": False,
        "properties": {
            "via": _ID,
            "from": _ID,
            "fn": {"enum": list(ROLLUPS)},
            "field": _ID,
            "filter": {"type": "object", "required": ["src"], "properties": {"src": {"type": "string"}}},
            "separator": _SEPARATOR,
            **_RESULT,
        },
    }

    def check_options(self, f: Field) -> Sequence[Finding]:
        kind = str(f.options.get("fn"))
        if kind != "count" and not f.options.get("field"):
            return (Finding("F913", "/options/field", {"label": f.label}),)
        result = _RESULT_OF.get(kind)
        if result is not None and f.options.get("result") != result:
            return (Finding("F914", "/options/result", {"label": f.label, "result": result}),)
        return ()
