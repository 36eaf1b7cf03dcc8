"""Where definitions live: drafts people edit, versions nobody changes, and the pointer to the live one.

Works on the caller's connection only, so that a publish writes the definition and its tables in one transaction.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from metadata.codec import canonical, content_hash, from_json, to_json
from metadata.findings import Refused
from metadata.ids import is_id
from metadata.model import FORMAT, App
from metadata.snapshot import Snapshot
from metadata.upgrade import upgrade

TABLES = MetaData()

_UNSAID = 1
"""The format of versions kept before each said its own."""

_DEFINED = re.compile(r'"id":"([a-z]{3}_[a-z0-9_]+)"')

apps = Table(
    "meta_app",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("live_version", Integer),  # none before the first publish
    Column("created_at", String(32), nullable=False),
)

versions = Table(
    "meta_version",
    TABLES,
    Column("app_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("author", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

drafts = Table(
    "meta_draft",
    TABLES,
    Column("app_id", String(64), primary_key=True),
    Column("rev", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("author", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

origins = Table(  # which definition of a template became which definition here
    "meta_origin",
    TABLES,
    Column("app_id", String(64), primary_key=True),
    Column("template_id", String(64), primary_key=True),
    Column("local_id", String(64), nullable=False),
)

templates = Table(  # the template as it was installed: the common ancestor of a later update
    "meta_template",
    TABLES,
    Column("app_id", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

locks = Table(
    "meta_lock",
    TABLES,
    Column("app_id", String(64), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("token", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
)


# Statements of every request are made once; ``is_id(name)`` chooses the column the name is looked for in.
_BY = {True: apps.c.id == bindparam("app"), False: apps.c.key == bindparam("app")}
_APP = {named: select(apps).where(condition) for named, condition in _BY.items()}
_IDENTITY = select(versions.c.app_id, versions.c.version, versions.c.hash)
_IS_LIVE = (apps.c.id == versions.c.app_id) & (apps.c.live_version == versions.c.version)
_LIVE = {named: _IDENTITY.select_from(apps.join(versions, _IS_LIVE)).where(c) for named, c in _BY.items()}
_PINNED = _IDENTITY.where(versions.c.app_id == bindparam("app"), versions.c.version == bindparam("version"))


class StaleDraft(Exception):
    """Someone saved the draft in between; ``rev`` is the newest revision."""

    def __init__(self, app_id: str, rev: int):
        self.app_id, self.rev = app_id, rev
        super().__init__(f"draft of {app_id} is at revision {rev}")


class PublishRuns(Exception):
    """Another publish of the same application holds the lock until ``expires_at``."""

    def __init__(self, app_id: str, owner: str, expires_at: str):
        self.app_id, self.owner, self.expires_at = app_id, owner, expires_at
        super().__init__(f"{app_id} is being published by {owner} until {expires_at}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRow:
    id: str
    key: str
    live_version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    app_id: str
    version: int
    hash: str
    note: str
    author: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    app: App
    rev: int
    author: str
    at: str


class MetadataStore:
    """Reads and writes definitions in the transaction of ``connection``.

    ``app`` arguments take an id or a key; unknown ones raise ``KeyError``.
    """

    def __init__(self, connection: Connection):
        self.connection = connection

    # -- applications -------------------------------------------------------------------------------------------

    def apps(self) -> tuple[AppRow, ...]:
        """Return every application, oldest first."""
        rows = self.connection.execute(select(apps).order_by(apps.c.created_at, apps.c.id))
        return tuple(AppRow(id=row.id, key=row.key, live_version=row.live_version) for row in rows)

    def app(self, app: str) -> AppRow:
        """Return id, key and live version of one application in one query."""
        row = self.connection.execute(_APP[is_id(app, "app")], {"app": app}).one_or_none()
        if row is None:
            raise KeyError(app)
        return AppRow(id=row.id, key=row.key, live_version=row.live_version)

    def live_version(self, app: str) -> int:
        """Return the number of the live version. Raises ``KeyError`` before the first publish."""
        return _published(self.app(app))

    def live(self, app: str) -> tuple[int, App]:
        """Return the live version and its definition."""
        row = self.app(app)
        version = _published(row)
        return version, self.version(row.id, version)

    def _ensure(self, app: App) -> None:
        row = self.connection.execute(select(apps.c.key).where(apps.c.id == app.id)).one_or_none()
        if row is None:
            values = {"id": app.id, "key": app.key, "live_version": None, "created_at": _now()}
            self.connection.execute(insert(apps).values(values))

    # -- drafts -------------------------------------------------------------------------------------------------

    def draft(self, app: str) -> Draft | None:
        """Return the draft, or None when nobody edits the application."""
        row = self.connection.execute(select(drafts).where(drafts.c.app_id == self.app(app).id)).one_or_none()
        return None if row is None else Draft(app=_read(row.body), rev=row.rev, author=row.author, at=row.at)

    def save_draft(self, app_id: str, app: App, base_rev: int, author: str) -> int:
        """Save over revision ``base_rev`` (0: there is none yet) and return the new one.

        Raises :class:`StaleDraft` when someone else saved in between; nothing is written then.
        """
        if app.id != app_id:
            raise ValueError(f"draft of {app_id} holds the definition of {app.id}")
        self._ensure(app)
        values = {"rev": base_rev + 1, "body": _write(app), "author": author, "at": _now()}
        if base_rev:
            statement = update(drafts).where(drafts.c.app_id == app_id, drafts.c.rev == base_rev).values(values)
            saved = self.connection.execute(statement).rowcount == 1
        else:
            saved = self._draft_rev(app_id) is None
            if saved:
                self.connection.execute(insert(drafts).values(app_id=app_id, **values))
        if not saved:
            raise StaleDraft(app_id, self._draft_rev(app_id) or 0)
        return base_rev + 1

    def drop_draft(self, app: str) -> None:
        """Throw the draft away; the next edit starts from the live version."""
        self.connection.execute(delete(drafts).where(drafts.c.app_id == self.app(app).id))

    def _draft_rev(self, app_id: str) -> int | None:
        return self.connection.execute(select(drafts.c.rev).where(drafts.c.app_id == app_id)).scalar()

    # -- versions -----------------------------------------------------------------------------------------------

    def add_version(self, app: App, author: str, note: str = "") -> int:
        """Keep a definition for good and return its number; it is not live yet."""
        self._ensure(app)
        last = self.connection.execute(select(func.max(versions.c.version)).where(versions.c.app_id == app.id)).scalar()
        number = (last or 0) + 1
        self.connection.execute(
            insert(versions).values(
                app_id=app.id,
                version=number,
                hash=content_hash(app),
                body=_write(app),
                note=note,
                author=author,
                at=_now(),
            )
        )
        return number

    def set_live(self, app: str, version: int) -> None:
        """Move the live pointer (forward, or back to an older version). Raises ``KeyError`` for an unknown version."""
        app_id = self.app(app).id
        definition = self.version(app_id, version)
        statement = update(apps).where(apps.c.id == app_id).values(live_version=version, key=definition.key)
        self.connection.execute(statement)

    def version(self, app: str, version: int) -> App:
        """Return the definition of one version."""
        app_id = self.app(app).id
        statement = select(versions.c.body).where(versions.c.app_id == app_id, versions.c.version == version)
        body = self.connection.execute(statement).scalar()
        if body is None:
            raise KeyError(f"{app} version {version}")
        return _read(body)

    def versions(self, app: str) -> tuple[VersionRow, ...]:
        """Return every version, newest first, without the definitions."""
        columns = [column for column in versions.c if column.name != "body"]
        statement = select(*columns).where(versions.c.app_id == self.app(app).id).order_by(versions.c.version.desc())
        return tuple(VersionRow(**row._mapping) for row in self.connection.execute(statement))

    def taken_ids(self) -> frozenset[str]:
        """Return every definition id any application here has or had; a template must not reuse one by chance."""
        bodies = self.connection.execute(select(versions.c.body).union_all(select(drafts.c.body))).scalars()
        return frozenset(identifier for body in bodies for identifier in _DEFINED.findall(body))

    # -- templates ----------------------------------------------------------------------------------------------

    def origins(self, app: str) -> dict[str, str]:
        """Return ``{template id: local id}``; empty for an application made here."""
        statement = select(origins.c.template_id, origins.c.local_id).where(origins.c.app_id == self.app(app).id)
        return {row.template_id: row.local_id for row in self.connection.execute(statement)}

    def set_origins(self, app: str, mapping: Mapping[str, str]) -> None:
        """Replace the origins of an application."""
        app_id = self.app(app).id
        self.connection.execute(delete(origins).where(origins.c.app_id == app_id))
        rows = [{"app_id": app_id, "template_id": key, "local_id": value} for key, value in sorted(mapping.items())]
        if rows:
            self.connection.execute(insert(origins), rows)

    def template(self, app: str) -> App | None:
        """Return the template an application was last installed or updated from, with the template's own ids."""
        statement = select(templates.c.body).where(templates.c.app_id == self.app(app).id)
        body = self.connection.execute(statement).scalar()
        return None if body is None else _read(body)

    def set_template(self, app: str, template: App) -> None:
        """Remember the template as installed."""
        app_id = self.app(app).id
        self.connection.execute(delete(templates).where(templates.c.app_id == app_id))
        values = {"app_id": app_id, "version": template.version, "body": _write(template), "at": _now()}
        self.connection.execute(insert(templates).values(values))

    # -- publish lock -------------------------------------------------------------------------------------------

    def lock(self, app_id: str, owner: str, seconds: int = 600) -> str:
        """Take the publish lock and return its token; an expired one is taken over.

        Raises :class:`PublishRuns`. The caller commits, publishes, then calls :meth:`unlock`.
        """
        now = _now()
        self.connection.execute(delete(locks).where(locks.c.app_id == app_id, locks.c.expires_at < now))
        held = self.connection.execute(select(locks).where(locks.c.app_id == app_id).with_for_update()).one_or_none()
        if held is not None:
            raise PublishRuns(app_id, held.owner, held.expires_at)
        token, expires_at = secrets.token_hex(16), _now(seconds)
        try:
            with self.connection.begin_nested():
                values = {"app_id": app_id, "owner": owner, "token": token, "expires_at": expires_at}
                self.connection.execute(insert(locks).values(values))
        except IntegrityError as error:  # another transaction took it in this very moment
            raise PublishRuns(app_id, "", expires_at) from error
        return token

    def renew(self, app_id: str, token: str, seconds: int = 600) -> bool:
        """Push the expiry of a held lock back; False when it was lost."""
        statement = update(locks).where(locks.c.app_id == app_id, locks.c.token == token)
        return self.connection.execute(statement.values(expires_at=_now(seconds))).rowcount == 1

    def unlock(self, app_id: str, token: str) -> None:
        """Give the lock back; a lock taken over by another is left alone."""
        self.connection.execute(delete(locks).where(locks.c.app_id == app_id, locks.c.token == token))


