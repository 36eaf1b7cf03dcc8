"""Every released file format is still read, by the real loop, from a file with its awkward parts."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from metadata.check import check
from metadata.codec import to_json
from metadata.findings import Refused
from metadata.model import FORMAT
from metadata.template import export_template
from metadata.upgrade import STEPS, upgrade
from metadata.validate import load, validate

GOLDEN = Path(__file__).parents[1] / "golden"
FIELDS = "/entities/0/fields"


def old(number: int) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads((GOLDEN / f"app_format_{number}.json").read_bytes())
    return data


@pytest.mark.parametrize("number", range(FORMAT))
def test_every_format_has_a_fixture_that_loads_as_recorded(number: int) -> None:
    raw = (GOLDEN / f"app_format_{number}.json").read_bytes()
    app = load(raw)
    assert [f for f in check(app) if f.severity == "error"] == []
    recorded = (GOLDEN / f"app_format_{number}_as_{FORMAT}.json").read_bytes()
    assert orjson.loads(recorded) == {"$schema": "urn:dougong:schema:app:2", "format": FORMAT, **to_json(app)}
    assert load(recorded) == app
    assert load(export_template(app, {})).entities[0] != app.entities[0]  # the trash stays at home


def test_steps_change_nothing_they_were_given() -> None:
    data = old(0)
    before = copy.deepcopy(data)
    upgrade(data)
    assert data == before


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"format {step.number}")
def test_step_schemas_are_valid(step: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(dict(step.schema))


def test_the_awkward_parts() -> None:
    app = load((GOLDEN / "app_format_0.json").read_bytes())
    order, line, customer = app.entities
    fields = {field.key: field for field in order.fields}
    assert order.label == {"zh-CN": "订单"} and order.icon == "table"
    assert fields["total"].type == "currency"
    assert fields["total"].options == {"scale": 2, "currency": "CNY", "min": 0}
    assert line.fields[1].options == {"scale": 4, "currency": "USD"}
    assert [option["id"] for option in fields["state"].options["options"]] == [
        "opt_order_state_1",
        "opt_paid",
        "opt_order_state_3",
    ]
    assert fields["fax"].trashed and customer.trashed and not order.trashed
    assert [rule.message for rule in order.rules] == [{"zh-CN": "金额必须大于 0，请修改金额。"}] and not line.rules
    assert app.views[0].filter == ["or", ["=", "fld_order_state", "opt_order_state_1"], ["=", "fld_order_total", None]]
    assert app.flows[0].layout == {"nod_start": {"x": 40, "y": 0, "name": "画布上的文字不改"}}
    assert app.flows[0].trigger == {"kind": "button"}
    assert app.dashboards[0].key == "orders"
    assert app.requires == {"platform": ">=0.1", "types": ["currency@1", "link_one@1"]}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda data: data["entities"][0].pop("id"), "M007", "/entities/0"),
        (lambda data: data["entities"][0]["fields"].insert(0, 3), "M006", f"{FIELDS}/0"),
        (lambda data: data.update(rules=[{"id": "rul_a"}]), "M007", "/rules/0"),
        (lambda data: data.update(entities="none"), "M006", "/entities"),
        (lambda data: data.update(dashboards=[]), "M015", "/dashboards"),
        (lambda data: data["entities"][0]["fields"][0].update(colour="red"), "M008", f"{FIELDS}/0/colour"),
    ],
)
def test_a_broken_old_file_is_refused_with_its_place(change: Any, code: str, place: str) -> None:
    data = old(0)
    change(data)
    assert (code, place) in [(f.code, f.place) for f in validate(data)]


@pytest.mark.parametrize("number", [None, -1, FORMAT + 1, "1", True, 1.0, 10**30, []])
def test_an_unknown_format_is_refused(number: Any) -> None:
    data = {**old(0), "format": number}
    with pytest.raises(Refused) as caught:
        load(data)
    assert [f.code for f in caught.value.findings] in (["M016"], ["M005"])
