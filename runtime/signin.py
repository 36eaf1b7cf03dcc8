"""Signing in and out, and the first set-up. Pages that need no JavaScript."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from engine import people
from engine.actor import Actor
from engine.clock import now
from engine.records import audit
from metadata.findings import Finding, Refused
from runtime import firstrun, links, passwords, throttle
from runtime.access import Routes
from runtime.context import connection, release, services, visitor
from runtime.language import LANGUAGE_COOKIE, language, named_language
from runtime.refusals import LinkDead

log = structlog.get_logger("dougong.signin")

DEVICE_COOKIE = "dougong_device"
_YEAR = 365 * 86400

routes = Routes("signin")


def safe_next(target: str | None) -> str:
    """A path on this site to go on to, or the start; never another site, whatever the link said."""
    target = target or ""
    parts = urlsplit(target.replace("\\", "/"))
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("pages.shell")
    if any(ord(char) < 32 for char in target) or parts.path.startswith(("/signin", "/signout", "/setup")):
        return url_for("pages.shell")
    return target


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt="dougong-device")


def _device(username: str) -> str:
    """Id of this browser if it signed in to that account before."""
    try:
        known = _signer().loads(request.cookies.get(DEVICE_COOKIE, ""))
    except BadSignature:
        return ""
    found = known.get(username, "") if isinstance(known, dict) else ""
    return found if isinstance(found, str) else ""


def _remember_device(response: AnyResponse, username: str, device: str) -> None:
    try:
        known = _signer().loads(request.cookies.get(DEVICE_COOKIE, ""))
    except BadSignature:
        known = {}
    kept = {**dict(list(known.items())[-4:]), username: device}
    config = services().config
    response.set_cookie(
        DEVICE_COOKIE,
        _signer().dumps(kept),
        max_age=_YEAR,
        httponly=True,
        secure=config.secure,
        samesite="Lax",
        path="/signin",
    )


def _page(*, finding: Finding | None = None, status: int = 200, username: str = "", **more: object) -> Response:
    config = services().config
    shown = {"password": firstrun.demo_password(config), "accounts": firstrun.demo_accounts()} if config.demo else None
    page = render_template(
        "signin.html",
        lang=language(),
        problem=finding.text(language()) if finding else "",
        username=username,
        next=request.values.get("next", ""),
        demo=shown,
        empty=not people.has_users(connection()),
        **more,
    )
    response = make_response(page, status)
    if asked := named_language(request.args.get("lang")):
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=_YEAR, samesite="Lax", secure=services().config.secure)
    return response


@routes.route("/signin", who="public")
def signin() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return _page(signed_out="out" in request.args)


@routes.route("/signin", methods=("POST",), who="public", body="form")
def sign_in() -> AnyResponse:
    username = people.fold_username(request.form.get("username", ""))[:128]
    password = request.form.get("password", "")
    address = request.remote_addr or ""
    watched = throttle.counters(username, address, _device(username))
    seconds = throttle.wait(connection(), watched)
    if seconds:
        slowed = _page(finding=Finding("H202", params={"seconds": seconds}), status=429, username=username)
        slowed.headers["Retry-After"] = str(seconds)
        return slowed
    person = people.user_by_name(connection(), username)
    hashed = passwords.stored_hash(connection(), person.id) if person else None
    release()  # hashing takes a tenth of a second; nothing is held open meanwhile
    right = passwords.verify(hashed, password)
    if person is None or hashed is None or not right or not person.active:
        with services().database.write() as writer:
            throttle.failed(writer, watched)
            _log_sign_in(writer, person, "refused")
        log.warning("sign-in refused", username=username, address=address)
        return _page(finding=Finding("H201"), status=401, username=username)
    renewed = passwords.hash_of(password) if passwords.outdated(hashed) else None
    with services().database.write() as writer:
        throttle.succeeded(writer, watched)
        if renewed:
            passwords.store_hash(writer, person.id, renewed, at=int(time.time()))
        if current_user.is_authenticated:
            services().sessions.end_token(writer, current_user.token)
        token = services().sessions.begin(writer, person.id, address=address, agent=request.user_agent.string)
        _log_sign_in(writer, person, "ok")
    response = redirect(safe_next(request.form.get("next")), 303)
    _enter(token)
    _remember_device(response, username, _device(username) or token[:16])
    return response


def _log_sign_in(writer: Connection, person: people.Person | None, result: str) -> None:
    actor = Actor(
        kind="user" if person else "guest",
        id=person.id if person else "",
        name=person.name if person else "",
        request_id=g.request_id,
        address=request.remote_addr or "",
    )
    audit.record_event(writer, actor, "sign_in", now(), result=result)


def _enter(token: str) -> None:
    """Begin the browser's part of a session: nothing of an earlier one is kept."""
    session.clear()
    session.permanent = True
    g.pop("_login_user", None)
    found = services().sessions.load(connection(), token, address=request.remote_addr or "")
    login_user(found)
    session.pop("_id", None)  # flask-login's guess at the browser; the session row is what counts


@routes.route("/signout", methods=("POST",), body="form")
def sign_out() -> AnyResponse:
    token, who = visitor().token, visitor()
    release()
    with services().database.write() as writer:
        services().sessions.end_token(writer, token)
    log.info("sign-out", user=who.id)
    logout_user()
    session.clear()
    response = redirect(url_for("signin.signin", out=1), 303)
    response.headers["Clear-Site-Data"] = '"storage"'  # unsaved drafts of this person, for the next one at this desk
    return response


@routes.route("/setup/<token>", who="public", limit="60/minute")
def setup(token: str) -> AnyResponse:
    if not links.alive(connection(), token):
        raise LinkDead()
    return make_response(render_template("setup.html", lang=language(), token=token, values={}, problems={}))


@routes.route("/setup/<token>", methods=("POST",), who="public", body="form", limit="20/minute")
def set_up(token: str) -> AnyResponse:
    if not links.alive(connection(), token):
        raise LinkDead()
    release()
    form = {name: request.form.get(name, "") for name in ("username", "name", "password", "again")}
    words = [form["username"], form["name"], services().config.company]
    findings = passwords.findings(form["password"], words=[word for word in words if word])
    if form["password"] != form["again"]:
        findings.append(Finding("H206", "/again"))
    if not findings:
        hashed = passwords.hash_of(form["password"])
        try:
            return _create_admin(token, form, hashed)
        except Refused as refused:
            findings = list(refused.findings)
    problems = {finding.place.lstrip("/"): finding.text(language()) for finding in findings}
    page = render_template("setup.html", lang=language(), token=token, values=form, problems=problems)
    return make_response(page, 422)


def _create_admin(token: str, form: dict[str, str], hashed: str) -> AnyResponse:
    with services().database.write() as writer:
        links.use(writer, token)
        user_id = people.create_user(
            writer, username=form["username"], name=form["name"], locale=language(), duties=people.DUTIES
        )
        passwords.store_hash(writer, user_id, hashed, at=int(time.time()))
        services().give_every_admin_role(writer, user_id)
        address, agent = request.remote_addr or "", request.user_agent.string
        session_token = services().sessions.begin(writer, user_id, address=address, agent=agent)
    log.info("first administrator created", user=user_id)
    response = redirect(url_for("pages.shell"), 303)
    _enter(session_token)
    return response


def install(app: Flask) -> None:
    app.register_blueprint(routes.blueprint)
