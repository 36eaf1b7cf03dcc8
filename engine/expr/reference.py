"""The reference of every function, as a page: ``python -m engine.expr.reference`` writes ``docs/functions.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.expr.functions.base import FUNCTIONS, Function, Group

GROUPS: dict[Group, tuple[str, str]] = {
    "operator": ("运算符", "Operators"),
    "logic": ("逻辑", "Logic"),
    "math": ("数学", "Numbers"),
    "text": ("文本", "Text"),
    "date": ("日期与时间", "Dates and times"),
    "list": ("列表", "Lists"),
    "record": ("记录", "Records"),
    "person": ("人员", "People"),
    "chinese": ("中国", "China"),
    "misc": ("其他", "Other"),
}
"""Groups of functions in the order people meet them, with their names."""


def reference() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 函数参考 / Function reference"
    yield ""
    yield "由函数表生成，请勿手改。 / Generated from the function table; do not edit."
    yield ""
    yield "语言说明见 [expressions.md](expressions.md)。 / The language: [expressions.md](expressions.md)."
    for group, (zh, en) in GROUPS.items():
        functions = [function for function in FUNCTIONS if function.group == group and not function.hidden]
        if functions:
            yield from ("", f"## {zh} / {en}", "")
            for function in functions:
                yield from _entry(function)


def _entry(function: Function) -> Iterator[str]:
    yield f"### {function.name}"
    yield ""
    if function.name[0].isalpha():
        yield f"`{function.signature()}`"
        yield ""
    yield f"{function.docs['zh-CN']}  "
    yield function.docs["en"]
    names = [name for name in function.aliases if name[0].isalpha()]
    if names:
        yield ""
        yield f"别名 / Also: {', '.join(f'`{name}`' for name in names)}"
    yield ""
    for source, shown in function.examples:
        yield f"- `{source}` → {f'`{shown}`' if shown else '(空 / blank)'}"
    if function.examples:
        yield ""
    reason = function.postgresql if isinstance(function.postgresql, str) else ""
    if reason:
        yield f"PostgreSQL: – ({reason})"
        yield ""


if __name__ == "__main__":
    page = Path(__file__).resolve().parents[2] / "docs" / "functions.md"
    page.write_text(reference(), encoding="utf-8")
