"""What may be said about public forms, to those who make them and to those who fill them in."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "T201": {
            "zh-CN": "“{label}”不能放进公开表单：您自己没有填写它的权限，或者它是自动计算的。请去掉它。",
            "en": '"{label}" cannot be part of a public form: you may not fill it in yourself, or it is computed. '
            "Leave it out.",
        },
        "T202": {
            "zh-CN": "公开表单缺少必填字段“{label}”，谁也提交不了。请加上它，或给它一个固定值或默认值。",
            "en": 'The public form lacks the required field "{label}", so nobody could send it. '
            "Add it, or give it a fixed or default value.",
        },
        "T203": {
            "zh-CN": "“{key}”填写有误：应为{expected}。",
            "en": '"{key}" is wrong: {expected} is expected.',
        },
        "T204": {
            "zh-CN": "要让访客从“{label}”中选择，您自己须能查看其全部记录及名称。"
            "请去掉这个选择框，或请管理员来创建链接。",
            "en": 'To let visitors choose from "{label}" you must be able to see all of its records and their titles. '
            "Leave the picker out, or ask an administrator to make the link.",
        },
        "T207": {
            "zh-CN": "“{label}”的筛选条件有误：{reason}",
            "en": 'The condition of the picker "{label}" is wrong: {reason}',
        },
        "T208": {
            "zh-CN": "两个选择框都从“{label}”中选择，条件须相同。",
            "en": 'Two pickers choose from "{label}"; their conditions must be the same.',
        },
        "T205": {
            "zh-CN": "主题色 {color} 与白色文字的对比不够，看不清。请选深一些的颜色。",
            "en": "White text cannot be read on the accent colour {color}. Choose a darker one.",
        },
        "T206": {
            "zh-CN": "标志图片须为 PNG、JPEG 或 WebP，且不超过 {limit} KB。",
            "en": "The logo must be a PNG, JPEG or WebP picture of at most {limit} KB.",
        },
        "T210": {
            "zh-CN": "这个表单不存在，或者链接已经作废。请向发给您链接的人要新的链接。",
            "en": "There is no such form, or its link is no longer valid. Ask whoever sent it to you for a new one.",
        },
        "T211": {
            "zh-CN": "这个表单还没有开放，将于 {when} 开始。",
            "en": "This form is not open yet. It opens at {when}.",
        },
        "T212": {"zh-CN": "这个表单已经关闭，不再收集。", "en": "This form is closed and takes no more answers."},
        "T213": {
            "zh-CN": "这个表单已收满 {limit} 份，不再收集。",
            "en": "This form has its {limit} answers and takes no more.",
        },
        "T214": {
            "zh-CN": "您已经填写过了，每人最多 {limit} 份。",
            "en": "You have answered already; there are at most {limit} answers a person.",
        },
        "T215": {"zh-CN": "这份邀请已经填写过了，谢谢。", "en": "This invitation was answered already. Thank you."},
        "T216": {
            "zh-CN": "密码不对。请向发给您链接的人确认。",
            "en": "The password is wrong. Ask whoever sent you the link.",
        },
        "T217": {
            "zh-CN": "填写得太快，像是自动程序。请检查后在 {seconds} 秒后再提交。",
            "en": "That was too quick for a person. Please check your answers and send them in {seconds} seconds.",
        },
        "T218": {
            "zh-CN": "提交被拦下，因为隐藏的核对栏被填写了。请关掉自动填表工具，刷新页面后重填。",
            "en": "The answer was stopped because a hidden check field was filled in. "
            "Turn off automatic form fillers, reload the page and try again.",
        },
        "T219": {
            "zh-CN": "页面打开太久，已失效。请刷新页面后再提交。",
            "en": "This page was open for too long. Reload it and send your answers again.",
        },
        "T220": {"zh-CN": "填写这个表单需要先登录。", "en": "You need to sign in to fill in this form."},
        "T221": {
            "zh-CN": "这个表单不接受上传文件，或者文件已达到上限（{limit} 个）。",
            "en": "This form takes no files, or no more than {limit}.",
        },
        "T222": {
            "zh-CN": "此链接没有绑定记录，不能生成一次性邀请。请先在设置中选择要关联的字段。",
            "en": "This link is not bound to a record, so it has no personal invitations. Choose the link field first.",
        },
        "T223": {
            "zh-CN": "这个表单要从邀请链接打开。请使用发给您的那一条。",
            "en": "This form is opened from a personal invitation. Use the link that was sent to you.",
        },
    }
)
