"""Public links as rows: made, found by their address, paused, made anew, thrown away and brought back.

The address of a link is worked out from the secret of the install, the id of the link and a number; the database holds
its hash alone. So a stolen copy of the database opens no form, and whoever may manage a link can copy its address
again at any time. Making it anew counts the number up, and the old address is dead.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from engine.clock import instant_text
from engine.forms import public_tables as tables
from engine.forms.public_settings import LinkSettings, stored_settings
from engine.problems import NotFound
from metadata.ids import new_record_id

OPEN, PAUSED = "open", "paused"
_WHAT = {"zh-CN": "公开链接", "en": "The public link"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link. ``maker_id`` is the person whose rights are the ceiling of its own."""

    id: str
    app_id: str
    entity_id: str
    maker_id: str
    turn: int
    label: str
    state: str
    settings: LinkSettings
    answers: int
    created_at: str
    deleted_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A personal invitation: the link for one record, once."""

    token_hash: str
    link_id: str
    record_id: str
    used_at: str


def address(secret: bytes, link: Link) -> str:
    """Return the secret part of a link's address."""
    return _token(secret, "link", link.id, str(link.turn))


def ticket_address(secret: bytes, link: Link, record_id: str, turn: int) -> str:
    """Return the secret part of the address of a personal invitation."""
    return _token(secret, "ticket", link.id, record_id, str(turn))


def _token(secret: bytes, *parts: str) -> str:
    digest = hmac.digest(secret, "\x00".join(("public", *parts)).encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def hashed(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make(
    connection: Connection,
    secret: bytes,
    *,
    app_id: str,
    entity_id: str,
    maker_id: str,
    label: str,
    settings: LinkSettings,
) -> Link:
    """Make a link, open from now on."""
    link = Link(
        id=new_record_id(),
        app_id=app_id,
        entity_id=entity_id,
        maker_id=maker_id,
        turn=1,
        label=label,
        state=OPEN,
        settings=settings,
        answers=0,
        created_at=instant_text(),
    )
    row = {name: getattr(link, name) for name in _PLAIN}
    row |= {"token_hash": hashed(address(secret, link)), "changed_at": link.created_at}
    connection.execute(insert(tables.link).values(**row, settings=_dump(settings)))
    return link


_PLAIN = (
    "id", "app_id", "entity_id", "maker_id", "turn", "label", "state", "answers", "created_at", "deleted_at",
)  # fmt: skip


def _dump(settings: LinkSettings) -> str:
    return orjson.dumps(settings.json()).decode()


def _link(row: Row[Any]) -> Link:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Link(**plain, settings=stored_settings(orjson.loads(row.settings)))


def by_id(connection: Connection, link_id: str, *, deleted: bool = False, hold: bool = False) -> Link:
    """Return a link; ``hold`` keeps others from answering it until this transaction ends. Raises NotFound."""
    statement = select(tables.link).where(tables.link.c.id == link_id)
    if not deleted:
        statement = statement.where(tables.link.c.deleted_at == "")
    row = connection.execute(statement.with_for_update() if hold else statement).first()
    if row is None:
        raise NotFound(what=_WHAT)
    return _link(row)


def by_token(connection: Connection, token: str) -> tuple[Link, Ticket | None] | None:
    """Return the link an address opens, and the invitation if it is one."""
    found = connection.execute(
        select(tables.link).where(tables.link.c.token_hash == hashed(token), tables.link.c.deleted_at == "")
    ).first()
    if found is not None:
        return _link(found), None
    row = connection.execute(select(tables.ticket).where(tables.ticket.c.token_hash == hashed(token))).first()
    if row is None:
        return None
    ticket = Ticket(token_hash=row.token_hash, link_id=row.link_id, record_id=row.record_id, used_at=row.used_at)
    try:
        return by_id(connection, row.link_id), ticket
    except NotFound:
        return None


def of_entity(connection: Connection, app_id: str, entity_id: str) -> list[Link]:
    """Return the links of an entity that are there, newest first."""
    table = tables.link
    wanted = select(table).where(table.c.app_id == app_id, table.c.entity_id == entity_id, table.c.deleted_at == "")
    return [_link(row) for row in connection.execute(wanted.order_by(table.c.created_at.desc(), table.c.id))]


def change(
    connection: Connection, link: Link, *, label: str | None = None, settings: LinkSettings | None = None,
    state: str | None = None,
) -> None:  # fmt: skip
    """Write another label, state or settings."""
    changes: dict[str, Any] = {"changed_at": instant_text()}
    changes |= {name: value for name, value in (("label", label), ("state", state)) if value is not None}
    if settings is not None:
        changes["settings"] = _dump(settings)
    connection.execute(update(tables.link).where(tables.link.c.id == link.id).values(**changes))


def renew(connection: Connection, secret: bytes, link: Link) -> Link:
    """Give a link a new address; the old one opens nothing any more."""
    turned = Link(**{name: getattr(link, name) for name in _PLAIN} | {"turn": link.turn + 1}, settings=link.settings)
    changes = {"turn": turned.turn, "token_hash": hashed(address(secret, turned)), "changed_at": instant_text()}
    connection.execute(update(tables.link).where(tables.link.c.id == link.id).values(**changes))
    return turned


def remove(connection: Connection, link: Link) -> None:
    """Throw a link away; its answers stay what they are, records."""
    connection.execute(update(tables.link).where(tables.link.c.id == link.id).values(deleted_at=instant_text()))


def restore(connection: Connection, link: Link) -> None:
    """Bring a link back, under the address it had."""
    connection.execute(update(tables.link).where(tables.link.c.id == link.id).values(deleted_at=""))


def invite(connection: Connection, secret: bytes, link: Link, records: Sequence[str]) -> dict[str, str]:
    """Return an address for each record; one that was answered is made anew, one that was not stays the same."""
    held = {row.record_id: row for row in connection.execute(_tickets(link, records))}
    made: dict[str, str] = {}
    for one in dict.fromkeys(records):
        row = held.get(one)
        turn = 1 if row is None else row.turn + bool(row.used_at)
        made[one] = ticket_address(secret, link, one, turn)
        values = {"token_hash": hashed(made[one]), "turn": turn, "created_at": instant_text(), "used_at": ""}
        if row is None:
            connection.execute(insert(tables.ticket).values(link_id=link.id, record_id=one, **values))
        elif turn != row.turn:
            same = (tables.ticket.c.link_id == link.id) & (tables.ticket.c.record_id == one)
            connection.execute(update(tables.ticket).where(same).values(**values))
    return made


def _tickets(link: Link, records: Iterable[str]) -> Any:
    table = tables.ticket
    return select(table).where(table.c.link_id == link.id, table.c.record_id.in_(list(records)))


def invitations(connection: Connection, link: Link) -> tuple[int, int]:
    """Return how many invitations a link has, and how many of them were answered."""
    table = tables.ticket
    answered = func.count().filter(table.c.used_at != "")
    row = connection.execute(select(func.count(), answered).where(table.c.link_id == link.id)).one()
    return int(row[0]), int(row[1])
