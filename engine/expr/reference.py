"""The reference of every function, as a page: ``python -m engine.expr.reference`` writes ``docs/functions.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.expr.functions.base import FUNCTIONS, Function, Group
from engine.expr.values import ErrorValue

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


_SHOWCASE = (
    "例子中的记录：合同 HT-0042，负责人 owner 陈静（部门 department 为 总部/销售部/华东组，上级王伟，再上级李娜），"
    "金额 amount 由 100 改为 120，产品编码 product 为 A-1；对象 product（产品）有 code 与 price。"
    "现在是 2024-06-01 12:00，当前用户陈静。  ",
    "The record of the examples: contract HT-0042 of owner 陈静 (department 总部/销售部/华东组; she reports to 王伟, "
    "he to 李娜), its amount just changed from 100 to 120, its product is A-1; the entity product has code and price. "
    "It is 2024-06-01 12:00, and 陈静 asks.",
)
"""The record of ``tests/engine/expr/showcase.py``, which the examples are about."""
_BLANK: dict[str, str] = {
    "propagate": "空值得空值 / blank for a blank",
    "text": "空文本当作空串 / blank text reads as empty",
    "own": "空值见说明 / blanks: see above",
}


def reference() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 函数参考 / Function reference"
    yield ""
    yield "由函数表生成，请勿手改。 / Generated from the function table; do not edit."
    yield ""
    yield from _SHOWCASE
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
    yield _traits(function)
    yield ""


def _traits(function: Function) -> str:
    """Return what blanks do, which errors there are, and who computes it."""
    if function.python is None and function.form is None:  # written as other functions
        parts = ["由其他函数组成 / Made of other functions"]
    else:
        parts = [_BLANK[function.blank]]
        codes = " ".join(f"`{ErrorValue(code)}`" for code in function.errors)
        parts.append(f"错误 / errors: {codes or '–'}")
        for name, form in (("SQLite", function.sqlite), ("PostgreSQL", function.postgresql)):
            parts.append(f"{name}: {f'– ({form})' if isinstance(form, str) and function.sql is None else '✓'}")
    parts.append(f"浏览器 / browser: {f'– ({function.browser})' if function.browser else '✓'}")
    return " · ".join(parts)


if __name__ == "__main__":
    page = Path(__file__).resolve().parents[2] / "docs" / "functions.md"
    page.write_text(reference(), encoding="utf-8")
