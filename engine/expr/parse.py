"""Source text to a syntax tree, or to one located finding with fixes.

The grammar is LALR with a contextual lexer (``grammar.lark``); its tables are built once per process. Nothing here
recurses, and sizes are checked before anything else looks at the text, so a bomb costs a scan.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from engine.expr import limits, syntax
from engine.expr.messages import ExprFinding, Fix, error, warning
from engine.expr.normalise import normalise
from engine.expr.syntax import Syntax
from engine.expr.tables import parser_tables

_LARGEST_POWER = 100_000
"""Beyond any limit of the language, and still what a Decimal can hold."""
_CANONICAL = {"==": "=", "!=": "<>", "≠": "<>", "≤": "<=", "≥": ">="}
_SKIP = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\{[^{}\n]*\}|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/""")
_ALIAS = re.compile(r"==|!=|&&|\|\||!")
_SPELLED = {"==": "=", "!=": "<>", "&&": "AND", "||": "OR", "!": "NOT"}
_SLIPS = {"=>": ("->", ">="), "=<": ("<=",), "><": ("<>",), "=!": ("<>",)}
_SAID = {"且": "AND", "并且": "AND", "和": "AND", "或": "OR", "或者": "OR", "非": "NOT"}
_LOOKALIKES = {"》": ">", "《": "<", "、": ","}
_PAIRS = {")": "(", "]": "["}
_CLOSING = {"(": ")", "[": "]"}
_VALUE_STARTS = frozenset({"NUMBER", "NAME"})


class ParseError(Exception):
    """A text that is no formula. Carries the finding."""

    def __init__(self, finding: ExprFinding):
        self.finding = finding
        super().__init__(finding.text("en"))


def parse(source: str) -> Syntax:
    """Return the syntax tree of a source text. Raises :class:`ParseError`."""
    if len(source) > limits.SOURCE:
        raise ParseError(
            error("X501", limits.SOURCE, limits.SOURCE, got=f"{len(source):,}", limit=f"{limits.SOURCE:,}")
        )
    text = normalise(source)
    if not text.strip():
        raise ParseError(error("X110", 0, 0))
    _check_brackets(text)
    try:
        tree = cast(Syntax, _parser().parse(text))
    except UnexpectedInput as unexpected:
        raise ParseError(_explain(text, unexpected)) from None
    _check_depth(tree)
    return tree


def aliases(source: str) -> ExprFinding | None:
    """Return the one hint about operators of other languages in a text that parses, or None.

    They mean the same; the fix writes all of them in the standard form.
    """
    if not any(mark in source for mark in "=!&|！＆｜＝"):
        return None
    text = normalise(source)
    found = list(_ALIAS.finditer(mask_literals(text)))
    if not found:
        return None
    first, last = found[0], found[-1]
    written, at = "", first.start()
    for one in found:
        word = _SPELLED[one[0]]
        if word.isalpha():
            ahead, behind = source[one.start() - 1 : one.start()], source[one.end() : one.end() + 1]
            word = (" " if ahead.isalnum() else "") + word + ("" if behind.isspace() else " ")
        written += source[at : one.start()] + word
        at = one.end()
    fix = Fix(first.start(), last.end(), written)
    return warning("X701", first.start(), first.end(), fix, fix=_SPELLED[first[0]])


def mask_literals(text: str) -> str:
    """Return the text with literals, braced names and comments blanked out, positions unchanged."""
    return _SKIP.sub(lambda match: " " * len(match[0]), text)


def _check_brackets(text: str) -> None:
    depth = 0
    for at, character in enumerate(mask_literals(text)):
        if character in "([":
            depth += 1
            if depth > limits.NESTING:
                raise ParseError(error("X502", at, at + 1, limit=limits.NESTING))
        elif character in ")]":
            depth -= 1


def _check_depth(tree: Syntax) -> None:
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > limits.NESTING:
            raise ParseError(error("X502", node.start, node.end, limit=limits.NESTING))
        stack.extend((child, depth + 1) for child in node.children())


# -- building the tree ------------------------------------------------------------------------------------------


def _chain(kind: syntax.ChainKind, operators: tuple[str, ...] | str, parts: tuple[Any, ...]) -> Syntax:
    if isinstance(operators, str):
        rest = tuple((operators, part) for part in parts[1:])
    else:
        rest = tuple((str(parts[at]), parts[at + 1]) for at in range(1, len(parts), 2))
    return syntax.Chain(parts[0].start, parts[-1].end, kind, parts[0], rest)


