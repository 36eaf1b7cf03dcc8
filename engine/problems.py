"""What may go wrong with a request, as exceptions; ``runtime.problems`` turns each into a problem document.

Problem
├── NotFound        404  no such thing, or not readable: the two look the same
├── Forbidden       403  readable, but the action is not allowed
├── Conflict        409  someone else was faster; carries both values field by field
├── TooLarge        413  over a stated limit
├── Busy            503  the database is locked or a publish runs; try again
└── (metadata.findings.Refused  422  located findings)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metadata.findings import message, register_messages

register_messages(
    {
        "P404": {"zh-CN": "找不到{what}，或者您没有查看权限。", "en": "{what} was not found, or you may not see it."},
        "P403": {
            "zh-CN": "您没有“{what}”的权限。请联系管理员开通。",
            "en": "You are not allowed to {what}. Ask an administrator for it.",
        },
        "P409": {
            "zh-CN": "这条记录已被他人修改。请对比两边的值后再保存。",
            "en": "Someone else changed this record. Compare both values, then save again.",
        },
        "P413": {"zh-CN": "{what}超过了上限 {limit}。", "en": "{what} is over the limit of {limit}."},
        "P503": {"zh-CN": "系统正忙，请稍后再试。", "en": "The system is busy. Please try again."},
    }
)


class Problem(Exception):
    """Base. ``code`` names the message, ``params`` fill it."""

    status = 400
    code = "P400"

    def __init__(self, code: str | None = None, **params: Any):
        self.code = code or type(self).code
        self.params: Mapping[str, Any] = params
        super().__init__(message(self.code, "en", params))

    def text(self, language: str) -> str:
        """Return the sentence for a person."""
        return message(self.code, language, self.params)


class NotFound(Problem):
    status, code = 404, "P404"


class Forbidden(Problem):
    status, code = 403, "P403"


class Conflict(Problem):
    """``fields`` is ``{field key: {"mine": value, "theirs": value, "base": value or None}}``; ``rev`` is the newest."""

    status, code = 409, "P409"

    def __init__(
        self, code: str | None = None, *, fields: Mapping[str, Any] | None = None, rev: int = 0, **params: Any
    ):
        super().__init__(code, **params)
        self.fields = dict(fields or {})
        self.rev = rev


class TooLarge(Problem):
    status, code = 413, "P413"


class Busy(Problem):
    status, code = 503, "P503"
