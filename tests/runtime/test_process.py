"""Settings, limits shared by processes, logs, and the check that the packages are ours."""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
from pathlib import Path

import pytest

from runtime import logs, selfcheck
from runtime.config import BadConfig, load_config
from runtime.limits import Limits
from runtime.refusals import TooOften


def test_defaults_make_a_folder_and_a_private_key(tmp_path: Path) -> None:
    config = load_config({"DOUGONG_DATA": str(tmp_path / "var")})
    key = tmp_path / "var" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes() == config.secret_key
    assert load_config({"DOUGONG_DATA": str(tmp_path / "var")}).secret_key == config.secret_key
    assert config.database_url == f"sqlite:///{tmp_path / 'var' / 'dougong.db'}"
    assert "secret_key" not in repr(config)


@pytest.mark.parametrize(
    "env",
    [
        {"DOUGONG_WORKERS": "many"},
        {"DOUGONG_WORKERS": "0"},
        {"DOUGONG_LOG": "xml"},
        {"DOUGONG_URL": "crm.example.com"},
        {"DOUGONG_DATABASE": "mysql://x/y"},
        {"DOUGONG_SECRET_KEY": "short"},
        {"DOUGONG_BUILDER": "yes"},
        {"DOUGONG_FRAMES": "http://maps.example.com"},
        {"DOUGONG_FRAMES": "https://maps.example.com; script-src *"},
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=next(iter(env))):
        load_config({"DOUGONG_DATA": str(tmp_path), **env})


def test_a_damaged_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"cut")
    with pytest.raises(BadConfig, match="damaged"):
        load_config({"DOUGONG_DATA": str(tmp_path)})


def _use(path: Path, times: int) -> None:
    limits = Limits(path)
    for _ in range(times):
        limits.count("50/minute", "export", "ann")


def test_limits_count_for_all_processes_together(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_use, args=(path, 20)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]
    _use(path, 10)
    limits = Limits(path)
    with pytest.raises(TooOften) as often:
        limits.count("50/minute", "export", "ann")
    assert 1 <= often.value.params["seconds"] <= 61
    limits.count("50/minute", "export", "bob")
    limits.count("50/minute", "import", "ann")


def test_logs_are_one_line_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", out)
    try:
        logs.configure("json", "info")
        extra = {"user_password": "hunter2", "who": "x\r\nFORGED \x1b[31m"}
        logging.getLogger("dougong.test").warning("tried a\nb", extra=extra)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    event = json.loads(lines[0])
    assert event["user_password"] == "***"
    assert event["event"] == "tried a\\nb"
    assert event["who"] == "x\\r\\nFORGED \\x1b[31m"
    assert {"timestamp", "level", "logger"} <= event.keys()


def test_our_own_packages_pass() -> None:
    assert selfcheck.foreign_packages() == []


def test_packages_from_elsewhere_are_named(tmp_path: Path) -> None:
    wrong = selfcheck.foreign_packages(tmp_path)
    assert len(wrong) == len(selfcheck.PACKAGES)
    assert "'metadata' comes from" in " ".join(wrong)