@v_args(inline=True)
class _Build(Transformer[Token, Syntax]):
    """One method a grammar rule; positions come from the tokens."""

    def start(self, tree: Syntax) -> Syntax:
        return tree

    def or_(self, *parts: Syntax) -> Syntax:
        return _chain("or", "OR", parts)

    def and_(self, *parts: Syntax) -> Syntax:
        return _chain("and", "AND", parts)

    def cat(self, *parts: Syntax) -> Syntax:
        return _chain("cat", "&", parts)

    def add(self, *parts: Syntax | Token) -> Syntax:
        return _chain("add", (), parts)

    def mul(self, *parts: Syntax | Token) -> Syntax:
        return _chain("mul", (), parts)

    def pow(self, *parts: Syntax) -> Syntax:
        return _chain("pow", "^", parts)

    def negate(self, word: Token, operand: Syntax) -> Syntax:
        return syntax.Unary(_start(word), operand.end, "NOT", operand)

    def sign(self, op: Token, operand: Syntax) -> Syntax:
        return syntax.Unary(_start(op), operand.end, "-" if op == "-" else "+", operand)

    def percent(self, operand: Syntax, sign: Token) -> Syntax:
        return syntax.Unary(operand.start, _end(sign), "%", operand)

    def compare(self, left: Syntax, op: Token, right: Syntax) -> Syntax:
        canonical: Any = _CANONICAL.get(op, str(op))
        return syntax.Compare(left.start, right.end, canonical, left, right)

    def within(self, left: Syntax, op: Token, right: Syntax) -> Syntax:
        return syntax.Within(left.start, right.end, op.type == "NOT_IN", left, right)

    def dot(self, base: Syntax, name: Token) -> Syntax:
        text = name[1:-1] if name.type == "BRACED" else str(name)
        return syntax.Dot(base.start, _end(name), base, text, _start(name), _end(name))

    def number(self, token: Token) -> Syntax:
        mantissa, _, exponent = token.lower().partition("e")
        power = max(-_LARGEST_POWER, min(int(exponent or 0), _LARGEST_POWER))
        value = Decimal(f"{mantissa}e{power}")
        return syntax.Value(_start(token), _end(token), value)

    def string(self, token: Token) -> Syntax:
        quote = token[0]
        return syntax.Value(_start(token), _end(token), token[1:-1].replace(quote * 2, quote))

    def true(self, token: Token, close: Token | None = None) -> Syntax:
        return syntax.Value(_start(token), _end(close or token), True)

    def false(self, token: Token, close: Token | None = None) -> Syntax:
        return syntax.Value(_start(token), _end(close or token), False)

    def null(self, token: Token) -> Syntax:
        return syntax.Value(_start(token), _end(token), None)

    def name(self, token: Token) -> Syntax:
        return syntax.Name(_start(token), _end(token), str(token), _start(token), _end(token))

    def braced(self, token: Token) -> Syntax:
        return syntax.Name(_start(token), _end(token), token[1:-1], _start(token), _end(token))

    def group(self, open_: Token, inner: Syntax, close: Token) -> Syntax:
        return replace(inner, start=_start(open_), end=_end(close))

    def items(self, open_: Token, *rest: Syntax | Token) -> Syntax:
        items = cast(tuple[Syntax, ...], rest[:-1])
        return syntax.Items(_start(open_), _end(cast(Token, rest[-1])), items)

    def invoke(self, name: Token, *rest: Syntax | Token) -> Syntax:
        args = cast(tuple[Syntax, ...], rest[:-1])
        return syntax.Invoke(_start(name), _end(cast(Token, rest[-1])), str(name), _end(name), args)

    def arrow(self, name: Token, body: Syntax) -> Syntax:
        return syntax.Arrow(_start(name), body.end, str(name), body)


def _start(token: Token) -> int:
    return cast(int, token.start_pos)


def _end(token: Token) -> int:
    return cast(int, token.end_pos)


@cache
def _parser() -> Lark:
    return parser_tables(_Build())


# -- explaining what is wrong -------------------------------------------------------------------------------------


def _parses(text: str) -> bool:
    try:
        _parser().parse(text)
    except UnexpectedInput:
        return False
    return True


def _explain(text: str, unexpected: UnexpectedInput) -> ExprFinding:
    """Turn a parser's refusal into a sentence, and try single edits; the ones that parse become fixes."""
    masked = mask_literals(text)
    quote = _open_quote(masked)
    if quote is not None:
        inner = len(re.sub(r"[)\]\s]+$", "", text))
        ends = [Fix(at, at, text[quote]) for at in (inner, len(text)) if at > quote]
        return error("X103", quote, len(text), *_working(text, ends), at=quote + 1)
    if isinstance(unexpected, UnexpectedCharacters):
        return _explain_character(text, unexpected.pos_in_stream or 0)
    token = cast(UnexpectedToken, unexpected).token
    accepted = set(cast(UnexpectedToken, unexpected).accepts or cast(UnexpectedToken, unexpected).expected)
    wants_value = bool(accepted & _VALUE_STARTS)
    if token.type == "$END":
        return _explain_end(text, masked, wants_value)
    start, end = _start(token), _end(token)
    return _explain_token(text, masked, str(token), start, end, wants_value, "COMMA" in accepted)


