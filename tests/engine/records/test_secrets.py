"""Secrets: encrypted at rest, dots everywhere, revealed on purpose and noted, under a key outside the database."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from support import application, entity, field, grant, person, role, workspace

from engine.actor import system_actor
from engine.database import Database
from engine.fields.base import InvalidValue
from engine.fields.secrets import SHOWN, SecretType
from engine.problems import Forbidden, NotFound
from engine.records.audit import audit_event
from engine.records.reveal import reveal
from engine.records.spec import QuerySpec
from engine.records.workspace import Workspace
from engine.sealing import KEY_FILE, NoKey, Vault, is_sealed, keep_key, key_in
from metadata.findings import Refused

ROBOT = system_actor("test")
CLEAR = "s3cret-密码"
ALL = person("u_ann", "rol_all")
MASKED = person("u_bob", "rol_masked")
BLIND = person("u_eve", "rol_blind")


@pytest.fixture
def space(db: Database) -> Workspace:
    keep_key(given="a key for tests")
    roles = (
        role("all", grant("a", "device", "create read update", default="write")),
        role("masked", grant("m", "device", "read", default="read", pin="masked")),
        role("blind", grant("b", "device", "read", default="hidden", name="read")),
    )
    return workspace(
        db, application(entity("device", field("name"), field("pin", "secret"), title="fld_name"), roles=roles)
    )


def made(space: Workspace) -> str:
    with space.write("test") as store:
        record: str = store.create(ALL, "device", {"name": "Gate", "pin": CLEAR}).id
    return record


def everything(space: Workspace) -> str:
    """Every text in the database."""
    found: list[Any] = []
    with space.database.read() as connection:
        found += connection.execute(text("SELECT * FROM r_device")).all()
        found += connection.execute(select(audit_event)).all()
    return repr(found)


def test_the_text_is_nowhere_in_the_database(space: Workspace) -> None:
    record = made(space)
    with space.write("test") as store:
        row = store.get(ALL, "device", record)
        assert is_sealed(row.values["pin"])
        store.update(ALL, "device", record, {"pin": CLEAR + "2"}, row.rev)
        same = store.get(ALL, "device", record)
        kept = store.update(ALL, "device", record, {"name": "Gate 2", "pin": same.values["pin"]}, same.rev)
        assert kept.values["pin"] == same.values["pin"], "a sealed value comes back as it is"
    assert "s3cret" not in everything(space)
    with space.database.read() as connection:
        changes = connection.execute(select(audit_event.c.changes)).scalars().all()
    assert any(SHOWN in one or "\\u2022" in one for one in changes)


def test_revealing_needs_the_right_and_is_noted(space: Workspace) -> None:
    record = made(space)
    with space.write("test") as store:
        assert reveal(store, ALL, "device", record, "pin") == CLEAR
        with pytest.raises(Forbidden):
            reveal(store, MASKED, "device", record, "pin")
        with pytest.raises(Refused):
            reveal(store, BLIND, "device", record, "pin")
        with pytest.raises(NotFound):
            reveal(store, ALL, "device", record, "name")
        assert store.get(MASKED, "device", record).values["pin"] == "***"
    with space.database.read() as connection:
        noted = connection.execute(select(audit_event).where(audit_event.c.action == "reveal")).all()
    assert [(one.record_id, one.detail) for one in noted] == [(record, '{"field":"fld_pin"}')]


def test_it_is_found_only_by_being_there(space: Workspace) -> None:
    made(space)
    with space.read("test") as store:
        assert len(store.list(ALL, QuerySpec(entity="device", filter=["not_blank", "pin"])).records) == 1
        for wrong in (["=", "pin", CLEAR], ["expr", f'pin = "{CLEAR}"']):
            with pytest.raises(Refused):
                store.list(ALL, QuerySpec(entity="device", filter=wrong))
        assert not store.list(ALL, QuerySpec(entity="device", search="s3cret")).records


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = key_in(tmp_path)
    assert key_in(tmp_path) == key
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    sealed = Vault(key).seal("x", "fld_a")
    assert Vault(key).open(sealed, "fld_a") == "x"
    with pytest.raises(NoKey):
        Vault(key).open(sealed, "fld_b")
    with pytest.raises(NoKey):
        Vault(b"\0" * 32).open(sealed, "fld_a")
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(NoKey):
        key_in(tmp_path)


def test_without_a_key_nothing_is_written_in_the_clear() -> None:
    keep_key()
    try:
        with pytest.raises(InvalidValue) as refused:
            SecretType().accept(field("pin", "secret"), "x")
        assert refused.value.code == "F116"
    finally:
        keep_key(given="a key for tests")
