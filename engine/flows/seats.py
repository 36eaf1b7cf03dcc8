"""Who sits at an approval node: rules to people, then policies, in a fixed order, each step explained.

Order: people from the rules; (1) inactive ones leave; (2) equal ones merge; (3) the initiator's own seat follows the
``self`` policy; (4) somebody who has just approved gets an automatic vote by the ``same`` policy; (5) an empty list
follows the ``empty`` policy. The explanation goes to history, so "why me" and "why not me" have an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from engine.flows.decide import Verdict

Rule = Mapping[str, Any]
PersonField = Callable[[Sequence[str]], Sequence[str]]
"""Reads a person field of the record over a chain of field ids."""


class Directory(Protocol):
    """What the rules ask about people. Lists are in a stable order."""

    def active(self, users: Iterable[str]) -> frozenset[str]: ...

    def role(self, role_id: str) -> Sequence[str]: ...

    def superiors(self, user_id: str) -> Sequence[str]:
        """The chain of command above a person, nearest first."""
        ...

    def head(self, user_id: str, level: int) -> str:
        """The head of a person's main department, or of the one ``level`` above it; blank if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and why: the kind of the rule, or ``superior`` / ``admin`` when a policy put them there."""

    user: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Safe by default: nobody approves for themselves, an empty node goes to an administrator."""

    empty: Literal["admin", "pass", "reject", "hold"] = "admin"
    own: Literal["superior", "self", "skip"] = "superior"
    same: Literal["adjacent", "none", "all"] = "adjacent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The seats in order, those voted automatically (user -> reason), or the verdict an empty list leads to."""

    seats: tuple[Candidate, ...] = ()
    automatic: Mapping[str, str] = field(default_factory=dict)
    verdict: Verdict | Literal["hold"] | None = None
    steps: tuple[dict[str, Any], ...] = ()


def policies_of(config: Mapping[str, Any], settings: Mapping[str, Any]) -> Policies:
    """Return a node's policies: its own, else the flow's, else the safe default."""
    chosen = {**settings.get("policies", {}), **config.get("policies", {})}
    return Policies(
        empty=chosen.get("empty", "admin"), own=chosen.get("self", "superior"), same=chosen.get("same", "adjacent")
    )


def candidates(rules: Sequence[Rule], directory: Directory, initiator: str, read: PersonField) -> list[Candidate]:
    """Return everybody the rules name, in order, with repetitions."""
    found: list[Candidate] = []
    for rule in rules:
        found.extend(Candidate(user, rule["kind"]) for user in _people(rule, directory, initiator, read) if user)
    return found


def _people(rule: Rule, directory: Directory, initiator: str, read: PersonField) -> Sequence[str]:
    kind = rule["kind"]
    if kind == "user":
        return tuple(rule["users"])
    if kind == "role":
        return directory.role(rule["role"])
    if kind == "initiator":
        return (initiator,)
    if kind == "manager":
        level = rule.get("level", 1)
        return tuple(directory.superiors(initiator))[level - 1 : level]
    if kind == "manager_chain":
        return tuple(directory.superiors(initiator))[: rule["levels"]]
    if kind == "department_head":
        return (directory.head(initiator, rule.get("level", 0)),)
    if kind == "field":
        return tuple(read(rule["path"]))
    raise ValueError(f"unknown assignee rule {kind!r}")


def plan(
    found: Sequence[Candidate],
    directory: Directory,
    *,
    initiator: str,
    policies: Policies,
    admins: Sequence[str],
    approved_before: Callable[[str], bool],
) -> Plan:
    """Apply the policies to what the rules gave. ``admins`` are the flow's administrators, active and in order."""
    steps: list[dict[str, Any]] = [{"step": "found", "people": [[one.user, one.why] for one in found]}]

    def say(step: str, users: Sequence[str], **more: Any) -> None:
        if users:
            steps.append({"step": step, "people": list(users), **more})

    active = directory.active({one.user for one in found})
    say("inactive", [one.user for one in found if one.user not in active])
    kept = _merged([one for one in found if one.user in active])
    if len(kept) < sum(one.user in active for one in found):
        say("merged", [one.user for one in kept])
    kept = _own_seat(kept, directory, initiator, policies, admins, say)
    automatic = {one.user: policies.same for one in kept if policies.same != "none" and approved_before(one.user)}
    say("same", list(automatic), policy=policies.same)
    if kept:
        return Plan(seats=tuple(kept), automatic=automatic, steps=tuple(steps))
    stand_ins = admins if policies.own == "self" else [user for user in admins if user != initiator]
    return _empty(policies, stand_ins, steps)


def _own_seat(
    kept: list[Candidate],
    directory: Directory,
    initiator: str,
    policies: Policies,
    admins: Sequence[str],
    say: Callable[..., None],
) -> list[Candidate]:
    if policies.own == "self" or all(one.user != initiator for one in kept):
        return kept
    instead: list[Candidate] = []
    if policies.own == "superior":
        above = [user for user in directory.superiors(initiator) if user in directory.active([user])][:1]
        instead = [Candidate(user, "superior") for user in above]
        instead = instead or [Candidate(user, "admin") for user in admins if user != initiator]
    say("self", [initiator], policy=policies.own, instead=[one.user for one in instead])
    at = next(index for index, one in enumerate(kept) if one.user == initiator)
    return _merged([*kept[:at], *instead, *kept[at + 1 :]])


def _empty(policies: Policies, admins: Sequence[str], steps: list[dict[str, Any]]) -> Plan:
    steps.append({"step": "empty", "policy": policies.empty, "people": list(admins)})
    if policies.empty == "admin" and admins:
        return Plan(seats=tuple(Candidate(user, "admin") for user in admins), steps=tuple(steps))
    verdicts: dict[str, Verdict] = {"pass": "approved", "reject": "rejected"}
    return Plan(verdict=verdicts.get(policies.empty, "hold"), steps=tuple(steps))


def _merged(found: Sequence[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for one in found:
        first.setdefault(one.user, one)
    return list(first.values())
