"""Jobs of the flow engine. Each does its work and marks itself done in one transaction, so a second run of the same
job (its worker died) finds it done and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from engine.actor import system_actor
from engine.flows.definitions import Definitions
from engine.flows.limits import seconds
from engine.flows.node import FLOW_NODES
from engine.flows.state import load
from engine.flows.work import Work
from engine.jobs import table
from engine.jobs.port import Handler, Job, Jobs
from engine.records.around import notices
from engine.records.workspace import Workspace


class Errands:
    """Handlers: ``flow.notify`` (the notify node), ``flow.remind`` (time limits), ``flow.urge`` (催办)."""

    def __init__(self, workspace: Workspace, jobs: Jobs, definitions: Definitions):
        self._workspace = workspace
        self._jobs = jobs
        self._definitions = definitions

    def handlers(self) -> dict[str, Handler]:
        return {"flow.notify": self.notify, "flow.remind": self.remind, "flow.urge": self.urge}

    def notify(self, job: Job) -> None:
        """Find the recipients of a notify node and write their notices."""
        with self._on(job) as work:
            if work is None:
                return
            step = work.graph.step(job.payload["node"])
            users = work.people(FLOW_NODES.get(step.type).rules(step.config))
            words = {"title": step.config["title"], "body": step.config.get("body", {}), "by": work.initiator}
            self._tell(work, job, "notify", users, {**words, **_labels(work, step.id)})

    def remind(self, job: Job) -> None:
        """Remind the holders of open seats, if the visit is still alive, and set the next reminder."""
        facts = job.payload
        with self._on(job) as work:
            if work is None or facts["token"] not in work.state.marking.tokens:
                return
            step = work.graph.step(facts["node"])
            seats = [seat for seat in work.state.visit(facts["token"]) if seat.state == "open"]
            users = [seat.user_id for seat in seats]
            self._tell(work, job, "remind", users, {"code": "L411", **_labels(work, step.id)})
            work.note("reminded", step, work.state.marking.tokens[facts["token"]], {"people": users})
            limit = step.config["limits"][facts["limit"]]
            repeat, turn = limit.get("repeat"), facts["turn"] + 1
            if repeat and turn <= repeat["max"]:
                due = work.now + timedelta(seconds=seconds(repeat["every"]))
                key = f"{facts['token']}:{facts['limit']}:{turn}"
                again = {name: facts[name] for name in ("token", "node", "limit")}
                work.enqueue("flow.remind", {**again, "turn": turn}, key, due)
            work.finish()

    def urge(self, job: Job) -> None:
        """Tell the holders of seats that somebody is waiting for them."""
        with self._on(job) as work:
            if work is None:
                return
            for seat_id in job.payload["seats"]:
                seat = work.state.seats.get(seat_id)
                if seat is not None and seat.state == "open":
                    words = {"code": "L412", "by": job.payload["by"], **_labels(work, seat.node_id)}
                    self._tell(work, job, "urge", [seat.user_id], words)

    def _tell(self, work: Work, job: Job, kind: str, users: list[str], words: dict[str, Any]) -> None:
        one = work.state.instance
        notices.tell(
            work.store.connection,
            key=job.id,
            users=users,
            kind=kind,
            app_id=one.app_id,
            entity_id=one.entity_id,
            record_id=one.record_id,
            words=words,
        )

    @contextmanager
    def _on(self, job: Job) -> Iterator[Work | None]:
        """Open the instance of a job for writing; None when the job was done meanwhile or the instance is gone."""
        with self._workspace.write(job.payload["app"]) as store:
            if not table.finish(store.connection, job.id):
                yield None
                return
            state = load(store.connection, job.payload["instance"])
            if state is None:
                yield None
                return
            yield Work(store, self._jobs, self._definitions, state, system_actor("flow"))


def _labels(work: Work, node_id: str) -> dict[str, Any]:
    step = work.graph.steps.get(node_id)
    return {"flow": dict(work.graph.flow.label), "node": dict(step.label) if step is not None else {}}
