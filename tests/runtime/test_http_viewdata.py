"""What kinds of views ask for, over HTTP: boards, spans of days, hierarchies, saved views of every kind."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine import people
from engine.actor import system_actor
from engine.publishing import check, publish
from metadata.findings import Refused
from metadata.model import App, Colour, Entity, Field, Grant, Range, Role, View
from tests.runtime.conftest import ALL, Browser, Site

TASKS = "/apps/plan/task"


def _field(key: str, kind: str, **options: Any) -> Field:
    return Field(id=f"fld_{key}", key=key, type=kind, label={"zh-CN": key, "en": key.title()}, options=options)


def plan() -> App:
    """Tasks with a stage, days, hours that marketing must not see, and tasks above them."""
    stages = [{"id": f"opt_{name}", "label": {"zh-CN": name, "en": name}} for name in ("todo", "doing", "done")]
    task = Entity(
        id="ent_task",
        key="task",
        label={"zh-CN": "任务", "en": "Task"},
        title="fld_name",
        fields=(
            _field("name", "text"),
            _field("stage", "select", options=stages),
            _field("begins", "date"),
            _field("ends", "date"),
            _field("at", "datetime"),
            _field("hours", "number", scale=1),
            _field("above", "link_one", entity="ent_task"),
            _field("beside", "link_one", entity="ent_task"),
            _field("after", "link_many", entity="ent_task"),
        ),
    )

    def view(kind: str, **parts: str) -> View:
        label = {"zh-CN": kind, "en": kind}
        return View(id=f"viw_{kind}", entity="ent_task", label=label, kind=kind, parts=parts)

    views = (
        replace(view("kanban", by="fld_stage", sum="fld_hours"), options={"wip": {"opt_doing": 2}}),
        view("calendar", start="fld_at"),
        view("gantt", start="fld_begins", end="fld_ends", after="fld_after"),
        replace(
            view("gallery"),
            colors=(
                Colour(filter=[">", "fld_hours", "5"], color="bad"),
                Colour(filter=["=", "fld_stage", "opt_done"], color="ok"),
            ),
        ),
        view("tree", parent="fld_above", sum="fld_hours"),
        view("resource", by="sys_owner", start="fld_begins", end="fld_ends", load="fld_hours"),
        view("map", region="fld_stage"),
    )

    def role(name: str, kind: Any, **levels: Any) -> Role:
        grant = Grant(
            id=f"grt_{name}",
            entity="ent_task",
            actions=ALL,
            range=Range(kind=kind),
            default_level="write",
            fields=levels,
        )
        return Role(id=f"rol_{name}", key=name, label={"zh-CN": name, "en": name}, grants=(grant,))

    roles = (role("lead", "all"), role("own", "own"), role("mkt", "all", fld_hours="hidden"))
    return App(
        id="app_plan", key="plan", name={"zh-CN": "计划", "en": "Plan"}, entities=(task,), views=views, roles=roles
    )


@pytest.fixture
def planned(site: Site) -> Site:
    publish(site.services.database, plan(), system_actor("test"))
    with site.services.database.write() as connection:
        for username, role in (("boss", "rol_lead"), ("ann", "rol_own"), ("bob", "rol_own"), ("mia", "rol_mkt")):
            people.add_role(connection, site.ids[username], role, "app_plan")
    return site


def make(browser: Browser, name: str, **values: Any) -> str:
    return str(browser.ok("POST", f"{TASKS}/records", {"values": {"name": name, **values}})["record"]["id"])


def names(answer: Any) -> list[str]:
    return [record["values"]["name"] for record in answer["records"]]


# -- boards ----------------------------------------------------------------------------


def test_a_board_has_its_columns_in_the_order_of_the_options(planned: Site) -> None:
    boss = planned.browser("boss")
    for number in range(5):
        make(boss, f"T{number}", stage="opt_doing" if number % 2 else "opt_todo", hours=str(number))
    make(boss, "loose")
    asked = {"by": "stage", "sum": "hours", "fields": "name", "sort": "name", "limit": 2}
    board = boss.ok("GET", f"{TASKS}/board", query_string=asked)
    assert [(c["value"], c["count"], c["sum"]) for c in board["columns"]] == [
        (None, 1, None),
        ("opt_todo", 3, "6.0"),
        ("opt_doing", 2, "4.0"),
        ("opt_done", 0, None),
    ]
    todo = board["columns"][1]
    assert names(todo) == ["T0", "T2"]
    more = boss.ok(
        "GET",
        f"{TASKS}/records",
        query_string={
            "fields": "name",
            "sort": "name",
            "filter": json.dumps(["=", "stage", "opt_todo"]),
            "cursor": todo["next_cursor"],
        },
    )
    assert names(more) == ["T4"]
    closed = boss.ok("GET", f"{TASKS}/board", query_string={**asked, "closed": "opt_todo,"})
    assert [len(c["records"]) for c in closed["columns"]] == [0, 0, 2, 0]
    assert closed["columns"][1]["count"] == 3
    narrowed = boss.ok("GET", f"{TASKS}/board", query_string={**asked, "filter": json.dumps([">", "hours", "2"])})
    assert [c["count"] for c in narrowed["columns"]] == [0, 1, 1, 0]


def test_a_board_shows_everybody_only_their_own_world(planned: Site) -> None:
    ann, bob, mia = (planned.browser(name) for name in ("ann", "bob", "mia"))
    make(ann, "Ann's", stage="opt_todo", hours="3")
    make(bob, "Bob's", stage="opt_todo", hours="4")
    own = ann.ok("GET", f"{TASKS}/board", query_string={"by": "stage", "sum": "hours", "fields": "name"})
    assert (own["columns"][1]["count"], own["columns"][1]["sum"], names(own["columns"][1])) == (1, "3.0", ["Ann's"])
    people_board = mia.ok("GET", f"{TASKS}/board", query_string={"by": "owner", "fields": "name"})
    assert {c["value"] for c in people_board["columns"]} == {None, planned.ids["ann"], planned.ids["bob"]}
    assert people_board["labels"]["user"][planned.ids["ann"]] == "Ann"
    assert mia("GET", f"{TASKS}/board", query_string={"by": "stage", "sum": "hours"}).status_code == 422
    assert mia("GET", f"{TASKS}/board", query_string={"by": "hours"}).status_code == 422
    assert mia("GET", f"{TASKS}/board", query_string={"by": "nothing"}).status_code == 422
    assert planned.browser("out")("GET", f"{TASKS}/board", query_string={"by": "stage"}).status_code == 404


def test_conditions_are_told_of_each_card(planned: Site) -> None:
    boss, mia = planned.browser("boss"), planned.browser("mia")
    make(boss, "long", stage="opt_todo", hours="9")
    make(boss, "short", stage="opt_todo", hours="1")
    asked = {"by": "stage", "fields": "name", "sort": "name", "marks": json.dumps([[">", "hours", "5"]])}
    cards = boss.ok("GET", f"{TASKS}/board", query_string=asked)["columns"][1]["records"]
    assert [(card["values"]["name"], card.get("marks", [])) for card in cards] == [("long", [0]), ("short", [])]
    assert mia("GET", f"{TASKS}/board", query_string=asked).status_code == 422
    plain = boss.ok("GET", f"{TASKS}/records", query_string={"fields": "name", "sort": "name", "marks": asked["marks"]})
    assert [card.get("marks", []) for card in plain["records"]] == [[0], []]


# -- days ----------------------------------------------------------------------------


def test_a_span_brings_what_touches_its_days(planned: Site) -> None:
    ann = planned.browser("ann")
    make(ann, "before", begins="2026-10-01", ends="2026-10-31")
    make(ann, "into", begins="2026-10-20", ends="2026-11-01")
    make(ann, "inside", begins="2026-11-10")
    make(ann, "across", begins="2026-01-01", ends="2026-12-31")
    make(ann, "after", begins="2026-12-01", ends="2026-12-02")
    make(ann, "open", begins="2026-10-01")
    make(ann, "never")
    asked = {"from": "2026-11-01", "to": "2026-11-30", "fields": "name", "sort": "begins"}
    found = ann.ok("GET", f"{TASKS}/span", query_string={**asked, "start": "begins", "end": "ends"})
    assert names(found) == ["across", "into", "inside"]
    assert found["more"] is False
    points = ann.ok("GET", f"{TASKS}/span", query_string={**asked, "start": "begins"})
    assert names(points) == ["inside"]
    assert names(planned.browser("bob").ok("GET", f"{TASKS}/span", query_string={**asked, "start": "begins"})) == []
    for wrong in ({"to": "2026-10-01"}, {"from": "x"}, {"to": "2099-01-01"}):
        assert ann("GET", f"{TASKS}/span", query_string={**asked, "start": "begins", **wrong}).status_code == 422


def test_a_span_knows_the_days_of_the_zone(planned: Site) -> None:
    ann = planned.browser("ann")
    make(ann, "late on the 31st in Shanghai", at="2026-10-31T15:59:00Z")
    make(ann, "early on the 1st in Shanghai", at="2026-10-31T16:00:00Z")
    asked = {"from": "2026-11-01", "to": "2026-11-01", "fields": "name", "start": "at"}
    assert names(ann.ok("GET", f"{TASKS}/span", query_string=asked)) == ["early on the 1st in Shanghai"]


def test_free_days_of_the_calendar(planned: Site) -> None:
    ann = planned.browser("ann")
    asked = {"from": "2025-01-01", "to": "2025-02-28"}
    days = {one["day"]: one for one in ann.ok("GET", "/calendars/CN/days", query_string=asked)["days"]}
    assert days["2025-01-29"]["worked"] is False
    assert days["2025-01-26"]["worked"] is True
    assert ann("GET", "/calendars/none/days", query_string=asked).status_code == 404
    assert ann("GET", "/calendars/CN/days", query_string={**asked, "to": "2035-01-01"}).status_code == 422


# -- hierarchies ----------------------------------------------------------------------------


def test_a_hierarchy_level_by_level(planned: Site) -> None:
    boss = planned.browser("boss")
    top = make(boss, "top", hours="1")
    middle = make(boss, "middle", above=top, hours="2")
    make(boss, "leaf", above=middle, hours="4", stage="opt_done")
    make(boss, "lonely", hours="8")
    asked = {"parent": "above", "fields": "name", "sort": "name", "sum": "hours"}
    roots = boss.ok("GET", f"{TASKS}/children", query_string=asked)
    assert names(roots) == ["lonely", "top"]
    assert roots["below"] == {top: 1}
    assert roots["totals"][top] == "7.0"
    below = boss.ok("GET", f"{TASKS}/children", query_string={**asked, "of": top})
    assert names(below) == ["middle"]
    assert below["totals"] == {middle: "6.0"}
    done = {**asked, "filter": json.dumps(["=", "stage", "opt_done"])}
    assert names(boss.ok("GET", f"{TASKS}/children", query_string=done)) == ["leaf"]
    assert names(boss.ok("GET", f"{TASKS}/children", query_string={**asked, "search": "mid"})) == ["middle"]


def test_children_of_a_parent_one_may_not_see_stand_at_the_top(planned: Site) -> None:
    boss, ann = planned.browser("boss"), planned.browser("ann")
    hidden = make(boss, "the boss's")
    child = make(boss, "handed over", above=hidden)
    boss.ok("PATCH", f"{TASKS}/records/{child}", {"rev": 1, "values": {"owner": planned.ids["ann"]}})
    make(ann, "Ann's below", above=child)
    seen = ann.ok("GET", f"{TASKS}/children", query_string={"parent": "above", "fields": "name"})
    assert names(seen) == ["handed over"]
    assert seen["below"] == {child: 1}
    assert names(ann.ok("GET", f"{TASKS}/children", query_string={"parent": "above", "of": hidden})) == ["handed over"]


def test_nothing_comes_to_stand_below_itself(planned: Site) -> None:
    boss, ann = planned.browser("boss"), planned.browser("ann")
    top = make(ann, "top")
    middle = make(ann, "middle", above=top)
    leaf = make(ann, "leaf", above=middle)
    for above in (top, middle, leaf):
        refused = ann("PATCH", f"{TASKS}/records/{top}", {"rev": 1, "values": {"above": above}})
        assert refused.status_code == 422, above
        assert [one["code"] for one in refused.get_json()["findings"]] == ["R340"]
    # a circle through a record its sender may not see is one all the same
    boss.ok("PATCH", f"{TASKS}/records/{middle}", {"rev": 1, "values": {"owner": planned.ids["bob"]}})
    assert ann("PATCH", f"{TASKS}/records/{top}", {"rev": 1, "values": {"above": leaf}}).status_code == 422
    # and so is one that only several writes together make
    a, b = make(boss, "a"), make(boss, "b")
    moves = [{"op": "update", "id": one, "values": {"above": other}} for one, other in ((a, b), (b, a))]
    assert boss("POST", f"{TASKS}/records/bulk", {"operations": moves}).status_code == 422
    # what no hierarchy is made of may point where it likes
    boss.ok("PATCH", f"{TASKS}/records/{a}", {"rev": 1, "values": {"beside": a}})
    boss.ok("PATCH", f"{TASKS}/records/{a}", {"rev": 2, "values": {"above": b}})


def test_a_definition_with_a_view_that_cannot_be_shown_is_not_published(planned: Site) -> None:
    app = plan()
    broken = replace(
        app,
        views=(
            replace(app.views[0], parts={"by": "fld_name"}),
            replace(app.views[2], parts={"end": "fld_ends"}),
            replace(app.views[4], parts={"parent": "fld_stage"}),
            replace(app.views[6], parts={}),
        ),
    )
    found = {(finding.code, finding.place) for finding in check(broken)}
    assert found == {
        ("V104", "/views/0/parts/by"),
        ("V103", "/views/1/parts/start"),
        ("V104", "/views/2/parts/parent"),
        ("V108", "/views/3/parts"),
    }
    with pytest.raises(Refused):
        publish(planned.services.database, broken, system_actor("test"))
