"""What is said about views: V1xx definitions and saved views, V2xx questions views ask."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "V101": {
            "zh-CN": "没有名为“{kind}”的视图种类。可用：{known}。请换一种，或安装提供它的插件。",
            "en": 'There is no kind of view "{kind}". There are: {known}. Use another one, or install its plug-in.',
        },
        "V102": {
            "zh-CN": "{kind}视图没有“{part}”这一项。可用：{known}。请删去它。",
            "en": 'A view of the kind "{kind}" has no part "{part}". It has: {known}. Take it out.',
        },
        "V103": {
            "zh-CN": "{kind}视图需要为“{part}”选择一个字段。请在视图设置里选择。",
            "en": 'A view of the kind "{kind}" needs a field for "{part}". Choose one in the settings of the view.',
        },
        "V104": {
            "zh-CN": "字段“{label}”不能用作{kind}视图的“{part}”。请选择这些类型之一的字段：{known}。",
            "en": 'The field "{label}" cannot be the "{part}" of a view of the kind "{kind}". Use a field of: {known}.',
        },
        "V105": {
            "zh-CN": "字段“{label}”不能用作“{part}”：它必须关联到本对象自己。请换一个字段。",
            "en": 'The field "{label}" cannot be the "{part}": it must link to records of the same entity. Use another one.',
        },
        "V106": {
            "zh-CN": "{kind}视图没有参数“{option}”。可用：{known}。请删去它。",
            "en": 'A view of the kind "{kind}" has no setting "{option}". It has: {known}. Take it out.',
        },
        "V107": {
            "zh-CN": "{kind}视图的参数“{option}”的值不对，应为{expected}。",
            "en": 'The setting "{option}" of a view of the kind "{kind}" has a wrong value; it must be {expected}.',
        },
        "V108": {
            "zh-CN": "{kind}视图至少要为这些项之一选择字段：{parts}。请在视图设置里选择。",
            "en": 'A view of the kind "{kind}" needs a field for at least one of: {parts}. Choose one in its settings.',
        },
        "V109": {
            "zh-CN": "字段“{label}”可能出现循环，不能用作个人视图的“{part}”。请管理员先在应用里为它建一个层级视图。",
            "en": 'The field "{label}" may hold circles, so it cannot be the "{part}" of a personal view. '
            "Ask an administrator to add a hierarchy view of it to the application first.",
        },
        "V201": {
            "zh-CN": "“{path}”不能用于此视图：它必须是本对象自己的字段。请选择另一个字段。",
            "en": '"{path}" cannot be used in this view: it must be a field of the entity itself. Use another one.',
        },
        "V202": {
            "zh-CN": "日期范围不对：请给出从早到晚、最多 {limit} 天的两个日期。",
            "en": "The range of days is wrong: give two dates, the earlier first, at most {limit} days apart.",
        },
    }
)
