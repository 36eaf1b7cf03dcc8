"""Measures worked out from parts, such as ``won / closed``: the expression language over named figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from engine.expr.compile import check
from engine.expr.schema import Scope, Symbol
from engine.expr.to_python import closure
from engine.expr.types import NUMBER
from engine.expr.values import Env, Value
from metadata.findings import Refused

_PARTS = "report_parts"


class _Parts:
    """A schema of one record whose fields are the parts."""

    def __init__(self, names: tuple[str, ...]):
        self._symbols = {name: Symbol(name, name, {"en": name}, NUMBER) for name in names}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self._symbols

    def by_id(self, field_id: str) -> Symbol:
        return self._symbols[field_id]


@lru_cache(maxsize=512)
def _compiled(source: str, names: tuple[str, ...]) -> Callable[[Env], Value]:
    checked = check(source, Scope(_Parts(names), _PARTS), NUMBER)
    if checked.tree is None:
        raise Refused(checked.findings)
    return closure(checked.tree)


def evaluate(source: str, parts: Mapping[str, Decimal | None]) -> Decimal | None:
    """Work out one figure. A division by zero or a missing part gives blank. Raises :class:`Refused` if it is no
    number expression over the parts."""
    value = _compiled(source, tuple(parts))(Env(record=parts))
    return value if isinstance(value, Decimal) else None
