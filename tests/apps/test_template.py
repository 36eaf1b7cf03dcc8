"""The shipped CRM: sound for every checker there is, in both languages, and with the access people expect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine.expr.compile import bind, to_expr
from engine.expr.types import RecordType, Type
from engine.publishing import check
from engine.records.formulas import RULE_ROOTS
from engine.records.rulebook import candidate_type
from engine.records.schema import SnapshotSchema, scope_of
from engine.reports.spec import parse_widget
from metadata.codec import from_json
from metadata.findings import LANGUAGES
from metadata.model import Expr
from metadata.refs import is_text
from metadata.snapshot import Snapshot
from metadata.template import export_template
from metadata.validate import load

RAW = (Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()
DATA = orjson.loads(RAW)
APP = load(RAW)
CRM = Snapshot(APP, 1)

AMOUNTS = {
    "fld_account_annual_revenue",
    "fld_account_signed_amount",
    "fld_account_open_amount",
    "fld_account_grade",
    "fld_account_segment",
    "fld_account_monetary",
    "fld_opportunity_amount",
    "fld_opportunity_expected_amount",
    "fld_contract_amount",
    "fld_contract_amount_words",
    "fld_contract_items_total",
    "fld_contract_item_price",
    "fld_contract_item_subtotal",
}

KEYS = {
    "account": "name short_name level grade segment last_followed_at idle_days signed_amount open_amount recency "
    "frequency monetary industry region source stage phone email address annual_revenue credit_code tags "
    "note contacts files",
    "contact": "name title phone email is_decision_maker birthday",
    "lead": "company contact_name phone email source region status rating note account similar",
    "opportunity": "name account contact stage amount probability expected_amount expected_close closed_date "
    "loss_reason participants note",
    "activity": "subject kind account opportunity at content next_plan next_date files",
    "contract": "number name account opportunity amount signed_on start_on end_on status payment_terms files note "
    "discount items",
    "contract_item": "product qty price subtotal",
}


def expressions(node: Any, entity: str = "", place: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every expression with the entity its names are of."""
    if isinstance(node, dict):
        if "src" in node:
            yield entity, place, node
            return
        here = node["id"] if str(node.get("id", "")).startswith("ent_") else node.get("entity", entity)
        inner = here if isinstance(here, str) and here.startswith("ent_") and "options" not in place else entity
        for key, value in node.items():
            yield from expressions(value, inner, f"{place}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from expressions(value, entity, f"{place}/{position}")


def chosen(entity: str, place: str) -> Type | None:
    """What ``it`` is at a place: a candidate where a rule says what may be chosen, a record a query field finds."""
    parts = place.split("/")
    if parts[3:4] == ["fields"] and parts[5:] == ["options", "filter"]:
        asking = DATA["entities"][int(parts[2])]["fields"][int(parts[4])]
        return RecordType(asking["options"]["from"]) if asking["type"] == "query" else None
    if parts[3:4] != ["rules"] or parts[-1] != "filter":
        return None
    (field,) = CRM.entity(entity).rules[int(parts[4])].fields
    return candidate_type(CRM, CRM.entity(entity), field)


def texts(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(node, dict):
        if is_text(node):
            yield place, node
            return
        for key, value in node.items():
            yield from texts(value, f"{place}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from texts(value, f"{place}/{position}")


def test_every_checker_is_content() -> None:
    assert check(APP) == ()


def test_the_file_is_canonical() -> None:
    assert export_template(APP, {}) == RAW
    assert DATA["$schema"] == "urn:dougong:schema:app:2"


def test_people_read_every_text_in_their_language() -> None:
    found = list(texts(DATA))
    assert len(found) > 250
    for place, text in found:
        assert set(text) == set(LANGUAGES), place
        assert all(value.strip() for value in text.values()), place
        assert not any("一" <= char <= "鿿" for char in text["en"]), place


@pytest.mark.parametrize("entity", KEYS)
def test_the_promised_fields_are_there(entity: str) -> None:
    assert set(KEYS[entity].split()) <= {f.key for f in CRM.own_fields(entity)}


def test_expressions_are_stored_as_the_language_stores_them() -> None:
    schema = SnapshotSchema(CRM)
    found = list(expressions(DATA))
    assert len(found) >= 35
    for entity, place, data in found:
        scope = scope_of(schema, CRM.entity(entity), RULE_ROOTS, candidate=chosen(entity, place))
        expr = from_json(Expr, data)
        bind(expr, scope)
        assert dict(to_expr(expr.src, scope).refs) == dict(expr.refs), place


def test_widgets_parse_and_fill_the_grid() -> None:
    for dashboard in APP.dashboards:
        for widget in dashboard.widgets:
            assert parse_widget(widget).entity
        taken = [
            (x, y)
            for cell in dashboard.grid
            for x in range(cell.x, cell.x + cell.width)
            for y in range(cell.y, cell.y + cell.height)
        ]
        assert len(taken) == len(set(taken)), "cells overlap"
        assert {cell.w for cell in dashboard.grid} == {widget.id for widget in dashboard.widgets}
        rows = max(y for _, y in taken) + 1
        assert len(taken) == 12 * rows, "holes in the grid"
    assert {w.type for w in CRM.dashboard("sales").widgets} >= {"kpi", "bar", "funnel", "leaderboard", "pie"}


def test_every_entity_has_a_form_and_a_view_made_for_it() -> None:
    for entity in CRM.entities:
        form = CRM.default_form(entity)
        shown = {item.field for item in form.walk()}
        assert {f.id for f in CRM.own_fields(entity)} <= shown
        view = CRM.views(entity)[0]
        assert view.default and 2 <= len(view.card) <= 5 and len(view.columns) <= 10
        assert view.columns[0] in (entity.title, "fld_contract_number")


def test_the_saved_views_a_sales_team_asks_for() -> None:
    labels = {view.label["zh-CN"] for view in APP.views}
    assert labels >= {"我的客户", "重点客户", "成交客户", "我的线索", "待联系", "本月预计成交", "已逾期", "审批中"}


def level(role: str, field_id: str) -> set[str]:
    """The levels a role has for a field, over its grants."""
    entity = CRM.entity_of(field_id).id
    grants = [grant for grant in CRM.role(role).grants if grant.entity == entity and "read" in grant.actions]
    return {grant.fields.get(field_id, grant.default_level) for grant in grants}


def test_marketing_sees_no_amount_and_no_paper_that_names_one() -> None:
    for field_id in AMOUNTS | {"fld_contract_files", "fld_account_files", "fld_activity_files"}:
        assert level("marketing", field_id) <= {"hidden"}, field_id
    money = {f.id for e in CRM.entities for f in CRM.own_fields(e) if f.options.get("currency")}
    assert money <= AMOUNTS
    assert CRM.role("marketing").dashboards == ("dsh_marketing",)
    amount_free = {m.get("field") for w in CRM.dashboard("marketing").widgets for m in w.measures}
    assert not amount_free & AMOUNTS
    assert all(grant.range.kind == "all" for grant in CRM.role("marketing").grants)
    # what is added later is hidden until somebody decides otherwise
    by_entity = {grant.entity: grant for grant in CRM.role("marketing").grants}
    assert {by_entity[e].default_level for e in ("ent_account", "ent_opportunity", "ent_contract")} == {"hidden"}


@pytest.mark.parametrize(
    ("role", "kind"), [("sales", "own"), ("manager", "team"), ("director", "all"), ("finance", "all"), ("admin", "all")]
)
def test_ranges(role: str, kind: str) -> None:
    by_formula = {("sales", "ent_activity"), ("finance", "ent_contract")}
    for grant in CRM.role(role).grants:
        assert grant.range.kind == ("expression" if (role, grant.entity) in by_formula else kind)


def test_only_the_approval_decides_the_status_of_a_contract() -> None:
    for role in ("sales", "manager", "director", "finance"):
        assert level(role, "fld_contract_status") == {"read"}
    assert level("admin", "fld_contract_status") == {"write"}


def test_roles_that_edit_a_record_may_edit_its_rows() -> None:
    for role in APP.roles:
        actions = {grant.entity: set(grant.actions) for grant in role.grants}
        for parent, child in (("ent_account", "ent_contact"), ("ent_contract", "ent_contract_item")):
            if "update" in actions.get(parent, ()):
                assert {"create", "read", "update", "delete"} <= actions[child], (role.key, child)


def test_the_menu_leads_everywhere() -> None:
    targets = [item.target for item in APP.menu]
    assert targets[:2] == ["dsh_sales", "dsh_marketing"]
    entities = {CRM.view(target).entity for target in targets if target.startswith("viw_")}
    assert entities == {entity.id for entity in CRM.entities} - {"ent_contract_item"}
    assert all(item.icon and set(item.label) == set(LANGUAGES) for item in APP.menu)


def test_small_enough_to_read() -> None:
    assert len(RAW) < 150_000
