"""Settings of one install, read once from the environment (``DOUGONG_*``); docs/operations.md lists them all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

MIB = 1 << 20
_ORIGIN = re.compile(r"https://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")


class BadConfig(SystemExit):
    """A setting that cannot work; the text names it and says what would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """``public_url`` with https turns on Secure cookies and HSTS. Sizes are bytes, times seconds.

    ``frames`` are the sites whose pages a form may embed, as origins (``https://*.example.com``); none by default.
    """

    data_dir: Path
    database_url: str
    secret_key: bytes = field(repr=False)
    values_key: str = field(default="", repr=False)
    bind: str = "127.0.0.1:8080"
    public_url: str = ""
    workers: int = 2
    threads: int = 4
    trusted_proxies: int = 0
    company: str = ""
    language: str = "zh-CN"
    log_format: str = "console"
    log_level: str = "info"
    demo: bool = False
    max_json: int = 2 * MIB
    max_bulk: int = 64 * MIB
    max_upload: int = 200 * MIB
    session_idle: int = 12 * 3600
    session_absolute: int = 14 * 24 * 3600
    builder: bool = True
    frames: tuple[str, ...] = ()

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def secure(self) -> bool:
        """Whether people reach the product over TLS."""
        return self.public_url.startswith("https://")

    @property
    def url(self) -> str:
        """Where people reach the product, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.bind}"


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadConfig(f"{name}={text!r}: give a whole number from {low} to {high}.")
    return int(text)


def _choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    text = env.get(name, "").strip() or default
    if text not in allowed:
        raise BadConfig(f"{name}={text!r}: choose one of {', '.join(allowed)}.")
    return text


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    return _choice(env, name, "1" if default else "0", ("0", "1")) == "1"


def _origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Https origins separated by spaces: they go into the content security policy, so nothing else is let through."""
    origins = tuple(env.get(name, "").split())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise BadConfig(
                f"{name}: {origin!r} is no origin; give e.g. https://maps.example.com or https://*.example.com"
            )
    return origins


def _secret_key(env: Mapping[str, str], data_dir: Path) -> bytes:
    given = env.get("DOUGONG_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise BadConfig("DOUGONG_SECRET_KEY is too short: give at least 32 characters of random text.")
        return given.encode()
    path = data_dir / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes().strip()
        if len(key) < 32:
            raise BadConfig(
                f"{path} is damaged: restore it from a backup, or delete it (everybody signs in again)."
            ) from None
        return key
    except OSError as error:
        raise BadConfig(
            f"{data_dir} cannot be written ({error.strerror}): give DOUGONG_DATA a writable folder."
        ) from error
    key = secrets.token_urlsafe(48).encode()
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    return key


def _values_key(env: Mapping[str, str]) -> str:
    """The secret that encrypts fields of type secret; without one the data folder keeps a key of its own."""
    given = env.get("DOUGONG_VALUES_KEY", "")
    if given and len(given) < 32:
        raise BadConfig("DOUGONG_VALUES_KEY is too short: give at least 32 characters of random text.")
    return given


def load_config(env: Mapping[str, str] | None = None) -> Config:
    """Read the settings; makes the data folder and the secret key on first use. Raises :class:`BadConfig`."""
    env = os.environ if env is None else env
    data_dir = Path(env.get("DOUGONG_DATA", "") or "var").resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadConfig(
            f"{data_dir} cannot be made ({error.strerror}): give DOUGONG_DATA a writable folder."
        ) from error
    public_url = env.get("DOUGONG_URL", "").strip()
    if public_url and (urlsplit(public_url).scheme not in ("http", "https") or not urlsplit(public_url).netloc):
        raise BadConfig(f"DOUGONG_URL={public_url!r}: give a whole address such as https://crm.example.com.")
    database_url = env.get("DOUGONG_DATABASE", "").strip() or f"sqlite:///{data_dir / 'dougong.db'}"
    if not database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise BadConfig("DOUGONG_DATABASE: give sqlite:///path/to/file.db or postgresql://user:password@host/name.")
    return Config(
        data_dir=data_dir,
        database_url=database_url,
        secret_key=_secret_key(env, data_dir),
        values_key=_values_key(env),
        bind=env.get("DOUGONG_BIND", "").strip() or "127.0.0.1:8080",
        public_url=public_url,
        workers=_number(env, "DOUGONG_WORKERS", 2, 1, 64),
        threads=_number(env, "DOUGONG_THREADS", 4, 1, 64),
        trusted_proxies=_number(env, "DOUGONG_TRUSTED_PROXIES", 0, 0, 8),
        company=env.get("DOUGONG_COMPANY", "").strip(),
        language=_choice(env, "DOUGONG_LANGUAGE", "zh-CN", ("zh-CN", "en")),
        log_format=_choice(env, "DOUGONG_LOG", "console", ("console", "json")),
        log_level=_choice(env, "DOUGONG_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        demo=_switch(env, "DOUGONG_DEMO", False),
        max_json=_number(env, "DOUGONG_MAX_JSON", 2 * MIB, 1024, 1024 * MIB),
        max_bulk=_number(env, "DOUGONG_MAX_BULK", 64 * MIB, 1024, 4096 * MIB),
        max_upload=_number(env, "DOUGONG_MAX_UPLOAD", 200 * MIB, 1024, 65536 * MIB),
        session_idle=_number(env, "DOUGONG_SESSION_IDLE", 12 * 3600, 60, 365 * 86400),
        session_absolute=_number(env, "DOUGONG_SESSION_ABSOLUTE", 14 * 86400, 60, 365 * 86400),
        builder=_switch(env, "DOUGONG_BUILDER", True),
        frames=_origins(env, "DOUGONG_FRAMES"),
    )
