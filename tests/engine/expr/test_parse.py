"""Grammar: precedence, full-width input, what is refused and how it is explained, limits."""

from __future__ import annotations

import importlib.resources
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expr import limits, tables
from engine.expr.normalise import normalise
from engine.expr.parse import ParseError, parse
from engine.expr.syntax import Chain, Compare, Dot, Invoke, Items, Name, Syntax, Unary, Value, Within


def shape(node: Syntax) -> str:
    """The tree, written with every bracket."""
    if isinstance(node, Value):
        return str(node.value)
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Dot):
        return f"{shape(node.base)}.{node.name}"
    if isinstance(node, Chain):
        return "(" + shape(node.first) + "".join(f" {op} {shape(part)}" for op, part in node.rest) + ")"
    if isinstance(node, Compare):
        return f"({shape(node.left)} {node.op} {shape(node.right)})"
    if isinstance(node, Unary):
        return f"({shape(node.operand)}%)" if node.op == "%" else f"({node.op} {shape(node.operand)})"
    if isinstance(node, Within):
        return f"({shape(node.left)} {'not in' if node.negated else 'in'} {shape(node.right)})"
    if isinstance(node, Items):
        return "[" + ", ".join(shape(item) for item in node.items) + "]"
    if isinstance(node, Invoke):
        return f"{node.name}({', '.join(shape(arg) for arg in node.args)})"
    return f"{node.name} -> {shape(node.body)}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("-2^2", "((- 2) ^ 2)"),
        ("2^3^2", "(2 ^ 3 ^ 2)"),
        ("a.b.c%", "(a.b.c%)"),
        ("-x%", "(- (x%))"),
        ("1 + 2 * 3 - 4 / 5", "(1 + (2 * 3) - (4 / 5))"),
        ("2 ^ 3 * 4", "((2 ^ 3) * 4)"),
        ("a & b + c", "(a & (b + c))"),
        ("a & b = c & d", "((a & b) = (c & d))"),
        ("1 > 2 OR 3 < 4", "((1 > 2) OR (3 < 4))"),
        ("a OR b AND c", "(a OR (b AND c))"),
        ("NOT a = b", "(NOT (a = b))"),
        ("NOT(a) = b", "(NOT(a) = b)"),
        ("NOT (a) = b", "(NOT (a = b))"),
        ("NOT a AND b", "((NOT a) AND b)"),
        ("NOT NOT a", "(NOT (NOT a))"),
        ("AND(a, b) OR c", "(AND(a, b) OR c)"),
        ("a AND (b OR c)", "(a AND (b OR c))"),
        ("OR (a, b)", "OR(a, b)"),
        ("x IN [1, 2]", "(x in [1, 2])"),
        ("x NOT  IN [1]", "(x not in [1])"),
        ("a & b IN c", "((a & b) in c)"),
        ("not x in [1]", "(NOT (x in [1]))"),
        ("a == b", "(a = b)"),
        ("a != b && !c || d", "(((a <> b) AND (NOT c)) OR d)"),
        ("a ≥ 1 and b ≠ 2", "((a >= 1) AND (b <> 2))"),
        ("SUM(items, x -> x.price * x.qty)", "SUM(items, x -> (x.price * x.qty))"),
        ("{客户 名称}.{地区 (新)}", "客户 名称.地区 (新)"),
        ("客户名称", "客户名称"),
        (".5 + 1e3 + 0.5", "(0.5 + 1E+3 + 0.5)"),
        ("'it''s' & \"a\"\"b\"", "(it's & a\"b)"),
        ("1 // one\n + /* two */ 2", "(1 + 2)"),
        ("TRUE() AND false", "(True AND False)"),
        ("[]", "[]"),
        ("f()", "f()"),
        ("innings in android", "(innings in android)"),
        ("IF（a ＞ １０，“大”，‘小’）", None),
        ("NULL = x", "(None = x)"),
    ],
)
def test_precedence(source: str, expected: str | None) -> None:
    if expected is None:
        source, expected = "IF（a ＞ 10，“大”，‘小’）", "IF((a > 10), 大, 小)"
    assert shape(parse(source)) == expected


