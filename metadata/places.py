"""JSON pointers, and what a person calls the place one points to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from metadata.findings import LANGUAGES
from metadata.model import Json, Text

KINDS: Mapping[str, Text] = {
    "entities": {"zh-CN": "对象", "en": "entity"},
    "fields": {"zh-CN": "字段", "en": "field"},
    "rules": {"zh-CN": "规则", "en": "rule"},
    "forms": {"zh-CN": "表单", "en": "form"},
    "items": {"zh-CN": "项", "en": "item"},
    "views": {"zh-CN": "视图", "en": "view"},
    "prints": {"zh-CN": "打印模板", "en": "print template"},
    "flows": {"zh-CN": "流程", "en": "flow"},
    "nodes": {"zh-CN": "节点", "en": "node"},
    "edges": {"zh-CN": "连线", "en": "wire"},
    "dashboards": {"zh-CN": "仪表盘", "en": "dashboard"},
    "widgets": {"zh-CN": "图表", "en": "widget"},
    "grid": {"zh-CN": "网格", "en": "grid place"},
    "roles": {"zh-CN": "角色", "en": "role"},
    "grants": {"zh-CN": "授权", "en": "grant"},
    "menu": {"zh-CN": "菜单", "en": "menu item"},
    "options": {"zh-CN": "选项", "en": "option"},
    "samples": {"zh-CN": "示例数据", "en": "sample"},
}
"""What each list of an application holds, in the singular."""

_APP: Text = {"zh-CN": "应用", "en": "application"}
_LONGEST = 40


def pointer(parts: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a path of keys and positions."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts(place: str) -> tuple[str, ...]:
    """Split a JSON pointer into unescaped parts."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:])


def where(data: Json, place: str) -> Text:
    """Say a place in words: ``对象“客户” › 字段“名称” › type``; junk on the way is named by its position."""
    return {language: _words(data, parts(place), language) for language in LANGUAGES}


def named(definition: Mapping[str, Any], kind: str) -> Text:
    """Return kind and name of one definition, in both languages."""
    return {language: _quote(_kind(kind, language), _name(definition, language), language) for language in LANGUAGES}


def _words(data: Json, steps: Sequence[str], language: str) -> str:
    words: list[str] = []
    current, kind = data, ""
    for step in steps:
        if isinstance(current, list) and step.isdigit() and int(step) < len(current):
            current = current[int(step)]
            name = _name(current, language) or str(int(step) + 1)
            words.append(_quote(_kind(kind, language), name, language))
            kind = ""
            continue
        if kind:
            words.append(kind)
        kind = step
        current = current.get(step) if isinstance(current, Mapping) else None
    if kind:
        words.append(kind)
    return " › ".join(words) or _APP[language]


def _kind(kind: str, language: str) -> str:
    return KINDS[kind][language] if kind in KINDS else kind


def _quote(kind: str, name: str, language: str) -> str:
    return f"{kind}“{name}”" if language == "zh-CN" else f'{kind} "{name}"'


def _name(definition: Json, language: str) -> str:
    if not isinstance(definition, Mapping):
        return ""
    for key in ("label", "name"):
        text = definition.get(key)
        if isinstance(text, Mapping):
            chosen = text.get(language) or next(iter(text.values()), "")
            if isinstance(chosen, str) and chosen:
                return chosen[:_LONGEST]
    for key in ("key", "id"):
        if isinstance(definition.get(key), str) and definition[key]:
            return str(definition[key])[:_LONGEST]
    return ""
