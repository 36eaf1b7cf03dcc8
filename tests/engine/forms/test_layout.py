"""A form shows what its reader may read, in the designer's order, and nothing else."""

from __future__ import annotations

from pathlib import Path

import orjson

from engine.forms.layout import form_layout
from metadata.codec import from_json
from metadata.model import App, Entity, Form, FormItem
from metadata.snapshot import Snapshot

TEMPLATE = Path(__file__).parents[3] / "apps/crm_template.json"


def crm() -> Snapshot:
    data = orjson.loads(TEMPLATE.read_bytes())
    data.pop("$schema", None)
    return Snapshot(from_json(App, data), 1)


def test_everything_readable_keeps_sections_widths_and_order() -> None:
    snapshot = crm()
    account = snapshot.entity("account")
    form = snapshot.default_form(account)
    shown = form_layout(snapshot, account, form, lambda _entity, _field: True)
    assert [s["id"] for s in shown["items"]] == [s.id for s in form.items]
    assert [(i["field"], i["width"]) for s in shown["items"] for i in s["items"]] == [
        (snapshot.field_of(account, i.field).key, i.width) for s in form.items for i in s.items
    ]
    assert {r["entity"] for r in shown["related"]} >= {"opportunity", "contract"}


def test_hidden_fields_empty_sections_and_hidden_links_disappear() -> None:
    snapshot = crm()
    account = snapshot.entity("account")
    name = snapshot.field_of(account, "name").id
    form = Form(
        id="frm_x",
        entity=account.id,
        label={"en": "x"},
        items=(
            FormItem(
                id="lay_a",
                kind="section",
                items=(
                    FormItem(id="lay_name", field=name),
                    FormItem(id="lay_revenue", field="fld_account_annual_revenue"),
                ),
            ),
            FormItem(id="lay_b", kind="section", items=(FormItem(id="lay_more", field="fld_account_annual_revenue"),)),
            FormItem(id="lay_note", kind="note", text={"en": "Read this"}),
        ),
        related=("fld_contract_account", "fld_opportunity_account"),
    )

    def readable(entity: Entity, field_id: str) -> bool:
        return field_id not in ("fld_account_annual_revenue", "fld_contract_account")

    shown = form_layout(snapshot, account, form, readable)
    assert [(s["id"], [i["field"] for i in s["items"]]) for s in shown["items"]] == [
        ("lay_a", ["name"]),
        ("lay_note", []),
    ]
    assert [r["entity"] for r in shown["related"]] == ["opportunity"]
