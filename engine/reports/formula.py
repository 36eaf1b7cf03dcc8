"""Measures worked out from parts, such as ``won / closed``: the expression language over named figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from engine.expr.compile import check
from engine.expr.schema import Scope, Symbol
from engine.expr.to_bytecode import evaluator
from engine.expr.to_pandas import evaluate_rows
from engine.expr.tree import Tree
from engine.expr.types import NUMBER
from engine.expr.values import Env, Value
from metadata.findings import Refused

COLUMNS_FROM = 5_000
"""Rows from which whole columns are quicker than one row after the other."""
_PARTS = "report_parts"


class _Parts:
    """A schema of one record whose fields are the parts."""

    def __init__(self, names: tuple[str, ...]):
        self._symbols = {name: Symbol(name, name, {"en": name}, NUMBER) for name in names}

    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self._symbols

    def by_id(self, field_id: str) -> Symbol:
        return self._symbols[field_id]


@lru_cache(maxsize=512)
def _bound(source: str, names: tuple[str, ...]) -> Tree:
    checked = check(source, Scope(_Parts(names), _PARTS), NUMBER)
    if checked.tree is None:
        raise Refused(checked.findings)
    return checked.tree


def figures(source: str, names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> list[Decimal | None]:
    """Work out one figure a row from its parts. A division by zero or a missing part gives blank.

    Raises :class:`Refused` if the source is no number expression over the parts.
    """
    tree, env = _bound(source, tuple(names)), Env()
    if len(rows) < COLUMNS_FROM:
        one = evaluator(tree)
        values = [one(env.at(row)) for row in rows]
    else:
        values = evaluate_rows(tree, rows, env)
    return [value if isinstance(value, Decimal) else None for value in values]
