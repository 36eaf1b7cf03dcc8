"""What people do with a flow: each command is one transaction, idempotent by its id, under the instance's lock.

Rights: only the holder of an open seat decides on it; other people's tasks look like none (404). Administrators of
the flow (``settings.admins``) may hand a seat to someone else, try a held token again, and stop an instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.actor import Actor
from engine.clock import instant_text
from engine.flows import ledger
from engine.flows.definitions import Definitions
from engine.flows.directory import Directory
from engine.flows.graph import Step
from engine.flows.marking import Token
from engine.flows.nodes.approve import ACTIONS
from engine.flows.state import Seat, State, load, load_of_seat
from engine.flows.words import SEAT_STATES, words
from engine.flows.work import Work
from engine.jobs.port import Jobs
from engine.problems import Conflict, Forbidden, NotFound
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

Result = dict[str, Any]
VOTES = {"approve": "approved", "reject": "rejected", "abstain": "abstained"}
URGE_MINUTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person does on a seat: ``to`` is a user id (reassign), ``node`` the step to return to."""

    action: str
    comment: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    node: str = ""


class Commands:
    """The commands on a running instance; ``starting`` has the one that makes it."""

    def __init__(self, jobs: Jobs, definitions: Definitions):
        self._jobs = jobs
        self._definitions = definitions

    def act(
        self, store: RecordStore, actor: Actor, seat_id: str, act: Act, command_id: str, expected_rev: int | None = None
    ) -> Result:
        """Do something on a seat. Raises NotFound (no such task for this person), Conflict (stale), Refused."""
        state = load_of_seat(store.connection, seat_id)

        def run(work: Work) -> None:
            seat = work.state.seats.get(seat_id)
            may = seat is not None and (seat.user_id == actor.id or (act.action == "reassign" and _admin(work)))
            if seat is None or not may:
                raise NotFound(what=seat_id)
            if act.action == "read" and seat.kind == "cc":
                seat.state = "read"
                return
            if seat.state != "open":
                rev = work.state.instance.rev
                code = "L301" if expected_rev is None or expected_rev == rev else "L302"
                raise Conflict(code if seat.live else "L301", rev=rev, state=SEAT_STATES[seat.state])
            self._on_seat(work, seat, act)

        return self._command(store, actor, state, command_id, (seat_id, act), run, what=seat_id)

    def withdraw(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str) -> Result:
        """The initiator takes it back. Raises NotFound for anybody else, Conflict when it is too late."""

        def run(work: Work) -> None:
            if work.initiator != actor.id:
                raise NotFound(what=instance_id)
            reason = why_not_withdraw(work.state, work.settings)
            if reason:
                raise Conflict("L309", rev=work.state.instance.rev, reason=reason)
            self._withdraw(work, comment)

        return self._on(store, actor, instance_id, command_id, ("withdraw", comment), run)

    def stop(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str) -> Result:
        """An administrator ends it; a reason is required."""

        def run(work: Work) -> None:
            self._only_admin(work)
            if not comment.strip():
                raise Refused([Finding("L316", "/comment")])
            work.note("stopped", None, None, {}, comment=comment, by=actor)
            work.interpreter.halt("stopped")

        return self._on(store, actor, instance_id, command_id, ("stop", comment), run)

    def retry(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str) -> Result:
        """An administrator lets held tokens try again."""

        def run(work: Work) -> None:
            self._only_admin(work)
            held = [token for token in work.state.marking.tokens.values() if token.held]
            if not held:
                raise Conflict("L315", rev=work.state.instance.rev)
            for token in held:
                work.note("retried", None, token, {"code": token.why}, by=actor)
                if token.number in work.state.marking.tokens:
                    work.returned = token.at == work.graph.start.id
                    work.interpreter.again(token)

        return self._on(store, actor, instance_id, command_id, ("retry",), run)

    def comment(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str) -> Result:
        """Somebody who has a part in it says something."""

        def run(work: Work) -> None:
            parts = {seat.user_id for seat in work.state.seats.values()} | {work.initiator}
            if actor.id not in parts and not _admin(work):
                raise NotFound(what=instance_id)
            if not comment.strip():
                raise Refused([Finding("L303", "/comment")])
            work.note("comment", None, None, {}, comment=comment, by=actor)

        return self._on(store, actor, instance_id, command_id, ("comment", comment), run, over=True)

    def urge(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str) -> Result:
        """The initiator or an administrator reminds whoever is to decide, at most once in ten minutes a seat."""

        def run(work: Work) -> None:
            if work.initiator != actor.id and not _admin(work):
                raise NotFound(what=instance_id)
            since = instant_text(work.now - timedelta(minutes=URGE_MINUTES))
            seats = [seat for seat in work.state.seats.values() if seat.state == "open" and seat.kind == "approve"]
            due = [seat for seat in seats if (seat.urged_at or "") < since]
            if not due:
                raise Conflict("L313", rev=work.state.instance.rev, minutes=URGE_MINUTES)
            for seat in due:
                seat.urged_at = work.at
            work.enqueue("flow.urge", {"seats": [seat.id for seat in due], "by": actor.id}, command_id)
            work.note("urged", None, None, {"people": [seat.user_id for seat in due]}, by=actor)

        return self._on(store, actor, instance_id, command_id, ("urge",), run)

    # -- the frame of every command

    def _on(
        self,
        store: RecordStore,
        actor: Actor,
        instance_id: str,
        command_id: str,
        content: tuple[Any, ...],
        run: Callable[[Work], None],
        over: bool = False,
    ) -> Result:
        state = load(store.connection, instance_id)
        return self._command(store, actor, state, command_id, content, run, what=instance_id, over=over)

    def _command(
        self,
        store: RecordStore,
        actor: Actor,
        state: State | None,
        command_id: str,
        content: tuple[Any, ...],
        run: Callable[[Work], None],
        *,
        what: str,
        over: bool = False,
    ) -> Result:
        if state is None or state.instance.app_id != store.snapshot.app.id:
            raise NotFound(what=what)
        instance_id = state.instance.id
        digest = ledger.digest_of(actor.id, *content)
        known = ledger.replayed(store.connection, instance_id, command_id, digest)
        if known is not None:
            return known
        work = Work(store, self._jobs, self._definitions, state, actor)
        if state.instance.over and not over and content[0] in ("withdraw", "stop", "retry", "urge"):
            raise Conflict("L314", rev=state.instance.rev)
        run(work)
        work.finish()
        instance = state.instance
        result = {
            "instance": instance_id,
            "rev": instance.rev,
            "status": instance.status,
            "result": instance.result,
        }
        ledger.store_result(store.connection, instance_id, command_id, digest, result)
        return result

    # -- on a seat

    def _on_seat(self, work: Work, seat: Seat, act: Act) -> None:
        step = work.graph.step(seat.node_id)
        token = work.state.marking.tokens[seat.token]
        allowed = allowed_actions(seat, step, work.state, work.settings)
        if act.action not in allowed and not (act.action == "reassign" and _admin(work)):
            raise Refused([Finding("L305", "/action", {"action": act.action, "allowed": ", ".join(allowed)})])
        if act.action == "reassign":
            self._reassign(work, seat, step, token, act)
        elif seat.kind == "resubmit":
            self._resubmit(work, seat, token, act)
        elif act.action in VOTES:
            self._vote(work, seat, step, token, act)
        elif act.action == "return":
            self._return(work, seat, step, token, act)
        else:
            self._claim(work, seat, step, token)

    def _vote(self, work: Work, seat: Seat, step: Step, token: Token, act: Act) -> None:
        _comment_given(step, act)
        self._edit(work, step, act.values)
        if act.action == "approve":
            self._require(work, step)
        work.vote(seat, VOTES[act.action], act.comment)
        verdict = work.count(step, token)
        if verdict:
            work.interpreter.leave(token, verdict)

    def _edit(self, work: Work, step: Step, values: Mapping[str, Any]) -> None:
        """Save the fields the node lets its approvers edit; the flow writes them on the person's behalf."""
        if not values:
            return
        instance = work.state.instance
        fields, levels = work.store.snapshot.fields(instance.entity_id), step.config.get("fields", {})
        findings = []
        for name in values:
            found = fields.get(name)
            if found is None or levels.get(found.id) != "write":
                findings.append(Finding("L306", f"/values/{name}", {"label": found.label if found else name}))
        if findings:
            raise Refused(findings)
        work.edit(dict(values))
        facts = {"fields": sorted(fields[name].id for name in values)}
        work.note("edited", step, None, facts, by=work.actor)

    def _require(self, work: Work, step: Step) -> None:
        wanted = step.config.get("require", ())
        values = work.record.values(wanted) if wanted else {}
        fields = work.store.snapshot.fields(work.state.instance.entity_id)
        missing = [name for name in wanted if name in fields and values.get(name) in (None, (), [], "")]
        if missing:
            raise Refused(
                [Finding("L304", f"/values/{fields[name].key}", {"label": fields[name].label}) for name in missing]
            )

    def _return(self, work: Work, seat: Seat, step: Step, token: Token, act: Act) -> None:
        _comment_given(step, act)
        targets = {visit.node_id: visit for visit in work.return_targets(token)}
        start = work.graph.start.id
        chosen = act.node or "initiator"
        if chosen == "previous":
            chosen = next(reversed(targets), "initiator")
        if chosen not in (*targets, start, "initiator"):
            raise Refused([Finding("L307", "/node")])
        work.vote(seat, "returned", act.comment)
        work.interpreter.jump(work.back_to(targets.get(chosen)))

    def _reassign(self, work: Work, seat: Seat, step: Step, token: Token, act: Act) -> None:
        directory = Directory(work.store.connection, work.state.instance.app_id)
        sitting = {other.user_id for other in work.state.visit(seat.token, seat.kind)}
        reason = ""
        if act.to in sitting:
            reason = "L407"
        elif not directory.names([act.to]):
            reason = "L408"
        elif not directory.active([act.to]):
            reason = "L406"
        if reason:
            raise Refused([Finding("L308", "/to", {"reason": words(reason)})])
        seat.state, seat.decided_at, seat.comment = "reassigned", work.at, act.comment
        work.state.add_seat(
            token=seat.token,
            node_id=seat.node_id,
            scope=seat.scope,
            kind=seat.kind,
            pos=seat.pos,
            user_id=act.to,
            state="open",
            why="handed",
            handed_from=seat.id,
            overlay=seat.overlay,
            keeps=seat.keeps,
            prior=seat.prior,
            created_at=work.at,
            due_at=seat.due_at,
        )
        facts = {"from": seat.user_id, "to": act.to}
        work.note("reassigned", step, token, facts, seat=seat, comment=act.comment, by=work.actor)

    def _claim(self, work: Work, seat: Seat, step: Step, token: Token) -> None:
        work.close([other for other in work.state.visit(seat.token) if other is not seat and other.live])
        work.note("claimed", step, token, {}, seat=seat, by=work.actor)

    def _resubmit(self, work: Work, seat: Seat, token: Token, act: Act) -> None:
        instance = work.state.instance
        if act.action == "withdraw":
            self._withdraw(work, act.comment)
            return
        if act.values:
            work.store.update(work.actor, instance.entity_id, instance.record_id, dict(act.values), None)
            work.record.forget()
        seat.state, seat.decided_at, seat.comment = "done", work.at, act.comment
        work.note("resubmitted", work.graph.start, token, {}, seat=seat, comment=act.comment, by=work.actor)
        work.interpreter.leave(token, "out")

    def _withdraw(self, work: Work, comment: str) -> None:
        work.note("withdrawn", None, None, {}, comment=comment, by=work.actor)
        work.interpreter.halt("withdrawn")
        work.hook("withdrawn")

    def _only_admin(self, work: Work) -> None:
        if not _admin(work):
            raise Forbidden(what=work.graph.flow.key)


