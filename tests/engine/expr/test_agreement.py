"""Every back end gives what Python's closures give, wherever it claims to: random expressions over random records.

Expressions are generated from the signatures of all functions, half of the records are at an edge. A normal run takes
the same expressions every time; the long one takes new ones, and says which seed it had. Errors compare as errors,
whatever their code. When answers differ, the smallest part that differs is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Table, case, literal, select
from sqlalchemy.exc import SQLAlchemyError

from engine.database import Database
from engine.expr import sql_programs
from engine.expr.compile import check
from engine.expr.to_bytecode import bytecode
from engine.expr.to_pandas import evaluate_rows
from engine.expr.to_python import closure
from engine.expr.to_sql import NotPushable, compile_sql, condition, read_value
from engine.expr.tree import Node
from engine.expr.values import CurrentUser, Env, ErrorValue
from tests.engine.expr.browser import Case, run_browser
from tests.engine.expr.generate import KINDS, Maker, random_deals
from tests.engine.expr.world import DEALS, SCOPE, WorldResolver, insert_all, tables

COUNT, MANY = 1_000, 10_000
SEED = 20_240_229
SINGLE = frozenset({*KINDS, "choice"})
DEPTHS = (1, 2, 2, 3)
ROUNDING = Decimal("1e-12")
STATEMENT = 20
"""Expressions in one statement."""
ENV = Env(
    now=datetime(2024, 6, 1, 1, 0, tzinfo=UTC), user=CurrentUser("u1", frozenset({"sales"})), zone="America/New_York"
)
RECORDS = [*DEALS, *random_deals(Random(SEED), 6)]


@dataclass(frozen=True)
class Sample:
    """An expression and what Python's closure says about every record."""

    source: str
    tree: Node
    values: tuple[Any, ...]


Answers = Callable[[Sequence[Sample]], list[list[Any] | None]]
"""What a back end answers for every record of every sample; None where it declines."""


def canonical(value: Any) -> Any:
    """A value so that equal ones are the same: errors without code, numbers without trailing zeros, TRUE unlike 1."""
    if isinstance(value, ErrorValue):
        return "an error"
    if isinstance(value, bool):
        return f"{value}"
    if isinstance(value, Decimal):
        return value.normalize() + 0
    return value


def sample(source: str) -> Sample | None:
    tree = check(source, SCOPE).tree
    if tree is None or tree.type.kind not in SINGLE:
        return None
    function = closure(tree)
    return Sample(source, tree, tuple(canonical(function(ENV.at(record))) for record in RECORDS))


@lru_cache(maxsize=1)
def samples(seed: int, count: int) -> tuple[Sample, ...]:
    """Well-typed expressions of every depth, no two alike."""
    random = Random(seed)
    maker = Maker(random)
    found: dict[str, Sample] = {}
    while len(found) < count:
        source = maker.expression(random.choice(DEPTHS))
        made = sample(source) if source not in found else None
        if made is not None:
            found[source] = made
    return tuple(found.values())


def compare(chosen: Sequence[Sample], answers: Answers, *, least: float) -> None:
    """Fail with the smallest differing parts. ``least`` is the share of expressions that must be answered."""
    wrong: list[str] = []
    answered = 0
    for one, got in zip(chosen, answers(chosen), strict=True):
        answered += got is not None
        if got is not None and (at := _differs(one, got)) is not None and len(wrong) < 12:
            small = _smallest(one, answers)
            wrong.append(f"{small.source}\n    from {one.source}\n    on {RECORDS[at]['sys_id']}: {got[at]!r}, "
                         f"Python {one.values[at]!r}")  # fmt: skip
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong)
    assert answered >= least * len(chosen), f"only {answered} of {len(chosen)} answered"


def _differs(one: Sample, got: Sequence[Any]) -> int | None:
    return next((at for at, value in enumerate(got) if canonical(value) != one.values[at]), None)


def _smallest(one: Sample, answers: Answers) -> Sample:
    """Return the shortest part of an expression whose answers differ by themselves."""
    spans = sorted({node.span for node in one.tree.walk()}, key=lambda span: span[1] - span[0])
    for start, end in spans:
        part = sample(one.source[start:end]) if end > start else None
        if part is not None:
            (got,) = answers([part])
            if got is not None and _differs(part, got) is not None:
                return part
    return one


def promises(chosen: Sequence[Sample]) -> list[str]:
    """Values that break what the tree says about itself: blank, an error, too many decimals, too large."""
    broken = []
    for one in chosen:
        facts = one.tree.facts
        for value in one.values:
            number = value if isinstance(value, Decimal) else Decimal(0)
            if (
                (value is None and not facts.nullable)
                or (value == "an error" and not facts.may_error)
                or -int(number.as_tuple().exponent) > max(0, facts.scale)
                or abs(number) > facts.bound + ROUNDING
            ):
                broken.append(f"{one.source}: {value!r}")
                break
    return broken


def test_trees_keep_their_promises() -> None:
    assert not promises(samples(SEED, COUNT))


# -- Python, pandas, browser --------------------------------------------------------------------------------------


def by_bytecode(chosen: Sequence[Sample]) -> list[list[Any] | None]:
    return [[run(ENV.at(record)) for record in RECORDS] for run in (bytecode(one.tree) for one in chosen)]


