"""The functions of the language. Importing this package fills the table."""

from engine.expr.functions import (
    branches,
    conditional,
    dates,
    lists,
    logic,
    maths,
    operators,
    people,
    text,
    totals,
    writing,
)

__all__ = [
    "branches",
    "conditional",
    "dates",
    "lists",
    "logic",
    "maths",
    "operators",
    "people",
    "text",
    "totals",
    "writing",
]
