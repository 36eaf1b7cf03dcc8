"""Flows on a small application: modes, returns, policies, rights, triggers, incidents; on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flow_world import World, doc_app, doc_flow, node, wires
from sqlalchemy import text

from engine.database import Database
from engine.people import set_active
from engine.problems import Conflict, Forbidden, NotFound
from engine.records.around.notices import mark_read
from metadata.findings import Refused
from metadata.model import Expr, Flow, FlowEdge, FlowNode

START, END = node("start", "start"), node("end", "end")
TWO = [{"kind": "user", "users": ["u_wang", "u_zhao"]}]
THREE = [{"kind": "user", "users": ["u_wang", "u_zhao", "u_qian"]}]


def users(*names: str) -> list[dict[str, Any]]:
    return [{"kind": "user", "users": [f"u_{name}" for name in names]}]


def ask(name: str, *people: str, **config: Any) -> FlowNode:
    return node(name, "approve", assignees=users(*people), **config)


def straight(*nodes: FlowNode, **more: Any) -> Flow:
    """A flow that walks through its nodes in a row."""
    stops = ["start", *(f"{one.id[4:]}:approved" if one.type == "approve" else one.id[4:] for one in nodes), "end"]
    return doc_flow((START, *nodes, END), wires(" > ".join(stops)), **more)


def world(db: Database, *flows: Flow) -> World:
    return World(db, doc_app(*flows))


def running(db: Database, flow: Flow, **values: Any) -> tuple[World, str]:
    """A world in which Chen has started the flow on a new record."""
    found = world(db, flow)
    record = found.create("chen", "doc", {"title": "Paper", **values})
    found.start("chen", flow.key, record)
    return found, record


def holders(found: World) -> list[str]:
    names = ("chen", "li", "wang", "zhao", "qian", "sun", "admin")
    return [name for name in names if found.open(name)]


def ended(found: World, record: str) -> str:
    return str(found.story("admin", "doc", record)["result"])


# -- modes


def test_any_is_decided_by_the_first(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", "zhao", mode="any")))
    seat = found.open("zhao")[0]["id"]
    assert found.act("wang", "approve")["result"] == "approved"
    with pytest.raises(Conflict) as caught:
        found.act("zhao", "approve", seat)
    assert caught.value.code == "L301"
    assert "settled by others" in caught.value.text("en")
    assert caught.value.rev > 0


def test_sequence_asks_one_after_the_other(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang", "zhao", "qian", mode="sequence")))
    for name in ("wang", "zhao", "qian"):
        assert holders(found) == [name]
        found.act(name, "approve")
    assert ended(found, record) == "approved"


def test_vote_counts_and_abstention_is_offered(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", "zhao", "qian", mode="vote", vote={"percent": 50})))
    found.act("wang", "abstain")
    assert found.act("zhao", "approve")["status"] == "running"
    assert found.act("qian", "approve")["result"] == "approved"


def test_claim_takes_the_task_from_the_others(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", "zhao", mode="claim")))
    seat = found.open("zhao")[0]["id"]
    found.act("zhao", "claim")
    assert holders(found) == ["zhao"]
    assert found.act("zhao", "approve", seat)["result"] == "approved"


def test_pick_draws_one_and_keeps_it(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", "zhao", "qian", mode="pick")))
    (name,) = holders(found)
    assert found.act(name, "approve")["result"] == "approved"


# -- parallel blocks and returns


def parallel() -> Flow:
    nodes = (ask("first", "li"), node("split", "parallel"), ask("a", "wang"), ask("b", "zhao"), ask("b2", "qian"))
    return doc_flow(
        (START, *nodes, node("join", "join"), END),
        wires("start > first:approved > split > a:approved > join > end", "split > b:approved > b2:approved > join"),
    )


def test_parallel_branches_meet_at_the_join(db: Database) -> None:
    found, _ = running(db, parallel())
    found.act("li", "approve")
    assert holders(found) == ["wang", "zhao"]
    found.act("wang", "approve")
    found.act("zhao", "approve")
    assert found.act("qian", "approve")["result"] == "approved"


def test_return_inside_a_branch_leaves_the_sibling_alone(db: Database) -> None:
    found, _ = running(db, parallel())
    found.act("li", "approve")
    found.act("wang", "approve")
    found.act("zhao", "approve")
    with found.database.read() as connection:
        task = found.flows.task(connection, found.actor("qian"), found.open("qian")[0]["id"])
    assert [target["id"] for target in task["return_to"]] == ["nod_start", "nod_first", "nod_b"]
    found.act("qian", "return", node="nod_b")
    assert holders(found) == ["zhao"]
    found.act("zhao", "approve")
    assert found.act("qian", "approve")["result"] == "approved"


def test_return_out_of_a_block_empties_it_and_walks_again(db: Database) -> None:
    found, _ = running(db, parallel())
    found.act("li", "approve")
    found.act("wang", "approve")
    found.act("zhao", "return", node="nod_first")
    assert holders(found) == ["li"]
    found.act("li", "approve")
    assert holders(found) == ["wang", "zhao"]
    found.act("wang", "approve")
    found.act("zhao", "approve")
    assert found.act("qian", "approve")["result"] == "approved"


def test_return_into_a_sibling_branch_is_refused(db: Database) -> None:
    found, _ = running(db, parallel())
    found.act("li", "approve")
    found.act("zhao", "approve")
    with pytest.raises(Refused) as caught:
        found.act("qian", "return", node="nod_a")
    assert caught.value.findings[0].code == "L307"


@pytest.mark.parametrize(
    ("target", "asked", "result"),
    [
        ("previous", "li", "approved"),
        ("nod_one", "li", "approved"),
        ("initiator", "chen", "withdrawn"),
        ("end", "", "rejected"),
    ],
)
def test_rejection_follows_its_policy(db: Database, target: str, asked: str, result: str) -> None:
    found, record = running(db, straight(ask("one", "li"), ask("two", "wang", on_reject=target)))
    found.act("li", "approve")
    found.act("wang", "reject")
    assert holders(found) == ([asked] if asked else [])
    if asked == "li":
        found.act("li", "approve")
        found.act("wang", "approve")
    elif asked:
        found.act("chen", "withdraw")
    assert ended(found, record) == result


def test_rejected_port_goes_first(db: Database) -> None:
    flow = doc_flow(
        (START, ask("a", "wang", on_reject="initiator"), END, node("no", "end", result="rejected")),
        wires("start > a:approved > end", "a:rejected > no"),
    )
    found, record = running(db, flow)
    assert found.act("wang", "reject")["result"] == "rejected"
    assert found.value("doc", record, "flow_state") == "rejected"


# -- policies and seats


def test_same_person_in_a_row_is_asked_once(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang"), ask("b", "wang", "zhao")))
    found.act("wang", "approve")
    assert holders(found) == ["zhao"]
    assert found.act("zhao", "approve")["result"] == "approved"
    people = found.story("admin", "doc", record)["steps"][1]["people"]
    assert [(one["name"], one["auto"]) for one in people] == [("Wang", True), ("Zhao", False)]


def test_automatic_vote_is_not_cast_after_a_return_or_when_a_watched_field_changed(db: Database) -> None:
    flow = straight(
        ask("a", "wang"),
        ask("z", "zhao", fields={"fld_amount": "write"}),
        ask("b", "wang", policies={"same": "all"}, watch=["fld_amount"]),
    )
    found, _ = running(db, flow, amount="5.00")
    found.act("wang", "approve")
    found.act("zhao", "return", node="nod_a")
    found.act("wang", "approve")
    found.act("zhao", "approve", values={"amount": "7.00"})
    assert holders(found) == ["wang"]
    found.act("wang", "approve")
    again = found.create("chen", "doc", {"title": "again", "amount": "5.00"})
    found.start("chen", "doc", again)
    found.act("wang", "approve")
    assert found.act("zhao", "approve")["result"] == "approved"


def test_initiator_does_not_approve_their_own(db: Database) -> None:
    found, record = running(db, straight(ask("a", "chen")))
    assert holders(found) == ["wang"]
    seated = next(line for line in found.story("admin", "doc", record)["timeline"] if line["kind"] == "seated")
    assert [step["step"] for step in seated["steps"]] == ["found", "self"]


def test_nobody_found_goes_to_an_administrator_and_one_is_enough(db: Database) -> None:
    found, _ = running(db, straight(node("a", "approve", assignees=[{"kind": "department_head"}])))
    assert holders(found) == ["admin"]
    assert found.act("admin", "approve")["result"] == "approved"


def test_empty_without_administrator_is_held_and_retried(db: Database) -> None:
    flow = straight(ask("a", "sun", policies={"empty": "hold"}))
    found = world(db, flow)
    with db.write() as connection:
        set_active(connection, "u_sun", False)
    record = found.create("chen", "doc", {"title": "x"})
    started = found.start("chen", "doc", record)
    assert started["status"] == "held"
    assert found.value("doc", record, "flow_state") == "running"
    with pytest.raises(Forbidden):
        found.told("wang", "retry", started["instance"], "r0")
    assert found.told("admin", "retry", started["instance"], "r1")["status"] == "held"
    with db.write() as connection:
        set_active(connection, "u_sun", True)
    assert found.told("admin", "retry", started["instance"], "r2")["status"] == "running"
    assert holders(found) == ["sun"]
    assert found.act("sun", "approve")["result"] == "approved"


def test_reassign_hands_the_seat_over_for_good(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", "zhao")))
    seat = found.open("wang")[0]["id"]
    for to, code in (("u_zhao", "L407"), ("u_nobody", "L408"), ("u_wang", "L407")):
        with pytest.raises(Refused) as caught:
            found.act("wang", "reassign", seat, to=to)
        assert caught.value.findings[0].code == "L308", code
    found.act("wang", "reassign", seat, to="u_qian", comment="on leave")
    assert holders(found) == ["zhao", "qian"]
    with pytest.raises(Conflict):
        found.act("wang", "approve", seat)
    found.act("qian", "approve")
    assert found.act("zhao", "approve")["result"] == "approved"


def test_administrator_may_reassign_and_stop(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang")))
    seat = found.open("wang")[0]["id"]
    with pytest.raises(NotFound):
        found.act("zhao", "reassign", seat, to="u_qian")
    found.act("admin", "reassign", seat, to="u_qian")
    assert holders(found) == ["qian"]
    instance = found.story("admin", "doc", record)["id"]
    with pytest.raises(Forbidden):
        found.told("chen", "stop", instance, "s1", "no")
    with pytest.raises(Refused):
        found.told("admin", "stop", instance, "s2", " ")
    assert found.told("admin", "stop", instance, "s3", "duplicate")["result"] == "stopped"
    assert holders(found) == []
    with pytest.raises(Conflict):
        found.told("admin", "stop", instance, "s4", "again")


def test_administrator_may_hand_a_returned_flow_to_somebody_else(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang", on_reject="initiator")))
    found.act("wang", "reject")
    seat = found.open("chen")[0]["id"]
    found.act("admin", "reassign", seat, to="u_admin")
    assert holders(found) == ["admin"]
    with pytest.raises(Refused):
        found.update("chen", "doc", record, {"title": "Mine"})
    found.update("admin", "doc", record, {"title": "Theirs"})
    found.act("admin", "resubmit")
    assert found.act("wang", "approve")["result"] == "approved"


# -- rights and fields


def test_open_task_shows_the_record_with_its_field_set(db: Database) -> None:
    flow = straight(ask("a", "wang", fields={"fld_secret": "hidden", "fld_checked": "write"}), ask("b", "zhao"))
    found = world(db, flow)
    record = found.create("chen", "doc", {"title": "Paper", "secret": "s3cret", "amount": "9.00"})
    for name in ("wang", "zhao"):
        with pytest.raises(NotFound), found.workspace.read("docs") as store:
            store.get(found.actor(name), "doc", record)
    found.start("chen", "doc", record)
    with found.workspace.read("docs") as store:
        values = store.get(found.actor("wang"), "doc", record).values
        assert values["title"] == "Paper"
        assert "secret" not in values or values["secret"] is None
        with pytest.raises(NotFound):
            store.get(found.actor("zhao"), "doc", record)
    with found.database.read() as connection:
        task = found.flows.task(connection, found.actor("wang"), found.open("wang")[0]["id"])
    assert task["levels"]["checked"] == "write"
    assert task["levels"]["title"] == "read"
    found.act("wang", "approve")
    with found.workspace.read("docs") as store:
        with pytest.raises(NotFound):
            store.get(found.actor("wang"), "doc", record)
        assert store.get(found.actor("zhao"), "doc", record).values["secret"] == "s3cret"


def test_approver_edits_only_what_the_node_allows(db: Database) -> None:
    flow = straight(ask("a", "wang", fields={"fld_checked": "write"}, require=["fld_checked"]))
    found, record = running(db, flow)
    with pytest.raises(Refused) as caught:
        found.act("wang", "approve")
    assert [(one.code, one.place) for one in caught.value.findings] == [("L304", "/values/checked")]
    for key in ("title", "nonsense", "sys_rev"):
        with pytest.raises(Refused) as caught:
            found.act("wang", "approve", values={key: "x"})
        assert caught.value.findings[0].code == "L306"
    with pytest.raises(Refused):
        found.act("wang", "approve", values={"checked": 7})
    assert found.value("doc", record, "checked") is None
    found.act("wang", "approve", values={"checked": "ok"})
    assert found.value("doc", record, "checked") == "ok"


def test_rejecting_needs_a_comment(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang")))
    with pytest.raises(Refused) as caught:
        found.act("wang", "reject", comment="  ")
    assert caught.value.findings[0].code == "L303"


def test_actions_of_a_node_are_enforced(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang", actions=["approve"])))
    for action in ("reject", "return", "reassign", "abstain", "claim", "resubmit", "dance"):
        with pytest.raises(Refused) as caught:
            found.act("wang", action)
        assert caught.value.findings[0].code == "L305"


# -- actions of the product


def test_record_updates_follow_links_and_compute(db: Database) -> None:
    double = {"fld_amount": {"expr": {"src": "amount * 2"}}, "fld_state": {"value": "opt_good"}}
    flow = straight(
        node("u", "record.update", set=double),
        node("v", "record.update", path=["fld_other"], set={"fld_checked": {"expr": {"src": "title"}}}),
    )
    found = world(db, flow)
    other = found.create("chen", "doc", {"title": "Other"})
    record = found.create("chen", "doc", {"title": "Main", "amount": "4.00", "other": other})
    assert found.start("chen", "doc", record)["result"] == "approved"
    assert str(found.value("doc", record, "amount")) == "8.00"
    assert found.value("doc", record, "state") == "opt_good"
    assert found.value("doc", other, "checked") == "Main"


@pytest.mark.parametrize(("choice", "status"), [("hold", "held"), ("ignore", "ended"), ("port", "ended")])
def test_failed_update_follows_its_policy(db: Database, choice: str, status: str) -> None:
    update = node("u", "record.update", path=["fld_other"], set={"fld_checked": {"value": "x"}}, on_error=choice)
    bad = node("bad", "end", result="failed")
    flow = doc_flow(
        (START, update, END, bad), wires("start > u > end", *(["u:error > bad"] if choice == "port" else []))
    )
    found = world(db, flow)
    record = found.create("chen", "doc", {"title": "x"})
    result = found.start("chen", "doc", record)
    assert result["status"] == status
    assert result["result"] == {"hold": "", "ignore": "approved", "port": "failed"}[choice]


def test_refused_value_holds_without_leaving_half_a_write(db: Database) -> None:
    flow = straight(
        node("u", "record.update", set={"fld_checked": {"value": "x"}, "fld_state": {"value": "opt_unknown"}})
    )
    found = world(db, flow)
    record = found.create("chen", "doc", {"title": "x"})
    result = found.start("chen", "doc", record)
    assert result["status"] == "held"
    assert found.value("doc", record, "checked") is None


def test_copy_never_blocks_and_is_marked_read(db: Database) -> None:
    found, _ = running(db, straight(node("c", "cc", to=users("sun", "li")), ask("a", "wang")))
    with found.database.read() as connection:
        (copy,) = found.flows.tasks(connection, found.actor("sun"), "cc")["tasks"]
    assert (copy["state"], copy["title"]) == ("sent", "Paper")
    assert holders(found) == ["wang"]
    found.act("sun", "read", copy["id"])
    with found.database.read() as connection:
        assert found.flows.tasks(connection, found.actor("sun"), "cc")["tasks"][0]["state"] == "read"


# -- triggers


def test_record_trigger_starts_in_the_writers_transaction(db: Database) -> None:
    trigger = {
        "kind": "record",
        "on": ["create", "update"],
        "fields": ["fld_amount"],
        "when": {"src": "amount >= 100 AND (ISBLANK(OLD.amount) OR OLD.amount < 100)"},
    }
    found = world(db, straight(ask("a", "wang"), trigger=trigger))
    small = found.create("chen", "doc", {"title": "small", "amount": "5.00"})
    assert holders(found) == []
    found.update("chen", "doc", small, {"title": "still small"})
    found.update("chen", "doc", small, {"amount": "150.00"})
    assert [task["title"] for task in found.open("wang")] == ["still small"]
    found.act("wang", "approve")
    found.update("chen", "doc", small, {"amount": "160.00"})
    assert holders(found) == []
    found.create("chen", "doc", {"title": "big", "amount": "100.00"})
    assert [task["title"] for task in found.open("wang")] == ["big"]
    with pytest.raises(RuntimeError), found.workspace.write("docs") as store:
        store.create(found.actor("chen"), "doc", {"title": "undone", "amount": "999.00"})
        raise RuntimeError
    assert len(found.open("wang")) == 1


def test_flow_does_not_start_itself_but_may_start_another(db: Database) -> None:
    on_state = {"kind": "record", "on": ["update"], "fields": ["fld_state"]}
    first = straight(node("u", "record.update", set={"fld_state": {"value": "opt_busy"}}), trigger=on_state)
    second = straight(
        node("u", "record.update", set={"fld_checked": {"value": "second"}}), id="flw_two", key="two", trigger=on_state
    )
    found = world(db, first, second)
    record = found.create("chen", "doc", {"title": "x", "state": "opt_new"})
    found.update("chen", "doc", record, {"state": "opt_good"})
    assert found.value("doc", record, "checked") == "second"
    with found.workspace.read("docs") as store:
        started = [one["flow"]["key"] for one in found.flows.timeline(store, found.actor("admin"), "doc", record)]
    # the first once; the second for Chen's write and, after it had ended, for the first flow's own write or the reverse
    assert started.count("doc") == 1
    assert started.count("two") in (1, 2)


def test_startable_names_the_reason(db: Database) -> None:
    button = {"kind": "button", "when": {"src": "amount > 10"}}
    closed = straight(ask("a", "wang"), id="flw_two", key="two", trigger={"kind": "button", "roles": ["rol_finance"]})
    found = world(db, straight(ask("a", "wang"), trigger=button), closed)
    record = found.create("chen", "doc", {"title": "x", "amount": "1.00"})
    with found.workspace.read("docs") as store:
        assert found.flows.startable(store, found.actor("chen"), "doc", record) == [
            {"key": "doc", "label": "Doc flow", "reason": "记录不满足发起条件"}
        ]
    with pytest.raises(Refused):
        found.start("chen", "two", record)
    with pytest.raises(NotFound):
        found.start("chen", "three", record)
    found.update("chen", "doc", record, {"amount": "11.00"})
    with found.workspace.read("docs") as store:
        assert found.flows.startable(store, found.actor("chen"), "doc", record) == [{"key": "doc", "label": "Doc flow"}]
        stranger = found.actor("li")
        with pytest.raises(NotFound):
            found.flows.timeline(store, stranger, "doc", record)
    with pytest.raises(NotFound):
        found.start("li", "doc", record)


# -- versions, history, boxes


def test_running_instance_keeps_its_version(db: Database) -> None:
    flow = straight(ask("a", "wang"), ask("b", "zhao"))
    found, _ = running(db, flow)
    with db.write() as connection:
        found.go_live(connection, doc_app(straight(ask("a", "qian"))))
    newer = found.create("chen", "doc", {"title": "newer"})
    found.start("chen", "doc", newer)
    assert holders(found) == ["wang", "qian"]
    found.act("wang", "approve")
    assert holders(found) == ["zhao", "qian"]
    assert found.act("zhao", "approve")["result"] == "approved"
    assert found.act("qian", "approve")["result"] == "approved"


def test_moving_a_box_makes_no_new_version(db: Database) -> None:
    found, _ = running(db, straight(ask("a", "wang")))
    with db.write() as connection:
        moved = replace(found.app.flows[0], layout={"nod_a": {"x": 1, "y": 2}})
        found.go_live(connection, replace(found.app, flows=(moved,)))
    other = found.create("chen", "doc", {"title": "other"})
    found.start("chen", "doc", other)
    with db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM flow_def")).scalar() == 1


def test_history_cannot_be_changed(db: Database) -> None:
    _, _ = running(db, straight(ask("a", "wang")))
    for statement in ("UPDATE flow_event SET comment = 'x'", "DELETE FROM flow_event"):
        with pytest.raises(Exception, match="append-only"), db.write() as connection:
            connection.execute(text(statement))


def test_boxes_page_by_cursor(db: Database) -> None:
    found = world(db, straight(ask("a", "wang", limits=[{"after": {"hours": 1}, "do": "remind"}])))
    late = straight(ask("a", "wang"), id="flw_two", key="two", settings={"keep_read": True})
    with db.write() as connection:
        found.go_live(connection, doc_app(found.app.flows[0], late))
    records = [found.create("chen", "doc", {"title": f"d{number}"}) for number in range(6)]
    for number, record in enumerate(records):
        found.start("chen", "doc" if number % 2 else "two", record)
    titles: list[str] = []
    cursor = ""
    with db.read() as connection:
        while True:
            page = found.flows.tasks(connection, found.actor("wang"), "open", 4, cursor)
            titles += [task["title"] for task in page["tasks"]]
            assert page["open_count"] == 6
            cursor = page["next_cursor"]
            if not cursor:
                break
    assert titles == ["d1", "d3", "d5", "d0", "d2", "d4"]
    for task in found.open("wang")[2:4]:
        found.act("wang", "approve", task["id"])
    with db.read() as connection:
        done = found.flows.tasks(connection, found.actor("wang"), "done")["tasks"]
        assert [(task["title"], task["state"]) for task in done] == [("d0", "approved"), ("", "approved")]
        started = found.flows.tasks(connection, found.actor("chen"), "started", 2)
        assert [task["title"] for task in started["tasks"]] == ["d5", "d4"]
        more = found.flows.tasks(connection, found.actor("chen"), "started", 10, started["next_cursor"])
        assert len(more["tasks"]) == 4
        for bad in ("x", "W10", "W1sxXV0"):
            with pytest.raises(Refused):
                found.flows.tasks(connection, found.actor("chen"), "started", 2, bad)
        with pytest.raises(Refused):
            found.flows.tasks(connection, found.actor("chen"), "elsewhere")


def test_comment_and_urge(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang")))
    instance = found.story("chen", "doc", record)["id"]
    found.told("chen", "comment", instance, "c1", "please hurry")
    with pytest.raises(NotFound):
        found.told("li", "comment", instance, "c2", "hello")
    found.told("chen", "urge", instance, "u1")
    with pytest.raises(Conflict) as caught:
        found.told("chen", "urge", instance, "u2")
    assert caught.value.code == "L313"
    found.run_jobs()
    with db.read() as connection:
        (notice,) = found.notices(connection, "wang")["notices"]
    assert "Chen" in notice["text"]
    assert "Paper" in notice["text"]
    with db.write() as connection:
        mark_read(connection, found.actor("wang"), None)
        assert found.notices(connection, "wang")["unread"] == 0


def test_deleting_a_record_stops_an_unlocked_flow(db: Database) -> None:
    found, record = running(db, straight(ask("a", "wang"), settings={"lock": "none"}))
    with found.workspace.write("docs") as store:
        store.delete(found.actor("admin"), "doc", record)
    assert holders(found) == []


def test_repeated_reminders_stop_with_the_task(db: Database) -> None:
    limits = [{"after": {"hours": 1}, "do": "remind", "repeat": {"every": {"hours": 1}, "max": 2}}]
    found, record = running(db, straight(ask("a", "wang", limits=limits)))
    assert [found.run_jobs() for _ in range(4)] == [1, 1, 1, 0]
    with db.read() as connection:
        assert found.notices(connection, "wang")["unread"] == 3
    assert found.kinds("doc", record).count("reminded") == 3


def test_condition_that_lost_its_field_takes_the_default(db: Database) -> None:
    way = node("way", "branch")
    edges = (
        *wires("start > way", "a:approved > end", "b:approved > end"),
        FlowEdge(id="edg_w1", from_node="nod_way", to_node="nod_a", when=Expr(src="gone > 1")),
        FlowEdge(id="edg_w2", from_node="nod_way", to_node="nod_b", default=True),
    )
    found, _ = running(db, doc_flow((START, way, ask("a", "wang"), ask("b", "zhao"), END), edges))
    assert holders(found) == ["zhao"]
