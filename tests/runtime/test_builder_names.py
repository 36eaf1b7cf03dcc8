"""Renaming in a draft rewrites every expression; a definition knows all its uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from builder.names import follow, uses
from engine.expr.compile import bind
from engine.expr.places import written
from engine.expr.schema import ROOTS
from engine.expr.tree import Tree
from engine.expr.types import RecordType, Type
from engine.publishing import check
from engine.records.rulebook import candidate_type
from engine.records.schema import SnapshotSchema, scope_of
from metadata.codec import to_json
from metadata.model import App, Expr
from metadata.snapshot import Snapshot
from metadata.validate import load
from tests.runtime.conftest import Site

CRM = load((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes())


def renamed(app: App, changed: dict[str, str]) -> App:
    """The application with other keys of fields and entities."""
    return replace(
        app,
        entities=tuple(
            replace(
                entity,
                key=changed.get(entity.id, entity.key),
                fields=tuple(replace(field, key=changed.get(field.id, field.key)) for field in entity.fields),
            )
            for entity in app.entities
        ),
    )


def trees(app: App) -> list[Tree]:
    """The bound tree of every expression."""
    schema = SnapshotSchema(Snapshot(app, 0))
    found = []
    for one in written(to_json(app)):
        entity = schema.snapshot.entity(one.entity)
        parts = one.place.split("/")
        candidate: Type | None = RecordType(one.candidate) if one.candidate else None
        if parts[3:4] == ["rules"] and parts[-1] == "filter":  # it is about what may be chosen
            candidate = candidate_type(schema.snapshot, entity, entity.rules[int(parts[4])].fields[0])
        scope = scope_of(schema, entity, ROOTS, making=True, candidate=candidate)
        found.append(bind(Expr(src=one.expr.src, blank_as_zero=one.expr.blank_as_zero), scope))
    return found


@pytest.mark.parametrize("style", ["{0}_x", "新_{0}", "zz {0} (old)"])
def test_every_expression_means_the_same_after_renaming_everything(style: str) -> None:
    filtered = replace(CRM.views[0], filter=["and", ["expr", "NOT(ISBLANK(owner))"]])
    app = replace(CRM, views=(filtered, *CRM.views[1:]))
    changed = {field.id: style.format(field.key) for entity in app.entities for field in entity.fields}
    moved = follow(app, renamed(app, changed))
    assert trees(moved) == trees(app)
    assert {field.key for entity in moved.entities for field in entity.fields} == set(changed.values())
    assert follow(moved, moved) is moved


def test_filters_written_as_text_follow_too() -> None:
    view = next(view for view in CRM.views if view.entity == "ent_opportunity")
    filtered = replace(view, filter=["and", ["expr", "amount > 5 AND account.name <> NULL"]])
    app = replace(CRM, views=tuple(filtered if one is view else one for one in CRM.views))
    moved = follow(app, renamed(app, {"fld_opportunity_amount": "worth", "fld_account_name": "who"}))
    assert next(one for one in moved.views if one.id == view.id).filter == [
        "and",
        ["expr", "worth > 5 AND account.who <> NULL"],
    ]
    assert [finding for finding in check(moved) if finding.severity == "error"] == []


def test_uses_are_structure_and_expressions() -> None:
    found = {use.place: use.where for use in uses(CRM, "fld_opportunity_probability")}
    assert any(place.endswith("/options/expr") for place in found)
    assert any("/rules/" in place and place.endswith("/check") for place in found)
    assert any("/forms/" in place for place in found)
    words = next(text for place, text in found.items() if place.endswith("/options/expr"))
    assert "字段" in words["zh-CN"] and "field" in words["en"]
    at = next(at for at, view in enumerate(CRM.views) if view.entity == "ent_opportunity")
    plain = replace(CRM.views[at], filter=["expr", "probability > 50%"])
    app = replace(CRM, views=(*CRM.views[:at], plain, *CRM.views[at + 1 :]))
    assert f"/views/{at}/filter/1" in {use.place for use in uses(app, "fld_opportunity_probability")}
    assert uses(CRM, "fld_nothing") == ()


def test_over_http(site: Site) -> None:
    boss = site.browser("boss")
    at = "/builder/apps/shop/draft"
    draft = boss.ok("GET", at)["app"]
    entity = draft["entities"][0]
    field = next(one for one in entity["fields"] if one["type"] == "text")
    entity["rules"] = [
        {"id": "rul_new", "check": {"src": f'{field["key"]} <> "x"'}, "message": {"zh-CN": "不行", "en": "No"}}
    ]
    boss.ok("PUT", at, {"rev": 0, "app": draft})
    field["key"] = "another_name"
    saved = boss.ok("PUT", at, {"rev": 1, "app": draft})
    assert saved["app"]["entities"][0]["rules"][0]["check"]["src"] == 'another_name <> "x"'
    assert boss.ok("GET", at)["app"] == saved["app"]
    found = boss.ok("GET", f"{at}/uses/{field['id']}")["uses"]
    assert "/entities/0/rules/0/check" in {use["place"] for use in found}
