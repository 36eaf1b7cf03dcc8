"""Stored expressions: ids survive renames, deleted fields are named, applications are checked as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from engine.expr.check_app import check_app_expressions
from engine.expr.compile import bind, check, to_expr
from engine.expr.deps import fields, graph
from engine.expr.messages import ExprFinding
from engine.expr.rewrite import rename, rewrite
from engine.expr.schema import Scope, Symbol
from engine.expr.to_json import decode, encode
from engine.expr.to_python import closure
from engine.expr.tree import Node
from engine.expr.types import BOOLEAN, NUMBER, TEXT, number
from engine.expr.values import Env
from engine.graphs import circles, groups, ordered, without
from metadata.findings import Refused
from metadata.model import App, Entity, Expr, Field, Flow, FlowEdge, Grant, Range, Role, Rule, View
from tests.engine.expr.generate import expression
from tests.engine.expr.world import DEALS, SCOPE, WorldSchema, symbol


class Changed(WorldSchema):
    """The world after some fields of deals were renamed or removed."""

    def __init__(self, changes: Mapping[str, Symbol | None]):
        super().__init__()
        kept = [changes.get(s.id, s) for s in self.symbols["ent_deal"].values()]
        self.symbols["ent_deal"] = {s.key: s for s in kept if s is not None}


RENAMED = Scope(
    Changed(
        {"fld_amount": symbol("fld_amount", "deal value", number(2)), "fld_stage": symbol("fld_stage", "phase", TEXT)}
    ),
    "ent_deal",
)


def test_references_are_ids() -> None:
    expr = to_expr('amount > 1 AND account.region = "x" AND SUM(items.price) > 0 AND 阶段 = "won"', SCOPE)
    assert expr.refs == {
        "amount": "fld_amount",
        "account": "fld_account",
        "ent_account.region": "fld_region",
        "items": "fld_items",
        "ent_item.price": "fld_price",
        "阶段": "fld_stage",
        'fld_stage="won"': "opt_won",
    }


def test_a_rename_changes_neither_meaning_nor_anything_else_in_the_text() -> None:
    source = "IF(amount > 1, /* amount */ amount，  {amount}) & “amount”"
    expr = to_expr(source, SCOPE)
    moved = rename(expr, SCOPE, RENAMED)
    assert moved.src == "IF({deal value} > 1, /* amount */ {deal value}，  {deal value}) & “amount”"
    assert moved.refs == {"deal value": "fld_amount"}
    assert bind(moved, RENAMED) == bind(expr, SCOPE)
    assert bind(replace(expr), RENAMED) == bind(expr, SCOPE), "the ids alone keep the meaning too"


def test_renames_reach_paths_and_row_variables() -> None:
    expr = to_expr("SUM(items, x -> x.price * x.qty) + SUM(items.price)", SCOPE)
    moved = rewrite(expr, SCOPE, {"fld_price": "单价", "fld_items": "rows"})
    assert moved.src == "SUM(rows, x -> x.单价 * x.qty) + SUM(rows.单价)"
    assert moved.refs == {"rows": "fld_items", "ent_item.单价": "fld_price", "ent_item.qty": "fld_qty"}


@settings(max_examples=60, deadline=None)
@given(source=expression(3))
def test_renaming_there_and_back_is_nothing(source: str) -> None:
    if check(source, SCOPE).tree is None:
        return
    expr = to_expr(source, SCOPE)
    there = rename(expr, SCOPE, RENAMED)
    assert bind(there, RENAMED) == bind(expr, SCOPE) or "stage" in source
    back = rewrite(there, Scope(RENAMED.schema, "ent_deal"), {"fld_amount": "amount", "fld_stage": "stage"})
    assert back.src == expr.src


def test_a_deleted_field_is_named_and_the_formula_kept() -> None:
    gone = Scope(Changed({"fld_amount": None}), "ent_deal")
    expr = to_expr("amount + rate", SCOPE)
    with pytest.raises(Refused) as refused:
        bind(expr, gone, place="/entities/0/rules/1/check")
    found = refused.value.findings[0]
    assert isinstance(found, ExprFinding)
    assert (found.code, found.kind, found.place) == ("X601", "REF", "/entities/0/rules/1/check")
    assert (found.start, found.end) == (0, 6)
    assert "金额" in found.text("zh-CN")


def test_an_option_keeps_its_meaning_when_its_label_changes() -> None:
    expr = to_expr('stage = "赢单"', SCOPE)
    assert expr.refs['fld_stage="赢单"'] == "opt_won"
    changed = {"fld_stage": replace(SCOPE.fields("ent_deal")["stage"], type=TYPE_WITH_NEW_LABEL)}
    tree = bind(expr, Scope(Changed(changed), "ent_deal"))
    assert closure(tree)(Env({"fld_stage": "opt_won"})) is True


TYPE_WITH_NEW_LABEL = type(SCOPE.fields("ent_deal")["stage"].type)(  # type: ignore[call-arg]
    (("opt_won", {"zh-CN": "成交"}), ("opt_lost", {"zh-CN": "输单"}), ("opt_new", {"zh-CN": "新建"}))
)


def tree_of(source: str) -> Node:
    tree = check(source, SCOPE).tree
    assert tree is not None
    return tree


@settings(max_examples=100, deadline=None)
@given(source=expression(3))
def test_json_round_trip(source: str) -> None:
    tree = check(source, SCOPE).tree
    if tree is None:
        return
    data = json.loads(json.dumps(encode(tree)))
    again = decode(data)
    assert encode(again) == data
    env = Env(DEALS[0])
    first, second = closure(tree)(env), closure(again)(env)
    assert first == second or str(first) == str(second)


def test_a_formula_that_is_never_stored_stands_inside_what_reads_it() -> None:
    late = check("due < TODAY() AND SUM(items, x -> x.price) > 0", SCOPE).tree
    schema = Changed({"fld_hot": replace(SCOPE.fields("ent_deal")["hot"], inline=late)})
    checked = check("IF(hot, amount, 0) + SUM(items, y -> y.qty)", Scope(schema, "ent_deal"))
    assert checked.tree is not None and checked.tree.volatile
    assert ("fld_due",) in checked.tree.deps and ("fld_hot",) not in checked.tree.deps
    assert closure(checked.tree)(Env(DEALS[0])) == Decimal("600002.00")


def test_order_and_circles() -> None:
    trees = {"fld_rate": tree_of("amount / 2"), "fld_score": tree_of("rate + 1"), "fld_amount": tree_of("1 + 1")}
    assert ordered(graph(trees)) == ["fld_amount", "fld_rate", "fld_score"]
    assert not circles(graph(trees)) and not groups(graph(trees))
    trees["fld_amount"] = tree_of("score * 2")
    assert circles(graph(trees)) == [("fld_amount", "fld_rate", "fld_score")]
    assert groups(graph(trees)) == [trees.keys()]
    assert ordered(without(graph(trees), {"fld_amount"})) == ["fld_rate", "fld_score"]
    assert fields(tree_of("account.region")) == {"fld_account", "fld_region"}


LABEL = {"zh-CN": "x", "en": "x"}


def application(**more: Any) -> App:
    formula = Field(
        id="fld_rate",
        key="rate",
        type="formula",
        label=LABEL,
        options={"expr": {"src": "amount * scor"}, "result": "number"},
    )
    deal = Entity(
        id="ent_deal",
        key="deal",
        label=LABEL,
        fields=(
            formula,
            Field(id="fld_due", key="due", type="date", label=LABEL, default_expr=Expr(src="TODAY() & 1")),
        ),
        rules=(Rule(id="rul_1", check=Expr(src="amount + 1"), message=LABEL),),
    )
    flow = Flow(
        id="flw_1",
        key="f",
        label=LABEL,
        entity="ent_deal",
        edges=(FlowEdge(id="edg_1", from_node="a", to_node="b", when=Expr(src="OLD.amount > 1")),),
    )
    ranged = Range(kind="expression", expr=Expr(src='owner = USER AND TEXT(amount, "0") = "1"'))
    role = Role(
        id="rol_1", key="r", label={"zh-CN": "销售"}, grants=(Grant(id="grt_1", entity="ent_deal", range=ranged),)
    )
    view = View(
        id="viw_1",
        entity="ent_deal",
        label=LABEL,
        filter=["and", ["=", "stage", "opt_won"], ["not", ["expr", 'amount > 1 AND HASROLE("nobody")']]],
    )
    return App(id="app_1", key="a", name=LABEL, entities=(deal,), flows=(flow,), roles=(role,), views=(view,), **more)


def test_expressions_of_an_application_are_found_and_placed() -> None:
    found = {
        (finding.place, finding.code) for finding in check_app_expressions(application(), lambda app: WorldSchema())
    }
    assert found == {
        ("/entities/0/fields/0/options/expr", "X201"),
        ("/entities/0/fields/1/default_expr", "X309"),
        ("/entities/0/rules/0/check", "X309"),
        ("/views/0/filter/2/1/1", "X210"),
        ("/roles/0/grants/0/range/expr", "X801"),
    }


def test_circles_of_computed_fields_are_found() -> None:
    def formula(field_id: str, key: str, source: str) -> Field:
        options = {"expr": {"src": source}, "result": "number"}
        return Field(id=field_id, key=key, type="formula", label=LABEL, options=options)

    deal = Entity(
        id="ent_deal",
        key="deal",
        label=LABEL,
        fields=(formula("fld_rate", "rate", "score + 1"), formula("fld_score", "score", "rate * 2")),
    )
    app = App(id="app_1", key="a", name=LABEL, entities=(deal,))
    found = check_app_expressions(app, lambda app: WorldSchema())
    assert [finding.code for finding in found] == ["X602"]
    assert "比例 → 评分 → 比例" in found[0].text("zh-CN")


def test_expected_types_of_places() -> None:
    assert bind(Expr(src="amount > 1"), SCOPE, BOOLEAN).type == BOOLEAN
    assert bind(Expr(src="amount", blank_as_zero=True), SCOPE, NUMBER).type == NUMBER
    with pytest.raises(Refused):
        bind(Expr(src="amount"), SCOPE, BOOLEAN)
