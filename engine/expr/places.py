"""Every text of the language in an application's JSON form, wherever it stands, with the entity it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expr.bind import Binder
from engine.expr.derived import expr_of
from engine.expr.parse import ParseError, parse
from engine.expr.schema import Scope
from metadata.model import Expr, Json
from metadata.places import pointer

Path = tuple[str | int, ...]
_NOT_OURS = frozenset({"measures"})
"""Below these keys an expression is about figures, not about fields."""


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as written at a place (JSON pointer); ``entity`` is the id of the entity it is about."""

    place: str
    entity: str
    expr: Expr


def written(data: Json) -> Iterator[Written]:
    """Yield every expression of an application in JSON form, in document order."""
    for path, entity, expr in _walk(data, (), ""):
        yield Written(pointer(path), entity, expr)


def rewritten(data: Json, change: Callable[[str, Expr], Expr]) -> Json:
    """Return a copy in which every expression is what ``change(entity id, expression)`` gives."""
    return _rewrite(data, "", change)


def _walk(node: Json, path: Path, entity: str) -> Iterator[tuple[Path, str, Expr]]:
    if isinstance(node, dict):
        if isinstance(node.get("src"), str):
            yield path, entity, expr_of(node)
            return
        entity = _entity(node, entity)
        for key, value in node.items():
            if key not in _NOT_OURS:
                yield from _walk(value, (*path, key), entity)
    elif isinstance(node, list):
        if _is_filter(node):
            yield (*path, 1), entity, Expr(src=node[1])
            return
        for at, value in enumerate(node):
            yield from _walk(value, (*path, at), entity)


def _rewrite(node: Json, entity: str, change: Callable[[str, Expr], Expr]) -> Json:
    if isinstance(node, dict):
        if isinstance(node.get("src"), str):
            made = change(entity, expr_of(node))
            return {**node, "src": made.src, **({"refs": dict(made.refs)} if made.refs or "refs" in node else {})}
        entity = _entity(node, entity)
        return {key: value if key in _NOT_OURS else _rewrite(value, entity, change) for key, value in node.items()}
    if isinstance(node, list):
        if _is_filter(node):
            return ["expr", change(entity, Expr(src=node[1])).src]
        return [_rewrite(value, entity, change) for value in node]
    return node


def _is_filter(node: list[Any]) -> bool:
    return len(node) == 2 and node[0] == "expr" and isinstance(node[1], str)


def _entity(node: Mapping[str, Any], outer: str) -> str:
    """An entity's own parts are about it; a view, flow, grant or data set says which one it is about."""
    own = node.get("id")
    if isinstance(own, str) and own.startswith("ent_"):
        return own
    named = node.get("entity")
    return named if isinstance(named, str) and named.startswith("ent_") and "type" not in node else outer


def mentions(expr: Expr, scope: Scope) -> frozenset[str]:
    """Return the ids of everything an expression names: fields, entities, options, roles; nothing if it is no text of
    the language."""
    try:
        syntax = parse(expr.src)
    except ParseError:
        return frozenset()
    binder = Binder(expr.src, scope, expr.refs, blank_as_zero=expr.blank_as_zero)
    binder.bind(syntax)
    return frozenset({*(found for _, _, found in binder.uses), *binder.names.values()})
