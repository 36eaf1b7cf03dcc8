"""The web server: gunicorn with two workers where it runs, waitress on Windows."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

from engine.deferred import deferred
from runtime import heap, logs
from runtime.app import create_app
from runtime.config import BadConfig, Config
from runtime.services import open_services

REQUEST_TIMEOUT = 120
"""Seconds a worker may be silent before it is replaced; long work belongs into jobs."""
GRACE = 20

gunicorn_app: Any = deferred("gunicorn.app.base")
gunicorn_logging: Any = deferred("gunicorn.glogging")
waitress: Any = deferred("waitress")


def address(bind: str) -> tuple[str, int]:
    """Split ``host:port``. Raises :class:`BadConfig`."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadConfig(f"DOUGONG_BIND={bind!r}: give host:port such as 127.0.0.1:8080.")
    return host.strip("[]"), int(port)


def check_port(bind: str) -> None:
    """Stop with one plain line when the port is taken, before anything else is done."""
    host, port = address(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadConfig(
                f"{bind} cannot be used ({error.strerror}): stop what runs there, or set DOUGONG_BIND to another."
            ) from error


def serve(config: Config) -> None:
    """Serve until told to stop."""
    check_port(config.bind)
    open_services(config).close()  # tables are made once here, not by each worker at the same time
    if sys.platform == "win32":
        host, port = address(config.bind)
        app = create_app(config)
        heap.settle()
        waitress.serve(
            app,
            host=host,
            port=port,
            threads=config.threads * config.workers,
            ident="",
            clear_untrusted_proxy_headers=True,
        )
        return
    _gunicorn(config)


def _options(config: Config) -> dict[str, Any]:
    memory = Path("/dev/shm")
    return {
        "bind": config.bind,
        "workers": config.workers,
        "worker_class": "gthread",
        "threads": config.threads,
        "preload_app": False,  # each worker opens its own database connections
        "timeout": REQUEST_TIMEOUT,
        "graceful_timeout": GRACE,
        "keepalive": 30,
        "forwarded_allow_ips": "",  # only DOUGONG_TRUSTED_PROXIES makes forwarded headers count
        "secure_scheme_headers": {},
        "control_socket_disable": True,
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "logger_class": _logger_class(),
        "proc_name": "dougong",
    }


def _logger_class() -> type[Any]:
    base: type[Any] = gunicorn_logging.Logger

    class Quiet(base):  # type: ignore[misc]
        """Leaves formatting to ``runtime.logs``."""

        def setup(self, cfg: Any) -> None:
            self.cfg = cfg
            self._access_log_enabled = False
            self.error_log.propagate = True
            self.error_log.setLevel("WARNING")

        def reopen_files(self) -> None:
            return None

    return Quiet


def _gunicorn(config: Config) -> None:
    base: type[Any] = gunicorn_app.BaseApplication

    class Server(base):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in _options(config).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            logs.configure(config.log_format, config.log_level)
            app = create_app(config)
            heap.settle()
            return app

    heap.settle()  # the workers share what is loaded by now, and a collector that looks at it would copy it
    Server().run()