def allowed_actions(seat: Seat, step: Step, state: State, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the holder of an open seat may do."""
    if seat.kind == "resubmit":
        return ("resubmit",) if settings.get("withdraw") == "never" else ("resubmit", "withdraw")
    actions = tuple(step.config.get("actions", ACTIONS))
    if step.config.get("mode") == "vote" and "actions" not in step.config:
        actions += ("abstain",)
    others = [other for other in state.visit(seat.token) if other.live and other is not seat]
    return (*actions, "claim") if step.config.get("mode") == "claim" and others else actions


def why_not_withdraw(state: State, settings: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return why the initiator may not withdraw now, or None."""
    rule = settings.get("withdraw", "before_decision")
    if rule == "never":
        return words("L405")
    if rule == "any_time" or state.instance.status == "returned":
        return None
    voted = [
        seat
        for seat in state.seats.values()
        if seat.kind == "approve" and seat.round == state.instance.round and not seat.auto
    ]
    if any(seat.state in ("approved", "rejected", "abstained", "returned") for seat in voted):
        return words("L404")
    return None


def _comment_given(step: Step, act: Act) -> None:
    rule = step.config.get("comment", "reject")
    wanted = rule == "always" or (rule == "reject" and act.action in ("reject", "return"))
    if wanted and not act.comment.strip():
        raise Refused([Finding("L303", "/comment")])


def _admin(work: Work) -> bool:
    return bool(work.actor.roles & set(work.settings.get("admins", ())))
