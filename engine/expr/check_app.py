"""Every expression of an application, checked: computed fields, defaults, rules, filters, ranges.

The record layer gives the schema of a definition; findings are placed where the expression stands.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expr.compile import check
from engine.expr.deps import graph
from engine.expr.derived import computed_expr, expr_of, held_expr
from engine.expr.messages import ExprFinding, error
from engine.expr.schema import Schema, Scope, Symbol
from engine.expr.to_sql import blockers
from engine.expr.tree import DIALECTS, Lambda, Tree, free_slots
from engine.expr.types import BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, ListType, RecordType, Type
from engine.graphs import circles
from metadata.findings import Finding
from metadata.model import App, Entity, Expr, FormItem, Rule

SchemaFactory = Callable[[App], Schema]
RULE_ROOTS = frozenset({"OLD", "USER"})
ASKING_ROOTS = frozenset({"USER"})
RANGE, CHART, QUERY = "X801", "X806", "X807"
"""What is found where a range of a grant, a filter of a chart or the condition of a query field cannot be computed by
the database."""
RESULTS: Mapping[str, Type] = {
    "text": TEXT,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
}
"""What the result of a formula may be asked to be, by the names definitions use."""


@dataclass(frozen=True, slots=True)
class Place:
    """One expression of an application. ``pushed`` ones must be computable by the database, else that is found.

    ``making`` ones are default values, those with a ``candidate`` are about something to choose (``it``).
    """

    place: str
    entity: str
    expr: Expr
    expected: Type | None
    roots: frozenset[str]
    pushed: str = ""
    computes: str = ""
    making: bool = False
    candidate: Type | None = None


def check_app_expressions(app: App, schema: SchemaFactory) -> list[Finding]:
    """Return everything wrong with the expressions of an application; an empty list when nothing is."""
    known = schema(app)
    roles = {name: role.id for role in app.roles for name in (role.id, role.key, *role.label.values())}
    found: list[Finding] = []
    formulas: dict[str, Tree] = {}
    places: dict[str, str] = {}
    queries = {(entity.id, name) for entity in app.entities for name in _query_names(entity)}
    for place in expressions(app, known):
        scope = Scope(known, place.entity, place.roots, roles=roles, making=place.making, candidate=place.candidate)
        tree, findings = _check(place, scope)
        found.extend(_named_query(finding, place, queries).at(place.place) for finding in findings)
        if tree is not None and place.computes:
            formulas[place.computes], places[place.computes] = tree, place.place
    for circle in circles(graph(formulas)):
        names = " → ".join(_label(known, field_id) for field_id in (*circle, circle[0]))
        found.append(error("X602", 0, 0, path=names).at(places[circle[0]]))
    return found


def _check(place: Place, scope: Scope) -> tuple[Tree | None, list[ExprFinding]]:
    expr = place.expr
    checked = check(expr.src, scope, place.expected, refs=dict(expr.refs), blank_as_zero=expr.blank_as_zero)
    findings = [finding for finding in checked.findings if finding.severity == "error"]
    if checked.tree is not None and place.pushed:
        spans = {span: reason for dialect in sorted(DIALECTS) for span, reason in blockers(checked.tree, dialect)}
        if place.candidate is not None:  # what does not ask about "it" is worked out before the database is asked
            ready = settled_spans(checked.tree)
            spans = {
                one: reason for one, reason in spans.items() if not any(a <= one[0] and one[1] <= b for a, b in ready)
            }
        for (start, end), reason in spans.items():
            findings.append(error(place.pushed, start, end, text=expr.src[start:end], reason=no_form(reason)))
    return checked.tree, findings


def _query_names(entity: Entity) -> Iterator[str]:
    """Yield what query fields are called; they have no value an expression could use."""
    for f in entity.fields:
        if f.type == "query" and not f.trashed:
            yield from (f.key, *f.label.values())


def _named_query(finding: ExprFinding, place: Place, queries: Container[tuple[str, str]]) -> ExprFinding:
    """Say of a name that seems unknown that it is a query, where it is one."""
    name = finding.params.get("name")
    about = (place.entity, place.candidate.entity if isinstance(place.candidate, RecordType) else "")
    if finding.code not in ("X201", "X202") or not any((one, name) in queries for one in about):
        return finding
    return error("X808", finding.start, finding.end, name=name)


def settled_spans(tree: Tree) -> list[tuple[int, int]]:
    """Return where the largest parts stand that read nothing about the candidate."""
    if not isinstance(tree, Lambda) and not free_slots(tree):
        return [tree.span]
    return [span for child in tree.children() for span in settled_spans(child)]


def no_form(reason: str) -> Mapping[str, str]:
    """Return why the database cannot compute something, for people."""
    return {"zh-CN": "数据库没有对应的写法", "en": reason}


def _label(schema: Schema, field_id: str) -> str:
    labels = schema.by_id(field_id).label
    return labels.get("zh-CN") or next(iter(labels.values()), field_id)


def expressions(app: App, schema: Schema) -> Iterator[Place]:
    """Yield every expression of an application whose meaning this package knows; flows check their own."""
    for at, entity in enumerate(app.entities):
        if not entity.trashed:
            yield from _of_entity(entity, f"/entities/{at}", schema)
    live = {entity.id for entity in app.entities if not entity.trashed}
    for at, form in enumerate(app.forms):
        if form.entity in live:
            yield from _of_items(form.items, form.entity, f"/forms/{at}/items")
    for at, page in enumerate(app.prints):
        if page.when is not None and page.entity in live:
            yield Place(f"/prints/{at}/when", page.entity, page.when, BOOLEAN, ASKING_ROOTS)
    for at, view in enumerate(app.views):
        yield from _of_filter(view.filter, f"/views/{at}/filter", view.entity)
    for at, role in enumerate(app.roles):
        for number, grant in enumerate(role.grants):
            if grant.range.expr is not None:
                place = f"/roles/{at}/grants/{number}/range/expr"
                yield Place(place, grant.entity, grant.range.expr, BOOLEAN, ASKING_ROOTS, RANGE)
    for at, dashboard in enumerate(app.dashboards):
        for number, widget in enumerate(dashboard.widgets):
            entity_id = widget.dataset.get("entity")
            if isinstance(entity_id, str):
                place = f"/dashboards/{at}/widgets/{number}/dataset/filter"
                yield from _of_filter(widget.dataset.get("filter"), place, entity_id, CHART)


def _of_entity(entity: Entity, place: str, schema: Schema) -> Iterator[Place]:
    symbols = {symbol.id: symbol for symbol in schema.fields(entity.id).values()}
    for at, field in enumerate(entity.fields):
        if field.trashed:
            continue
        here = f"{place}/fields/{at}"
        symbol = symbols.get(field.id)
        if field.default_expr is not None:
            expected = symbol.type if symbol is not None else None
            yield Place(f"{here}/default_expr", entity.id, field.default_expr, expected, ASKING_ROOTS, making=True)
        condition = held_expr(field.options.get("filter")) if field.type == "query" else None
        if condition is not None and condition.src.strip():
            found = RecordType(str(field.options.get("from")))
            at_filter = f"{here}/options/filter"
            yield Place(at_filter, entity.id, condition, BOOLEAN, ASKING_ROOTS, QUERY, candidate=found)
        expr = computed_expr(field, schema, entity.id)
        if expr is not None:
            expected = RESULTS.get(str(field.options.get("result")))
            at_expr = f"{here}/options/expr" if field.type == "formula" else f"{here}/options"
            yield Place(at_expr, entity.id, expr, expected, frozenset(), computes=field.id)
    for at, rule in enumerate(entity.rules):
        yield from _of_rule(rule, entity.id, symbols, f"{place}/rules/{at}")


def _of_rule(rule: Rule, entity: str, symbols: Mapping[str, Symbol], place: str) -> Iterator[Place]:
    if rule.when is not None:
        yield Place(f"{place}/when", entity, rule.when, BOOLEAN, RULE_ROOTS)
    if rule.check is not None:
        yield Place(f"{place}/check", entity, rule.check, BOOLEAN, RULE_ROOTS)
    for name, expr in rule.values.items():
        symbol = symbols.get(name)
        yield Place(f"{place}/values/{name}", entity, expr, symbol.type if symbol is not None else None, RULE_ROOTS)
    if rule.filter is not None:
        chosen = (found for name in rule.fields if (found := _candidate(symbols.get(name))) is not None)
        yield Place(f"{place}/filter", entity, rule.filter, BOOLEAN, RULE_ROOTS, candidate=next(chosen, None))


def _candidate(symbol: Symbol | None) -> Type | None:
    """Return what may be chosen for a field that holds records or people."""
    if symbol is None:
        return None
    kind = symbol.type.item if isinstance(symbol.type, ListType) else symbol.type
    return kind if isinstance(kind, RecordType) else None


def _of_items(items: Iterable[FormItem], entity: str, place: str) -> Iterator[Place]:
    """Yield the conditions of the parts of a form."""
    for at, item in enumerate(items):
        if item.when is not None:
            yield Place(f"{place}/{at}/when", entity, item.when, BOOLEAN, RULE_ROOTS)
        yield from _of_items(item.items, entity, f"{place}/{at}/items")


def _of_filter(node: Any, place: str, entity: str, pushed: str = "") -> Iterator[Place]:
    """Yield the ``["expr", source]`` nodes of a filter tree."""
    if not isinstance(node, list | tuple) or not node:
        return
    if node[0] == "expr" and len(node) > 1:
        raw = node[1]
        expr = Expr(src=raw) if isinstance(raw, str) else expr_of(raw) if isinstance(raw, Mapping) else None
        if expr is not None:
            yield Place(f"{place}/1", entity, expr, BOOLEAN, ASKING_ROOTS, pushed)
    elif node[0] in ("and", "or", "not"):
        for at, part in enumerate(node[1:], 1):
            yield from _of_filter(part, f"{place}/{at}", entity, pushed)
