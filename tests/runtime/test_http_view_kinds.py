"""Saved views of every kind: what a kind needs, and what a person may not see of one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.conftest import Site
from tests.runtime.test_http_viewdata import TASKS, planned

__all__ = ["planned"]  # the fixture


def test_hidden_parts_are_named_and_empty(planned: Site) -> None:
    def views(who: str) -> dict[str, Any]:
        return {view["kind"]: view for view in planned.browser(who).ok("GET", f"{TASKS}/views")["views"]}

    lead, market = views("boss"), views("mia")
    assert lead["kanban"]["parts"] == {"by": "stage", "sum": "hours"}
    assert lead["kanban"]["options"] == {"wip": {"opt_doing": 2}}
    assert market["kanban"]["parts"] == {"by": "stage", "sum": ""}
    assert [one["color"] for one in lead["gallery"]["colors"]] == ["bad", "ok"]
    assert [one["color"] for one in market["gallery"]["colors"]] == ["ok"], "a colour would tell of the hours"
    assert lead["gallery"]["colors"][0]["filter"] == [">", "hours", "5"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "carousel"}, "V101"),
        ({"parts": {}}, "V103"),
        ({"parts": {"by": "name"}}, "V104"),
        ({"parts": {"by": "stage", "where": "name"}}, "V102"),
        ({"options": {"wip": {"opt_todo": 0}}}, "V107"),
        ({"options": {"speed": 1}}, "V106"),
        ({"kind": "map", "parts": {}}, "V108"),
        ({"kind": "tree", "parts": {"parent": "beside"}}, "V109"),
    ],
)
def test_a_saved_view_that_cannot_be_shown_is_refused(planned: Site, change: dict[str, Any], code: str) -> None:
    body = {"label": "Mine", "kind": "kanban", "parts": {"by": "stage"}, **change}
    refused = planned.browser("ann")("POST", f"{TASKS}/views", body)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.get_json()["findings"]] == [code]


def test_a_saved_view_of_every_kind(planned: Site) -> None:
    ann, mia = planned.browser("ann"), planned.browser("mia")
    made = ann.ok(
        "POST",
        f"{TASKS}/views",
        {
            "label": "Board",
            "kind": "kanban",
            "shared": True,
            "parts": {"by": "stage", "sum": "hours"},
            "options": {"collapsed": ["opt_done"]},
            "colors": [{"filter": [">", "hours", "5"], "color": "bad"}],
            "group": [{"field": "stage"}],
            "totals": {"hours": "sum"},
            "quick": ["stage"],
            "freeze": 2,
        },
    )["view"]
    assert (made["kind"], made["freeze"], made["totals"]) == ("kanban", 2, {"hours": "sum"})
    seen = next(view for view in mia.ok("GET", f"{TASKS}/views")["views"] if view["id"] == made["id"])
    assert (seen["parts"], seen["colors"], seen["totals"]) == ({"by": "stage", "sum": ""}, [], {})
    changed = ann.ok("PATCH", f"{TASKS}/views/{made['id']}", {"options": {"hide_blank": True}})["view"]
    assert (changed["options"], changed["parts"]) == ({"hide_blank": True}, {"by": "stage", "sum": "hours"})
    assert mia("POST", f"{TASKS}/views", {"label": "x", "kind": "kanban", "parts": {"by": "stage", "sum": "hours"}})
    assert ann("PATCH", f"{TASKS}/views/{made['id']}", {"parts": {"by": "name"}}).status_code == 422
