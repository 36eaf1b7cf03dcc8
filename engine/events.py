"""Domain events of the write path: who may listen, and when.

``before``  in the transaction, before anything is written; may veto by raising :class:`metadata.findings.Refused`.
``after``   in the same transaction, after the row is written; may write more through the same store.
``committed`` after commit; for wake-ups and live screens only, its failure is logged and changes nothing.
No subscriber of the first two may call the network: outside effects are jobs, enqueued with the same connection.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.actor import Actor

log = logging.getLogger("dougong.events")

Phase = Literal["before", "after", "committed"]
Kind = Literal["create", "update", "delete", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One record written. ``old`` and ``new`` are canonical values by field id; ``changed`` the ids that differ.

    ``derived`` says that nobody wrote the record: computed fields changed because of what they read elsewhere. Such a
    change keeps the revision, is not asked about beforehand, and its actor stands for who caused it.
    """

    kind: Kind
    entity: str  # entity id
    record: str
    rev: int
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    changed: frozenset[str]
    actor: Actor
    derived: bool = False


Subscriber = Callable[[Any, RecordChange], None]
"""Called with the open ``RecordStore`` (None for ``committed``) and the change."""

Concern = Callable[[Any, Kind, str], bool]
"""Says whether a subscriber has anything to do with a kind of change to an entity (by id); asked once for many."""


class Events:
    """Subscribers in order of (order, name), not by luck of import."""

    def __init__(self) -> None:
        self._subscribers: dict[Phase, list[_Subscription]] = defaultdict(list)

    def subscribe(
        self, phase: Phase, name: str, subscriber: Subscriber, order: int = 100, concern: Concern | None = None
    ) -> None:
        """Add a subscriber. Raises ``ValueError`` for a name already used in that phase."""
        if any(taken.name == name for taken in self._subscribers[phase]):
            raise ValueError(f"subscriber {name!r} is already there for {phase!r}")
        self._subscribers[phase].append(_Subscription(order, name, subscriber, concern))
        self._subscribers[phase].sort(key=lambda one: (one.order, one.name))

    def wanted(self, phase: Phase, store: Any, kind: Kind, entity: str) -> bool:
        """Say whether anybody wants to know of a kind of change to an entity (by id)."""
        return any(one.concern is None or one.concern(store, kind, entity) for one in self._subscribers[phase])

    def dispatch(self, phase: Phase, store: Any, change: RecordChange) -> None:
        """Tell everybody, in order."""
        for one in self._subscribers[phase]:
            if phase != "committed":
                one.subscriber(store, change)
                continue
            try:
                one.subscriber(None, change)
            except Exception:
                log.exception("subscriber failed after commit", extra={"subscriber": one.name})


@dataclass(frozen=True, slots=True)
class _Subscription:
    order: int
    name: str
    subscriber: Subscriber
    concern: Concern | None
