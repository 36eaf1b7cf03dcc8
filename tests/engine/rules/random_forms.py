"""Random applications with rules of every kind, and random values for their records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from random_sources import Pick, Scope, Sources, kind_of
from support import application, entity, field, formula, grant, role, text

from engine.publishing import check
from metadata.model import App, Expr, Field, Form, FormItem, Rule

EVERY = "create read update delete transfer bulk"
LETTERS = ("a", "b", "c")
OPTIONS = {"options": LETTERS}
"""Stands for options with these letters, which get ids of their own in every field."""
CLIENT = {"entity": "ent_client"}
KINDS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "text": ({}, {"max_length": 6}, {"pattern": "[a-z]*"}),
    "textarea": ({},),
    "number": ({"scale": 2}, {}, {"scale": 4}, {"scale": 1, "min": -5, "max": 50}),
    "currency": ({},),
    "percent": ({},),
    "rating": ({},),
    "progress": ({},),
    "date": ({},),
    "datetime": ({},),
    "time": ({},),
    "duration": ({},),
    "date_range": ({},),
    "switch": ({},),
    "select": (OPTIONS,),
    "radio": (OPTIONS,),
    "multi_select": (OPTIONS,),
    "checkbox_group": (OPTIONS,),
    "tags": ({},),
    "user": ({},),
    "users": ({},),
    "dept": ({},),
    "depts": ({},),
    "link_one": (CLIENT,),
    "link_many": (CLIENT,),
    "email": ({},),
    "phone": ({},),
    "url": ({},),
    "barcode": ({},),
    "address": ({},),
    "location": ({},),
    "rich_text": ({},),
    "image": ({},),
}
COMMON = ("text", "number", "number", "select", "date", "switch", "textarea", "multi_select", "user", "link_one")
RESULTS = ("number", "text", "boolean", "date")
DEFAULTS: Mapping[str, Sequence[Any]] = {
    "text": ("a", "x y"),
    "textarea": ("a\nb",),
    "number": (1, "2"),
    "currency": ("12.50",),
    "select": ("~a",),
    "radio": ("~b",),
    "multi_select": (["~b"],),
    "switch": (True,),
    "date": ("2026-11-20",),
    "email": ("a@b.cn",),
}
VALUES: Mapping[str, Sequence[Any]] = {
    "text": ("a", "A", "华为", " a ", "", "a b", "x" * 300, "a\nb", 7, "e\u0301", "é", "12"),
    "textarea": ("a\r\nb", "  ", "a", ["a"], "x\u0000"),
    "number": ("1", 2, "0.5", "-3", "10", "50.1", "1.005", "99999999999999999999", "abc", True, 1e15, "1e3", "007", ""),
    "currency": ("12.5", "0", "-1.00", "1.234", "9" * 16, {}),
    "percent": ("0.15", "1", "-0.5", "x"),
    "rating": (3, "5", "0", "9", "2.5"),
    "progress": ("0.5", "1", "50", "-1"),
    "date": ("2026-11-22", "2026-11-20", "0001-01-01", "9999-12-31", "2026-02-30", "yesterday", 5),
    "datetime": ("2026-11-22T08:00:00Z", "2026-11-22T16:00:00+08:00", "2026-11-21T23:59:59.5Z", "2026-11-22", "x"),
    "time": ("08:30", "23:59", "24:00", "8", 3600),
    "duration": (3600, -60, 0, "x", 10**12),
    "date_range": (["2026-11-20", "2026-11-22"], ["2026-11-22", "2026-11-20"], [], ["x", "y"]),
    "switch": (True, False, "yes", 1),
    "select": ("~a", "~b", "~c", "opt_none", 1),
    "radio": ("~a", "~b", "~c"),
    "multi_select": (["~a"], ["~b", "~a"], ["~a", "~a"], [], ["opt_none"], "~a"),
    "checkbox_group": (["~c", "~a"], ["~b"], []),
    "tags": (["vip"], ["b", "a"], ["VIP", "vip"], [" a "], [""]),
    "user": ("u_ann", "u_bob", "u_lead", 5),
    "users": (["u_ann"], ["u_bob", "u_ann"], ["u_ann", "u_ann"], []),
    "dept": ("d_east", "d_west"),
    "depts": (["d_east"], ["d_west", "d_east"], []),
    "email": ("a@b.cn", "Chen.Jing@Example.com", "nobody", "A@B.CN "),
    "phone": ("13812345678", "138 1234 5678", "+86 13812345678", "010-65529988", "x"),
    "url": ("https://example.com", "HTTP://Example.COM/a", "example", "javascript:x"),
    "barcode": ("6901234567892", "abc", " x "),
    "address": ({"code": "330106", "detail": "文三路 90 号"}, {"code": "000000"}, "浙江杭州西湖区文三路"),
    "location": ({"lat": 30.2741, "lng": 120.1551}, {"lat": 91, "lng": 0}, "30.1,120.2"),
    "rich_text": ("<p>a</p>", "<p>Hello <strong>华为</strong></p>", "a", 5),
    "image": ([],),
}
CLIENTS: Sequence[Mapping[str, Any]] = (
    {"label": "a", "credit": "10", "vip": True, "area": "~a"},
    {"label": "华为", "credit": "-1"},
    {"label": "x", "area": "~b", "since": "2026-11-22"},
)
"""What the records are that others may link to; their ids stand in drawn values as ``@0`` ... ``@2``."""
LINKED = ("@0", "@1", "@2")


def options_of(key: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a field, with ids of their own for its choices."""
    if "options" not in options:
        return options
    return {"options": [{"id": meant(key, f"~{one}"), "label": text(one.upper())} for one in options["options"]]}


