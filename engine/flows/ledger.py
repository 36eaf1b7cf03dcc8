"""Commands run once: a double click or a retried request gets the first result instead of a second effect."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.clock import instant_text
from engine.flows.tables import command
from engine.jobs.table import insert_new
from metadata.findings import Finding, Refused

Result = dict[str, Any]

_KNOWN = select(command.c.digest, command.c.result).where(
    command.c.scope == bindparam("of"), command.c.command_id == bindparam("id")
)
_REMEMBER = insert(command)


def digest_of(*parts: Any) -> str:
    """Return what tells one command from another."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def replayed(connection: Connection, scope: str, command_id: str, digest: str) -> Result | None:
    """Return the stored result of a command that ran before. Raises :class:`Refused` when the id is another's."""
    row = connection.execute(_KNOWN, {"of": scope, "id": command_id}).first()
    return None if row is None else _same(row, digest)


def store_result(connection: Connection, scope: str, command_id: str, digest: str, result: Result) -> None:
    """Remember the result of a command that ran under a lock of its scope."""
    row = {"scope": scope, "command_id": command_id, "digest": digest, "result": result, "at": instant_text()}
    connection.execute(_REMEMBER, row)


def reserve(connection: Connection, scope: str, command_id: str, digest: str) -> Result | None:
    """Claim an id before anything exists that could be locked; return the result when it ran before.

    On PostgreSQL a second request with the same id waits here for the first one's transaction.
    """
    row = {"scope": scope, "command_id": command_id, "digest": digest, "result": {}, "at": instant_text()}
    if insert_new(connection, command, row):
        return None
    found = replayed(connection, scope, command_id, digest)
    assert found is not None
    return found


def settle(connection: Connection, scope: str, command_id: str, result: Result) -> None:
    """Store the result of a claimed id."""
    mine = (command.c.scope == scope, command.c.command_id == command_id)
    connection.execute(update(command).where(*mine).values(result=result))


def _same(row: Any, digest: str) -> Result:
    if row.digest != digest:
        raise Refused([Finding("L312", "/command_id")])
    result: Result = row.result
    return result
