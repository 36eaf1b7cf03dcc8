"""From an empty data folder to a product one can sign in to; every later start finds it done."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apps
from engine import people
from engine.actor import system_actor
from engine.deferred import deferred
from engine.templates import install_template
from metadata.store import MetadataStore
from runtime import links, passwords
from runtime.config import Config
from runtime.services import Services, open_services

demo: Any = deferred("runtime.demo")

CRM = Path(apps.__file__).parent / "crm_template.json"
PASSWORD_FILE = "demo-password"
_WORDS = (
    "amber",
    "birch",
    "cedar",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "juniper",
    "kestrel",
    "lotus",
    "maple",
    "nectar",
)

Say = Callable[[str], None]


def _tell(text: str) -> None:
    print(f"  {text}", flush=True)


def prepare(config: Config, *, rows: int, say: Say = _tell) -> str:
    """Set up what is missing and return the greeting to print once the server answers."""
    services = open_services(config)
    try:
        if config.demo:
            _install_demo(services, rows, say)
        return _greeting(services)
    finally:
        services.close()


def demo_password(config: Config) -> str:
    """The password of the demo accounts: made once for an install, kept in a file only its owner reads."""
    path = config.data_dir / PASSWORD_FILE
    if not path.is_file():
        made = "-".join(secrets.choice(_WORDS) for _ in range(2)) + f"-{secrets.randbelow(9000) + 1000}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(made)
    return path.read_text(encoding="utf-8").strip()


def demo_accounts() -> list[Any]:
    """The personas one can sign in as."""
    return [person for person in demo.PEOPLE if person.signs_in]


def install_crm(services: Services, say: Say) -> None:
    """Install the CRM template unless it is there."""
    with services.database.read() as connection:
        installed = {row.key for row in MetadataStore(connection).apps() if row.live_version is not None}
    if "crm" not in installed:
        say("Installing the CRM application ...")
        install_template(services.database, CRM.read_bytes(), system_actor("setup"), samples=False)


def _install_demo(services: Services, rows: int, say: Say) -> None:
    install_crm(services, say)
    marker = services.config.data_dir / "demo-ready"
    if not marker.is_file():
        say("Making demo data ...")
        hashed = passwords.hash_of(demo_password(services.config))
        demo.install(services.workspace, "crm", rows=rows, password_hash=hashed, progress=say, flows=services.flows)
        marker.touch()


def _greeting(services: Services) -> str:
    config = services.config
    lines = ["", f"  斗拱 Dougong is running:  {config.url}/", ""]
    with services.database.write() as connection:
        admins = [person for person in people.find_users(connection, limit=200) if "builder" in person.duties]
        if not admins or config.demo:
            link = f"{config.url}/setup/{links.make(connection)}"
            lines += ["  Create your own administrator (one-time link, 24 hours):", f"  {link}", ""]
    if config.demo:
        lines += [f"  Demo accounts, password {demo_password(config)}:"]
        lines += [f"    {p.username:<10} {p.name}  {p.persona['zh-CN']} · {p.persona['en']}" for p in demo_accounts()]
        lines += ["  Anybody who can reach this address can use them: keep the demo on your own machine.", ""]
    lines += ["  Ctrl-C stops everything.", ""]
    return "\n".join(lines)
