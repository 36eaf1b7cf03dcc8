"""What comments, marks and the recycle bin say. R40x, R41x: refusals; R45x: notices."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "R401": {
            "zh-CN": "评论不能为空。请写点内容，或附上一个文件。",
            "en": "A comment must not be empty. Write something, or attach a file.",
        },
        "R402": {
            "zh-CN": "评论太长（{found} 字，最多 {limit} 字）。请删短，或把内容放进附件。",
            "en": "The comment is too long ({found} characters, at most {limit}). Shorten it, or attach a file.",
        },
        "R403": {
            "zh-CN": "不能 @{names}：此人无权查看这条记录，不会收到通知。请去掉这个 @，或先请管理员授权。",
            "en": "{names} may not see this record and would not be told. Remove the mention, or ask for access first.",
        },
        "R404": {
            "zh-CN": "@ 的成员不存在或已停用。请从列表中重新选择。",
            "en": "A mentioned person does not exist or is disabled. Choose again from the list.",
        },
        "R405": {
            "zh-CN": "发表超过 {minutes} 分钟的评论不能再修改。请另发一条评论说明。",
            "en": "A comment can be edited for {minutes} minutes only. Add another comment instead.",
        },
        "R406": {
            "zh-CN": "要回复的评论已不存在。请刷新后重试。",
            "en": "The comment you reply to is gone. Reload and try again.",
        },
        "R407": {
            "zh-CN": "附件不存在，或不是您上传的。请重新上传。",
            "en": "An attachment does not exist or is not yours. Upload it again.",
        },
        "R408": {
            "zh-CN": "附件太多（{found} 个，最多 {limit} 个）。请打包成 zip。",
            "en": "Too many attachments ({found}, at most {limit}). Put them into a zip file.",
        },
        "R410": {
            "zh-CN": "一次最多处理 {limit} 条记录。请分几次进行。",
            "en": "At most {limit} records at a time. Do it in several steps.",
        },
        "R411": {
            "zh-CN": "最多收藏 {limit} 项。请先取消一些不再需要的收藏。",
            "en": "At most {limit} favourites. Remove some you no longer need.",
        },
        "R412": {
            "zh-CN": "接手人的账号已停用，不能成为负责人。请选择其他成员，或先启用该账号。",
            "en": "The account of this person is disabled, so records cannot go there. Choose somebody else, or enable it.",
        },
        "R413": {
            "zh-CN": "交出人和接手人是同一个人。请选择另一位接手人。",
            "en": "Giver and taker are the same person. Choose somebody else to take over.",
        },
        "R451": {
            "zh-CN": "{actor} 在“{title}”的评论中提到了您",
            "en": "{actor} mentioned you in a comment on “{title}”",
        },
        "R452": {
            "zh-CN": "{actor} 回复了您在“{title}”的评论",
            "en": "{actor} replied to your comment on “{title}”",
        },
    }
)