def by_columns(chosen: Sequence[Sample]) -> list[list[Any] | None]:
    return [evaluate_rows(one.tree, RECORDS, ENV) for one in chosen]


def by_browser(chosen: Sequence[Sample]) -> list[list[Any] | None]:
    cases = [Case(one.source, one.tree, ENV.at(record)) for one in chosen for record in RECORDS]
    answers = iter(run_browser(cases))
    return [_rows_of_browser(one, [next(answers) for _ in RECORDS]) for one in chosen]


def _rows_of_browser(one: Sample, answers: Sequence[dict[str, Any]]) -> list[Any] | None:
    if any("unsupported" in answer for answer in answers):
        return None
    return [ErrorValue("NUM") if "error" in answer else _read(one.tree, answer["value"]) for answer in answers]


def _read(tree: Node, value: Any) -> Any:
    kind = tree.type.kind
    return read_value(tree, int(value) if kind == "duration" and value is not None else value)


@pytest.mark.parametrize(("answers", "least"), [(by_bytecode, 1), (by_columns, 1), (by_browser, 0.9)])
def test_python_pandas_and_browser_agree(answers: Answers, least: float) -> None:
    compare(samples(SEED, COUNT), answers, least=least)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("answers", "least"), [(by_bytecode, 1), (by_columns, 1), (by_browser, 0.9)])
def test_they_agree_on_many_more(answers: Answers, least: float, seed: int) -> None:
    for part in parts(seed):
        compare(part, answers, least=least)


@pytest.fixture(scope="module")
def seed() -> int:
    """A new seed for every long run; pytest shows it with a failure."""
    chosen = secrets.randbits(32)
    print("seed", chosen)
    return chosen


def parts(seed: int) -> Iterator[tuple[Sample, ...]]:
    for at in range(MANY // COUNT):
        yield samples(seed + at, COUNT)


# -- databases ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sql:
    """Answers from a database that holds the records: many expressions in one statement."""

    connection: Connection
    made: dict[str, Table]
    dialect: str

    @property
    def deals(self) -> Table:
        return self.made["ent_deal"]

    def __call__(self, chosen: Sequence[Sample]) -> list[list[Any] | None]:
        found: list[list[Any] | None] = []
        for at in range(0, len(chosen), STATEMENT):
            found.extend(self._statement(chosen[at : at + STATEMENT]))
        return found

    def _statement(self, chosen: Sequence[Sample]) -> list[list[Any] | None]:
        columns = [self._columns(one) for one in chosen]
        asked = [column for several in columns for column in several or ()]
        try:
            with self.connection.begin_nested():
                statement = select(literal(1), *(column.label(f"c{at}") for at, column in enumerate(asked)))
                rows = self.connection.execute(statement.select_from(self.deals).order_by(self.deals.c.rid)).all()
        except SQLAlchemyError as error:
            if len(chosen) == 1:
                return [[f"the database raised {str(error.__cause__)[:200]}"] * len(RECORDS)]
            return [answer for one in chosen for answer in self._statement([one])]
        found: list[list[Any] | None] = []
        at = 1
        for one, several in zip(chosen, columns, strict=True):
            width = len(several or ())
            found.append([self._value(one, row[at : at + width]) for row in rows] if several else None)
            at += width
        return found

    def _columns(self, one: Sample) -> list[ColumnElement[Any]] | None:
        """Value and guard; of a condition also what it lets through, and what its negation does."""
        resolver = WorldResolver(self.made, "ent_deal", self.deals)
        try:
            made = compile_sql(one.tree, resolver, self.dialect, ENV)
            columns = [made.value, literal(False) if made.guard is None else made.guard]
            if one.tree.type.kind == "boolean":
                negated = check(f"NOT({one.source})", SCOPE).tree
                assert negated is not None
                for tree in (one.tree, negated):
                    columns.append(case((condition(tree, resolver, self.dialect, ENV), 1), else_=0))
        except NotPushable:
            return None
        return columns

    def _value(self, one: Sample, row: Sequence[Any]) -> Any:
        value, failed, *chosen = row
        if failed:
            return "a value beside its error" if value is not None else ErrorValue("NUM")
        found = read_value(one.tree, value)
        if chosen and chosen != [found is True, found is False]:
            return f"{found}, but the condition and its opposite let through {chosen}"
        return found


@pytest.fixture
def sql(db: Database) -> Iterator[Sql]:
    metadata, made = tables(db.dialect)
    with db.write() as connection:
        metadata.create_all(connection)
        insert_all(connection, made, db.dialect, RECORDS)
    with db.read() as connection:
        yield Sql(connection, made, db.dialect)


def test_databases_agree(sql: Sql) -> None:
    compare(samples(SEED, COUNT), sql, least=0.7)


def test_byte_code_inside_the_database_agrees(sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own functions switch to byte-code once they ran often; here they do at once."""
    monkeypatch.setattr(sql_programs, "AFTER", 1)
    compare(samples(SEED, COUNT)[::3], sql, least=0.7)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_databases_agree_on_many_more(sql: Sql, seed: int) -> None:
    for part in parts(seed):
        compare(part, sql, least=0.7)
