"""What a blueprint from outside the web layer (the designer, a plugin) gets of it; nothing else is promised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from flask import Flask, Response, request
from sqlalchemy import Connection

from engine import people
from engine.actor import Actor
from engine.database import Database
from engine.jobs.port import Jobs
from engine.records.workspace import Workspace
from metadata.findings import Finding
from runtime import context, firstrun, jsonio, passwords, problems, query
from runtime.access import Routes
from runtime.language import language
from runtime.uploads import uploaded

DEMO_ROWS = 400


class Host:
    """Routes with rules, JSON in and out, the actor of the request, and the services."""

    api_version = 1

    def __init__(self, app: Flask):
        self._app = app
        self._services = context.services_of(app)

    @property
    def database(self) -> Database:
        return self._services.database

    @property
    def workspace(self) -> Workspace:
        return self._services.workspace

    @property
    def jobs(self) -> Jobs:
        return self._services.jobs

    def routes(self, name: str, prefix: str) -> Routes:
        """Return a new set of routes; hand it back to :meth:`add` when it is complete."""
        return Routes(name, prefix)

    def add(self, routes: Routes) -> None:
        self._app.register_blueprint(routes.blueprint)

    def actor(self, app_id: str = "") -> Actor:
        """The person asking, with their roles in an application."""
        return context.visitor().actor(app_id)

    def connection(self) -> Connection:
        """The read transaction of the request."""
        return context.connection()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction; the read transaction of the request ends first."""
        context.visitor()
        context.release()
        with self._services.database.write() as connection:
            yield connection

    def release(self) -> None:
        """End the read transaction before long work that opens its own."""
        context.visitor()
        context.release()

    def body(self, *, allowed: tuple[str, ...] = (), required: tuple[str, ...] = ()) -> dict[str, Any]:
        return jsonio.body(allowed=allowed, required=required)

    def arguments(self, *known: str) -> dict[str, str]:
        return query.arguments(*known)

    def answer(self, value: Any, status: int = 200) -> Response:
        return jsonio.answer(value, status)

    def findings(self, found: tuple[Finding, ...]) -> list[dict[str, str]]:
        return problems.findings_json(found, language())

    def language(self) -> str:
        return language()

    def upload(self, *known: str) -> tuple[IO[bytes], str, dict[str, str]]:
        """The uploaded file, its name, and the text parts beside it."""
        part, form = uploaded(*known)
        return part.stream, part.filename or "", form

    def is_upload(self) -> bool:
        return request.mimetype == "multipart/form-data"

    def folder(self, name: str) -> Path:
        """A folder under the data folder, made if it is not there."""
        path = self._services.config.data_dir / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def install_demo(self, app: str) -> None:
        """Fill an application just installed with the demo's people and records."""
        config = self._services.config
        hashed = passwords.hash_of(firstrun.demo_password(config))
        firstrun.demo.install(
            self.workspace,
            app,
            rows=DEMO_ROWS,
            password_hash=hashed,
            progress=lambda _text: None,
            flows=self._services.flows,
        )

    def make_admin(self, connection: Connection, app_id: str, role_ids: tuple[str, ...]) -> None:
        """Give the person asking roles of an application they have just made."""
        for role_id in role_ids:
            people.add_role(connection, self.actor().id, role_id, app_id)
