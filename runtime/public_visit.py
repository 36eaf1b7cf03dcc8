"""One visit of a public form: which link the address opens, and the signed page that answers must come with.

A page is what a visitor gets when the form opens: signed, so that it tells when that was, which values the address
fixed and which send belongs to it. It takes the place of a form token: it cannot be made elsewhere, and a page of
somebody who signed in serves nobody else.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import g, request
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer

from engine.forms import public_links as links
from engine.forms.public_answers import check_open
from engine.forms.public_links import Link, Ticket
from engine.problems import Forbidden, NotFound, Problem
from runtime import passwords
from runtime.context import connection, services
from runtime.refusals import TooOften

COOKIE: Final = "dougong_visitor"
_PAGE: Final = "public form page"
_PREFILL: Final = "public form values"
_LIVES: Final = 7 * 86_400
_TRIES: Final = "10/minute"


class NoSuchForm(NotFound):
    code = "T210"


class PageExpired(Problem):
    status, code = 409, "T219"


class WrongPassword(Forbidden):
    code = "T216"


class SignInFirst(Problem):
    status, code = 403, "T220"


class InvitationOnly(Problem):
    status, code = 403, "T223"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a signed page says."""

    key: str
    issued: int
    user: str = ""
    locked: Mapping[str, Any] = field(default_factory=dict)


def secret() -> bytes:
    return services().config.secret_key


def opened(token: str) -> tuple[Link, Ticket | None]:
    """Return the link of an address, and speak its language from here on. Raises :class:`NoSuchForm`."""
    found = links.by_token(connection(), token)
    if found is None:
        raise NoSuchForm()
    link, ticket = found
    if link.settings.language != "auto":
        g.language = link.settings.language
    return link, ticket


def check_visit(link: Link, ticket: Ticket | None, *, sent: bool = False) -> None:
    """Raise what keeps this visitor out now: closed, not signed in, an invitation is needed.

    Whether the form is open is not asked of what was ``sent``: it may have been taken already, and the writing
    transaction asks for itself.
    """
    workspace = services().workspace
    if not sent:
        check_open(link, workspace.clock(), workspace.zone)
    if link.settings.bind and ticket is None:
        raise InvitationOnly()
    if link.settings.sign_in and not current_user.is_authenticated:
        raise SignInFirst()


def check_password(link: Link, given: Any) -> None:
    """Raise :class:`WrongPassword`; guesses are counted."""
    if not link.settings.password:
        return
    services().limits.count(_TRIES, f"public password {link.id}", request.remote_addr or "")
    if not isinstance(given, str) or not passwords.verify(link.settings.password, given[:200]):
        raise WrongPassword()


def page_for(link: Link, ticket: Ticket | None, locked: Mapping[str, Any]) -> str:
    """Return a fresh page for a visitor who was let in."""
    told = {"l": link.id, "n": link.turn, "t": ticket.token_hash[:16] if ticket else "", "i": int(time.time())}
    told |= {"k": secrets.token_urlsafe(18), "u": _user(link), "v": dict(locked)}
    return str(URLSafeSerializer(secret(), salt=_PAGE).dumps(told))


def read_page(link: Link, ticket: Ticket | None, given: Any) -> Page:
    """Return the page an answer came with. Raises :class:`PageExpired` for any other, old or made up."""
    try:
        told = URLSafeSerializer(secret(), salt=_PAGE).loads(given if isinstance(given, str) else "")
    except BadSignature:
        raise PageExpired() from None
    mine = (link.id, link.turn, ticket.token_hash[:16] if ticket else "", _user(link))
    if (told["l"], told["n"], told["t"], told["u"]) != mine or time.time() - told["i"] > _LIVES:
        raise PageExpired()
    return Page(key=told["k"], issued=told["i"], user=told["u"], locked=told["v"])


def check_pace(link: Link, page: Page) -> None:
    """Raise :class:`TooOften` for answers faster than a person fills in, or too many of them."""
    limits, settings = services().limits, link.settings
    limits.count(f"{settings.per_address_minute}/minute", f"public {link.id}", request.remote_addr or "")
    limits.count(f"{settings.per_minute}/minute", f"public {link.id}", "all")
    waited = time.time() - page.issued
    if waited < settings.min_seconds:
        raise TooOften(int(settings.min_seconds - waited) + 1, "T217")


def signed_values(link: Link, values: Mapping[str, Any]) -> str:
    """Return values as an address carries them so that nobody can change them."""
    return str(URLSafeSerializer(secret(), salt=_PREFILL).dumps({"l": link.id, "v": dict(values)}))


def values_of(link: Link, given: str) -> dict[str, Any]:
    """Return the values an address carries; none for a signature that is not ours."""
    if not given:
        return {}
    try:
        told = URLSafeSerializer(secret(), salt=_PREFILL).loads(given)
    except BadSignature:
        return {}
    return dict(told["v"]) if told["l"] == link.id else {}


def _user(link: Link) -> str:
    return str(current_user.id) if link.settings.sign_in and current_user.is_authenticated else ""


def visitor(page: Page) -> str:
    """Return who is counted as one visitor: the person, else the browser; blank when neither is known."""
    told = page.user or request.cookies.get(COOKIE, "")[:64]
    return hashlib.sha256(f"visitor {told}".encode()).hexdigest() if told else ""
