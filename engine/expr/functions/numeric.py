"""Functions of numbers that give a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expr.functions.base import Column, Param, entries
from engine.expr.types import NUMBER
from engine.expr.values import Value

NUMBER_PARAM = Param("number", "number")

_entry = entries("math")


def define_numeric(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    python: Callable[..., Value],
    postgresql: Callable[..., Column],
    *params: Param,
    **more: Any,
) -> None:
    """Add a function of one number, or of what ``params`` say."""
    result = more.pop("result", NUMBER)
    _entry(name, zh, en, examples, params or (NUMBER_PARAM,), result, python, postgresql, **more)
