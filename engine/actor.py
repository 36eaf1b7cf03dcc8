"""Who acts. Every read and write of a record names an actor; there is no variant without one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from metadata.model import Grant

ActorKind = Literal["user", "system", "guest", "link"]
"""``link`` is a public link: nobody in person, with rights of its own (``Actor.grants``)."""

OWN_ROLE = "link:"
"""Begins the role that stands for grants of an actor's own (:func:`own_role`)."""

SYSTEM_ROLE = "rol_system"
"""Built-in role of system actors: all actions on all entities, compiled like any other role, never implied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a named part of the product, with everything a permission decision needs.

    ``roles`` are role ids of the application at hand. ``zone`` and ``locale`` are for display; expressions use the
    application zone. ``on_behalf_of`` is the user id an agent acts for (shown in the audit log). ``grants`` are those
    of no role (``roles`` names their digest); ``refers`` are records (entity id, record id) that may be linked to and
    nothing more.
    """

    kind: ActorKind
    id: str
    name: str
    roles: frozenset[str] = frozenset()
    departments: tuple[str, ...] = ()
    duties: frozenset[str] = frozenset()
    locale: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    on_behalf_of: str = ""
    request_id: str = ""
    session_id: str = ""
    address: str = ""
    grants: tuple[Grant, ...] = field(default=(), compare=False)
    refers: tuple[tuple[str, str], ...] = ()


def own_role(grants: Sequence[Grant]) -> str:
    """Return the role that stands for an actor's own grants: equal for equal grants, which share what is compiled."""
    return OWN_ROLE + hashlib.sha256(repr(tuple(grants)).encode()).hexdigest()


def system_actor(name: str, *, request_id: str = "", on_behalf_of: str = "") -> Actor:
    """Return the actor for product work such as ``flow:contract_approval``; it holds :data:`SYSTEM_ROLE`."""
    return Actor(
        kind="system",
        id=f"system:{name}",
        name=name,
        roles=frozenset({SYSTEM_ROLE}),
        request_id=request_id,
        on_behalf_of=on_behalf_of,
    )