def meant(key: str, value: Any) -> Any:
    """Return a drawn value of a field, with the ids its options have."""
    if isinstance(value, list):
        return [meant(key, one) for one in value]
    return f"opt_{key}_{value[1:]}" if isinstance(value, str) and value[:1] == "~" else value


class Maker:
    """Draws an application: ``doc`` with rows ``line``, both with rules, beside ``client``."""

    def __init__(self, pick: Pick):
        self.pick = pick

    def app(self) -> App:
        """Return an application whose definition is right; what publishing would refuse is taken out."""
        client = entity(
            "client",
            field("label"),
            field("credit", "number", options={"scale": 2}),
            field("vip", "switch"),
            field("area", "select", options=options_of("area", OPTIONS)),
            field("since", "date"),
            title="fld_label",
        )
        line_fields = self.fields("l", self.pick((1, 2, 3, 4)))
        doc_fields = self.fields("f", self.pick((2, 4, 6, 8, 10)))
        near, rows = Scope(), Scope()
        near.add(doc_fields)
        near.add(line_fields, "lines.", many=True)
        rows.add(line_fields)
        rows.add(doc_fields, "parent.")
        for f in doc_fields:
            if f.type == "link_one":
                near.add(client.fields, f"{f.key}.")
        doc_fields = [*self.defaulted(doc_fields, near), *self.formulas("fx", near)]
        line_fields = [*self.defaulted(line_fields, rows), *self.formulas("lx", rows)]
        doc_fields.append(
            field("lines", "subtable", options={"entity": "ent_line"}, required=self.pick((False, False, True)))
        )
        items = self.items(doc_fields, near)
        parts = tuple(item.id for form in items for item in form.walk() if item.kind != "field")
        doc = entity("doc", *doc_fields, title="", rules=self.rules("d", doc_fields, near, parts))
        line = entity("line", *line_fields, parent="ent_doc", rules=self.rules("l", line_fields, rows, ()))
        names = [f.key for f in (*doc_fields, *line_fields) if f.key != "lines"]
        levels = {name: self.pick(("write", "write", "write", "read", "hidden", "masked")) for name in names}
        grants = [grant(f"all{one}", one, EVERY, default="write") for one in ("doc", "line", "client")]
        some = [
            grant(f"some{one}", one, EVERY, default="write", **{f.key: levels[f.key] for f in own if f.key in levels})
            for one, own in (("doc", doc_fields), ("line", line_fields))
        ]
        client_some = grant("someclient", "client", "read", default="read")
        made = application(doc, line, client, roles=(role("all", *grants), role("some", *some, client_some)))
        return _mended(replace(made, forms=items))

    # -- fields ---------------------------------------------------------------------------------------------------

    def fields(self, prefix: str, count: int) -> list[Field]:
        kinds = [self.pick((*COMMON, *KINDS)) for _ in range(count)]
        made = []
        for at, kind in enumerate(kinds):
            default = self.pick(DEFAULTS[kind]) if kind in DEFAULTS and self.pick((True, False, False)) else None
            required = self.pick((True, False, False, False))
            options = self.pick(KINDS[kind])
            if options.get("max") or options.get("pattern") or options.get("max_length"):
                default = None
            key = f"{prefix}{at}"
            made.append(
                field(key, kind, options=options_of(key, options), required=required, default=meant(key, default))
            )
        return made

    def defaulted(self, fields: Sequence[Field], scope: Scope) -> list[Field]:
        """Let some fields begin with what an expression gives."""
        sources = Sources(self.pick, scope)
        made = []
        for f in fields:
            src = sources.value(kind_of(f), 1) if kind_of(f) and self.pick((True, *[False] * 7)) else ""
            made.append(f if not src or re.search(rf"\b{f.key}\b", src) else replace(f, default_expr=Expr(src=src)))
        return made

    def formulas(self, prefix: str, scope: Scope) -> list[Field]:
        sources = Sources(self.pick, scope)
        made = []
        for at in range(self.pick((0, 0, 1, 2))):
            result = self.pick(RESULTS)
            made.append(formula(f"{prefix}{at}", sources.value(result, 2), result))
        scope.add(made)
        return made

    # -- forms ----------------------------------------------------------------------------------------------------

    def items(self, fields: Sequence[Field], scope: Scope) -> tuple[Form, ...]:
        """Return no form, or one that shows some of the fields, here and there under conditions."""
        if self.pick((True, False)):
            return ()
        sources = Sources(self.pick, scope)

        def when() -> Expr | None:
            return Expr(src=sources.condition(1)) if self.pick((True, False, False)) else None

        left = [FormItem(id=f"lay_{f.key}", field=f.id, when=when()) for f in fields if self.pick((True, True, False))]
        inner = FormItem(id="lay_in", kind="section", when=when(), items=tuple(left[: len(left) // 3]))
        outer = FormItem(
            id="lay_out", kind="section", when=when(), items=(inner, *left[len(left) // 3 : len(left) // 2])
        )
        items = (outer, *left[len(left) // 2 :])
        return (Form(id="frm_doc", entity="ent_doc", label=text("Doc"), items=items, default=True),)

    # -- rules ----------------------------------------------------------------------------------------------------

    def rules(self, prefix: str, fields: Sequence[Field], scope: Scope, parts: Sequence[str]) -> tuple[Rule, ...]:
        count = self.pick((0, 2, 4, 6)) if prefix == "d" else self.pick((0, 1, 2, 3))
        return tuple(self.rule(f"rul_{prefix}{at}", fields, scope, parts) for at in range(count))

    def rule(self, name: str, fields: Sequence[Field], scope: Scope, parts: Sequence[str]) -> Rule:
        kind = self.pick(("check", "check", "show", "show", "require", "lock", "set", "set", "choose"))
        sources = Sources(self.pick, scope)
        own = [f.id for f in fields]
        targets = tuple(dict.fromkeys(self.pick([*own, *parts]) for _ in range(self.pick((1, 1, 2)))))
        when = Expr(src=sources.condition()) if kind == "show" or self.pick((True, False)) else None
        rule = Rule(id=name, kind=kind, label=text(name), when=when, fields=targets)
        if kind == "check":
            severity = self.pick(("block", "block", "warn", "fix", "log"))
            values = self.values(fields, sources) if severity == "fix" else {}
            placed = targets if self.pick((True, True, False)) else ()
            return replace(
                rule,
                check=Expr(src=sources.condition()),
                message=text("no"),
                severity=severity,
                values=values,
                fields=placed,
            )
        if kind == "show":
            return replace(rule, hidden=self.pick(("keep", "clear")))
        if kind == "set":
            moment = self.pick(("change", "change", "always", "blank"))
            return replace(rule, values=self.values(fields, sources), moment=moment, fields=())
        return self.choosing(rule, fields, scope) if kind == "choose" else rule

    def values(self, fields: Sequence[Field], sources: Sources) -> dict[str, Expr]:
        own = [f for f in fields if kind_of(f) and f.type not in ("formula", "subtable")]
        chosen = [self.pick(own) for _ in range(self.pick((1, 1, 2)))]
        return {f.id: Expr(src=sources.value(kind_of(f))) for f in chosen}

    def choosing(self, rule: Rule, fields: Sequence[Field], scope: Scope) -> Rule:
        limited = [one for one in fields if "options" in one.options or one.type in ("user", "link_one", "link_many")]
        if not limited:
            return replace(rule, kind="lock")
        f = self.pick(limited)
        if "options" in f.options:
            return replace(
                rule, fields=(f.id,), options=tuple(meant(f.key, [f"~{one}" for one in self.pick(("a", "ab", "bc"))]))
            )
        number, name = Sources(self.pick, scope).value("number", 1), Sources(self.pick, scope).value("text", 1)
        wanted = (
            (f"it.name <> {name}",) if f.type == "user" else (f"it.credit > {number}", f"it.label = {name}", "it.vip")
        )
        return replace(rule, fields=(f.id,), filter=Expr(src=self.pick(wanted)))

    # -- values ---------------------------------------------------------------------------------------------------

    def record(self, fields: Sequence[Field], rows: Sequence[Field]) -> dict[str, Any]:
        """Return values for some fields; ids of linked records and of rows stand for those there are."""
        given: dict[str, Any] = {}
        for f in fields:
            if f.type == "formula" or self.pick((True, False, False)):
                continue
            if f.type == "subtable":
                kept = self.pick((0, 1, 2))
                given[f.key] = [
                    {**({"id": f"#{at}"} if at < kept and self.pick((True, False)) else {}), **self.record(rows, ())}
                    for at in range(self.pick((0, 1, 2, 3)))
                ]
            else:
                given[f.key] = meant(f.key, self.pick((None, *self.pool(f), *self.pool(f))))
        return given

    def pool(self, f: Field) -> Sequence[Any]:
        if f.type == "link_one":
            return LINKED
        return (["@0"], ["@2", "@1"], []) if f.type == "link_many" else VALUES[f.type]


def _mended(app: App) -> App:
    """Take out of an application what publishing would refuse."""
    for _ in range(12):
        wrong = [finding.place.split("/")[1:] for finding in check(app) if finding.severity == "error"]
        if not wrong:
            return app
        app = _without(app, wrong[0])
    return reject()


def _without(app: App, place: Sequence[str]) -> App:
    at = int(place[1])
    if place[0] == "forms":
        doc = app.entities[0]
        rules = tuple(r for r in doc.rules if not any(name.startswith("lay_") for name in r.fields))
        return replace(app, forms=(), entities=(replace(doc, rules=rules), *app.entities[1:]))
    if place[0] != "entities" or len(place) < 4:
        return reject()
    owner, number = app.entities[at], int(place[3])
    if place[2] == "rules":
        owner = replace(owner, rules=tuple(one for i, one in enumerate(owner.rules) if i != number))
    else:
        f = owner.fields[number]
        if f.type == "formula":
            options = {"expr": {"src": "NULL"}, "result": "number", "scale": 2}
            f = replace(f, options=options)
        f = replace(f, default_expr=None)
        owner = replace(owner, fields=tuple(f if i == number else one for i, one in enumerate(owner.fields)))
    return replace(app, entities=tuple(owner if i == at else one for i, one in enumerate(app.entities)))


Filling = tuple[str, bool, dict[str, Any], dict[str, Any]]
"""What somebody fills in: their role, whether in a stored record, what is stored, what they enter."""
Case = tuple[App, list[Filling]]


def case(pick: Pick) -> Case:
    """An application and what people fill in."""
    made = Maker(pick)
    app = made.app()
    doc, line = app.entities[0], app.entities[1]
    fillings = []
    for _ in range(pick((2, 3, 4))):
        stored = pick((True, False))
        base = made.record(doc.fields, line.fields) if stored else {}
        fillings.append((pick(("all", "all", "some")), stored, base, made.record(doc.fields, line.fields)))
    return app, fillings


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case that is made smaller when it fails."""
    return case(lambda pool: pool[draw(st.integers(0, len(pool) - 1))] if len(pool) > 1 else pool[0])
