"""The shell of the application, its web manifest, and the way from the bare address to it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, redirect, render_template, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from runtime import assets, jsonio
from runtime.access import Routes
from runtime.context import services, visitor
from runtime.language import language
from runtime.page_texts import text
from runtime.security import nonce

routes = Routes("pages")

_THEMES = ("light", "dark", "auto")
_DENSITIES = ("normal", "compact", "touch")


def person_json() -> dict[str, Any]:
    """The signed-in person as the browser knows it (boot data and ``GET /api/v1/me``)."""
    who = visitor()
    return {
        "id": who.id,
        "name": who.name,
        "username": who.username,
        "locale": who.locale,
        "zone": who.zone,
        "duties": sorted(who.duties),
        "settings": dict(who.settings),
    }


def _setting(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = visitor().settings.get(name)
    return value if value in allowed else default


@routes.route("/", who="public")
def home() -> AnyResponse:
    return redirect(url_for("pages.shell"))


@routes.route("/app/")
@routes.route("/app/<path:path>")
def shell(path: str = "") -> str:
    """The page every screen of the application lives in; the router in the browser reads the path."""
    theme = _setting("theme", _THEMES, "auto")
    density = _setting("density", _DENSITIES, "normal")
    boot = {
        "user": person_json(),
        "lang": language(),
        "theme": theme,
        "density": density,
        "nonce": nonce(),
        "csrf": generate_csrf(),
        "version": assets.version(),
        "designer": services().config.builder and "builder" in visitor().duties,
        "company": services().config.company,
        "frames": services().config.frames,
    }
    return render_template("shell.html", lang=language(), theme=theme, density=density, boot=boot)


@routes.route("/manifest.webmanifest", who="public")
def webmanifest() -> Response:
    name = services().config.company or text("product", language())
    return Response(
        jsonio.dump(
            {
                "name": name,
                "short_name": name[:12],
                "start_url": url_for("pages.shell"),
                "scope": "/",
                "display": "standalone",
                "background_color": "#f5f6f8",
                "theme_color": "#2f55d4",
                "icons": [{"src": assets.page_file("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
            }
        ),
        content_type="application/manifest+json",
    )


def install(app: Flask) -> None:
    """Register the pages and what their templates use."""
    app.register_blueprint(routes.blueprint)
    app.jinja_env.globals.update(
        t=lambda key, **params: text(key, language(), **params),
        page_file=assets.page_file,
        script_tags=assets.script_tags,
        csp_nonce=nonce,
        company=lambda: services().config.company,
    )
