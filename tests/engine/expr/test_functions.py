"""Every entry of the function table: documented in both languages, and its examples are true."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.expr.compile import check
from engine.expr.functions.base import FUNCTIONS, Function, find_function, function_names
from engine.expr.reference import reference
from engine.expr.texts import to_text
from engine.expr.to_python import closure
from engine.expr.types import ListType
from engine.expr.values import ErrorValue
from tests.engine.expr.showcase import SCOPE, env

ENV = env()
SHOWN = [function for function in FUNCTIONS if not function.hidden]
EXAMPLES = [(function.name, source, shown) for function in FUNCTIONS for source, shown in function.examples]


def shown_value(value: Any) -> str:
    """A value as documentation shows it."""
    if isinstance(value, ErrorValue):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(shown_value(item) for item in value)
    return to_text(ENV, value) or ""


@pytest.mark.parametrize(("name", "source", "shown"), EXAMPLES)
def test_example(name: str, source: str, shown: str) -> None:
    checked = check(source, SCOPE)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    got = closure(checked.tree)(env())
    if name == "SQRT" and isinstance(got, Decimal):
        got = got.quantize(Decimal("1e-11"))
    assert shown_value(got) == shown


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.name)
def test_documented(function: Function) -> None:
    assert set(function.docs) == {"zh-CN", "en"}
    assert all(function.docs.values())
    assert function.examples
    for name in (function.name, *function.aliases):
        assert find_function(name.lower()) in (function, None if not name[0].isalpha() else function)


@pytest.mark.parametrize("function", list(FUNCTIONS), ids=lambda function: function.name)
def test_says_how_each_database_computes_it_or_why_not(function: Function) -> None:
    if function.sql is not None or function.query is not None or function.rows is not None:
        return
    assert callable(function.postgresql) or (isinstance(function.postgresql, str) and function.postgresql)
    assert function.python is not None or function.form is not None, "SQLite runs the Python form"


def test_names_are_unique_in_any_case() -> None:
    names = [name.upper() for name in function_names()]
    assert len(names) == len(set(names))


def test_reference_page_is_current() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "functions.md"
    assert page.read_text(encoding="utf-8") == reference(), "run python -m engine.expr.reference"


def test_types_of_results_are_static() -> None:
    for function in SHOWN:
        for source, shown in function.examples:
            tree = check(source, SCOPE).tree
            assert tree is not None
            got = closure(tree)(env())
            if got is None or isinstance(got, ErrorValue):
                continue
            kinds = {"number": Decimal, "text": str, "boolean": bool, "list": list}
            wanted = kinds.get("list" if isinstance(tree.type, ListType) else tree.type.kind)
            assert wanted is None or isinstance(got, wanted), (source, shown, got)
