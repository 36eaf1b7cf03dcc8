"""From the bound tree to SQLAlchemy: a value and a guard, for SQLite and PostgreSQL.

Nothing a person wrote becomes SQL text: literals are bound parameters, field ids are looked up by the resolver. No
expression made here can raise in the database; an error is a NULL with a guard that says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_

from engine.expr import limits
from engine.expr.functions.base import function_of
from engine.expr.specialise import specialise
from engine.expr.sql_lists import Lists
from engine.expr.sql_programs import decoder, register_sqlite_functions
from engine.expr.sql_scalars import over_rows
from engine.expr.sql_values import NotPushable, RowSource, Sql, SqlResolver
from engine.expr.tree import Call, Const, Items, Node, Path, Span, Tree
from engine.expr.values import Env, Value

__all__ = [
    "NotPushable",
    "RowSource",
    "Sql",
    "SqlResolver",
    "blockers",
    "compile_part",
    "compile_sql",
    "condition",
    "read_value",
    "register_sqlite_functions",
]


class Compiler(Lists):
    """Compiles nodes of one expression."""

    def compile(self, node: Node) -> Sql:
        """Return a node's value and guard. Raises :class:`NotPushable`."""
        if isinstance(node, Const):
            return Sql(self.constant(node))
        if isinstance(node, Path):
            return self.path(node)
        if not isinstance(node, Call):
            raise NotPushable("a list is no single value")
        made = self.logic(node)
        if made is not None:
            return made
        function = function_of(node)
        if function.query is not None:
            return function.query(self, node)
        if node.name == "LABEL" and self.native:
            return self.label(node)
        if node.name == "TOTEXT" and self.native:
            return self.text(node)
        if function.extra.get("total") or node.name in ("EXISTS", "ALL", "COUNTALL", "FIRST", "LAST"):
            if self.native or any(over_rows(arg) for arg in node.args):
                return self.total(node)
            return self.program(node)
        return self.scalar(node)


def compile_sql(tree: Tree, resolver: SqlResolver, dialect: str, env: Env, *, scale: int | None = None) -> Sql:
    """Return the value of an expression and the condition under which it is an error.

    With ``scale`` a number comes as the scaled integer a column keeps (rounded; NULL when it does not fit).
    Raises :class:`NotPushable` for what the database cannot compute.
    """
    compiler = Compiler(resolver, dialect, env)
    made = compiler.argument(specialise(tree, env))
    if scale is not None and tree.type.kind == "number":
        made = replace(made, value=compiler.as_stored(made.value, scale))
    _check_size(made.value if made.guard is None else and_(made.value.is_(None), made.guard))
    return made


def compile_part(tree: Tree, resolver: SqlResolver, dialect: str, env: Env) -> Sql:
    """Return the value of a part of an expression: a number keeps the decimals of arithmetic. Raises NotPushable."""
    made = Compiler(resolver, dialect, env).compile(tree)
    _check_size(made.value if made.guard is None else and_(made.value.is_(None), made.guard))
    return made


def condition(tree: Tree, resolver: SqlResolver, dialect: str, env: Env) -> ColumnElement[bool]:
    """Return SQL that holds exactly where the decision is yes; blank and errors are no.

    Made for WHERE: it may be NULL where it does not hold, so do not negate it; negate the expression instead.
    Raises :class:`NotPushable`.
    """
    made = Compiler(resolver, dialect, env).true(specialise(tree, env))
    _check_size(made)
    return made


def _check_size(made: ColumnElement[Any]) -> None:
    """Refuse SQL that would overflow a stack or take longer to plan than to run."""
    stack: list[tuple[Any, int]] = [(made, 1)]
    seen = 0
    while stack:
        element, depth = stack.pop()
        seen += 1
        if depth > limits.SQL_DEPTH or seen > limits.SQL_ELEMENTS:
            raise NotPushable("the database form would be too large; split the formula into computed fields")
        stack.extend((child, depth + 1) for child in element.get_children())


def read_value(tree: Tree, raw: object) -> Value:
    """Return what a database gave for :func:`compile_sql` as a canonical value."""
    if raw is None or not isinstance(raw, str | int):
        return raw
    return decoder(tree.type)[1](raw)


def blockers(tree: Tree, dialect: str) -> list[tuple[Span, str]]:
    """Return the parts that keep an expression from being computed by the database, each with the reason."""
    found: list[tuple[Span, str]] = []
    for node in tree.walk():
        if dialect in node.pushable:
            continue
        if isinstance(node, Path) and node.root == "OLD":
            found.append((node.span, "OLD"))
        elif isinstance(node, Call) and not any(dialect not in arg.pushable for arg in node.args):
            function = function_of(node)
            reason = function.sqlite if dialect == "sqlite" else function.postgresql
            found.append((node.span, reason if isinstance(reason, str) else function.name))
        elif isinstance(node, Items) and not node.items:
            continue
    return found
