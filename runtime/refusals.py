"""Refusals only the web layer knows, beside those of ``engine.problems``."""

from __future__ import annotations

import runtime.messages  # noqa: F401  registers the texts used here
from engine.problems import Problem


class SignInNeeded(Problem):
    status, code = 401, "H401"


class UntrustedOrigin(Problem):
    status, code = 403, "H403"


class WrongMediaType(Problem):
    status, code = 415, "H415"

    def __init__(self, expected: str = "application/json"):
        super().__init__(expected=expected)


class TooOften(Problem):
    """``seconds`` until another try makes sense (also sent as Retry-After)."""

    status, code = 429, "H429"

    def __init__(self, seconds: int, code: str = "H429"):
        super().__init__(code, seconds=max(1, seconds))


class LinkDead(Problem):
    status, code = 410, "H208"