def _explain_character(text: str, at: int) -> ExprFinding:
    character = text[at]
    if character == ";":
        masked = mask_literals(text)
        ends = [place for place, one in enumerate(masked) if one == ";"]
        every = "".join("," if place in ends else one for place, one in enumerate(text[at : ends[-1] + 1], at))
        return error("X112", at, at + 1, *_working(text, [Fix(at, ends[-1] + 1, every)]))
    tries = [Fix(at, at + 1, _LOOKALIKES.get(character, ""))]
    if character == "{":
        name = re.match(r"\{\s*\w+", text[at:])
        tries = [Fix(at + name.end(), at + name.end(), "}")] if name else []
    fixes = _working(text, tries)
    return error("X108", at, at + 1, *fixes, token=character)


def _explain_end(text: str, masked: str, wants_value: bool) -> ExprFinding:
    end = len(text)
    opened = _open_brackets(masked)
    if wants_value:
        trimmed = re.sub(r"\s*(?:[-+*/&^=<>,]+|\b(?:AND|OR|NOT|IN))\s*$", "", text, flags=re.I)
        fixes = _working(text, [Fix(len(trimmed), end, "".join(_CLOSING[b] for _, b in reversed(opened)))])
        return error("X109", end, end, *fixes)
    if opened:
        at, bracket = opened[-1]
        closing = "".join(_CLOSING[b] for _, b in reversed(opened))
        return error("X102", end, end, *_working(text, [Fix(end, end, closing)]), at=at + 1, bracket=bracket)
    return error("X109", end, end)


def _explain_token(
    text: str, masked: str, token: str, start: int, end: int, wants_value: bool, wants_comma: bool
) -> ExprFinding:
    before = len(text[:start].rstrip())
    for slip, meant in _SLIPS.items():
        for at in (start - 1, start):
            if text[at : at + 2] == slip and at >= 0:
                fixes = _working(text, [Fix(at, at + 2, one) for one in meant])
                if fixes:
                    return error("X111", at, at + 2, *fixes, token=slip)
    if token in ("<", "<=", ">", ">=", "=", "<>", "==", "!=") and not wants_value:
        chained = _chained_comparison(text, start)
        if chained:
            return error("X107", start, end, chained, fix=chained.apply(text))
    if text[start - 1 : start + 1] == "->":
        return error("X316", start - 1, start + 1)
    if token in _PAIRS and not wants_value and not _open_brackets(masked[:start]):
        return error("X106", start, end, *_working(text, [Fix(start, end, "")]), token=token)
    if wants_value:
        fixes = _working(text, [Fix(start, end, ""), Fix(before - 1, before, "")])
        return error("X104", start, end, *fixes)
    comma = _working(text, [Fix(before, before, ",")]) if wants_comma else []
    if comma:
        return error("X101", start, start, *comma)
    tries = [Fix(before, start, f" {word} ") for word in ("AND", "&")] + [Fix(start, end, "")]
    if token in _SAID:
        tries = [Fix(start, end, _SAID[token])]
    elif token == "(" and text[before - 1 : before].isdigit():
        tries = [Fix(before, start, " * ")]
    return error("X105", start, end, *_working(text, tries), token=token)


def _working(text: str, candidates: list[Fix]) -> list[Fix]:
    return [fix for fix in candidates if 0 <= fix.start <= fix.end and _parses(fix.apply(text))]


def _open_quote(masked: str) -> int | None:
    found = [at for at in (masked.find('"'), masked.find("'")) if at >= 0]
    return min(found) if found else None


def _open_brackets(masked: str) -> list[tuple[int, str]]:
    """Return the brackets still open at the end, outermost first."""
    stack: list[tuple[int, str]] = []
    for at, character in enumerate(masked):
        if character in "([":
            stack.append((at, character))
        elif character in ")]" and stack and stack[-1][1] == _PAIRS[character]:
            stack.pop()
    return stack


def _chained_comparison(text: str, start: int) -> Fix | None:
    """For ``a < b < c`` return the edit to ``a < b AND b < c`` (the middle must be a plain operand)."""
    left = re.search(r"([^\s()<>=,]+)\s*$", text[:start])
    if left is None:
        return None
    fix = Fix(start, start, f"AND {left[1]} ")
    return fix if _parses(fix.apply(text)) else None
