"""Regular expressions (RE2): linear in time whatever the pattern, which must be written out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from engine.expr import limits, texts
from engine.expr.functions.base import Binder, Function, Param, define
from engine.expr.messages import error
from engine.expr.syntax import Invoke
from engine.expr.tree import Const, Node
from engine.expr.types import BOOLEAN, TEXT
from engine.expr.values import Fault

_TEXT = Param("text", "text")
_LONGEST_PATTERN = 200
_MEMORY = 2 << 20
"""Of one pattern in use; with less, some patterns take another, slower way."""


@lru_cache(maxsize=128)
def pattern(source: str, *, captures: bool = True) -> Any:
    """Return a compiled pattern (RE2: linear in time whatever the pattern). Raises ``re2.error``.

    Without captures it only tells whether there is a match, which is faster.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = not captures
    return re2.compile(source, options)


def _bind_pattern(binder: Binder, function: Function, call: Invoke) -> Node:
    args = [binder.bind_argument(arg, function.param(at), function.name) for at, arg in enumerate(call.args)]
    wanted = args[1]
    source = wanted.value if isinstance(wanted, Const) and wanted.value is not None else ""
    problem = "" if len(source) <= _LONGEST_PATTERN else f"> {_LONGEST_PATTERN}"
    if not problem:
        try:
            pattern(source)
        except re2.error as failed:
            problem = str(failed.args[0] if failed.args else failed)
    if problem:
        binder.report(error("X318", *wanted.span, problem=problem))
        return binder.poison(call)
    return binder.call(function.name, args, (call.start, call.end))


_PATTERN = Param("pattern", "text", literal=True)
_NO_PATTERNS = "patterns run outside the database"


def _replace(text: str, source: str, new: str) -> str:
    """Replace every match. Raises LIMIT before the result is too long."""
    parts: list[str] = []
    done = length = 0
    for found in pattern(source).finditer(text):
        start, end = found.span()
        if start == end == done and parts:
            continue  # an empty match right behind another match is none
        parts += (text[done:start], new)
        length += start - done + len(new)
        if length > limits.TEXT:
            raise Fault("LIMIT")
        done = end
    parts.append(text[done:])
    return texts.bounded("".join(parts))


def _extract(text: str, source: str) -> str:
    found = pattern(source).search(text)
    if found is None:
        return ""
    return (found.group(1) if found.re.groups else found.group(0)) or ""


for _name, _zh, _en, _examples, _params, _python, _result in (
    (
        "REGEXMATCH",
        "是否匹配正则表达式（RE2）。",
        "Whether a pattern (RE2) is found.",
        (('REGEXMATCH("A-102", "[0-9]+")', "TRUE"),),
        (_TEXT, _PATTERN),
        lambda text, source: pattern(source, captures=False).search(text) is not None,
        BOOLEAN,
    ),
    (
        "REGEXEXTRACT",
        "第一处匹配（有括号则取括号内）；没有则为空。",
        "The first match, or its first group; blank when there is none.",
        (('REGEXEXTRACT("order A-102", "[A-Z]-([0-9]+)")', "102"),),
        (_TEXT, _PATTERN),
        _extract,
        TEXT,
    ),
    (
        "REGEXREPLACE",
        "替换所有匹配。",
        "Replaces every match.",
        (('REGEXREPLACE("a1b22", "[0-9]+", "#")', "a#b#"),),
        (_TEXT, _PATTERN, Param("new", "text")),
        _replace,
        TEXT,
    ),
):
    define(
        Function(
            name=_name,
            group="text",
            params=_params,
            result=_result,
            docs={"zh-CN": _zh, "en": _en},
            examples=_examples,
            blank="text",
            bind=_bind_pattern,
            python=_python,
            postgresql=_NO_PATTERNS,
            errors=("LIMIT",),
            extra={"slow": True},
        )
    )
