"""The JSON API under /api/v1: one module per resource, thin over the record store and the services."""

from __future__ import annotations

from flask import Flask

from runtime.api import (
    apps,
    around,
    bin,
    dashboards,
    drafts,
    exports,
    files,
    handover,
    imports,
    links,
    me,
    notices,
    pasting,
    people,
    places,
    prints,
    queries,
    records,
    rules,
    tasks,
    viewdata,
    views,
    windows,
)

MODULES = (
    me,
    people,
    places,
    apps,
    records,
    rules,
    around,
    bin,
    handover,
    notices,
    drafts,
    exports,
    prints,
    queries,
    views,
    windows,
    pasting,
    viewdata,
    tasks,
    dashboards,
    files,
    imports,
    links,
)


def install(app: Flask) -> None:
    """Register every resource."""
    for module in MODULES:
        app.register_blueprint(module.routes.blueprint)
