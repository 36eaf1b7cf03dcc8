"""Two people, or two clicks, at the very same moment: one wins, the other gets a plain answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flow_world import World, doc_app, doc_flow, node, wires

from engine.database import Database
from engine.problems import Conflict
from metadata.findings import Refused

BOTH = [{"kind": "user", "users": ["u_wang", "u_zhao"]}]


def opened(db: Database, **config: Any) -> tuple[World, str]:
    nodes = (node("start", "start"), node("a", "approve", assignees=BOTH, **config), node("end", "end"))
    world = World(db, doc_app(doc_flow(nodes, wires("start > a:approved > end"))))
    return world, world.create("chen", "doc", {"title": "Paper"})


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run everything at once; return results, exceptions among them."""
    gate = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(number: int) -> None:
        gate.wait()
        try:
            found[number] = works[number]()
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_approvers_at_once_one_wins(db: Database) -> None:
    world, record = opened(db, mode="any")
    world.start("chen", "doc", record)
    seats = {name: world.open(name)[0]["id"] for name in ("wang", "zhao")}
    found = together(
        lambda: world.act("wang", "approve", seats["wang"]), lambda: world.act("zhao", "approve", seats["zhao"])
    )
    won = [one for one in found if isinstance(one, dict)]
    lost = [one for one in found if isinstance(one, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    assert won[0]["result"] == "approved"
    assert lost[0].code == "L301"
    assert world.kinds("doc", record).count("approved") == 1


def test_both_votes_of_a_countersignature_count(db: Database) -> None:
    world, record = opened(db)
    world.start("chen", "doc", record)
    seats = {name: world.open(name)[0]["id"] for name in ("wang", "zhao")}
    found = together(
        lambda: world.act("wang", "approve", seats["wang"]), lambda: world.act("zhao", "approve", seats["zhao"])
    )
    assert sorted(one["status"] for one in found) == ["ended", "running"]


def test_double_click_at_once_is_one_vote(db: Database) -> None:
    world, record = opened(db)
    world.start("chen", "doc", record)
    seat = world.open("wang")[0]["id"]
    found = together(*[lambda: world.act("wang", "approve", seat, command_id="click")] * 3)
    assert found[0] == found[1] == found[2]
    assert world.kinds("doc", record).count("approved") == 1


def test_two_starts_at_once_make_one_instance(db: Database) -> None:
    world, record = opened(db)
    found = together(
        lambda: world.start("chen", "doc", record, "one"), lambda: world.start("admin", "doc", record, "two")
    )
    assert sorted(type(one) for one in found if not isinstance(one, dict)) == [Refused]
    same = together(*[lambda: world.start("chen", "doc", record, "three")] * 2)
    assert all(isinstance(one, Refused) for one in same)
    other = world.create("chen", "doc", {"title": "Other"})
    same = together(*[lambda: world.start("chen", "doc", other, "four")] * 3)
    assert same[0] == same[1] == same[2]
    assert isinstance(same[0], dict)
