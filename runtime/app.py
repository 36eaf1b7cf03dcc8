"""The application factory: one Flask application over the services of an install."""

from __future__ import annotations

import structlog
from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.plugins import load_blueprints
from runtime import api, assets, context, health, host, pages, problems, public, security, signin
from runtime.config import Config, load_config
from runtime.cookies import SignedCookies
from runtime.jsonio import OrjsonProvider
from runtime.services import Services, open_services

log = structlog.get_logger("dougong.web")

BUILTIN_BLUEPRINTS = ("builder.blueprint:register",)
"""Loaded like anybody's; an install without the package simply has no designer."""


def create_app(config: Config | None = None, services: Services | None = None) -> Flask:
    """Return the application. ``services`` are opened from ``config`` (the environment) when not given."""
    config = config or (services.config if services else load_config())
    app = Flask("dougong", root_path=str(assets.STATIC.parent), static_folder=None, template_folder="templates")
    app.json = OrjsonProvider(app)
    app.secret_key = config.secret_key
    app.session_interface = SignedCookies(config.secret_key)
    app.url_map.strict_slashes = True
    app.config.update(
        LANGUAGE=config.language,
        MAX_CONTENT_LENGTH=config.max_json,
        MAX_FORM_MEMORY_SIZE=config.max_json,
        SESSION_COOKIE_NAME="__Host-dougong" if config.secure else "dougong",
        SESSION_COOKIE_SECURE=config.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=config.session_absolute,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session it is bound to
        WTF_CSRF_SSL_STRICT=False,  # the origin is checked for every request, over TLS or not
    )
    app.extensions[context.SERVICES] = services or open_services(config)
    problems.install(app)
    security.install(app, config)
    CSRFProtect(app)
    login = LoginManager(app)
    login.session_protection = None  # the session row decides; a changed address must not sign anybody out
    login.user_loader(context.load_visitor)
    for module in (assets, health, pages, signin, api, public):
        module.install(app)
    if config.builder:
        for problem in load_blueprints(BUILTIN_BLUEPRINTS, host.Host(app)):
            log.error("blueprint not loaded", reason=problem)
    security.freeze_rules(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
