"""The functions of the language. Importing this package fills the table."""

from engine.expr.functions import dates, lists, logic, maths, operators, people, text

__all__ = ["dates", "lists", "logic", "maths", "operators", "people", "text"]
