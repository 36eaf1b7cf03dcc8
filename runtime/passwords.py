"""Passwords: argon2id hashes, rules that refuse the guessable, and a check that takes as long for unknown accounts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select

import runtime.messages  # noqa: F401  registers the texts used here
from engine.deferred import deferred
from metadata.findings import Finding
from runtime import tables

LENGTH = (8, 128)
SCORE_WANTED = 3
"""Of 4. zxcvbn knows no Chinese habits, hence the list beside it."""

_ZXCVBN_LENGTH = 72
_PARALLEL = 2
"""Hashes at a time in one process: each takes 64 MiB."""

_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$RGVjb3lEZWNveURlY29weQ$+1r8Hj1Lgq0m8Y7m2yQm0m1n0t1vQp2r0s9t8u7v6w4"
"""Of no password; verified for unknown accounts, so that they take the same time."""

zxcvbn: Any = deferred("zxcvbn")  # its word lists cost memory that only a password change needs
_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(_PARALLEL)


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "common_passwords.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def findings(password: str, place: str = "/password", *, words: Sequence[str] = ()) -> list[Finding]:
    """Return what is wrong with a new password. ``words`` are the names it must not contain."""
    low, high = LENGTH
    if not low <= len(password) <= high:
        return [Finding("H203", place, {"low": low, "high": high})]
    folded = password.casefold()
    for word in words:
        if len(word) >= 2 and word.casefold() in folded:
            return [Finding("H205", place, {"word": word})]
    if folded in _common() or folded.rstrip("0123456789!.@#") in _common():
        return [Finding("H204", place)]
    rating = zxcvbn.zxcvbn(password[:_ZXCVBN_LENGTH], user_inputs=list(words))
    return [Finding("H204", place)] if rating["score"] < SCORE_WANTED else []


def hash_of(password: str) -> str:
    """Hash outside any transaction: it takes a tenth of a second, in which a writer must not hold the lock."""
    with _slots:
        return _hasher.hash(password)


def store_hash(connection: Connection, user_id: str, hashed: str, *, at: int) -> None:
    connection.execute(delete(tables.password).where(tables.password.c.user_id == user_id))
    connection.execute(insert(tables.password).values(user_id=user_id, hash=hashed, changed_at=at))


def stored_hash(connection: Connection, user_id: str) -> str | None:
    table = tables.password
    return connection.execute(select(table.c.hash).where(table.c.user_id == user_id)).scalar()


def verify(hashed: str | None, password: str) -> bool:
    """Compare; with no hash (unknown account) the same work is done and the answer is no."""
    with _slots:
        try:
            _hasher.verify(hashed or _DECOY, password[: LENGTH[1] + 1])
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def outdated(hashed: str) -> bool:
    """Whether today's parameters are stronger than those of the hash."""
    return _hasher.check_needs_rehash(hashed)
