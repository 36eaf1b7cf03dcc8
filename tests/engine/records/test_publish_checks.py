"""What is wrong with an expression is found before publishing, with its place, its part and the way out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support import application, crm, entity, field, formula, grant, person, role, where

from engine.database import Database
from engine.publishing import check, publish
from metadata.findings import Finding, Refused
from metadata.model import App, Expr, Field, Rule, View

TITLED = (field("name"), field("amount", "number", options={"scale": 2}), field("due", "date"))


def app(*extra: Field, ranged: str = "amount > 1", **rest: Any) -> App:
    deal = entity("deal", *TITLED, *extra, title="fld_name", **rest)
    return application(deal, roles=(role("some", grant("g", "deal", "read", where(ranged), default="read")),))


def errors(definition: App) -> list[Finding]:
    return [finding for finding in check(definition) if finding.severity == "error"]


def test_a_sound_application_and_the_shipped_one_have_no_finding() -> None:
    assert errors(app()) == []
    assert errors(crm()) == []


@pytest.mark.parametrize(
    ("source", "code", "part"),
    [
        ('TEXT(amount, "0.00") = "1.00"', "X801", 'TEXT(amount, "0.00")'),
        ('amount > 1 AND PROPER(name) = "Ann"', "X801", "PROPER(name)"),
        ("(amount * amount + " * 19 + "1" + ")" * 19 + " > 5", "X801", "amount * amount"),
        ("amount", "X309", ""),
        ("nothing > 1", "X202", ""),
        ("amount > 1 AND", "X109", ""),
    ],
)
def test_a_range_the_database_cannot_compute_is_refused(source: str, code: str, part: str) -> None:
    found = errors(app(ranged=source))
    assert {finding.place for finding in found} == {"/roles/0/grants/0/range/expr"}
    assert code in {finding.code for finding in found}, found
    for language in ("zh-CN", "en"):
        said = found[0].text(language)
        assert part in said
        if code == "X801":
            assert {"zh-CN": "计算字段", "en": "computed field"}[language] in said


def test_a_rule_of_another_type_is_refused() -> None:
    rule = Rule(id="rul_a", message={"zh-CN": "不行", "en": "No"}, check=Expr(src="amount + 1"))
    (found,) = errors(app(rules=(rule,)))
    assert (found.code, found.place) == ("X309", "/entities/0/rules/0/check")


def test_computed_fields_in_a_circle_are_refused() -> None:
    found = errors(app(formula("one", "two + 1"), formula("two", "one * 2")))
    assert [(one.code, one.place) for one in found] == [("X602", "/entities/0/fields/3/options/expr")]
    assert "one → two → one" in found[0].text("en")


def test_defaults_and_filters_are_checked_where_they_stand() -> None:
    wrong = replace(field("when", "date"), default_expr=Expr(src="amount"))
    view = View(
        id="viw_a",
        label={"zh-CN": "甲", "en": "A"},
        entity="ent_deal",
        filter=["and", ["=", "fld_name", "x"], ["expr", "due + due > 1"]],
    )
    found = errors(replace(app(wrong), views=(view,)))
    assert {one.place for one in found} == {"/entities/0/fields/3/default_expr", "/views/0/filter/2/1"}


def test_a_filter_of_a_list_need_not_be_computed_by_the_database() -> None:
    view = View(
        id="viw_a",
        label={"zh-CN": "甲", "en": "A"},
        entity="ent_deal",
        filter=["expr", 'PROPER(name) = "Ann"'],
    )
    assert errors(replace(app(), views=(view,))) == []


def test_nothing_refused_goes_live(db: Database) -> None:
    with pytest.raises(Refused) as refused:
        publish(db, app(ranged='PROPER(name) = "Ann"'), person("u_ann"))
    assert [one.code for one in refused.value.findings] == ["X801"]
