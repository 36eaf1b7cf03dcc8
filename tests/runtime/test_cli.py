"""The command line: what administrators do without a browser."""

from __future__ import annotations

import io
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine import people
from runtime import cli, passwords
from runtime.services import open_services
from tests.runtime.conftest import PASSWORD, _config


@pytest.fixture
def folder(tmp_path: Path, sqlite_seed: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An install with the shop, as the environment of a command."""
    shutil.copy(sqlite_seed[0], tmp_path / "test.db")
    monkeypatch.setenv("DOUGONG_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("DOUGONG_DATABASE", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setattr(cli.logs, "configure", lambda *_: None)
    return tmp_path


def person(folder: Path, username: str) -> people.Person | None:
    services = open_services(_config(folder, f"sqlite:///{folder / 'test.db'}"))
    with services.database.read() as connection:
        found = people.user_by_name(connection, username)
    services.close()
    return found


def test_accounts(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert cli.main(["user", "add", "Ops", "--name", "Operator", "--admin", "--password-stdin"]) == 0
    found = person(folder, "ops")
    assert found is not None
    assert set(found.duties) == set(people.DUTIES)
    assert cli.main(["user", "disable", "ops"]) == 0
    assert not person(folder, "ops").active  # type: ignore[union-attr]
    assert cli.main(["user", "enable", "ops"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert cli.main(["user", "password", "ops", "--password-stdin"]) == 2
    assert "at least 8" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert cli.main(["user", "add", "ops", "--name", "Again", "--password-stdin"]) == 2
    assert "/username" in capsys.readouterr().err


def test_calendars(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar", "show", "2024"]) == 0
    shown = capsys.readouterr().out
    assert "2024-09-29 Sun  worked" in shown
    assert "2024-10-01 Tue  free  国庆节" in shown
    assert cli.main(["calendar", "show", "2099"]) == 0
    assert "does not know 2099" in capsys.readouterr().out
    assert cli.main(["calendar", "add", "--calendar", "shop"]) == 0
    assert cli.main(["calendar", "free", "2099-01-01..2099-01-04", "--label", "rest", "--calendar", "shop"]) == 0
    assert cli.main(["calendar", "work", "2099-01-03", "--calendar", "shop"]) == 0
    capsys.readouterr()
    assert cli.main(["calendar", "show", "2099", "--calendar", "shop"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2099-01-01 Thu  free  rest",
        "2099-01-02 Fri  free  rest",
        "2099-01-03 Sat  worked",
    ]
    assert cli.main(["calendar", "clear", "2099", "--calendar", "shop"]) == 0
    assert cli.main(["calendar", "know", "2098", "--calendar", "shop"]) == 0
    assert cli.main(["calendar", "list"]) == 0
    assert "shop: 2098\n" in capsys.readouterr().out
    assert cli.main(["calendar", "free", "2099-01-01", "--calendar", "nowhere"]) == 2
    assert "CN, shop" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["calendar", "free", "tomorrow"])


def test_setup_link(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["setup-link"]) == 0
    assert "/setup/" in capsys.readouterr().out


def test_templates(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = folder / "first.json", folder / "second.json"
    assert cli.main(["template", "export", "shop", str(first)]) == 0
    assert cli.main(["template", "import", str(first), "--dry-run"]) == 0
    assert "add" in capsys.readouterr().out
    assert cli.main(["template", "import", str(first)]) == 0
    assert "shop_2" in capsys.readouterr().out
    assert cli.main(["template", "export", "shop_2", str(second)]) == 0
    assert second.read_bytes().replace(b"shop_2", b"shop") == first.read_bytes()
    broken = folder / "broken.json"
    broken.write_bytes(first.read_bytes()[:-40])
    assert cli.main(["template", "import", str(broken)]) == 2
    with pytest.raises(SystemExit, match=r"nothing\.json"):
        cli.main(["template", "import", str(folder / "nothing.json")])


def test_the_audit_chain(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = folder / "deals.csv"
    table.write_text("title\nRoof\nBeam\n", encoding="utf-8")
    assert cli.main(["import", str(table), "--as", "boss", "--app", "shop", "--entity", "deal"]) == 0
    assert cli.main(["audit", "verify"]) == 0
    assert "whole" in capsys.readouterr().out
    with closing(sqlite3.connect(folder / "test.db")) as raw:  # somebody with the file in hands
        raw.execute("DROP TRIGGER audit_event_no_update")
        raw.execute("UPDATE audit_event SET actor_id = 'somebody else' WHERE action = 'create'")
        raw.commit()
    assert cli.main(["audit", "verify"]) == 1
    assert "broken at batch" in capsys.readouterr().out


def test_records_in_and_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = folder / "deals.csv"
    table.write_text("title,amount\nRoof,12.50\nBeam,abc\n", encoding="utf-8")
    asked = ["import", str(table), "--as", "boss", "--app", "shop", "--entity", "deal"]
    assert cli.main([*asked, "--dry-run"]) == 1
    assert "1 refused" in capsys.readouterr().out
    assert cli.main(asked) == 0
    assert "1 created" in capsys.readouterr().out
    out = folder / "out.csv"
    assert cli.main(["export", "shop", "deal", str(out), "--as", "boss"]) == 0
    assert "Roof" in out.read_text(encoding="utf-8-sig")
    with pytest.raises(SystemExit, match="no account"):
        cli.main([*asked[:2], "--as", "nobody", "--app", "shop", "--entity", "deal"])


def test_a_taken_port_is_said_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("DOUGONG_BIND", f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(SystemExit, match="cannot be used"):
            cli.main(["serve"])


def test_passwords_of_the_seed_work(folder: Path) -> None:
    services = open_services(_config(folder, f"sqlite:///{folder / 'test.db'}"))
    with services.database.read() as connection:
        found = people.user_by_name(connection, "ann")
        assert found is not None
        assert passwords.verify(passwords.stored_hash(connection, found.id), PASSWORD)
    services.close()
