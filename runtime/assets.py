"""Static files: what web/ built (names carry a hash: cached for ever; compressed beforehand) and page styles."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request, send_from_directory, url_for
from markupsafe import Markup

from runtime.access import Routes

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"
PAGES = STATIC / "pages"
ENTRY = "src/main.ts"
_YEAR = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"

routes = Routes("assets")


class AssetsMissing(RuntimeError):
    """The browser assets were not built; installing from a wheel or ``make run`` builds them."""


@cache
def _manifest() -> dict[str, Any]:
    path = DIST / ".vite" / "manifest.json"
    if not path.is_file():
        raise AssetsMissing(f"{path} is missing: build the browser assets with `make run` or install a released wheel")
    data: dict[str, Any] = orjson.loads(path.read_bytes())
    return data


@cache
def version() -> str:
    """Short name of what was built; it changes when any asset does."""
    path = DIST / ".vite" / "manifest.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "none"


@cache
def _page_version(name: str) -> str:
    return hashlib.sha256((PAGES / name).read_bytes()).hexdigest()[:12]


def page_file(name: str) -> str:
    """Address of a file of the Jinja pages."""
    return url_for("assets.page_asset", path=name, v=_page_version(name))


def script_tags(entry: str = ENTRY) -> Markup:
    """Style sheets, preloads and the script of a Vite entry, with everything it imports at once."""
    manifest = _manifest()
    styles: list[str] = []
    scripts: list[str] = []

    def walk(name: str) -> None:
        chunk = manifest[name]
        if chunk["file"] in scripts:
            return
        scripts.append(chunk["file"])
        styles.extend(chunk.get("css", ()))
        for imported in chunk.get("imports", ()):
            walk(imported)

    walk(entry)
    tags = [f'<link rel="stylesheet" href="{_address(style)}">' for style in dict.fromkeys(styles)]
    tags += [f'<link rel="modulepreload" href="{_address(script)}">' for script in scripts[1:]]
    tags.append(f'<script type="module" src="{_address(scripts[0])}"></script>')
    return Markup("\n".join(tags))  # built from our own manifest


def _address(path: str) -> str:
    return url_for("assets.asset", path=path)


@routes.route("/assets/<path:path>", who="public")
def asset(path: str) -> Response:
    """A built file, compressed when the browser takes it."""
    compressed = DIST / f"{path}.gz"
    gzip = "gzip" in request.headers.get("Accept-Encoding", "") and compressed.is_file()
    response = send_from_directory(DIST, f"{path}.gz" if gzip else path)
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
        response.mimetype = _type(path)
    response.headers["Vary"] = "Accept-Encoding"
    hashed = "-" in Path(path).stem and path.startswith("assets/")
    response.headers["Cache-Control"] = _YEAR if hashed else _HOUR
    return response


@routes.route("/page-assets/<path:path>", who="public")
def page_asset(path: str) -> Response:
    """A style sheet or picture of the Jinja pages."""
    response = send_from_directory(PAGES, path)
    response.headers["Cache-Control"] = _YEAR if request.args.get("v") else _HOUR
    return response


_TYPES = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
}


def _type(path: str) -> str:
    return _TYPES.get(path.rsplit(".", 1)[-1], "application/octet-stream")


def install(app: Flask) -> None:
    app.register_blueprint(routes.blueprint)
