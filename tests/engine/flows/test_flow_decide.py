"""The decision function against a brute-force reading of the rules."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.decide import Ballot, Ruling, Verdict, decide

VOTES = ("approved", "rejected", "abstained")


def outcome(ruling: Ruling, votes: tuple[str, ...]) -> Verdict:
    """The verdict once everybody has voted, written down as the rule is said."""
    approvals, rejections = votes.count("approved"), votes.count("rejected")
    if any(votes[seat] == "rejected" for seat in ruling.veto if seat < len(votes)):
        return "rejected"
    if ruling.mode == "vote":
        base = len(votes) if ruling.base == "seats" else len(votes) - votes.count("abstained")
        share = Fraction(approvals, base) if base else Fraction(0)
        bar = Fraction(ruling.percent, 100)
        enough = share > bar if ruling.strict else share >= bar
        return "approved" if enough and approvals else "rejected"
    if ruling.mode == "any" and ruling.reject == "all":
        return "approved" if approvals else "rejected"
    return "approved" if not rejections else "rejected"


rulings = st.builds(
    Ruling,
    mode=st.just("vote"),
    percent=st.integers(1, 100),
    strict=st.booleans(),
    base=st.sampled_from(["seats", "cast"]),
    veto=st.frozensets(st.integers(0, 4), max_size=2),
)


def completions(ballots: list[Ballot], votes: tuple[str, ...]) -> list[tuple[str, ...]]:
    holes = [index for index, ballot in enumerate(ballots) if ballot == "open"]
    found = []
    for choice in product(votes, repeat=len(holes)):
        full: list[str] = list(ballots)
        for hole, vote in zip(holes, choice, strict=True):
            full[hole] = vote
        found.append(tuple(full))
    return found


@settings(max_examples=300, deadline=None)
@given(rulings, st.lists(st.sampled_from(["open", *VOTES]), min_size=1, max_size=5))
def test_vote_decides_as_soon_as_it_is_certain_and_never_sooner(ruling: Ruling, ballots: list[Ballot]) -> None:
    ends = {outcome(ruling, votes) for votes in completions(ballots, VOTES)}
    if ruling.strict and ruling.percent == 100:
        assert decide(ruling, ballots) == "rejected"
        return
    assert decide(ruling, ballots) == (ends.pop() if len(ends) == 1 else None)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Ruling(mode="all"), Ruling(mode="sequence"), Ruling(mode="any", reject="all")]),
    st.lists(st.sampled_from(["open", "approved", "rejected"]), min_size=1, max_size=6),
)
def test_all_sequence_and_any_decide_as_soon_as_it_is_certain(ruling: Ruling, ballots: list[Ballot]) -> None:
    ends = {outcome(ruling, votes) for votes in completions(ballots, VOTES[:2])}
    assert decide(ruling, ballots) == (ends.pop() if len(ends) == 1 else None)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["open", "approved", "rejected"]), min_size=1, max_size=6))
def test_all_with_collect_waits_for_everybody(ballots: list[Ballot]) -> None:
    verdict = decide(Ruling(mode="all", collect=True), ballots)
    if "open" in ballots:
        assert verdict is None
    else:
        assert verdict == ("rejected" if "rejected" in ballots else "approved")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["any", "claim", "pick"]), st.permutations(["approved", "rejected", "open", "open"]))
def test_first_vote_of_either_kind_decides(mode: str, order: list[Ballot]) -> None:
    ruling = Ruling(mode=mode)  # type: ignore[arg-type]
    cast: list[Ballot] = ["open"] * 4
    for seat, vote in enumerate(order):
        if vote == "open":
            continue
        cast[seat] = vote
        assert decide(ruling, cast) == vote
        break


@pytest.mark.parametrize("mode", ["all", "any", "sequence", "vote", "claim", "pick"])
@pytest.mark.parametrize("vote", ["approved", "rejected"])
def test_one_seat_makes_all_modes_equal(mode: str, vote: Ballot) -> None:
    ruling = Ruling(mode=mode)  # type: ignore[arg-type]
    assert decide(ruling, [vote]) == vote
    assert decide(ruling, ["open"]) is None
    assert decide(ruling, []) is None


def test_table_of_the_design() -> None:
    two_thirds = Ruling(mode="vote", percent=67)
    assert decide(two_thirds, ["approved", "approved", "open"]) is None
    assert decide(two_thirds, ["approved", "rejected", "open"]) == "rejected"
    majority = Ruling(mode="vote", percent=50, strict=True)
    assert decide(majority, ["approved", "approved", "rejected", "rejected"]) == "rejected"
    assert decide(majority, ["approved", "approved", "abstained", "open"]) is None
    assert decide(Ruling(mode="vote", percent=50, strict=True, base="cast"), ["approved", "abstained"]) == "approved"
    assert decide(Ruling(mode="vote", base="cast"), ["abstained", "abstained"]) == "rejected"
    assert decide(Ruling(mode="vote", percent=1, veto=frozenset({2})), ["open", "open", "rejected"]) == "rejected"
