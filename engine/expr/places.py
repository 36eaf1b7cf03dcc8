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
Change = Callable[[str, str, Expr], Expr]
_About = tuple[str, str]
_NOTHING: _About = ("", "")
_NOT_OURS = frozenset({"measures"})
"""Below these keys an expression is about figures, not about fields."""


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as written at a place (JSON pointer); ``entity`` is the id of the entity it is about.

    ``candidate`` is the entity of ``it``, where the expression is about records to be found.
    """

    place: str
    entity: str
    expr: Expr
    candidate: str = ""


def written(data: Json) -> Iterator[Written]:
    """Yield every expression of an application in JSON form, in document order."""
    for path, (entity, candidate), expr in _walk(data, (), _NOTHING):
        yield Written(pointer(path), entity, expr, candidate)


def rewritten(data: Json, change: Change) -> Json:
    """Return a copy in which every expression is what ``change(entity id, entity id of it, expression)`` gives."""
    return _rewrite(data, _NOTHING, change)


def _walk(node: Json, path: Path, about: _About) -> Iterator[tuple[Path, _About, Expr]]:
    if isinstance(node, dict):
        if isinstance(node.get("src"), str):
            yield path, about, expr_of(node)
            return
        about = _about(node, about)
        for key, value in node.items():
            if key not in _NOT_OURS:
                yield from _walk(value, (*path, key), about)
    elif isinstance(node, list):
        if _is_filter(node):
            yield (*path, 1), about, Expr(src=node[1])
            return
        for at, value in enumerate(node):
            yield from _walk(value, (*path, at), about)


def _rewrite(node: Json, about: _About, change: Change) -> Json:
    if isinstance(node, dict):
        if isinstance(node.get("src"), str):
            made = change(*about, expr_of(node))
            return {**node, "src": made.src, **({"refs": dict(made.refs)} if made.refs or "refs" in node else {})}
        about = _about(node, about)
        return {key: value if key in _NOT_OURS else _rewrite(value, about, change) for key, value in node.items()}
    if isinstance(node, list):
        if _is_filter(node):
            return ["expr", change(*about, Expr(src=node[1])).src]
        return [_rewrite(value, about, change) for value in node]
    return node


def _is_filter(node: list[Any]) -> bool:
    return len(node) == 2 and node[0] == "expr" and isinstance(node[1], str)


def _about(node: Mapping[str, Any], outer: _About) -> _About:
    """A query field says of which entity the records are that its condition is about."""
    options = node.get("options")
    looked_up = options.get("from") if node.get("type") == "query" and isinstance(options, dict) else None
    return _entity(node, outer[0]), looked_up if isinstance(looked_up, str) else outer[1]


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
