"""Renaming: the names in a source text follow the fields they stand for; nothing else in the text changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.expr.bind import Binder
from engine.expr.bind_names import written
from engine.expr.parse import ParseError, parse
from engine.expr.schema import Scope, Symbol
from metadata.model import Expr


def rewrite(expr: Expr, scope: Scope, names: Mapping[str, str]) -> Expr:
    """Return the expression with fields called by their new names (``{field id: name}``).

    Spans of the present text are replaced, so comments, spacing and full-width punctuation stay. The ids in ``refs``
    stay too, under the new names. A text that does not parse is returned as it is.
    """
    try:
        syntax = parse(expr.src)
    except ParseError:
        return expr
    binder = Binder(expr.src, scope, expr.refs, blank_as_zero=expr.blank_as_zero)
    binder.bind(syntax)
    source = expr.src
    for start, end, field_id in sorted(set(binder.uses), reverse=True):
        name = names.get(field_id)
        if name is not None and bare(source[start:end]) != name:
            source = source[:start] + written(name) + source[end:]
    if source == expr.src:
        return expr
    refs = {_renamed(key, field_id, names): field_id for key, field_id in {**expr.refs, **binder.names}.items()}
    return replace(expr, src=source, refs=refs)


def rename(expr: Expr, before: Scope, after: Scope) -> Expr:
    """Return the expression with every field written by its key of ``after``, where the key is what changed.

    A name that was the field's key becomes its new key; one that was a label stays while some field has that label.
    """
    changed: dict[str, str] = {}
    named = (entity for entity in before.schema.entities().values() if _has(after, entity))
    for entity in dict.fromkeys([*_entities(before, after), *named]):
        new = {symbol.id: symbol for symbol in after.fields(entity).values()}
        for symbol in before.fields(entity).values():
            later = new.get(symbol.id)
            if later is not None and later.key != symbol.key:
                changed[symbol.id] = later.key
    known = after.schema.entities()
    for name, entity in before.schema.entities().items():
        if known.get(name) != entity and entity not in changed:
            new_name = next((one for one, found in known.items() if found == entity), None)
            if new_name is not None:
                changed[entity] = new_name
    return rewrite(expr, before, changed) if changed else expr


def bare(text: str) -> str:
    """Return a name without its braces."""
    return text[1:-1].strip() if text[:1] in "{｛" else text


def _renamed(key: str, field_id: str, names: Mapping[str, str]) -> str:
    name = names.get(field_id)
    if name is None or '="' in key:
        return key
    if key.startswith("@"):
        return f"@{name}"
    entity, dot, _ = key.rpartition(".")
    return f"{entity}{dot}{name}"


def _entities(before: Scope, after: Scope) -> list[str]:
    """Return the entities an expression of the scope can reach."""
    seen: list[str] = []
    waiting = [before.entity_id]
    while waiting:
        entity = waiting.pop()
        if not entity or entity in seen:
            continue
        seen.append(entity)
        for symbol in before.fields(entity).values():
            waiting.extend(_targets(symbol))
    return [entity for entity in seen if _has(after, entity)]


def _targets(symbol: Symbol) -> list[str]:
    type_ = getattr(symbol.type, "item", symbol.type)
    target = getattr(type_, "entity", "")
    return [target] if target else []


def _has(scope: Scope, entity: str) -> bool:
    try:
        scope.fields(entity)
    except KeyError:
        return False
    return True
