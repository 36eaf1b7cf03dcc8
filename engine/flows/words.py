"""Short words for states and reasons, in both languages, as values to put into sentences."""

from __future__ import annotations

from collections.abc import Mapping

import engine.flows.messages  # noqa: F401 - registers the sentences
from metadata.findings import LANGUAGES, message

Words = Mapping[str, str]

SEAT_STATES: Mapping[str, Words] = {
    "open": {"zh-CN": "待处理", "en": "open"},
    "waiting": {"zh-CN": "等待中", "en": "waiting"},
    "approved": {"zh-CN": "已同意", "en": "approved"},
    "rejected": {"zh-CN": "已拒绝", "en": "rejected"},
    "abstained": {"zh-CN": "已弃权", "en": "abstained"},
    "returned": {"zh-CN": "已退回", "en": "returned"},
    "reassigned": {"zh-CN": "已转交", "en": "handed on"},
    "cancelled": {"zh-CN": "已由他人处理", "en": "settled by others"},
    "done": {"zh-CN": "已重新提交", "en": "submitted again"},
    "sent": {"zh-CN": "未读", "en": "unread"},
    "read": {"zh-CN": "已读", "en": "read"},
}


def words(code: str) -> Words:
    """Return the text of a message code in every language, to stand inside another sentence."""
    return {language: message(code, language) for language in LANGUAGES}