def test_spans_are_those_of_the_source() -> None:
    source = "IF（客户 ＞ 10， b.c， （1＋2））"
    tree = parse(source)
    assert isinstance(tree, Invoke)
    assert [source[arg.start : arg.end] for arg in tree.args] == ["客户 ＞ 10", "b.c", "（1＋2）"]


@given(st.text(alphabet="（），；：＝＞＜＋－＊／＆％｛｝［］“”‘’\"'{}/*ab 中\n", max_size=40))
def test_normalisation_keeps_positions(source: str) -> None:
    assert len(normalise(source)) == len(source)


def test_normalisation_leaves_text_alone() -> None:
    assert normalise("“（a）”&{（b）}//（c）\n＋1") == '"（a）"&{（b）}//（c）\n+1'
    assert normalise('"他说“好”，" ＆ x') == '"他说“好”，" & x'


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    try:
        parse(source)
    except ParseError as refused:
        finding = refused.finding
        assert 0 <= finding.start <= finding.end <= len(source)
        assert finding.text("zh-CN") and finding.text("en")


@pytest.mark.parametrize(
    ("source", "code", "start", "fixed"),
    [
        ('IF(amount > 100000, "big" "small")', "X101", 26, 'IF(amount > 100000, "big", "small")'),
        ("SUM(items.price", "X102", 15, "SUM(items.price)"),
        ("SUM([1, 2", "X102", 9, "SUM([1, 2])"),
        ("a < b < c", "X107", 6, "a < b AND b < c"),
        ("f(a; b)", "X112", 3, "f(a, b)"),
        ("FILTER(items, x => x.qty > 0)", "X111", 16, "FILTER(items, x -> x.qty > 0)"),
        ("(1 + 2))", "X106", 7, "(1 + 2)"),
        ('IF(a, "b)', "X103", 6, 'IF(a, "b")'),
        ("a b", "X105", 2, "a AND b"),
        ("f(a,)", "X104", 4, "f(a)"),
        ("1 + ", "X109", 4, "1"),
        ("a # b", "X108", 2, None),
        ("   ", "X110", 0, None),
    ],
)
def test_explanations(source: str, code: str, start: int, fixed: str | None) -> None:
    with pytest.raises(ParseError) as refused:
        parse(source)
    finding = refused.value.finding
    assert (finding.code, finding.start, finding.kind) == (code, start, "SYNTAX")
    assert len(finding.fixes) <= 3
    if fixed is not None:
        assert finding.fixes[0].apply(source) == fixed
    for fix in finding.fixes:
        parse(fix.apply(source))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("(" * 100_000, "X501"),
        ("(" * 64 + "1" + ")" * 64, "X502"),
        ("[" * 41 + "]" * 41, "X502"),
        ("-" * 3_000 + "1", "X502"),
        ("NOT " * 900 + "a", "X502"),
        ("x" + "%" * 3_000, "X502"),
        ("a" + ".b" * 1_500, "X502"),
        ("1+" * 50_000 + "1", "X501"),
    ],
)
def test_bombs_are_refused_at_once(source: str, code: str) -> None:
    before = time.process_time()
    with pytest.raises(ParseError) as refused:
        parse(source)
    assert refused.value.finding.code == code
    assert time.process_time() - before < 5


def test_long_chains_are_flat() -> None:
    tree = parse("+".join(["1"] * 1_900))
    assert isinstance(tree, Chain) and len(tree.rest) == 1_899
    deep = "(" * limits.NESTING + "1" + ")" * limits.NESTING
    assert shape(parse(deep)) == "1"


def test_ready_made_tables_are_current() -> None:
    stored = importlib.resources.files("engine.expr").joinpath("tables.json").read_text(encoding="utf-8")
    assert json.loads(stored)["grammar"] == tables.fingerprint(), "run python -m engine.expr.tables"
    for source in ("1 + 2 * x", "NOT(a) = b OR f(x -> x.y)"):
        loaded, built = tables.parser_tables(None).parse(source), tables.build_parser(None).parse(source)
        assert loaded == built
