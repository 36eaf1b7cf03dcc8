"""What stands before every view and on every answer: size limits, origin, sign-in, rules, headers, one log line."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_login import current_user
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from werkzeug.wrappers import Response as AnyResponse

from engine.problems import Forbidden, TooLarge
from runtime.access import Rule, rules_of
from runtime.config import Config
from runtime.context import release, services
from runtime.jsonio import JSON_TYPE
from runtime.problems import too_large_params
from runtime.refusals import SignInNeeded, UntrustedOrigin, WrongMediaType

log = structlog.get_logger("dougong.web")
requests = logging.getLogger("dougong.requests")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_LIMIT = 64 * 1024
UNLOGGED = frozenset({"health.healthz", "assets.asset", "assets.page_asset"})
_RULES = "dougong_rules"
_FIXED = "dougong_headers"


def page_policy(nonce: str, frames: tuple[str, ...] = ()) -> str:
    """Content security policy of a page; plotly's style element carries the nonce, forms may embed ``frames``."""
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .style_src("'self'", f"'nonce-{nonce}'")
        .img_src("'self'", "data:", "blob:")
        .media_src("'self'")
        .font_src("'self'")
        .connect_src("'self'")
        .manifest_src("'self'")
        .worker_src("'self'")
        .base_uri("'none'")
        .form_action("'self'")
        .frame_ancestors("'none'")
    )
    if frames:
        policy = policy.frame_src(*frames)
    return str(policy.header_value)


DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Of everything that is not a page: an answer or a file opened on its own can do nothing."""


def _fixed_headers(config: Config) -> list[tuple[str, str]]:
    permissions = PermissionsPolicy()
    for feature in ("camera", "geolocation", "microphone"):  # scanned codes, places and recordings of forms
        permissions.add_directive(feature, "self")
    for feature in ("payment", "usb"):
        permissions.add_directive(feature, "()")
    made = Secure(
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        referrer=ReferrerPolicy().same_origin(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=permissions,
        hsts=StrictTransportSecurity().max_age(365 * 86400).include_subdomains() if config.secure else None,
    )
    return list(made.headers.items())


def install(app: Flask, config: Config) -> None:
    """Put the gate before the views and the headers behind them."""
    app.extensions[_FIXED] = _fixed_headers(config)
    app.before_request(_gate)
    app.after_request(_headers)
    app.teardown_request(_finish)


def freeze_rules(app: Flask) -> None:
    """Collect the rules once all routes are there."""
    app.extensions[_RULES] = rules_of(app)


def _gate() -> AnyResponse | None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()
    if request.endpoint is None:
        bool(current_user)  # loads whoever is signed in, so that "not found" is said in their language
        return None
    rule: Rule | None = current_app.extensions[_RULES].get(request.endpoint)
    if rule is None:
        log.error("route without an access rule", endpoint=request.endpoint)
        raise Forbidden(what=request.endpoint)
    if request.method not in SAFE:
        _check_size(rule)
        _check_origin()
        _check_body_type(rule)
    if rule.who == "public":
        _count(rule, request.remote_addr or "")
        return None
    if not current_user.is_authenticated:
        if request.path.startswith("/api/"):
            raise SignInNeeded()
        return redirect(url_for("signin.signin", next=request.full_path.rstrip("?")))
    if rule.who == "duty" and rule.duty not in current_user.duties:
        raise Forbidden(what=rule.duty)
    _count(rule, current_user.id)
    return None


def _check_size(rule: Rule) -> None:
    config = services().config
    limits = {"bulk": config.max_bulk, "json": config.max_json, "upload": config.max_upload}
    body = rule.body
    if body == "upload_or_json":
        body = "json" if request.mimetype == JSON_TYPE else "upload"
    request.max_content_length = limits.get(body, FORM_LIMIT)
    if (request.content_length or 0) > request.max_content_length:
        raise TooLarge(**too_large_params())


def _check_origin() -> None:
    """A browser says where a request comes from; anything but this site is refused before the token is looked at."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.host):
        raise UntrustedOrigin()


_TYPES: dict[str, tuple[str, ...]] = {
    "json": (JSON_TYPE,),
    "bulk": (JSON_TYPE,),
    "upload": ("multipart/form-data",),
    "upload_or_json": ("multipart/form-data", JSON_TYPE),
    "form": ("application/x-www-form-urlencoded", "multipart/form-data"),
}


def _check_body_type(rule: Rule) -> None:
    """A browser can be made to send text/plain anywhere without asking first; nothing here takes it."""
    expected = _TYPES.get(rule.body)
    if expected and request.mimetype not in expected:
        raise WrongMediaType(expected[0])


def _count(rule: Rule, who: str) -> None:
    if rule.limit:
        services().limits.count(rule.limit, request.endpoint or "", who)


def nonce() -> str:
    """The nonce of this answer."""
    found: str | None = g.get("nonce")
    if found is None:
        found = g.nonce = secrets.token_urlsafe(16)
    return found


def answer_with(policy: str, *, framed: bool = False) -> None:
    """Give this answer a policy of its own; ``framed`` leaves it to that policy who may show it in a frame."""
    g.policy, g.framed = policy, framed


def _page_policy() -> str:
    return page_policy(nonce(), services().config.frames)


def _headers(response: Response) -> Response:
    headers = response.headers
    is_page = response.mimetype == "text/html"
    headers.extend(current_app.extensions[_FIXED])
    headers["Content-Security-Policy"] = g.get("policy") or (_page_policy() if is_page else DATA_POLICY)
    if g.get("framed"):
        headers.pop("X-Frame-Options", None)
    headers["X-Request-Id"] = g.get("request_id", "")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if requests.isEnabledFor(logging.INFO) and request.endpoint not in UNLOGGED:
        _log(response)
    return response


def _log(response: Response) -> None:
    visitor = g.get("visitor")
    details = {
        "id": g.get("request_id", ""),
        "method": request.method,
        "path": request.url_rule.rule if request.url_rule and request.blueprint == "public" else request.path,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        "user": visitor.id if visitor else "",
        "address": request.remote_addr,
    }
    requests.info("request", extra=details)


def _finish(_error: BaseException | None) -> Any:
    release()
    if g.get("visitor"):
        services().sessions.write_back()