class SnapshotCache:
    """Snapshots for one process; the least recently used leave first.

    The content hash is part of the key: a version number whose transaction was rolled back is given out again.
    """

    def __init__(self, size: int = 64):
        self._size = size
        self._lock = threading.Lock()
        self._snapshots: OrderedDict[tuple[str, int, str], Snapshot] = OrderedDict()

    def get(self, connection: Connection, app: str) -> Snapshot:
        """Return the live snapshot as of this transaction: one cheap query, and a read only after a publish."""
        row = connection.execute(_LIVE[is_id(app, "app")], {"app": app}).first()
        if row is None:
            raise KeyError(f"{app} is unknown or not published yet")
        return self._cached(connection, row.app_id, row.version, row.hash)

    def pinned(self, connection: Connection, app_id: str, version: int) -> Snapshot:
        """Return the snapshot of a given version (a running flow keeps the one it started with)."""
        row = connection.execute(_PINNED, {"app": app_id, "version": version}).first()
        if row is None:
            raise KeyError(f"{app_id} version {version}")
        return self._cached(connection, row.app_id, row.version, row.hash)

    def _cached(self, connection: Connection, app_id: str, version: int, content: str) -> Snapshot:
        key = (app_id, version, content)
        with self._lock:
            if key in self._snapshots:
                self._snapshots.move_to_end(key)
                return self._snapshots[key]
        made = Snapshot(MetadataStore(connection).version(app_id, version), version)
        with self._lock:
            kept = self._snapshots.setdefault(key, made)
            self._snapshots.move_to_end(key)
            while len(self._snapshots) > self._size:
                self._snapshots.popitem(last=False)
        return kept


def _published(row: AppRow) -> int:
    if row.live_version is None:
        raise KeyError(f"{row.key} is not published yet")
    return row.live_version


def _now(ahead: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=ahead)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _write(app: App) -> str:
    return canonical({**to_json(app), "format": app.format}).decode()


def _read(body: str) -> App:
    data: Any = orjson.loads(body)
    kept = data.setdefault("format", _UNSAID)
    if kept != FORMAT:
        data, found = upgrade(data)
        if found:
            raise Refused(found)
    return from_json(App, data)
