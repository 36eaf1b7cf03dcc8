"""Names of types for people, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expr.types import ListType, Type

Text = Mapping[str, str]

_NAMES: Mapping[str, Text] = {
    "text": {"zh-CN": "文本", "en": "text"},
    "number": {"zh-CN": "数字", "en": "a number"},
    "boolean": {"zh-CN": "是非值", "en": "true or false"},
    "date": {"zh-CN": "日期", "en": "a date"},
    "datetime": {"zh-CN": "日期时间", "en": "a date and time"},
    "moment": {"zh-CN": "日期或日期时间", "en": "a date, with or without time"},
    "duration": {"zh-CN": "时长", "en": "a duration"},
    "choice": {"zh-CN": "选项", "en": "an option"},
    "record": {"zh-CN": "记录", "en": "a record"},
    "person": {"zh-CN": "人员", "en": "a person"},
    "department": {"zh-CN": "部门", "en": "a department"},
    "file": {"zh-CN": "附件", "en": "a file"},
    "null": {"zh-CN": "空值", "en": "blank"},
    "list": {"zh-CN": "列表", "en": "a list"},
    "scalar": {"zh-CN": "单个值", "en": "a single value"},
    "any": {"zh-CN": "任意值", "en": "any value"},
    "rows": {"zh-CN": "明细列表", "en": "a list of records"},
}


def type_name(type_: Type) -> Text:
    """Return what to call a type."""
    if isinstance(type_, ListType):
        item = type_name(type_.item)
        return {"zh-CN": f"{item['zh-CN']}列表", "en": f"a list ({item['en'].removeprefix('a ').removeprefix('an ')})"}
    return _NAMES[str(type_)]


def wanted_name(accepts: str) -> Text:
    """Return what to call what a parameter takes."""
    return _NAMES[accepts]
