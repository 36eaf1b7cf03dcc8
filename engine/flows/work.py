"""What a command works with: one instance, the interpreter over it, and the record behind it, in one transaction.

It is the :class:`engine.flows.interpret.Host` of the interpreter and the :class:`engine.flows.node.Work` of nodes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.actor import Actor, system_actor
from engine.clock import instant_text
from engine.expr.values import ErrorValue
from engine.flows import chain
from engine.flows.decide import Verdict, decide
from engine.flows.definitions import Definitions, expr_of
from engine.flows.directory import Directory
from engine.flows.graph import Graph, Step, Wire
from engine.flows.interpret import Back, Halt, Hold, Interpreter, Outcome
from engine.flows.limits import seconds
from engine.flows.marking import ROOT, Token
from engine.flows.node import FLOW_NODES, ruling_of
from engine.flows.record import RecordView, overlay_text
from engine.flows.seats import Candidate, candidates, plan, policies_of
from engine.flows.state import Seat, State, running_on
from engine.jobs.port import Jobs
from engine.problems import Problem
from engine.records.store import RecordStore
from metadata.findings import Refused


class Work:
    """One command on one instance. Make it, move tokens through ``interpreter``, then :meth:`finish`."""

    def __init__(
        self,
        store: RecordStore,
        jobs: Jobs,
        definitions: Definitions,
        state: State,
        actor: Actor,
    ):
        self.store = store
        self.jobs = jobs
        self.state = state
        self.actor = actor
        self.now: datetime = store.now
        self.at = instant_text(store.now)
        self.graph: Graph = definitions.graph(store.connection, state.instance.def_hash)
        self.directory = Directory(store.connection, state.instance.app_id)
        self.interpreter = Interpreter(self.graph, state.marking, self)
        self.system = system_actor(
            f"flow:{self.graph.flow.key}",
            request_id=actor.request_id,
            on_behalf_of=actor.id if actor.kind == "user" else state.instance.initiator_id,
        )
        self.record = RecordView(store, definitions, state.instance)
        self.returned = False

    # -- what nodes ask

    @property
    def initiator(self) -> str:
        return self.state.instance.initiator_id

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.graph.flow.settings

    @property
    def result_of_return(self) -> bool:
        return self.returned

    def people(self, rules: Sequence[Mapping[str, Any]]) -> list[str]:
        found = candidates(rules, self.directory, self.initiator, self.record.people)
        active = self.directory.active({one.user for one in found})
        return [user for user in dict.fromkeys(one.user for one in found) if user in active]

    def admins(self) -> list[str]:
        """Active members of the flow's administrator roles."""
        found: dict[str, None] = {}
        for role in self.settings.get("admins", ()):
            found.update(dict.fromkeys(self.directory.role(role)))
        return list(found)

    def seat_approvers(self, step: Step, token: Token) -> Verdict | Literal["hold"] | None:
        config = step.config
        policies = policies_of(config, self.settings)
        made = plan(
            candidates(config["assignees"], self.directory, self.initiator, self.record.people),
            self.directory,
            initiator=self.initiator,
            policies=policies,
            admins=self.admins(),
            approved_before=lambda user: self._approved_before(user, step, token, policies.same),
        )
        seats = list(made.seats)
        if config.get("mode") == "pick" and len(seats) > 1:
            seats = [seats[_draw(self.state.instance.id, token.number, len(seats))]]
        self.note("seated", step, token, {"steps": list(made.steps), "seats": [one.user for one in seats]})
        self._sit(step, token, seats, made.automatic)
        return made.verdict

    def _sit(self, step: Step, token: Token, seats: Sequence[Candidate], automatic: Mapping[str, str]) -> None:
        due = self._due(step)
        for pos, one in enumerate(seats):
            self.state.add_seat(
                token=token.number,
                node_id=step.id,
                scope=token.scope,
                kind="approve",
                pos=pos,
                user_id=one.user,
                state="waiting",
                why=one.why,
                auto=automatic.get(one.user, ""),
                overlay=overlay_text(step.config),
                keeps=bool(self.settings.get("keep_read")),
                prior=list(token.prior),
                created_at=self.at,
                due_at=due,
            )

    def count(self, step: Step, token: Token) -> Verdict | None:
        """Cast automatic votes whose turn it is, open the seats whose turn it is, and count."""
        seats = self.state.visit(token.number)
        for seat in seats:
            if seat.state == "waiting" and seat.auto:
                self._vote(seat, "approved")
                self.note("approved", step, token, {"auto": seat.auto, "user": seat.user_id}, seat=seat)
            elif seat.state == "waiting":
                seat.state = "open"
            if step.config.get("mode") == "sequence" and seat.live:
                break
        ruling = ruling_of(step.config, [s.user_id for s in seats], all(s.why == "admin" for s in seats))
        ballots = ["open" if seat.live else seat.state for seat in seats]
        verdict = decide(ruling, ballots)  # type: ignore[arg-type]
        if verdict:
            self.note("decided", step, token, {"verdict": verdict})
            self.close([seat for seat in seats if seat.live])
        return verdict

    def seat(self, step: Step, token: Token, kind: str, users: Sequence[str], state: str) -> None:
        for pos, user in enumerate(users):
            self.state.add_seat(
                token=token.number,
                node_id=step.id,
                scope=token.scope,
                kind=kind,
                pos=pos,
                user_id=user,
                state=state,
                overlay=overlay_text(step.config),
                prior=list(token.prior),
                created_at=self.at,
            )

    def write(self, path: Sequence[str], values: Mapping[str, Mapping[str, Any]]) -> Hold | None:
        instance = self.state.instance
        target = self.record.follow(path)
        if target is None:
            return Hold("L207")
        entity_id, record_id = target
        sent: dict[str, Any] = {}
        for field_id, source in values.items():
            value = source.get("value")
            if "expr" in source:
                value = self.record.compute(expr_of(source["expr"]))
                if isinstance(value, ErrorValue):
                    return Hold("L209")
            sent[field_id] = value
        problem = self.save_record(entity_id, record_id, sent)
        if problem is not None:
            self.note("refused", None, None, {"record": record_id, "entity": entity_id, "why": list(problem)})
            return Hold("L206")
        same = (entity_id, record_id) == (instance.entity_id, instance.record_id)
        self.note("written", None, None, {"entity": entity_id, "record": record_id, "fields": sorted(sent)})
        if same:
            self.record.forget()
        return None

    def save_record(self, entity_id: str, record_id: str, values: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Write through the record store as the flow. When it is refused nothing is written and the codes come back:
        codes only, since a sentence might quote what a reader of the history may not see."""
        savepoint = self.store.connection.begin_nested()
        try:
            with chain.writing(self._chain()):
                self.store.update(self.system, entity_id, record_id, dict(values), None)
        except Refused as error:
            savepoint.rollback()
            return tuple(f"{finding.code} {finding.place}" for finding in error.findings)
        except Problem as error:
            savepoint.rollback()
            return (error.code,)
        savepoint.commit()
        return None

    def edit(self, values: Mapping[str, Any]) -> None:
        """Save what a person edited in a task; what is wrong with it goes to that person. Raises as the store does."""
        instance = self.state.instance
        with chain.writing(self._chain()):
            self.store.update(self.system, instance.entity_id, instance.record_id, values, None)
        self.record.forget()

    def _chain(self) -> tuple[chain.Link, ...]:
        instance = self.state.instance
        came = tuple((flow, record) for flow, record in instance.cause.get("chain", ()))
        return (*came, (instance.flow_id, instance.record_id))

    def hook(self, event: str) -> Hold | None:
        wanted = self.settings.get("on", {}).get(event)
        return self.write((), wanted["set"]) if wanted else None

    def enqueue(self, kind: str, payload: Mapping[str, Any], key: str, run_at: datetime | None = None) -> None:
        instance = self.state.instance
        facts = {"app": instance.app_id, "instance": instance.id, **payload}
        job_id = f"{kind}:{instance.id}:{key}"
        self.jobs.enqueue(self.store.connection, kind, facts, job_id=job_id, run_at=run_at)

    def note(
        self,
        kind: str,
        step: Step | None,
        token: Token | None,
        facts: dict[str, Any],
        *,
        seat: Seat | None = None,
        comment: str = "",
        by: Actor | None = None,
    ) -> None:
        """Write a line of history, as the product unless ``by`` a person."""
        actor = by or self.system
        self.state.add_event(
            kind,
            actor.id,
            self.at,
            on_behalf_of=actor.on_behalf_of if by is not None else "",
            node_id=step.id if step is not None else "",
            token=token.number if token is not None else None,
            seat_id=seat.id if seat is not None else "",
            comment=comment,
            facts=facts,
        )

    def back(self, step: Step, token: Token, target: str) -> Outcome:
        found = self.return_targets(token)
        if target == "previous":
            target = found[-1].node_id if found else "initiator"
        if target in ("initiator", self.graph.start.id):
            return self.back_to(None)
        visit = next((seat for seat in reversed(found) if seat.node_id == target), None)
        return self.back_to(visit) if visit is not None else Hold("L208")

    def back_to(self, visit: Seat | None) -> Back:
        """Return to an earlier visit, or to the initiator (None): what was approved until now counts no more for the
        same-person rule."""
        instance = self.state.instance
        self.returned = True
        instance.vars = {**instance.vars, "since": self.state.marking.last}
        if visit is None:
            instance.round += 1
            self.note("returned", self.graph.start, None, {})
            return Back(self.graph.start.id, ROOT)
        self.note("returned", self.graph.step(visit.node_id), None, {})
        return Back(visit.node_id, visit.scope, tuple(visit.prior))

    def return_targets(self, token: Token) -> list[Seat]:
        """One seat per step of people on the way to ``token`` that may be returned to, oldest first.

        Only steps whose branch is the token's or encloses it: emptying that branch leaves a state the flow can reach
        by itself, so every join can still complete.
        """
        regions = set(self.state.marking.lineage(token.scope))
        by_visit: dict[int, Seat] = {}
        for seat in self.state.seats.values():
            if seat.kind == "approve":
                by_visit.setdefault(seat.token, seat)
        todo, seen = list(token.prior), set()
        while todo:
            number = todo.pop()
            if number not in seen and number in by_visit:
                seen.add(number)
                todo.extend(by_visit[number].prior)
        found: dict[str, Seat] = {}
        for number in sorted(seen):
            seat = by_visit[number]
            if seat.scope in regions and seat.node_id in self.graph.steps and seat.round == self.state.instance.round:
                found.pop(seat.node_id, None)
                found[seat.node_id] = seat
        return list(found.values())

    # -- what the interpreter asks

    def decide(self, wire: Wire) -> bool:
        assert wire.when is not None
        return self.record.holds(wire.when)

    def enter(self, step: Step, token: Token) -> Outcome:
        outcome = FLOW_NODES.get(step.type).enter(self, step, token)
        self.returned = False
        return outcome

    def unconnected(self, step: Step, token: Token, port: str) -> Outcome:
        outcome = FLOW_NODES.get(step.type).unconnected(self, step, token, port)
        if outcome == Halt("rejected"):
            return self.hook("rejected") or outcome
        return outcome

    def dropped(self, tokens: list[Token]) -> None:
        gone = {token.number for token in tokens}
        self.close([seat for seat in self.state.seats.values() if seat.token in gone and seat.live])

    def close(self, seats: Sequence[Seat]) -> None:
        """Take seats away that nobody needs to decide any more."""
        for seat in seats:
            seat.state = "cancelled"
            seat.decided_at = self.at

    # -- votes

    def vote(self, seat: Seat, state: str, comment: str) -> None:
        """Record a person's vote."""
        self._vote(seat, state)
        seat.comment = comment
        step = self.graph.step(seat.node_id)
        token = self.state.marking.tokens.get(seat.token)
        self.note(state, step, token, {}, seat=seat, comment=comment, by=self.actor)

    def _vote(self, seat: Seat, state: str) -> None:
        seat.state = state
        seat.decided_at = self.at
        watched = sorted({name for step in self.graph.steps.values() for name in step.config.get("watch", ())})
        if watched:
            seat.watched = self._digests(watched)

    def _digests(self, field_ids: Sequence[str]) -> dict[str, str]:
        values = self.record.values(field_ids)
        return {name: hashlib.sha256(repr(values.get(name)).encode()).hexdigest()[:16] for name in field_ids}

    def _approved_before(self, user: str, step: Step, token: Token, policy: str) -> bool:
        since = self.state.instance.vars.get("since", 0)
        watched = self._digests(step.config["watch"]) if step.config.get("watch") else {}
        for seat in self.state.seats.values():
            near = seat.token in token.prior if policy == "adjacent" else seat.round == self.state.instance.round
            if seat.kind != "approve" or seat.user_id != user or seat.state != "approved" or not near:
                continue
            if seat.token > since and watched == {name: (seat.watched or {}).get(name) for name in watched}:
                return True
        return False

    def _due(self, step: Step) -> str | None:
        limits = [seconds(limit["after"]) for limit in step.config.get("limits", ())]
        return instant_text(self.now + timedelta(seconds=min(limits))) if limits else None

    # -- the end of a command

    def finish(self) -> None:
        """Work out the instance's status, mirror it on the record, and write everything."""
        instance, interpreter = self.state.instance, self.interpreter
        before = instance.status if not self.state.fresh else ""
        if interpreter.result is not None:
            instance.status, instance.result, instance.ended_at = "ended", interpreter.result, self.at
            self.note("ended", None, None, {"result": interpreter.result})
        else:
            instance.status = self._status()
        self._mirror(before)
        self.state.save(self.store.connection, self.at)

    def _status(self) -> str:
        tokens = self.state.marking.tokens.values()
        if any(token.held for token in tokens):
            return "held"
        start = self.graph.start.id
        return "returned" if any(token.place == "step" and token.at == start for token in tokens) else "running"

    def _mirror(self, before: str) -> None:
        """Show on the record what its flows do with it: ``flow_state`` is running, returned, or the last result."""
        instance = self.state.instance
        shown = {"held": "running", "ended": instance.result}
        now = shown.get(instance.status, instance.status)
        if now == shown.get(before, before):
            return
        if instance.status == "ended":
            others = running_on(self.store.connection, instance.entity_id, instance.record_id)
            now = "running" if any(other.id != instance.id for other in others) else now
        self.save_record(instance.entity_id, instance.record_id, {"sys_flow_state": now})


def _draw(instance_id: str, number: int, count: int) -> int:
    """Draw one of ``count`` fairly but repeatably: the same visit always draws the same."""
    digest = hashlib.sha256(json.dumps([instance_id, number]).encode()).digest()
    return int.from_bytes(digest[:8]) % count
