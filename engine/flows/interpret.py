"""Moves tokens until every one waits: for a person, a job, a join or an administrator. Knows no node type by name.

The order of moves is fixed (wire order, then token number), so a replay of the same answers gives the same state.
A flow that would go round for ever is stopped after a bound of moves and held, which an administrator sees as an
incident; the same happens when a branch has no way to go. A token is never dropped silently.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any, Protocol

from engine.flows.graph import Graph, Step, Wire
from engine.flows.marking import ROOT, Marking, Token

MOVES = 1_000


@dataclass(frozen=True, slots=True)
class Done:
    """The node is finished; the token leaves through ``port``. ``unseen``: nobody was asked in this visit."""

    port: str = "out"
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """The token stays until a command or a job resumes it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The node could not do its work: the token waits for an administrator. ``code`` is a message code."""

    code: str


@dataclass(frozen=True, slots=True)
class Halt:
    """The instance is over with ``result``, whatever else still lives."""

    result: str


@dataclass(frozen=True, slots=True)
class Back:
    """The token returns: ``scope`` is emptied and ``node`` entered in it, after the same visits as the first time."""

    node: str
    scope: int
    prior: tuple[int, ...] = ()


Outcome = Done | Wait | Hold | Halt | Back


class Host(Protocol):
    """What the interpreter asks of its surroundings. All of it happens in the caller's transaction."""

    def decide(self, wire: Wire) -> bool:
        """Evaluate the condition of a branch wire (blank and error are false)."""
        ...

    def enter(self, step: Step, token: Token) -> Outcome:
        """Run a node that is more than routing."""
        ...

    def unconnected(self, step: Step, token: Token, port: str) -> Outcome:
        """Say what happens when ``port`` leads nowhere."""
        ...

    def dropped(self, tokens: list[Token]) -> None:
        """Tokens were taken away: close their seats."""
        ...

    def note(self, kind: str, step: Step | None, token: Token | None, facts: dict[str, Any]) -> None:
        """Write a line of history."""
        ...


