"""Texts of what the web layer itself refuses."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "H101": {"zh-CN": "请求的格式不对：{what}。", "en": "The request is not well-formed: {what}."},
        "H102": {
            "zh-CN": "提交的内容有问题，没有保存任何数据。请改正标出的项后重试。",
            "en": "Something in the input is not right; nothing was saved. Correct what is marked and try again.",
        },
        "H103": {
            "zh-CN": "这不是有效的 JSON（第 {line} 行第 {column} 列）。",
            "en": "This is not valid JSON (line {line}, column {column}).",
        },
        "H104": {"zh-CN": "JSON 嵌套超过 {limit} 层。", "en": "The JSON is nested more than {limit} levels deep."},
        "H105": {"zh-CN": "JSON 中的键“{key}”重复出现。", "en": "The key “{key}” appears twice in one JSON object."},
        "H106": {
            "zh-CN": "整数 {value} 超出 64 位范围。请改用字符串。",
            "en": "The integer {value} does not fit in 64 bits. Send it as a string.",
        },
        "H107": {"zh-CN": "请求体必须是一个 JSON 对象。", "en": "The request body must be a JSON object."},
        "H108": {"zh-CN": "不认识的键“{key}”。请删除它。", "en": "The key “{key}” is not known here. Remove it."},
        "H109": {"zh-CN": "缺少必需的键“{key}”。", "en": "The key “{key}” is required."},
        "H110": {
            "zh-CN": "“{key}”的值无效：应为{expected}。",
            "en": "The value of “{key}” is not valid: expected {expected}.",
        },
        "H111": {
            "zh-CN": "不认识的查询参数“{key}”。请检查拼写。",
            "en": "The query parameter “{key}” is not known. Check its spelling.",
        },
        "H401": {"zh-CN": "请先登录。", "en": "Please sign in first."},
        "H403": {
            "zh-CN": "请求的来源无法确认，没有执行。请刷新页面后重试。",
            "en": "The origin of this request could not be confirmed; nothing was done. Reload the page and try again.",
        },
        "H404": {"zh-CN": "这个地址不存在。", "en": "There is nothing at this address."},
        "H405": {"zh-CN": "这个地址不支持 {method} 方法。", "en": "This address does not support the method {method}."},
        "H408": {"zh-CN": "请求传送太慢，已中断。", "en": "The request arrived too slowly and was given up."},
        "H415": {"zh-CN": "内容类型不对：请使用 {expected}。", "en": "Wrong content type: send {expected}."},
        "H429": {
            "zh-CN": "操作太频繁。请在 {seconds} 秒后重试。",
            "en": "Too many requests. Try again in {seconds} seconds.",
        },
        "H500": {
            "zh-CN": "服务器内部出错，已记录。请稍后再试；如仍出错，请把编号 {trace} 告诉管理员。",
            "en": "Something went wrong on the server and was recorded. Try again later; if it stays, give the number {trace} to an administrator.",
        },
        "H507": {
            "zh-CN": "服务器的存储空间已满，没有保存。请联系管理员。",
            "en": "The server has no space left; nothing was saved. Tell an administrator.",
        },
        "H201": {"zh-CN": "用户名或密码不对。", "en": "The user name or the password is not right."},
        "H202": {
            "zh-CN": "尝试次数太多。请在 {seconds} 秒后重试。",
            "en": "Too many tries. Try again in {seconds} seconds.",
        },
        "H203": {
            "zh-CN": "密码至少 {low} 个字符，最多 {high} 个字符。",
            "en": "The password needs at least {low} characters and at most {high}.",
        },
        "H204": {
            "zh-CN": "这个密码太容易被猜到（常见密码或简单规律）。请换一个更长的，例如几个不相关的词。",
            "en": "This password is too easy to guess (a common one, or a simple pattern). Choose a longer one, such as a few unrelated words.",
        },
        "H205": {
            "zh-CN": "密码不能包含用户名、姓名或公司名“{word}”。",
            "en": "The password must not contain the user, personal or company name “{word}”.",
        },
        "H206": {"zh-CN": "两次输入的密码不一致。", "en": "The two passwords are not the same."},
        "H207": {"zh-CN": "当前密码不对。", "en": "The present password is not right."},
        "H208": {
            "zh-CN": "这个链接无效、已用过或已过期。请在服务器上运行 dougong setup-link 取得新链接。",
            "en": "This link is not valid, was used, or has expired. Run `dougong setup-link` on the server for a new one.",
        },
        "H209": {"zh-CN": "页面已过期。请重新登录。", "en": "The page has expired. Sign in again."},
    }
)
