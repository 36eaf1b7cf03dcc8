"""Approvals: what waits for a person, deciding it, starting a flow on a record, and what flows did with one."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine.problems import NotFound
from engine.records import present
from engine.records.spec import Record
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import connection, reading, services, visitor, writing
from runtime.jsonio import answer

routes = Routes("tasks", "/api/v1")

BOXES = ("open", "done", "started", "cc")
_MAX_ID = 64
_MAX_COMMENT = 4_000


@routes.route("/tasks")
def list_tasks() -> Response:
    given = query.arguments("box", "limit", "cursor")
    box = given.get("box", "open")
    if box not in BOXES:
        raise query.bad("box", "、".join(BOXES), ", ".join(BOXES))
    limit = query.whole(given, "limit", 50, 1, 200)
    actor = visitor().actor()
    return answer(services().flows.tasks(connection(), actor, box, limit, given.get("cursor", "")))


@routes.route("/tasks/<seat_id>")
def get_task(seat_id: str) -> Response:
    query.arguments()
    return answer(_task(seat_id))


def _task(seat_id: str) -> dict[str, Any]:
    flows = services().flows
    app_id = flows.locate_task(connection(), seat_id)
    if app_id is None:
        raise NotFound(what=seat_id)
    actor = visitor().actor(app_id)
    task = dict(flows.task(connection(), actor, seat_id))
    record = task.get("record")
    if isinstance(record, Record):
        store = services().workspace.store(connection(), app_id)
        task.update(present.record_json(record, store, actor))
    history = task.get("timeline")
    if isinstance(history, dict):  # one instance, as the record's own history shows it
        task["steps"], task["timeline"] = history.get("steps", []), history.get("timeline", [])
    return task


@routes.route("/tasks/<seat_id>/actions", methods=("POST",))
def act(seat_id: str) -> Response:
    names = ("command_id", "action", "comment", "values", "expected_rev", "to", "node")
    body = jsonio.body(allowed=names, required=("command_id", "action"))
    values = body.get("values")
    if values is not None and not isinstance(values, dict):
        raise query.bad("values", "JSON 对象", "a JSON object")
    rev = body.get("expected_rev")
    if rev is not None and (not isinstance(rev, int) or isinstance(rev, bool)):
        raise query.bad("expected_rev", "整数", "an integer")
    app_id = services().flows.locate_task(connection(), seat_id)
    if app_id is None:
        raise NotFound(what=seat_id)
    with _acting(app_id) as (store, actor):
        done = services().flows.act(
            store,
            actor,
            seat_id,
            query.text_of(body, "action", _MAX_ID),
            comment=query.text_of(body, "comment", _MAX_COMMENT),
            values=values,
            to=query.text_of(body, "to", _MAX_ID),
            node=query.text_of(body, "node", _MAX_ID),
            command_id=query.text_of(body, "command_id", _MAX_ID),
            expected_rev=rev,
        )
    return answer(done)


def _acting(app_id: str) -> Any:
    """An approver need not have a role in the application: the task itself is the right to it."""
    return writing(app_id, members_only=False)


@routes.route("/apps/<app>/flows/<flow>/start", methods=("POST",), who="member")
def start(app: str, flow: str) -> Response:
    body = jsonio.body(allowed=("record_id", "command_id"), required=("record_id", "command_id"))
    with writing(app) as (store, actor):
        record_id, command_id = query.text_of(body, "record_id", _MAX_ID), query.text_of(body, "command_id", _MAX_ID)
        done = services().flows.start(store, actor, flow, record_id, command_id)
    return answer({**done, "instance_id": done.get("instance")}, 201)


@routes.route("/apps/<app>/<entity>/records/<record_id>/flows", who="member")
def record_flows(app: str, entity: str, record_id: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    flows = services().flows
    instances = flows.timeline(store, actor, entity, record_id)
    return answer({"startable": flows.startable(store, actor, entity, record_id), "instances": instances})


@routes.route("/instances/<instance_id>/<command>", methods=("POST",))
def command_instance(instance_id: str, command: str) -> Response:
    """Withdraw, urge or comment on what one started; stop or retry as an administrator of the flow."""
    body = jsonio.body(allowed=("command_id", "comment"), required=("command_id",))
    command_id, comment = query.text_of(body, "command_id", _MAX_ID), query.text_of(body, "comment", _MAX_COMMENT)
    flows = services().flows
    app_id = flows.locate_instance(connection(), instance_id)
    if app_id is None:
        raise NotFound(what=instance_id)
    with _acting(app_id) as (store, actor):
        match command:
            case "withdraw":
                done = flows.withdraw(store, actor, instance_id, command_id, comment)
            case "stop":
                done = flows.stop(store, actor, instance_id, command_id, comment)
            case "comment":
                done = flows.comment(store, actor, instance_id, command_id, comment)
            case "urge":
                done = flows.urge(store, actor, instance_id, command_id)
            case "retry":
                done = flows.retry(store, actor, instance_id, command_id)
            case _:
                raise NotFound(what=command)
    return answer(done)