class Interpreter:
    """Runs one marking over one graph. ``result`` is set when the instance is over."""

    def __init__(self, graph: Graph, marking: Marking, host: Host):
        self.graph = graph
        self.marking = marking
        self.host = host
        self.result: str | None = None
        self._ready: list[tuple[int, int]] = []
        self._moves = 0

    def begin(self) -> None:
        """Put the first token on the start and run."""
        self.leave(self.marking.put("step", self.graph.start.id, ROOT), "out")

    def leave(self, token: Token, port: str) -> None:
        """Let a waiting token go on through ``port``, and run until everything waits again."""
        self._leave(self.graph.step(token.at), token, port)
        self.run()

    def again(self, token: Token) -> None:
        """Let a held token try once more (an administrator repaired the cause)."""
        self.marking.take(token)
        if token.place == "wire":
            self._put(self.graph.wires[token.at], token.scope, token.prior)
        elif self.graph.step(token.at).gate == "exclusive":
            self._branch(self.graph.step(token.at), token)
        else:
            self._enter(self.graph.step(token.at), token.scope, token.prior)
        self.run()

    def jump(self, back: Back) -> None:
        """Return, then run. The caller has checked that the target may be returned to."""
        self._jump(back)
        self.run()

    def halt(self, result: str) -> None:
        """End the instance now."""
        self.clear()
        self.result = result

    def clear(self) -> None:
        """Take every token away."""
        self._drop(self.marking.within(ROOT))

    def run(self) -> None:
        """Make every move that can be made."""
        while self._ready and self.result is None:
            _, number = heapq.heappop(self._ready)
            token = self.marking.tokens.get(number)
            if token is None or token.held:
                continue
            self._moves += 1
            if self._moves > MOVES:
                self._hold(token, "L204")
                continue
            self._move(token)
        if self.result is None and not self.marking.tokens:
            self.result = ""

    def _move(self, token: Token) -> None:
        step = self.graph.step(self.graph.wires[token.at].target)
        if step.gate == "join":
            self._join(step)
            return
        self.marking.take(token)
        if step.gate == "exclusive":
            self._branch(step, token)
        elif step.gate == "split":
            for wire in step.out.get("out", ()):
                scope = self.marking.open(token.scope, step.id, wire.id, token.number)
                self._put(wire, scope.number, token.prior)
        else:
            self._enter(step, token.scope, token.prior)

    def _jump(self, back: Back) -> None:
        self._drop(self.marking.within(back.scope))
        self._enter(self.graph.step(back.node), back.scope, back.prior)

    def _enter(self, step: Step, scope: int, prior: tuple[int, ...]) -> None:
        token = self.marking.put("step", step.id, scope, prior)
        self._settle(step, token, self.host.enter(step, token))

    def _settle(self, step: Step, token: Token, outcome: Outcome) -> None:
        if isinstance(outcome, Done):
            if step.gate == "end":
                self.marking.take(token)
                if not self.marking.tokens:
                    self.halt(outcome.port)
                return
            self._leave(step, token, outcome.port, outcome.unseen)
        elif isinstance(outcome, Hold):
            self._hold(token, outcome.code)
        elif isinstance(outcome, Halt):
            self.halt(outcome.result)
        elif isinstance(outcome, Back):
            self._jump(outcome)

    def _leave(self, step: Step, token: Token, port: str, unseen: bool = False) -> None:
        wires = step.out.get(port, ())
        if not wires:
            self._settle(step, token, self.host.unconnected(step, token, port))
            return
        self.marking.take(token)
        prior = (token.number,) if step.human and not unseen else token.prior
        self._put(wires[0], token.scope, prior)

    def _branch(self, step: Step, token: Token) -> None:
        for wire in step.wires():
            if wire.default or (wire.when is not None and self.host.decide(wire)):
                self.host.note("branch", step, token, {"wire": wire.id, "default": wire.default})
                self._put(wire, token.scope, token.prior)
                return
        stuck = self.marking.put("step", step.id, token.scope, token.prior)
        self._hold(stuck, "L202")

    def _join(self, step: Step) -> None:
        arrived = [token for wire in step.into if (token := self.marking.on_wire(wire.id)) and not token.held]
        wanted = step.config.get("join", "all")
        needed = len(step.into) if wanted == "all" else min(int(wanted), len(step.into))
        if len(arrived) < needed:
            return
        if wanted != "all":
            arrived = arrived[:needed]
        for token in arrived:
            self.marking.take(token)
        if wanted != "all":
            self._drop(self._rest_of_block(arrived[0]))
        scope = self.marking.merged(arrived)
        prior = tuple(dict.fromkeys(visit for token in arrived for visit in token.prior))
        self.host.note("joined", step, None, {"branches": len(arrived)})
        self._leave(step, self.marking.put("step", step.id, scope, prior), "out")

    def _rest_of_block(self, first: Token) -> list[Token]:
        """Tokens still alive in the branches beside the one ``first`` came from."""
        block = self.marking.scopes[first.scope]
        if block.parent is None:
            return []
        siblings = [scope for scope in self.marking.scopes.values() if scope.block == block.block and scope.block]
        return [token for scope in siblings for token in self.marking.within(scope.number)]

    def _put(self, wire: Wire, scope: int, prior: tuple[int, ...]) -> None:
        crowded = self.marking.on_wire(wire.id) is not None
        token = self.marking.put("wire", wire.id, scope, prior)
        if crowded:
            self._hold(token, "L203")
        else:
            heapq.heappush(self._ready, (wire.number, token.number))

    def _hold(self, token: Token, code: str) -> None:
        self.marking.take(token)
        held = self.marking.put(token.place, token.at, token.scope, token.prior, code)
        step = self.graph.steps.get(token.at) or self.graph.step(self.graph.wires[token.at].target)
        self.host.note("held", step, held, {"code": code})

    def _drop(self, tokens: list[Token]) -> None:
        for token in tokens:
            self.marking.take(token)
        if tokens:
            self.host.dropped(tokens)
