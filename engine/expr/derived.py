"""Lookups and rollups written as the formulas they are, so that one machinery computes, stores and keeps them.

A lookup is a path (``account.region``), a rollup a total over rows: those of a sub-table or link of the record, or the
records of another entity whose link leads here. Names are the fields' present keys, so nothing has to be renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.expr.bind_names import written
from engine.expr.schema import DEPARTMENT_FIELDS, USER_FIELDS, Schema, Symbol
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY, ListType, RecordType
from metadata.model import Expr, Field

COMPUTED: Final = ("formula", "lookup", "rollup")
"""Field types whose values come from an expression."""

_TOTALS: Final[Mapping[str, str]] = {
    "sum": "SUM",
    "avg": "AVERAGE",
    "min": "MIN",
    "max": "MAX",
    "earliest": "MIN",
    "latest": "MAX",
}
_PEOPLE: Final[Mapping[str, Mapping[str, Symbol]]] = {USER_ENTITY: USER_FIELDS, DEPARTMENT_ENTITY: DEPARTMENT_FIELDS}


def computed_expr(field: Field, schema: Schema, entity_id: str) -> Expr | None:
    """Return the expression of a computed field of an entity; None for any other field, or options without one.

    What a lookup or rollup names and is not there stands in the text as it is, so that binding it says what is wrong.
    """
    if field.type == "formula":
        return held_expr(field.options.get("expr"))
    if field.type == "lookup":
        return Expr(src=_lookup(field.options, schema))
    if field.type == "rollup":
        return _rollup(field.options, schema, entity_id)
    return None


def expr_of(raw: Mapping[str, Any]) -> Expr:
    """Return an expression from its JSON form."""
    return Expr(
        src=raw["src"],
        refs=dict(raw.get("refs") or {}),
        lang=int(raw.get("lang") or 1),
        blank_as_zero=bool(raw.get("blank_as_zero")),
    )


def held_expr(raw: Any) -> Expr | None:
    """Return an expression that options hold, as it is or in its JSON form; None for anything else."""
    if isinstance(raw, Expr):
        return raw
    return expr_of(raw) if isinstance(raw, Mapping) and isinstance(raw.get("src"), str) else None


def _lookup(options: Mapping[str, Any], schema: Schema) -> str:
    via, wanted = _symbol(options.get("via"), schema), _symbol(options.get("field"), schema)
    path = f"{_name(via, options.get('via'))}.{_name(wanted, options.get('field'))}"
    item = wanted.type if wanted is not None else None
    if isinstance(item, RecordType) and item.entity in _PEOPLE:
        path, item = f"{path}.name", None
    if via is not None and isinstance(via.type, ListType):
        return f"JOIN({path}, {_text(_separator(options))})"
    if isinstance(item, ListType):
        return f"JOIN({path}, {_text(_separator(options))})"
    if options.get("result", "text") == "text" and item is not None and item.kind != "text":
        return f'{path} & ""'
    return path


def _rollup(options: Mapping[str, Any], schema: Schema, entity_id: str) -> Expr:
    """A total over ``FILTER(rows, condition)``; ``it`` is the row in the condition."""
    condition = held_expr(options.get("filter"))
    source = _total(options, schema, _rows(options, schema, entity_id, condition))
    return Expr(src=source, refs=condition.refs if condition is not None else {})


def _rows(options: Mapping[str, Any], schema: Schema, entity_id: str, condition: Expr | None) -> str:
    via = _symbol(options.get("via"), schema)
    extra = f"({condition.src})" if condition is not None and condition.src.strip() else ""
    own = via is not None and any(one.id == via.id for one in schema.fields(entity_id).values())
    if own:
        rows = _name(via, "")
        return f"FILTER({rows}, {extra})" if extra else rows
    entity = next((key for key, one in schema.entities().items() if one == options.get("from")), "")
    here = f"it.{_name(via, options.get('via'))} = RECORDID()"
    return f"FILTER({written(entity or str(options.get('entity')))}, {f'{here} AND {extra}' if extra else here})"


def _total(options: Mapping[str, Any], schema: Schema, rows: str) -> str:
    kind = str(options.get("fn", "count"))
    if kind == "count":
        return f"COUNTALL({rows})"
    source = _symbol(options.get("field"), schema)
    wanted = _name(source, options.get("field"))
    if kind in ("and", "or"):
        return f"{'ALL' if kind == 'and' else 'EXISTS'}({rows}, it.{wanted})"
    values = f"{rows}.{wanted}"
    if kind == "distinct":
        return f"COUNTALL(DISTINCT({values}))"
    if kind == "join":
        return f"JOIN({values}, {_text(_separator(options))})"
    if source is not None and source.type.kind == "duration":  # totals are over numbers; hours are exact enough
        return f"HOURS({_TOTALS.get(kind, kind)}({rows}, x -> TOTALHOURS(x.{wanted})))"
    return f"{_TOTALS.get(kind, kind)}({values})"


def _symbol(field_id: Any, schema: Schema) -> Symbol | None:
    try:
        return schema.by_id(str(field_id))
    except KeyError:
        return None


def _name(symbol: Symbol | None, otherwise: Any) -> str:
    return written(symbol.key if symbol is not None else str(otherwise or "?"))


def _separator(options: Mapping[str, Any]) -> str:
    return str(options.get("separator", "、"))


def _text(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
