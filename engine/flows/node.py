"""The contract of a flow node type, and the registry of those installed. A new node is one module and one line.

A type says how tokens pass it (``gate``), what its configuration looks like, which ports it has, and what happens
when a token comes in. It works through :class:`Work` only, in the caller's transaction; what must touch the outside
world is enqueued as a job there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from engine.flows.decide import Ruling, Verdict
from engine.flows.graph import Gate, Step
from engine.flows.interpret import Done, Hold, Outcome
from engine.flows.marking import Token
from engine.registry import Registry
from metadata.findings import Finding
from metadata.model import Flow, FlowNode
from metadata.snapshot import Snapshot

Kind = Literal["control", "human", "action"]
Json = Any


@dataclass(frozen=True, slots=True)
class Reference:
    """An expression inside a configuration: where it stands, its JSON, and what it must give ("" = anything)."""

    place: str
    expr: Mapping[str, Json]
    expected: Literal["", "boolean"] = ""
    field: str = ""


class Work(Protocol):
    """What a node may do while a token is in it."""

    @property
    def initiator(self) -> str: ...

    @property
    def now(self) -> datetime: ...

    @property
    def result_of_return(self) -> bool:
        """Whether the token came here by a return, not by walking."""
        ...

    def people(self, rules: Sequence[Mapping[str, Json]]) -> list[str]:
        """Resolve assignee rules to active people, in order, each once."""
        ...

    def seat_approvers(self, step: Step, token: Token) -> Verdict | Literal["hold"] | None:
        """Resolve rules and policies to seats; a verdict when they leave nothing to decide."""
        ...

    def count(self, step: Step, token: Token) -> Verdict | None:
        """Open whose turn it is and return the verdict if there is one now."""
        ...

    def seat(self, step: Step, token: Token, kind: str, users: Sequence[str], state: str) -> None:
        """Give people seats of another kind than approval."""
        ...

    def write(self, path: Sequence[str], values: Mapping[str, Mapping[str, Json]]) -> Hold | None:
        """Change this record, or the one a chain of links leads to; a hold says why it could not."""
        ...

    def hook(self, event: str) -> Hold | None:
        """Make the record changes the flow's settings name for an event (``returned``, ``withdrawn`` ...)."""
        ...

    def enqueue(self, kind: str, payload: Mapping[str, Json], key: str, run_at: datetime | None = None) -> None:
        """Add a job in this transaction. ``key`` makes its id unique within the instance."""
        ...

    def note(self, kind: str, step: Step | None, token: Token | None, facts: dict[str, Any]) -> None:
        """Write a line of history. Facts hold ids, never values of the record."""
        ...

    def back(self, step: Step, token: Token, target: str) -> Outcome:
        """Return to ``initiator``, the ``previous`` step of people, or a node by id, within the region rule."""
        ...


class NodeType(ABC):
    """Base of node types. Everything here is about configuration; ``enter`` is about a token."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    kind: ClassVar[Kind]
    gate: ClassVar[Gate] = "task"
    label: ClassVar[Mapping[str, str]]
    config_schema: ClassVar[dict[str, Any]]

    def ports(self, config: Mapping[str, Json]) -> tuple[str, ...]:
        """Ports that must be connected."""
        return ("out",)

    def optional_ports(self, config: Mapping[str, Json]) -> tuple[str, ...]:
        """Ports that may be connected; a policy covers the rest."""
        return ()

    def expressions(self, config: Mapping[str, Json]) -> Iterator[Reference]:
        """Expressions in the configuration, for publish checks."""
        return iter(())

    def rules(self, config: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        """Assignee rules in the configuration."""
        return ()

    def check(self, node: FlowNode, flow: Flow, snapshot: Snapshot, place: str) -> Iterator[Finding]:
        """Findings beyond schema, ports, references and expressions. Called only when the schema holds."""
        return iter(())

    def writes(self, node: FlowNode, flow: Flow, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        """Yield (entity id, field id) of what the node changes by itself, as far as it is there."""
        return iter(())

    @abstractmethod
    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        """A token came in. Routing gates are never asked."""

    def unconnected(self, work: Work, step: Step, token: Token, port: str) -> Outcome:
        """What happens when ``port`` leads nowhere."""
        return Hold("L201")


class Routing(NodeType):
    """Base of gates the interpreter passes by itself."""

    kind = "control"

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        return Done()


FLOW_NODES: Registry[NodeType] = Registry("flow node")


def gates() -> dict[str, Gate]:
    """Return how each installed type routes."""
    return {node.name: node.gate for node in FLOW_NODES}


def human_types() -> frozenset[str]:
    """Return the types where people decide."""
    return frozenset(node.name for node in FLOW_NODES if node.kind == "human" and node.gate == "task")


def ruling_of(config: Mapping[str, Json], users: Sequence[str], stand_ins: bool = False) -> Ruling:
    """Return how an approve node counts, for seats held by ``users`` in order.

    Administrators who sit there only because the rules found nobody (``stand_ins``) need not agree: one is enough.
    """
    if stand_ins:
        return Ruling(mode="any")
    vote = config.get("vote", {})
    veto = set(vote.get("veto", ()))
    return Ruling(
        mode=config.get("mode", "all"),
        reject=config.get("reject", "first"),
        collect=config.get("collect", False),
        percent=vote.get("percent", 50),
        strict=vote.get("strict", False),
        base=vote.get("base", "seats"),
        veto=frozenset(pos for pos, user in enumerate(users) if user in veto),
    )
