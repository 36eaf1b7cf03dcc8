"""JSON Schema errors as findings: the place in words, what is wrong, and the way out, in both languages."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import jsonschema_rs

from metadata import model
from metadata.findings import Finding
from metadata.model import Json, Text
from metadata.places import pointer, where

_SHOWN = 60

_TYPES: Mapping[str, Text] = {
    "object": {"zh-CN": "对象 {…}", "en": "an object {…}"},
    "array": {"zh-CN": "列表 […]", "en": "a list […]"},
    "string": {"zh-CN": "文字", "en": "text"},
    "integer": {"zh-CN": "整数", "en": "a whole number"},
    "number": {"zh-CN": "数字", "en": "a number"},
    "boolean": {"zh-CN": "真假值（true 或 false）", "en": "true or false"},
    "null": {"zh-CN": "空值 null", "en": "null"},
}

_EXPECTED: Mapping[str, tuple[Text, Text]] = {
    "key": (
        {"zh-CN": "键名", "en": "key"},
        {
            "zh-CN": "键名用小写字母、数字和下划线，以字母开头，最长 40 个字符，例如 order_date。",
            "en": "Use lower-case letters, digits and underscores, a letter first, 40 characters at most: order_date.",
        },
    ),
    "app_key": (
        {"zh-CN": "应用键名", "en": "application key"},
        {
            "zh-CN": "用小写字母、数字和下划线，以字母开头，最长 20 个字符，例如 crm。",
            "en": "Use lower-case letters, digits and underscores, a letter first, 20 characters at most: crm.",
        },
    ),
    "icon": (
        {"zh-CN": "图标名", "en": "icon name"},
        {"zh-CN": "请用 Lucide 图标名，例如 building-2。", "en": "Use a Lucide icon name, such as building-2."},
    ),
    "field_path": (
        {"zh-CN": "字段路径", "en": "field path"},
        {"zh-CN": "例如 fld_name 或 fld_account.fld_region。", "en": "Such as fld_name or fld_account.fld_region."},
    ),
    "field_ref": (
        {"zh-CN": "字段标识", "en": "field id"},
        {"zh-CN": "例如 fld_name 或 sys_owner。", "en": "Such as fld_name or sys_owner."},
    ),
    "text": (
        {"zh-CN": "语言代码", "en": "language code"},
        {"zh-CN": '例如 {"zh-CN": "客户", "en": "Account"}。', "en": 'Such as {"zh-CN": "客户", "en": "Account"}.'},
    ),
    "version": (
        {"zh-CN": "版本号", "en": "version"},
        {"zh-CN": "例如 1.2.0。", "en": "Such as 1.2.0."},
    ),
}
_OTHER: tuple[Text, Text] = (
    {"zh-CN": "写法", "en": "form"},
    {"zh-CN": "应符合 {pattern}。", "en": "It must match {pattern}."},
)
_ID: Text = {"zh-CN": "标识", "en": "id"}

_CLASSES: Mapping[str, type[Any]] = {
    "entities": model.Entity,
    "fields": model.Field,
    "rules": model.Rule,
    "forms": model.Form,
    "views": model.View,
    "prints": model.Print,
    "colors": model.Colour,
    "items": model.FormItem,
    "flows": model.Flow,
    "nodes": model.FlowNode,
    "edges": model.FlowEdge,
    "dashboards": model.Dashboard,
    "widgets": model.Widget,
    "grid": model.GridCell,
    "roles": model.Role,
    "grants": model.Grant,
    "menu": model.MenuItem,
    "range": model.Range,
    "unique": model.Unique,
}


def finding(data: Json, error: jsonschema_rs.ValidationError) -> Iterator[Finding]:
    """Yield the finding (one for each unknown key) of one schema error about ``data``."""
    kind: Any = error.kind
    name: str = kind.name
    path = list(error.instance_path)
    if name == "propertyNames":
        inner: Any = kind.value
        yield _make("M009", data, path, value=_shown(inner.instance), **_expected(inner))
    elif name == "additionalProperties":
        for key in kind.value:
            yield _make("M008", data, [*path, key], at=path, key=_shown(key), hint=_hint(path, key))
    elif name == "required":
        yield _make("M007", data, path, key=kind.value)
    elif name == "type":
        yield _make("M006", data, path, expected=_either(kind.value), found=_TYPES[_type(error.instance)])
    elif name == "pattern":
        yield _make("M009", data, path, value=_shown(error.instance), **_expected(error))
    elif name in ("enum", "const"):
        allowed = kind.value if name == "enum" else [kind.value]
        yield _make("M010", data, path, value=_shown(error.instance), allowed=", ".join(map(str, allowed)))
    elif name in _BOUNDS:
        yield _bound(data, path, name, kind.value, error.instance)
    elif name == "uniqueItems":
        yield _make("M014", data, path)
    else:
        yield _make("M015", data, path, reason=name)


_BOUNDS: Mapping[str, str] = {
    "maxLength": "M011",
    "minLength": "M011",
    "maxItems": "M012",
    "minItems": "M012",
    "maxProperties": "M012",
    "minProperties": "M012",
    "maximum": "M013",
    "minimum": "M013",
}


def _bound(data: Json, path: Sequence[str | int], name: str, limit: Any, instance: Any) -> Finding:
    code = _BOUNDS[name]
    amount = instance if code == "M013" else len(instance)
    upper = name.startswith("max")
    words: Text = {
        "zh-CN": f"{'最多' if upper else '最少'} {limit} ",
        "en": f"{'at most' if upper else 'at least'} {limit}",
    }
    return _make(code, data, path, amount=amount, limit=words)


def _make(
    code: str, data: Json, path: Sequence[str | int], at: Sequence[str | int] | None = None, **params: Any
) -> Finding:
    return Finding(code, pointer(path), {"where": where(data, pointer(path if at is None else at)), **params})


def _expected(error: Any) -> dict[str, Any]:
    steps = [str(step) for step in error.schema_path]
    for step in reversed(steps):
        if step in _EXPECTED:
            expected, example = _EXPECTED[step]
            return {"expected": expected, "example": example}
        if step.endswith("_id"):
            such = f"{step[:-3]}_order"
            return {"expected": _ID, "example": {"zh-CN": f"例如 {such}。", "en": f"Such as {such}."}}
    expected, template = _OTHER
    pattern = str(getattr(error.kind, "value", ""))[:_SHOWN]
    return {"expected": expected, "example": {k: v.replace("{pattern}", pattern) for k, v in template.items()}}


def _hint(path: Sequence[str | int], key: str) -> Text:
    names = [str(step) for step in path if isinstance(step, str) and not step.isdigit()]
    owner = _CLASSES.get(names[-1]) if names else model.App
    known = [item.name for item in fields(owner)] if owner else []
    close = difflib.get_close_matches(key[:_SHOWN], known, n=1)
    if close:
        return {"zh-CN": f"是不是想写“{close[0]}”？", "en": f'Did you mean "{close[0]}"?'}
    return {"zh-CN": "请删除它。", "en": "Delete it."}


def _either(types: Sequence[str]) -> Text:
    return {
        "zh-CN": "或".join(_TYPES[one]["zh-CN"] for one in types),
        "en": " or ".join(_TYPES[one]["en"] for one in types),
    }


def _type(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return names[type(value)]


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
