"""When an approval node is decided, and how: one pure function over the ballots cast so far.

It decides as early as the answer is certain and never sooner, so the order in which people vote changes nothing
(except for ``any`` with ``reject: first``, where the first vote of either kind is the answer by definition).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["all", "any", "sequence", "vote", "claim", "pick"]
Ballot = Literal["open", "approved", "rejected", "abstained"]
Verdict = Literal["approved", "rejected"]

MODES: tuple[Mode, ...] = ("all", "any", "sequence", "vote", "claim", "pick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How a node counts. ``percent``, ``strict`` and ``base`` belong to ``vote``: approved when at least ``percent``
    of the seats (``base`` seats), or of the votes that were not abstentions (``base`` cast), approve; ``strict``
    means more than. ``veto`` are positions in the ballots whose rejection decides at once."""

    mode: Mode = "all"
    reject: Literal["first", "all"] = "first"
    collect: bool = False
    percent: int = 50
    strict: bool = False
    base: Literal["seats", "cast"] = "seats"
    veto: frozenset[int] = frozenset()


def decide(ruling: Ruling, ballots: Sequence[Ballot]) -> Verdict | None:
    """Return the verdict, or None while it is open. No ballots at all is never decided here (the empty policy is)."""
    if not ballots:
        return None
    seats, approved, rejected = len(ballots), ballots.count("approved"), ballots.count("rejected")
    undecided = ballots.count("open")
    if ruling.mode == "vote":
        return _vote(ruling, ballots)
    if ruling.mode in ("all", "sequence"):
        if rejected and (not ruling.collect or not undecided):
            return "rejected"
        return "approved" if approved == seats else None
    if approved:
        return "approved"
    if ruling.mode == "any" and ruling.reject == "all":
        return "rejected" if rejected == seats else None
    return "rejected" if rejected else None


def needed(ruling: Ruling, count: int) -> int:
    """Return how many approvals a vote of ``count`` ballots takes: at least one, whatever the percentage."""
    share = ruling.percent * count
    return max(1, share // 100 + 1 if ruling.strict else -(-share // 100))


def _vote(ruling: Ruling, ballots: Sequence[Ballot]) -> Verdict | None:
    vetoes = {ballots[seat] for seat in ruling.veto if seat < len(ballots)}
    count = len(ballots) - (ballots.count("abstained") if ruling.base == "cast" else 0)
    need = needed(ruling, count)
    approved = ballots.count("approved")
    if "rejected" in vetoes or approved + ballots.count("open") < need:
        return "rejected"
    return "approved" if approved >= need and "open" not in vetoes else None  # who may veto must have spoken
