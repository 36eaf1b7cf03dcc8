"""Commands that run the product: serve, worker, run, setup-link."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import Any

from engine import people
from engine.deferred import deferred
from runtime import firstrun, links, supervise
from runtime.config import Config
from runtime.services import open_services

server: Any = deferred("runtime.server")  # the other commands need no web server
worker: Any = deferred("runtime.worker")

Commands = Any  # argparse keeps the type of add_subparsers to itself


def add(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="start the web server")
    serve.set_defaults(run=_serve)
    work = commands.add_parser("worker", help="start a worker for jobs: flow steps, imports, timers")
    work.set_defaults(run=_worker)
    run = commands.add_parser("run", help="start server and worker together; sets up an empty install")
    run.add_argument("--demo", action="store_true", help="install the CRM with made-up data and demo accounts")
    run.add_argument("--rows", type=int, default=400, help="how many customers the demo has (default: %(default)s)")
    run.set_defaults(run=_run)
    link = commands.add_parser("setup-link", help="print a new one-time link that creates an administrator")
    link.set_defaults(run=_setup_link)


def _serve(_given: argparse.Namespace, config: Config) -> int:
    server.serve(config)
    return 0


def _worker(_given: argparse.Namespace, config: Config) -> int:
    worker.run(config)
    return 0


def _run(given: argparse.Namespace, config: Config) -> int:
    config = replace(config, demo=config.demo or given.demo)
    server.check_port(config.bind)
    greeting = firstrun.prepare(config, rows=given.rows)
    env = {**os.environ, "DOUGONG_DATA": str(config.data_dir), "DOUGONG_DEMO": "1" if config.demo else "0"}
    return supervise.run(config.bind, env, lambda: print(greeting, flush=True))


def _setup_link(_given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.write() as connection:
        token = links.make(connection)
        others = people.count_active(connection)
    services.close()
    print(f"{config.url}/setup/{token}")
    print("Works once, for 24 hours." + (f" There are {others} accounts already." if others else ""))
    return 0
