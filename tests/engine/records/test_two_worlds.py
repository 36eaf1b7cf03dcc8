"""Two worlds that differ only in what an attacker may not see; every answer must be the same, byte for byte.

World B has the visible rows and values of world A with the same ids. Values of hidden, masked and computed-from-hidden
fields are drawn anew, and rows outside the attacker's range come, go and differ. Then both worlds get the same
questions, drawn over *all* names: fields that show, fields that do not, columns, other entities, junk.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import application, entity, field, formula, grant, person, role, where, workspace

from engine.actor import Actor, system_actor
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.problems import Problem
from engine.records import present
from engine.records.around import bin as recycle
from engine.records.around import comments, related
from engine.records.around.find import find
from engine.records.groups import TOTALS
from engine.records.queries import of_record
from engine.records.search import index_pending
from engine.records.spec import (
    AggregateSpec,
    GroupingSpec,
    GroupSpec,
    MeasureSpec,
    QuerySpec,
    SortSpec,
    Within,
)
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from engine.system import ensure_system_schema
from metadata.findings import Refused
from metadata.model import App, Field
from tests.databases import postgres_database

ROBOT = system_actor("world")
STAGES = {"options": [{"id": f"opt_s{i}", "label": {"en": f"s{i}"}} for i in range(3)]}
EXAMPLES = 60
REFUSED = b"refused "
BATCH = 12
"""Questions an example; together 720 for each attacker and database in the daily run."""


DERIVED = ("wealth", "share", "others", "otherlines")
"""Computed over other records; some attackers are granted the result and not what it comes from."""


QUERIES = ("near", "mates", "twins", "rich", "same", "far")
"""Query fields: their conditions name what some attackers may not see of this record, of those found, or of both."""


def query(key: str, other: str, source: str, *columns: str) -> Field:
    shown = [f"fld_{one}" for one in columns]
    options = {"from": f"ent_{other}", "filter": {"src": source}, "columns": shown, "limit": 3}
    return field(key, "query", options={**options, "sort": [{"field": shown[-1], "dir": "desc"}]})


def app() -> App:
    account = entity(
        "account",
        field("title", options={"max_length": 60}),
        field("phone", "phone"),
        field("revenue", "currency"),
        field("region"),
        formula("worth", 'LOOKUP(deal, d -> d.account = RECORDID(), d -> d.amount, "sum")'),
        formula("deals", "COUNTIF(deal, d -> d.account = RECORDID())", scale=0),
        query("near", "deal", "it.account = RECORDID()", "name", "amount"),
        query("mates", "account", "it.region = region AND it.revenue > 200", "title", "phone", "revenue"),
        query("twins", "account", "it.phone = phone OR it.worth > worth", "title", "worth"),
        title="fld_title",
    )
    deal = entity(
        "deal",
        field("name"),
        field("stage", "select", options=STAGES),
        field("amount", "currency"),
        field("cost", "currency"),
        formula("margin", "amount - cost"),
        formula("late", "due < TODAY()", "boolean"),
        field("due", "date"),
        field("account", "link_one", options={"entity": "ent_account", "on_delete": "clear"}),
        field("peers", "link_many", options={"entity": "ent_deal"}),
        field("lines", "subtable", options={"entity": "ent_line"}),
        formula("total", "SUM(lines.price)"),
        field("secret"),
        formula("wealth", "account.revenue"),
        formula("share", "amount / account.worth", scale=4),
        formula("others", "SUM(peers.amount)"),
        formula("otherlines", "COUNT(peers.lines)", scale=0),
        query("rich", "account", "it.region = account.region", "title", "region", "revenue"),
        query("same", "deal", "it.secret = secret", "name", "cost", "amount"),
        query("far", "deal", "it.stage <> stage AND it.account.region = account.region", "name", "total"),
        title="fld_name",
    )
    line = entity("line", field("what"), field("price", "currency"), parent="ent_deal", title="fld_what")
    shown = dict.fromkeys(
        ("name", "stage", "due", "account", "late", "lines", "margin", "total", *DERIVED, *QUERIES[3:]), "read"
    )
    own_deal = grant(
        "od", "deal", "read create update delete history", "own", default="write", secret="hidden", cost="hidden"
    )
    own_line = grant("ol", "line", "read create update delete", "own", default="write")
    own_account = grant("oa", "account", "read history", "own", default="read", revenue="hidden", phone="masked")
    return application(
        account,
        deal,
        line,
        roles=(
            role("sales", own_deal, own_line, own_account),
            role(
                "market",
                grant("md", "deal", "read history", "all", **shown),
                grant("ml", "line", "read", "all", what="read"),
                grant(
                    "ma",
                    "account",
                    "read",
                    "all",
                    title="read",
                    region="read",
                    worth="read",
                    deals="read",
                    **dict.fromkeys(QUERIES[:3], "read"),
                    phone="masked",
                ),
            ),
            role(
                "east", grant("ed", "deal", "read", where('account.region = "east"'), default="read", amount="hidden")
            ),
            role(
                "team",
                grant("td", "deal", "read history", "team", default="read", secret="hidden", lines="hidden"),
                grant("ta", "account", "read", "department_tree", default="read", phone="hidden"),
            ),
        ),
    )


ATTACKERS: dict[str, Actor] = {
    "sales": person("u_ann", "rol_sales"),
    "market": person("u_eve", "rol_market"),
    "both": person("u_ann", "rol_sales", "rol_market"),
    "team": person("u_lead", "rol_team"),
    "east": person("u_eve", "rol_east"),
}
ENTITIES = ("deal", "account", "line")


Sees = tuple[Callable[[str, str], bool], frozenset[str]]
"""Which rows (by owner and region) and which stored fields of them."""


def everyone(owner: str, region: str) -> bool:
    return True


def own(owner: str, region: str) -> bool:
    return owner == "u_ann"


def team(owner: str, region: str) -> bool:
    return owner in ("u_ann", "u_bob", "u_lead")


def tree(owner: str, region: str) -> bool:
    return owner in ("u_ann", "u_bob", "u_lead", "u_boss")


def east(owner: str, region: str) -> bool:
    return region == "east"


def _sees(rows: Callable[[str, str], bool], fields: str) -> Sees:
    return rows, frozenset(fields.split())


SALES = {
    "deal": [_sees(own, "name stage amount due lines")],
    "line": [_sees(own, "what price")],
    "account": [_sees(own, "title region")],
}
MARKET = {
    "deal": [_sees(everyone, "name stage due lines")],
    "line": [_sees(everyone, "what")],
    "account": [_sees(everyone, "title region")],
}
SIGHT: dict[str, dict[str, list[Sees]]] = {
    "sales": SALES,
    "market": MARKET,
    "both": {name: SALES[name] + MARKET[name] for name in ENTITIES},
    "team": {
        "deal": [_sees(team, "name stage amount cost due")],
        "account": [_sees(tree, "title revenue region")],
    },
    "east": {"deal": [_sees(east, "name stage cost due secret")]},
}
"""What each attacker may see, written down by hand and on its own: the roles above must come to the same."""

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


class World:
    """Fills one world. ``same`` draws what the attacker sees, ``other`` everything else."""

    def __init__(self, space: Workspace, who: str, number: int, monkeypatch: pytest.MonkeyPatch):
        self.space, self.who, self.patch = space, who, monkeypatch
        self.other = random.Random(number * 1000 + 17)
        self.number = number

    def fill(self) -> None:
        for number in range(16):
            owner = ("u_ann", "u_bob", "u_eve", "u_boss")[number % 4]
            region = "west" if number % 3 == 0 else "east"
            if not any(self._sees(name, owner, region) for name in ENTITIES) and self.other.random() < 0.4:
                continue  # what is out of range is there in one world and not in the other
            self._row(number, owner, region)
        if self.who in ("sales", "team", "east"):
            for number in range(50, 50 + 2 + 3 * self.number):
                self._row(number, "u_eve", "west")
        with self.space.database.write() as connection:
            tables = self.space.store(connection, "test").tables
            for name in ENTITIES:
                while index_pending(connection, tables, name):
                    pass

    def _sees(self, name: str, owner: str, region: str) -> frozenset[str]:
        found = (fields for rows, fields in SIGHT[self.who].get(name, ()) if rows(owner, region))
        return frozenset().union(*found)

    def _row(self, number: int, owner: str, region: str) -> None:
        same = random.Random(number)
        seen = {name: self._sees(name, owner, region) for name in ENTITIES}

        def draw(name: str, key: str) -> float:
            first = same.random()  # drawn in any case, so that the fields after it stay the same
            return first if key in seen[name] else self.other.random()

        def word(name: str, key: str) -> str:
            return ("alpha", "beta", "gamma", "华为")[int(draw(name, key) * 4)]

        account = {
            "title": word("account", "title") + str(number),
            "phone": f"138{self.other.randrange(10**4):04d}{int(same.random() * 10**4):04d}",  # ends show in the mask
            "revenue": int(draw("account", "revenue") * 1000),
            "region": region,
            "owner": owner,
        }
        amount = draw("deal", "amount")
        deal: dict[str, Any] = {
            "name": word("deal", "name") + str(number),
            "stage": f"opt_s{int(draw('deal', 'stage') * 3)}",
            "amount": int(amount * 1000) if amount > 0.2 else None,
            "cost": int(draw("deal", "cost") * 500),
            "due": f"2026-11-{1 + int(draw('deal', 'due') * 29):02d}",
            "secret": word("deal", "secret"),
            "account": _id(number, 1),
            "owner": owner,
        }
        # last, because their number differs where they do not show
        count = 1 + int(draw("deal", "lines") * 3) if seen["line"] else self.other.randrange(4)
        lines = []
        for _ in range(count):
            what, price = word("line", "what"), int(draw("line", "price") * 100)
            lines.append({"what": what, "price": price})
        deal["lines"] = lines
        self.space.clock = lambda: START + timedelta(minutes=number)
        fresh = iter(_id(number, 10 + i) for i in range(20))
        for module in ("engine.records.drafting", "engine.records.around.comments"):
            self.patch.setattr(f"{module}.new_record_id", lambda: next(fresh))
        with self.space.write("test") as store:
            store.create(ROBOT, "account", account, record_id=_id(number, 1))
            store.create(ROBOT, "deal", deal, record_id=_id(number, 2))
            said = same if seen["deal"] else self.other
            for _ in range(int(said.random() * 3)):
                comments.add(store, ROBOT, "deal", _id(number, 2), f"said {said.random()}")


def _id(number: int, kind: int) -> str:
    return f"0w{number:06d}{kind:08d}"


# -- questions --------------------------------------------------------------------------------------------------

NAMES = (
    "name", "stage", "amount", "cost", "margin", "late", "due", "account", "peers", "lines", "total", "secret", "owner",
    "id", "rev", "created_at", "flow_state", "title", "phone", "revenue", "region", "what", "price", "parent",
    "account.title", "account.phone", "account.revenue", "account.region", "parent.amount", "parent.name", "owner.name",
    "near", "same", "account.mates",
    "fld_amount", "fld_secret", "f_secret_text", "deleted_at", "p_bits", "p_rid", "nonsense", "account.nonsense", "",
)  # fmt: skip
VALUES = (
    "alpha1",
    "beta",
    "opt_s1",
    "2026-11-12",
    100,
    "500.00",
    True,
    None,
    ["opt_s0", "opt_s2"],
    "@me",
    "1" * 16,
    "a",
)
OPERATORS = (
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not_in",
    "blank",
    "not_blank",
    "contains",
    "starts",
    "has_any",
    "between",
)
EXPRESSIONS = (
    "amount > 100", "secret = \"alpha\"", "1 / (amount - 6) > 0", "margin > 10", "SUM(lines.price) > 50", "total > 50",
    "account.revenue > 10", "ISBLANK(secret)", "LEN(name) > 5", "late", "COUNT(lines) = 2", "account.region = \"east\"",
    "revenue > 1", "price > 3", "parent.amount > 5", "EXISTS(lines, x -> x.price > 30)", "name =",
)  # fmt: skip

names = st.sampled_from(NAMES)
conditions = st.one_of(
    st.builds(
        lambda op, name, value: [op, name] if "blank" in op else [op, name, value],
        st.sampled_from(OPERATORS),
        names,
        st.sampled_from(VALUES),
    ),
    st.builds(lambda source: ["expr", source], st.sampled_from(EXPRESSIONS)),
)
filters = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(
            lambda parts, op: [op, *parts], st.lists(inner, min_size=1, max_size=3), st.sampled_from(("and", "or"))
        ),
        st.builds(lambda one: ["not", one], inner),
    ),
    max_leaves=4,
)
sorts = st.lists(st.builds(SortSpec, path=names, descending=st.booleans()), max_size=2).map(tuple)
maybe_filter = st.one_of(st.none(), filters)
queries = st.builds(
    QuerySpec,
    entity=st.sampled_from(ENTITIES),
    fields=st.lists(names, max_size=3).map(tuple),
    filter=maybe_filter,
    sort=sorts,
    search=st.sampled_from(("", "", "alpha", "beta 1", "x", "138", "中", "hw", "wei")),
    limit=st.integers(1, 5),
    offset=st.integers(0, 3),
    count=st.sampled_from(("none", "capped", "exact")),
    trashed=st.booleans(),
    marks=st.lists(filters, max_size=2).map(tuple),
    within=st.lists(
        st.builds(
            Within,
            group=st.builds(GroupSpec, id=st.just(""), path=names, grain=st.sampled_from((None, None, "month"))),
            value=st.sampled_from((None, "alpha", "opt_s0", "100", "2026-01-01", True)),
        ),
        max_size=1,
    ).map(tuple),
)
groupings = st.builds(
    GroupingSpec,
    entity=st.sampled_from(ENTITIES),
    groups=st.lists(
        st.builds(GroupSpec, id=st.just(""), path=names, grain=st.sampled_from((None, None, "month"))), max_size=2
    ).map(tuple),
    totals=st.dictionaries(names, st.sampled_from(TOTALS), max_size=2),
    filter=maybe_filter,
)
groups = st.lists(
    st.builds(
        GroupSpec, id=st.sampled_from("gh"), path=names, grain=st.sampled_from((None, None, "month", "week", "weekday"))
    ),
    max_size=2,
    unique_by=lambda one: one.id,
).map(tuple)
measures = st.lists(
    st.builds(
        MeasureSpec,
        id=st.sampled_from("mn"),
        aggregate=st.sampled_from(("count", "sum", "avg", "min", "max", "distinct")),
        path=names,
        where=maybe_filter,
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one.id,
).map(tuple)
totals = st.builds(
    AggregateSpec, entity=st.sampled_from(ENTITIES), groups=groups, measures=measures, filter=maybe_filter
)
IDS = tuple(_id(number, kind) for number in (*range(16), 50, 51, 99) for kind in (1, 2, 10))
lookups = st.tuples(
    st.sampled_from(
        (
            *("get", "titles", "history", "levels", "actions", "pages", "comments", "people", "related", "bin"),
            *("find", "hw", *QUERIES),
        )
    ),
    st.sampled_from(ENTITIES),
    st.sampled_from(IDS),
)
questions = st.lists(st.one_of(queries, totals, groupings, lookups), min_size=BATCH, max_size=BATCH)


def answer(store: RecordStore, who: Actor, question: Any) -> bytes:
    """Ask and return everything that comes back: the answer, or the whole of the refusal in both languages."""
    try:
        return orjson.dumps(
            _asked(store, who, question), default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        )
    except Refused as error:
        return REFUSED + orjson.dumps([(f.code, f.place, f.text("zh-CN"), f.text("en")) for f in error.findings])
    except Problem as error:
        return REFUSED + orjson.dumps([error.status, error.code, error.text("zh-CN"), error.text("en")])


def _asked(store: RecordStore, who: Actor, question: Any) -> Any:
    if isinstance(question, QuerySpec):
        page = store.list(who, question)
        return [present.page_json(page, store), asdict(page)["records"]]
    if isinstance(question, AggregateSpec):
        return present.aggregate_json(store.aggregate(who, question))
    if isinstance(question, GroupingSpec):
        found = store.grouped(who, question)
        return present.groups_json(found, store, question.entity, question.groups)
    kind, name, record_id = question
    if kind == "titles":
        return store.titles(who, name, IDS)
    if kind == "history":
        return present.history_json(store.history(who, name, record_id), store, name, who)
    if kind == "actions":
        return sorted(store.record_actions(who, name, record_id))
    if kind == "comments":
        return comments.listed(store, who, name, record_id)
    if kind == "people":
        return comments.candidates(store, who, name, record_id, "")
    if kind == "related":
        return related.counts(store, who, name, record_id)
    if kind == "bin":
        return [recycle.counts(store, who), [asdict(one) for one in recycle.deleted(store, who, name)[0]]]
    if kind in ("find", "hw"):
        text = {"account": "alpha", "deal": "华", "line": "13"}.get(name, "1") if kind == "find" else kind
        space = Workspace(store.surroundings.database, clock=store.surroundings.clock)
        return find(space, store.connection, lambda _: who, ["app_test"], text)
    if kind in QUERIES:
        shown = of_record(store, who, name, record_id, kind)
        return [shown.asked, shown.columns, present.page_json(shown.page, store)]
    if kind == "pages":
        return list(_pages(store, who, name))
    return present.record_json(store.get(who, name, record_id, levels=kind == "levels"), store, who)


def _pages(store: RecordStore, who: Actor, name: str) -> Iterator[Any]:
    cursor = ""
    for _ in range(12):
        page = store.list(who, QuerySpec(entity=name, limit=2, cursor=cursor, sort=(SortSpec(path="created_by"),)))
        yield present.page_json(page, store)
        cursor = page.next_cursor
        if not cursor:
            return


# -- the test ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_spaces(
    db: Database, db_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Workspace, Workspace]]:
    """Two empty workspaces on one kind of database."""
    url, drop = f"sqlite:///{tmp_path / 'other.db'}", None
    if db.dialect == "postgresql":
        url, drop = postgres_database(request.getfixturevalue("postgres_server"))
    other = Database(url, sqlite_hooks=(register_sqlite_functions,))
    ensure_system_schema(other)
    yield workspace(db, app()), workspace(other, app())
    other.close()
    if drop:
        drop()


@pytest.mark.parametrize("who", sorted(ATTACKERS))
def test_no_answer_tells_the_worlds_apart(
    who: str, two_spaces: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, space in enumerate(two_spaces):
        World(space, who, number, monkeypatch).fill()
        space.clock = lambda: START + timedelta(days=1)
    actor = ATTACKERS[who]
    with ExitStack() as stack:
        one, other = (stack.enter_context(space.read("test")) for space in two_spaces)
        spec = QuerySpec(entity="deal", limit=50)
        assert answer(one, ROBOT, spec) != answer(other, ROBOT, spec), "the worlds do differ"
        seen = Counter[str]()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(asked=questions)
        def ask(asked: list[Any]) -> None:
            for question in asked:
                mine, theirs = answer(one, actor, question), answer(other, actor, question)
                assert mine == theirs, question
                seen["refused" if mine.startswith(REFUSED) else "answered"] += 1

        ask()
        assert min(seen["refused"], seen["answered"]) > BATCH * EXAMPLES // 10, seen
