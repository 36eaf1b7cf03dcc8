"""Are the fields of an application sound: known types, options their types accept, defaults that are values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import engine.fields.builtin  # noqa: F401 - the types an application may name
from engine.deferred import deferred
from engine.fields.base import FIELD_TYPES, FieldType, InvalidValue
from metadata.findings import Finding
from metadata.model import SYSTEM_FIELDS, App, Field

jsonschema: Any = deferred("jsonschema")  # only a check needs it, not a start


def check_fields(app: App) -> list[Finding]:
    """Return every finding about types, options, unique rules and defaults; unknown types are warnings."""
    found: list[Finding] = []
    for number, entity in enumerate(app.entities):
        known = {field.id: field for field in entity.fields}
        for place, field in enumerate(entity.fields):
            if field.trashed or entity.trashed:
                continue
            at = f"/entities/{number}/fields/{place}"
            wrong = [*_check(field, known), *(_check_query(field, app) if field.type == "query" else ())]
            found += [Finding(one.code, at + one.place, one.params, one.severity) for one in wrong]
    return found


def _check_query(field: Field, app: App) -> Iterator[Finding]:
    """A query field shows and sorts by fields of the entity it looks into."""
    entity = next((one for one in app.entities if one.id == field.options.get("from") and not one.trashed), None)
    if entity is None:
        yield Finding("F916", "/options/from", {"label": field.label})
        return
    known = {one.id: one for one in (*SYSTEM_FIELDS, *entity.fields) if not one.trashed}
    for place, wanted, sorting in _named_by(field):
        shown = known.get(wanted)
        kind = FIELD_TYPES.find(shown.type) if shown is not None else None
        if shown is None or kind is None:
            yield Finding("F917", place, {"label": field.label, "entity": entity.label, "name": wanted})
        elif (not kind.sortable(shown)) if sorting else kind.storage in ("children", "none"):
            yield Finding("F918" if sorting else "F919", place, {"label": field.label, "name": shown.label})


def _named_by(field: Field) -> Iterator[tuple[str, str, bool]]:
    """Yield the fields a query names: where, which, and whether to sort by it."""
    for at, name in enumerate(field.options.get("columns") or ()):
        yield f"/options/columns/{at}", str(name), False
    for at, one in enumerate(field.options.get("sort") or ()):
        if isinstance(one, Mapping):
            yield f"/options/sort/{at}/field", str(one.get("field")), True


def _check(field: Field, known: Mapping[str, Field]) -> Iterator[Finding]:
    field_type = FIELD_TYPES.find(field.type)
    if field_type is None:
        yield Finding("F910", "/type", {"label": field.label, "type": field.type}, "warning")
        return
    wrong = list(_schema_findings(field, field_type))
    yield from wrong
    if wrong:
        return
    yield from field_type.check_options(field)
    if field.unique is not None:
        yield from _check_unique(field, field_type, known)
    if field.default is not None:
        try:
            field_type.accept(field, field.default)
        except InvalidValue as error:
            yield error.at("/default")


def _schema_findings(field: Field, field_type: FieldType) -> Iterator[Finding]:
    validator = jsonschema.Draft202012Validator(dict(field_type.options_schema))
    for error in sorted(
        validator.iter_errors(_plain(field.options)), key=lambda one: list(map(str, one.absolute_path))
    ):
        place = "/options" + "".join(f"/{part}" for part in error.absolute_path)
        yield Finding("F911", place, {"label": field.label, "reason": error.message[:200]})


def _check_unique(field: Field, field_type: FieldType, known: Mapping[str, Field]) -> Iterator[Finding]:
    if not field_type.columns(field) or not field_type.discloses:
        yield Finding("F912", "/unique", {"label": field.label})
    for number, scope in enumerate(field.unique.scope if field.unique else ()):
        other = known.get(scope)
        other_type = FIELD_TYPES.find(other.type) if other else None
        if other is not None and (other_type is None or not _comparable(other, other_type)):
            yield Finding("F912", f"/unique/scope/{number}", {"label": other.label})


def _comparable(field: Field, field_type: FieldType) -> bool:
    columns: Sequence[Any] = field_type.columns(field)
    return bool(columns) and columns[0].kind != "json"


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as plain JSON; an expression held as an object counts as its JSON form."""
    return {key: {"src": value.src} if hasattr(value, "src") else value for key, value in options.items()}
