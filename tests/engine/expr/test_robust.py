"""Whatever is typed: a tree or located findings, never an exception; evaluation gives values, never exceptions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expr.compile import check
from engine.expr.functions.base import function_names
from engine.expr.to_json import encode
from engine.expr.to_python import closure
from engine.expr.values import Env, ErrorValue
from tests.engine.expr.generate import expression
from tests.engine.expr.world import DEALS, SCOPE

FIELDS = "amount rate stage name hot due at items account tags owner USER OLD it x 金额 nothing"
MARKS = "( ) ( ) [ ] , , + - * / ^ & = <> < >= % . -> AND OR NOT IN TRUE NULL LET"
LITERALS = ('"won"', '"b"', '"', "1", "0", "2.5", "1e17", "{", "}", "；", "“", "//", "/*")
WORDS = (*sorted(function_names()), *str.split(FIELDS), *str.split(MARKS), *LITERALS)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_sequence_of_words_is_answered(words: list[str]) -> None:
    source = " ".join(words)
    checked = check(source, SCOPE)
    assert (checked.tree is None) == any(finding.severity == "error" for finding in checked.findings)
    for finding in checked.findings:
        assert 0 <= finding.start <= finding.end <= len(source)
        assert "{" not in finding.text("en").replace("{" + "}", "") or "{" in source
        assert len(finding.fixes) <= 3
        for fix in finding.fixes:
            fixed = fix.apply(source)
            assert fixed != source
            after = check(fixed, SCOPE).findings
            assert (finding.code, finding.start) not in {(one.code, one.start) for one in after}
    if checked.tree is not None:
        encode(checked.tree)


CALLS = st.builds(
    lambda name, args: f"{name}({', '.join(args)})",
    st.sampled_from(sorted(name for name in function_names() if name[0].isalpha())),
    st.lists(
        st.sampled_from(
            (
                "amount", "score", "name", "code", "due", "at", "hot", "stage", "items", "items.price", "tags", "NULL",
                '"b"', "1", "0", "-1", "1e17", '">1"', "x -> x", "x -> x.price", "it", "[1, NULL, 2]", '"day"', "owner",
                '["a", "b"]', "at - NOW()", "TRUE", "[]", "account", '"[0-9]+"',
            )
        ),
        max_size=4,
    ),
)  # fmt: skip


@settings(max_examples=1_500, deadline=None)
@given(CALLS)
def test_any_call_is_refused_or_evaluates(source: str) -> None:
    checked = check(source, SCOPE)
    if checked.tree is None:
        assert checked.findings
        return
    function = closure(checked.tree)
    for record in DEALS:
        got = function(Env(record))
        assert_canonical(got, checked.tree.type.kind)


def assert_canonical(value: Any, kind: str) -> None:
    """A value is of the type the check promised; no number is out of range, no text is empty."""
    if value is None or isinstance(value, ErrorValue):
        return
    if kind == "number":
        assert isinstance(value, Decimal) and value.is_finite() and abs(value) < 10**18
        assert -value.as_tuple().exponent <= 12 or value == value.quantize(Decimal("1e-12"))  # type: ignore[operator]
    if kind == "text":
        assert isinstance(value, str) and value
    if kind == "boolean":
        assert isinstance(value, bool)


@settings(max_examples=300, deadline=None)
@given(expression(4))
def test_well_typed_expressions_evaluate(source: str) -> None:
    tree = check(source, SCOPE).tree
    if tree is not None:
        function = closure(tree)
        for record in DEALS:
            assert_canonical(function(Env(record)), tree.type.kind)


def test_no_attribute_of_a_python_object_is_reachable() -> None:
    for source in ("name.__class__", "amount.real", "USER.__init__", "items.__len__", "name.upper", "{__class__}"):
        assert check(source, SCOPE).tree is None
