"""Who acts. Every read and write of a record names an actor; there is no variant without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "system", "guest"]

SYSTEM_ROLE = "rol_system"
"""Built-in role of system actors: all actions on all entities, compiled like any other role, never implied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a named part of the product, with everything a permission decision needs.

    ``roles`` are role ids of the application at hand. ``zone`` and ``locale`` are for display; expressions use the
    application zone. ``on_behalf_of`` is the user id an agent acts for (shown in the audit log).
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
