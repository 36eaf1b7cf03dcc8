"""Seats: rules to people, policies in their order, each step explained; without SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from engine.flows.seats import Candidate, Plan, Policies, candidates, plan


class Staff:
    """Ann works for Bob, Bob for Cid. Old has left."""

    lines = {"ann": ("bob", "cid"), "bob": ("cid",), "cid": ()}
    roles = {"rol_a": ("bob", "dee"), "rol_left": ("old",)}

    def active(self, users: Iterable[str]) -> frozenset[str]:
        return frozenset(users) - {"old"}

    def role(self, role_id: str) -> Sequence[str]:
        return self.roles[role_id]

    def superiors(self, user_id: str) -> Sequence[str]:
        return self.lines.get(user_id, ())

    def head(self, user_id: str, level: int) -> str:
        return ("hal", "ivy", "")[min(level, 2)]


def found(*rules: dict[str, Any], initiator: str = "ann", read: Sequence[str] = ()) -> list[str]:
    return [one.user for one in candidates(rules, Staff(), initiator, lambda path: read)]


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ({"kind": "user", "users": ["eve", "bob"]}, ["eve", "bob"]),
        ({"kind": "role", "role": "rol_a"}, ["bob", "dee"]),
        ({"kind": "manager"}, ["bob"]),
        ({"kind": "manager", "level": 2}, ["cid"]),
        ({"kind": "manager", "level": 3}, []),
        ({"kind": "manager_chain", "levels": 5}, ["bob", "cid"]),
        ({"kind": "department_head"}, ["hal"]),
        ({"kind": "department_head", "level": 1}, ["ivy"]),
        ({"kind": "department_head", "level": 9}, []),
        ({"kind": "initiator"}, ["ann"]),
    ],
)
def test_rules(rule: dict[str, Any], people: list[str]) -> None:
    assert found(rule) == people


def test_person_fields_and_unions_keep_order() -> None:
    assert found({"kind": "field", "path": ["fld_x"]}, {"kind": "manager"}, read=("zed", "bob")) == [
        "zed",
        "bob",
        "bob",
    ]


def planned(
    *users: str, admins: Sequence[str] = ("adm",), before: Sequence[str] = (), initiator: str = "ann", **policies: Any
) -> Plan:
    return plan(
        [Candidate(user, "role") for user in users],
        Staff(),
        initiator=initiator,
        policies=Policies(**policies),
        admins=admins,
        approved_before=lambda user: user in before,
    )


def seats(made: Plan) -> list[str]:
    return [one.user for one in made.seats]


def said(made: Plan) -> list[str]:
    return [step["step"] for step in made.steps]


def test_inactive_people_leave_and_equal_ones_merge_in_order() -> None:
    made = planned("dee", "old", "bob", "dee")
    assert seats(made) == ["dee", "bob"]
    assert said(made) == ["found", "inactive", "merged"]


def test_nobody_approves_for_themselves_by_default() -> None:
    made = planned("dee", "ann", "eve")
    assert seats(made) == ["dee", "bob", "eve"]
    assert {step["step"]: step for step in made.steps}["self"]["instead"] == ["bob"]
    assert seats(planned("ann", "bob")) == ["bob"]


def test_initiator_without_superior_goes_to_an_administrator() -> None:
    made = planned("cid", initiator="cid", admins=("cid", "adm"))
    assert seats(made) == ["adm"]
    assert made.seats[0].why == "admin"


def test_self_policies() -> None:
    assert seats(planned("ann", own="self")) == ["ann"]
    assert seats(planned("ann", "bob", own="skip")) == ["bob"]
    made = planned("ann", own="skip")
    assert seats(made) == ["adm"]


def test_same_person_gets_an_automatic_vote() -> None:
    made = planned("bob", "dee", before=["bob"])
    assert dict(made.automatic) == {"bob": "adjacent"}
    assert planned("bob", before=["bob"], same="none").automatic == {}
    assert dict(planned("bob", before=["bob"], same="all").automatic) == {"bob": "all"}


@pytest.mark.parametrize(
    ("policy", "admins", "verdict", "people"),
    [
        ("admin", ("adm",), None, ["adm"]),
        ("admin", (), "hold", []),
        ("admin", ("ann",), "hold", []),
        ("pass", ("adm",), "approved", []),
        ("reject", ("adm",), "rejected", []),
        ("hold", ("adm",), "hold", []),
    ],
)
def test_empty_policies(policy: str, admins: Sequence[str], verdict: str | None, people: list[str]) -> None:
    made = planned("old", admins=admins, empty=policy)
    assert (made.verdict, seats(made)) == (verdict, people)
    assert said(made)[-1] == "empty"
