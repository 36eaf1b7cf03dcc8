"""``/healthz``: the process answers. ``/readyz``: it can also reach its database. Both say nothing else."""

from __future__ import annotations

import structlog
from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from engine.problems import Busy
from runtime.access import Routes
from runtime.context import services

log = structlog.get_logger("dougong.web")
routes = Routes("health")


@routes.route("/healthz", who="public")
def healthz() -> Response:
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@routes.route("/readyz", who="public")
def readyz() -> Response:
    try:
        with services().database.read() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, Busy) as error:
        log.error("database not reachable", reason=type(error).__name__)
        return Response("database not reachable\n", 503, content_type="text/plain; charset=utf-8")
    return Response("ready\n", content_type="text/plain; charset=utf-8")


def install(app: Flask) -> None:
    app.register_blueprint(routes.blueprint)
