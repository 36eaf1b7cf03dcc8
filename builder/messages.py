"""Texts of what the designer refuses."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "B101": {
            "zh-CN": "草稿在您打开之后被 {who} 修改过（现在是第 {rev} 版）。请重新载入后再改。",
            "en": "The draft was changed by {who} after you opened it (now at revision {rev}). Load it again, then edit.",
        },
        "B103": {"zh-CN": "没有名为“{key}”的模板。", "en": "There is no template named “{key}”."},
        "B104": {
            "zh-CN": "没有可发布的草稿。请先修改应用。",
            "en": "There is no draft to publish. Change the application first.",
        },
        "B105": {
            "zh-CN": "定义的 id 不能改变（应为 {id}）。",
            "en": "The id of the definition cannot change (expected {id}).",
        },
        "B106": {
            "zh-CN": "请给应用起一个名字（最多 {high} 个字符）。",
            "en": "Give the application a name (at most {high} characters).",
        },
        "B107": {
            "zh-CN": "“{key}”的值无效：应为{expected}。",
            "en": "The value of “{key}” is not valid: expected {expected}.",
        },
        "B108": {
            "zh-CN": "数据文件“{name}”不在这台服务器上。请运行 make venv 安装。",
            "en": "The data file “{name}” is not on this server. Run `make venv` to install it.",
        },
        "B109": {
            "zh-CN": "您无权查看这条记录的“{fields}”，无法试算。请换一条记录。",
            "en": "You may not see “{fields}” of this record, so there is no result. Choose another record.",
        },
        "B110": {
            "zh-CN": "公式用到的字段还没有发布，发布后才能用记录试算。",
            "en": "The formula uses a field that is not published yet. Publish first to try it on a record.",
        },
        "B111": {
            "zh-CN": "这条记录关联的数据太多，无法试算。请换一条记录。",
            "en": "This record leads to too much data to try the formula. Choose another record.",
        },
        "B112": {
            "zh-CN": "公式要读取其他表单的数据，保存后才计算。",
            "en": "The formula reads records of another entity; it is computed once it is saved.",
        },
    }
)
