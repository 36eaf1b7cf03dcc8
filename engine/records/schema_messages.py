"""Sentences about publishing: what a plan refuses, and what stopped it."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "R101": {
            "zh-CN": "字段“{label}”不能改为指向另一个表：原有的关联会失去意义。请新建一个字段，再停用这个字段。",
            "en": 'Field "{label}" cannot point to another entity: its links would mean nothing there. '
            "Add a new field and delete this one.",
        },
        "R102": {
            "zh-CN": "“{label}”已有记录，不能改为另一个表的子表。请新建一个子表。",
            "en": '"{label}" has records; they cannot become rows of another entity. Make a new sub-table.',
        },
        "R103": {
            "zh-CN": "字段“{label}”不能在子表与其他类型之间转换。请新建一个字段。",
            "en": 'Field "{label}" cannot be turned into or out of a sub-table. Add a new field.',
        },
        "R104": {
            "zh-CN": "字段“{label}”不能设为唯一：已有记录的值重复（{samples}）。请先合并或修改这些记录。",
            "en": 'Field "{label}" cannot be made unique: records share values ({samples}). '
            "Merge or change them first.",
        },
        "R105": {
            "zh-CN": "“{label}”的列数 {count} 超过上限 {limit}。请把部分字段移到子表或另一个表。",
            "en": '"{label}" would have {count} columns; at most {limit} are possible. '
            "Move some fields to another entity.",
        },
        "R106": {
            "zh-CN": "“{app}”正在由 {owner} 发布，请稍后再试。",
            "en": '"{app}" is being published by {owner}. Try again in a moment.',
        },
        "R107": {
            "zh-CN": "发布期间有人发布了版本 {found}，而您依据的是版本 {expected}。请刷新后重新检查。",
            "en": "Version {found} was published meanwhile; you worked from {expected}. Reload and check again.",
        },
        "R108": {
            "zh-CN": "发布在“{step}”这一步失败，没有改变任何已发布的内容：{reason}。",
            "en": 'Publishing failed at "{step}"; what was live before is unchanged: {reason}.',
        },
        "R109": {
            "zh-CN": "应用标识“{key}”已被另一个应用使用。请换一个。",
            "en": 'The application key "{key}" is used by another application. Choose another.',
        },
    }
)
