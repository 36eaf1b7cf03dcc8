"""Sentences of field types with rules of their own: links, papers, codes, marks, spans of time."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "F110": {
            "zh-CN": "“{value}”不是网址。请以 http:// 或 https:// 开头，如 https://example.com。",
            "en": '"{value}" is not a web address. Begin it with http:// or https://, like https://example.com.',
        },
        "F111": {
            "zh-CN": "网址中不能带有用户名或密码。请去掉 @ 及其前面的部分。",
            "en": "A web address must not hold a user name or password. Remove what stands before the @.",
        },
        "F112": {
            "zh-CN": "这不是有效的证件号（{kinds}）：请核对位数和校验位。",
            "en": "This is not a valid number ({kinds}). Check its length and its check digit.",
        },
        "F113": {
            "zh-CN": "“{value}”不是有效的 {digits} 位商品条码：请核对位数和校验位。",
            "en": '"{value}" is not a valid article number of {digits} digits. Check its length and its check digit.',
        },
        "F114": {
            "zh-CN": "这种条码只能包含英文字母、数字和常用符号。其他文字请改用二维码。",
            "en": "This bar code holds ASCII characters only. For other text use a QR code.",
        },
        "F115": {
            "zh-CN": "这是加密内容的占位符，不是内容本身。请填写新的内容，或保持不变。",
            "en": "These dots stand for a secret, they are not the secret. Type a new one, or leave it as it is.",
        },
        "F116": {
            "zh-CN": "加密内容无法加密或解密：密钥不可用。请管理员从备份恢复数据目录中的 values.key。",
            "en": "The secret cannot be sealed or opened: its key is not there. Ask an administrator to restore "
            "values.key in the data folder from a backup.",
        },
        "F117": {
            "zh-CN": "加密内容不能转换为其他类型，原内容仍加密保存。",
            "en": "A secret cannot be turned into another type; it stays as it is, encrypted.",
        },
        "F118": {
            "zh-CN": "富文本的格式嵌套过于混乱，无法安全保存。请粘贴为纯文本。",
            "en": "The markup of this text is too tangled to be kept safely. Paste it as plain text.",
        },
        "F208": {
            "zh-CN": "评分“{value}”不在 0 到 {max} 之间。",
            "en": 'The rating "{value}" is not between 0 and {max}.',
        },
        "F209": {"zh-CN": "评分“{value}”不是半分的整数倍。", "en": 'The rating "{value}" is not a whole or a half.'},
        "F210": {"zh-CN": "评分“{value}”不是整数。", "en": 'The rating "{value}" is not whole.'},
        "F211": {
            "zh-CN": "进度 {value}% 不在 0% 到 100% 之间。",
            "en": "The progress of {value} % is not between 0 % and 100 %.",
        },
        "F212": {
            "zh-CN": "进度 {value}% 不是 {step}% 的整数倍。",
            "en": "The progress of {value} % is not a multiple of {step} %.",
        },
        "F305": {
            "zh-CN": "“{value}”不是时长。接口中请填写整数秒，如 5400。",
            "en": '"{value}" is not a duration. Over the API write whole seconds, like 5400.',
        },
        "F306": {
            "zh-CN": "“{value}”不是时长，或不是整秒。请写成 1小时30分 或 1:30。",
            "en": '"{value}" is not a duration in whole seconds. Write it like 1h 30m or 1:30.',
        },
        "F307": {
            "zh-CN": "时长“{value}”太长，最多 40 万天。",
            "en": 'The duration "{value}" is too long; at most 400,000 days.',
        },
        "F308": {
            "zh-CN": "“{value}”不是时间。请写成 09:30。",
            "en": '"{value}" is not a time of the day. Write it like 09:30.',
        },
        "F309": {
            "zh-CN": "时间“{value}”带有秒，而这里只精确到分。",
            "en": 'The time "{value}" has seconds; this field keeps minutes.',
        },
        "F310": {
            "zh-CN": "日期区间需要起止两个日期。",
            "en": "A date range needs both a start and an end.",
        },
        "F311": {
            "zh-CN": "结束 {last} 早于开始 {first}。请对调或改正。",
            "en": "The end {last} is before the start {first}. Swap or correct them.",
        },
        "F312": {
            "zh-CN": "“{value}”不是日期区间。请写成 2026-11-01 ~ 2026-11-30。",
            "en": '"{value}" is not a date range. Write it like 2026-11-01 ~ 2026-11-30.',
        },
        "F119": {
            "zh-CN": "关联查询只显示查到的记录，不能填写。请去掉这一项。",
            "en": "A query shows the records it finds and cannot be filled in. Leave it out.",
        },
        "F913": {
            "zh-CN": "汇总字段“{label}”还没有选择要汇总的字段。",
            "en": 'The rollup "{label}" lacks the field it goes over.',
        },
        "F914": {
            "zh-CN": "汇总字段“{label}”的结果类型应为“{result}”。",
            "en": 'The result of the rollup "{label}" must be "{result}".',
        },
        "F915": {
            "zh-CN": "关联查询“{label}”把同一个字段列了两次。请去掉一个。",
            "en": 'The query "{label}" lists a field twice. Remove one.',
        },
        "F916": {
            "zh-CN": "关联查询“{label}”要查的对象不存在。请选择一个对象。",
            "en": 'The entity that the query "{label}" looks into does not exist. Choose one.',
        },
        "F917": {
            "zh-CN": "关联查询“{label}”用到的字段“{name}”不在“{entity}”中。请换一个字段。",
            "en": 'The query "{label}" names the field "{name}", which "{entity}" does not have. Use another field.',
        },
        "F918": {
            "zh-CN": "关联查询“{label}”不能按“{name}”排序。请换一个字段。",
            "en": 'The query "{label}" cannot be sorted by "{name}". Use another field.',
        },
        "F919": {
            "zh-CN": "关联查询“{label}”不能显示“{name}”：子表和关联查询不能作为列。请换一个字段。",
            "en": 'The query "{label}" cannot show "{name}": sub-tables and queries are no columns. Use another field.',
        },
    }
)
