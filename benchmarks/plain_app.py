"""The yardstick of bench_http: the same table by hand, Flask and SQLAlchemy Core, with no check of any kind."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)

metadata = MetaData()
customer = Table(
    "customer",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rev", Integer, nullable=False),
    Column("name", Text),
    Column("stage", String(16)),
    Column("region", String(16)),
    Column("source", String(16)),
    Column("phone", String(32)),
    Column("amount", BigInteger),
    Column("signed_on", String(10)),
    Column("next_on", String(10)),
    Column("visits", Integer),
    Column("note", Text),
)
Index("ix_amount", customer.c.amount, customer.c.id)
Index("ix_stage", customer.c.stage, customer.c.amount, customer.c.id)
PAGE = 50


def open_engine(path: str) -> Any:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 5})

    @event.listens_for(engine, "connect")
    def setup(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            raw.execute(f"PRAGMA {pragma}")

    return engine


def create_app(path: str | None = None) -> Flask:
    app = Flask(__name__)
    engine = open_engine(path or os.environ["BENCH_DATABASE"])
    names = [str(c.name) for c in customer.c if c.name not in ("id", "rev")]

    @contextmanager
    def transaction(begin: str) -> Iterator[Connection]:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            yield connection
            connection.commit()

    def answer(value: Any, status: int = 200) -> Response:
        return Response(orjson.dumps(value), status, content_type="application/json")

    def shown(row: Any) -> dict[str, Any]:
        return {"id": row.id, "rev": row.rev, "values": {name: getattr(row, name) for name in names}}

    @app.post("/customers")
    def create() -> Response:
        values = orjson.loads(request.data)["values"]
        row = {"id": secrets.token_hex(8), "rev": 1, **values}
        with transaction("BEGIN IMMEDIATE") as connection:
            connection.execute(insert(customer).values(**row))
        return answer({"id": row["id"], "rev": 1, "values": values}, 201)

    @app.post("/customers/bulk")
    def bulk() -> Response:
        rows = [
            {"id": secrets.token_hex(8), "rev": 1, **one["values"]} for one in orjson.loads(request.data)["operations"]
        ]
        with transaction("BEGIN IMMEDIATE") as connection:
            connection.execute(insert(customer), rows)
        return answer({"results": [{"id": row["id"], "rev": 1} for row in rows]})

    @app.get("/customers/<record_id>")
    def read(record_id: str) -> Response:
        with transaction("BEGIN") as connection:
            return answer(shown(connection.execute(select(customer).where(customer.c.id == record_id)).one()))

    @app.patch("/customers/<record_id>")
    def change(record_id: str) -> Response:
        body = orjson.loads(request.data)
        statement = update(customer).where(customer.c.id == record_id, customer.c.rev == bindparam("old_rev"))
        with transaction("BEGIN IMMEDIATE") as connection:
            connection.execute(statement.values(rev=body["rev"] + 1, **body["values"]), {"old_rev": body["rev"]})
            row = connection.execute(select(customer).where(customer.c.id == record_id)).one()
        return answer(shown(row))

    @app.get("/customers")
    def page() -> Response:
        statement = select(customer).limit(PAGE)
        if stage := request.args.get("stage"):
            statement = statement.where(customer.c.stage == stage)
        if text := request.args.get("search"):
            statement = statement.where(customer.c.name.contains(text, autoescape=True))
        if request.args.get("sort"):
            statement = statement.order_by(customer.c.amount.desc(), customer.c.id.desc())
        if offset := request.args.get("offset"):
            statement = statement.offset(int(offset))
        with transaction("BEGIN") as connection:
            return answer({"records": [shown(row) for row in connection.execute(statement)]})

    @app.get("/customers/count")
    def count() -> Response:
        statement = select(func.count()).select_from(customer).where(customer.c.stage == request.args["stage"])
        with transaction("BEGIN") as connection:
            return answer({"count": connection.execute(statement).scalar_one()})

    return app
