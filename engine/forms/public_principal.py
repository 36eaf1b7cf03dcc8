"""What a public link may do: create records of one entity, with the fields its maker allowed. Nothing else.

A link is a principal of its own. It is never mapped on a role; its grants are worked out each time it is used, from
what it was given and what its maker may do at that moment, whichever is less:

- create on the entity of its form, and on rows of the sub-tables in it;
- write on the allowed fields its maker could fill in himself;
- read on the *title* of records a visitor may choose from, where the maker allowed a picker, under his condition, and
  only if he may read all those titles himself;
- refer to one record more, the one an invitation or a fixed value names.

System fields are hidden and cannot be set; people are never offered, so no form tells who works here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, FromClause

import engine.forms.public_messages  # noqa: F401  registers the texts used here
from engine import people
from engine.actor import Actor, own_role
from engine.expr.compile import check
from engine.expr.to_sql import blockers
from engine.expr.tree import DIALECTS
from engine.expr.types import BOOLEAN
from engine.fields.base import InvalidValue
from engine.forms.public_links import Link
from engine.forms.public_settings import LinkSettings
from engine.problems import Forbidden, NotFound
from engine.records.catalog import EntityModel, FieldModel
from engine.records.rights import ExtraGrant, register_row_source
from engine.records.schema import SnapshotSchema, scope_of
from engine.records.store import RecordStore
from engine.rules.settle import chosen_of
from metadata.findings import Finding, Refused
from metadata.model import SYSTEM_FIELDS, Entity, Expr, Grant, Level, Range
from metadata.snapshot import Snapshot

BUILDER: Final = "builder"
SHARE: Final = "share"
_FILES: Final = "file"
_LINKS: Final = frozenset({"link_one", "link_many"})
_CLOSED_SYSTEM: Final[Mapping[str, Level]] = dict.fromkeys((*(f.id for f in SYSTEM_FIELDS), "sys_parent"), "hidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What is left of a link's fields today: field ids by entity id, and the pickers by field id."""

    fields: Mapping[str, tuple[str, ...]]
    pickers: Mapping[str, Expr]


def may_share(store: RecordStore, actor: Actor, entity: Entity) -> bool:
    """Say whether a person may make public links to an entity: create records, and ``share`` or be a designer."""
    actions = store.access(actor, entity.id).actions
    return "create" in actions and (SHARE in actions or BUILDER in actor.duties)


def maker_of(connection: Connection, link: Link) -> Actor:
    """Return the maker of a link with today's rights. Raises :class:`NotFound`."""
    return people.actor_for(connection, link.maker_id, link.app_id)


def allowed(store: RecordStore, maker: Actor, entity: Entity, settings: LinkSettings) -> Allowed:
    """Return what a link may fill in now. Raises :class:`Forbidden` when its maker may no longer share the form."""
    if not may_share(store, maker, entity):
        raise Forbidden(what={"zh-CN": "公开分享这个表单", "en": "share this form"})
    model = store.catalog.entity(entity.id)
    pickers = {
        name: expr for name, expr in settings.pick.items() if not _picker_faults(store, maker, model, name, expr)
    }
    shown: dict[str, tuple[str, ...]] = {}
    fillable = _fillable(store, maker, model, settings)
    kept = tuple(one for one in settings.fields if one in fillable and (one in pickers or not _is_link(model, one)))
    set_by_us = [one for one, prefill in settings.prefill.items() if prefill.mode == "fixed"]
    set_by_us += [settings.bind] if settings.bind else []
    more = tuple(one for one in set_by_us if one in fillable and one not in kept)
    shown[entity.id] = kept + more
    for one in kept:
        f = model.by_id[one]
        if f.storage == "children" and store.catalog.has(f.target):
            child = store.catalog.entity(f.target)
            inside = _fillable(store, maker, child, settings)
            shown[child.id] = tuple(c.id for c in child.own if c.id in inside and not _is_link(child, c.id))
    return Allowed(fields=shown, pickers={name: expr for name, expr in pickers.items() if name in kept})


def asked_for(link: Link, now: Allowed) -> tuple[str, ...]:
    """Return the fields of the form itself that visitors fill in, in the maker's order."""
    settings = link.settings
    hidden = {name for name, prefill in settings.prefill.items() if prefill.mode == "fixed"} | {settings.bind}
    return tuple(one for one in settings.fields if one in now.fields[link.entity_id] and one not in hidden)


def principal(
    store: RecordStore, link: Link, now: Allowed, *, refers: Iterable[tuple[str, str]] = (), address: str = ""
) -> Actor:
    """Return the actor of a link."""
    grants = tuple(_grants(store.snapshot, now))
    return Actor(
        kind="link",
        id=f"link:{link.id}",
        name=link.label,
        roles=frozenset({own_role(grants)}),
        on_behalf_of=link.maker_id,
        grants=grants,
        refers=tuple(sorted(set(refers))),
        address=address,
    )


def _grants(snapshot: Snapshot, now: Allowed) -> Iterator[Grant]:
    for entity_id, ids in sorted(now.fields.items()):
        levels: dict[str, Level] = dict.fromkeys(sorted(ids), "write")
        yield Grant(
            id=f"grt_link_{entity_id[4:30]}", entity=entity_id, actions=("create",), fields={**_CLOSED_SYSTEM, **levels}
        )
    told: set[str] = set()
    for field_id, expr in sorted(now.pickers.items()):
        target = str(snapshot.field(field_id).options.get("entity", ""))
        if target in told:
            continue
        told.add(target)
        title: dict[str, Level] = {snapshot.title_field(target).id: "read"}
        rows = Range(kind="expression", expr=expr) if expr.src else Range()
        yield Grant(
            id=f"grt_pick_{target[4:30]}",
            entity=target,
            actions=("read",),
            range=rows,
            fields={**_CLOSED_SYSTEM, **title},
        )


def _is_link(model: EntityModel, field_id: str) -> bool:
    return model.by_id[field_id].field.type in _LINKS


def _fillable(store: RecordStore, maker: Actor, model: EntityModel, settings: LinkSettings) -> frozenset[str]:
    """Return the fields of an entity a link of this person could have at all."""
    rights = store.access_of(maker).rights(model.id)
    if not rights.allows("create"):
        return frozenset()
    mine = rights.writable["create"]
    return frozenset(f.id for f in model.own if mine.get(f.id) and fit_for_public(f, settings))


def fit_for_public(f: FieldModel, settings: LinkSettings) -> bool:
    """Say whether a kind of field can stand on a public form."""
    if not f.type.writable or f.computed or f.field.type == "serial" or f.people:
        return False
    if holds_files(f):
        return settings.uploads > 0
    return f.field.type not in ("department", "departments")


def holds_files(f: FieldModel) -> bool:
    """Say whether the values of a field are files."""
    type_: Any = f.type.expr_type(f.field)
    return getattr(getattr(type_, "item", type_), "kind", "") == _FILES


def checked(store: RecordStore, maker: Actor, entity: Entity, settings: LinkSettings) -> LinkSettings:
    """Return settings that can be kept: fields by id, conditions with the ids of their names.

    Raises :class:`Refused` with everything that keeps the link from working, and :class:`Forbidden`.
    """
    if not may_share(store, maker, entity):
        raise Forbidden(what={"zh-CN": "公开分享这个表单", "en": "share this form"})
    model = store.catalog.entity(entity.id)
    known = {name: f.id for f in model.own for name in (f.id, f.key)}
    findings: list[Finding] = []

    def resolve(name: str, place: str) -> str:
        if name not in known:
            expected = {"zh-CN": "此表单的字段", "en": "a field of this form"}
            findings.append(Finding("T203", f"/settings/{place}", {"key": name[:60], "expected": expected}))
        return known.get(name, "")

    made = replace(
        settings,
        fields=tuple(dict.fromkeys(resolve(one, "fields") for one in settings.fields)),
        pick={resolve(name, "pick"): expr for name, expr in settings.pick.items()},
        prefill={resolve(name, "prefill"): one for name, one in settings.prefill.items()},
        bind=resolve(settings.bind, "bind") if settings.bind else "",
    )
    if settings.form and not any(
        form.id == settings.form for form in store.snapshot.app.forms if form.entity == entity.id
    ):
        raise NotFound(what={"zh-CN": "表单", "en": "The form"})
    if not findings:
        findings += _faults(store, maker, model, made)
    if findings:
        raise Refused(findings)
    return replace(made, pick=_with_names(store, model, made.pick))


def _faults(store: RecordStore, maker: Actor, model: EntityModel, settings: LinkSettings) -> Iterator[Finding]:
    fillable = _fillable(store, maker, model, settings)
    fixed = {name for name, one in settings.prefill.items() if one.mode == "fixed"}
    for one in (*settings.fields, *fixed, *([settings.bind] if settings.bind else [])):
        f = model.by_id.get(one)
        if (
            f is None
            or one not in fillable
            or (_is_link(model, one) and one in settings.fields and one not in settings.pick)
        ):
            label = model.entity.label if f is None else f.field.label
            yield Finding("T201", "/settings/fields", {"label": label})
    for one in sorted(fixed & fillable):
        yield from _fixed_faults(store, maker, model.by_id[one], settings.prefill[one].value)
    conditions: dict[str, str] = {}
    for name, expr in settings.pick.items():
        yield from _picker_faults(store, maker, model, name, expr)
        f = model.by_id[name]
        if conditions.setdefault(f.target, expr.src) != expr.src:
            yield Finding("T208", "/settings/pick", {"label": store.snapshot.entity(f.target).label})
    if settings.bind and model.by_id[settings.bind].field.type != "link_one":
        expected = {"zh-CN": "单选关联字段", "en": "a link to one record"}
        yield Finding("T203", "/settings/bind", {"key": "bind", "expected": expected})
    given = {*settings.fields, *fixed, settings.bind}
    for f in model.own:
        filled = f.field.default is not None or f.field.default_expr is not None or f.id in given
        if f.field.required and f.type.writable and not f.computed and not filled:
            yield Finding("T202", "/settings/fields", {"label": f.field.label})


def _fixed_faults(store: RecordStore, maker: Actor, f: FieldModel, value: Any) -> list[Finding]:
    """A fixed value must be one the field takes; a record in it, one that the maker may see."""
    place = f"/settings/prefill/{f.key}"
    try:
        taken = f.type.accept(f.field, value)
    except InvalidValue as error:
        return [error.at(place)]
    ids = chosen_of(taken) if f.target and f.storage != "children" else ()
    seen = store.titles(maker, f.target, ids) if ids else {}
    return [] if all(one in seen for one in ids) else [Finding("R306", place, {"label": f.field.label})]


def _picker_faults(store: RecordStore, maker: Actor, model: EntityModel, name: str, expr: Expr) -> list[Finding]:
    f = model.by_id.get(name)
    if f is None or not _is_link(model, name) or not store.catalog.has(f.target):
        label = model.entity.label if f is None else f.field.label
        return [Finding("T201", "/settings/pick", {"label": label})]
    target = store.catalog.entity(f.target)
    rights = store.access_of(maker).rights(target.id)
    if not rights.everywhere("read") or rights.readable.get(target.title.id) != ():
        return [Finding("T204", "/settings/pick", {"label": target.entity.label})]
    if not expr.src:
        return []
    scope = scope_of(SnapshotSchema(store.snapshot), target.entity, frozenset())
    found = check(expr.src, scope, BOOLEAN, refs=dict(expr.refs))
    faults = [one.text("zh-CN") for one in found.findings if one.severity == "error"]
    english = [one.text("en") for one in found.findings if one.severity == "error"]
    if found.tree is not None and any(True for dialect in DIALECTS for _ in blockers(found.tree, dialect)):
        faults, english = ["数据库无法按它查找"], ["the database cannot search by it"]
    reason = {"zh-CN": "；".join(faults), "en": "; ".join(english)}
    return [Finding("T207", "/settings/pick", {"label": f.field.label, "reason": reason})] if faults else []


def _with_names(store: RecordStore, model: EntityModel, pick: Mapping[str, Expr]) -> dict[str, Expr]:
    made: dict[str, Expr] = {}
    for name, expr in pick.items():
        target = store.catalog.entity(model.by_id[name].target).entity
        scope = scope_of(SnapshotSchema(store.snapshot), target, frozenset())
        refs = check(expr.src, scope, BOOLEAN, refs=dict(expr.refs)).names if expr.src else {}
        made[name] = Expr(src=expr.src, refs=dict(refs))
    return made


def _referred(connection: Connection, actor: Actor, entity: Entity, snapshot: Snapshot) -> Sequence[ExtraGrant]:
    """Records an actor may link to and see nothing of."""
    ids = sorted(record for target, record in actor.refers if target == entity.id)
    if not ids:
        return ()

    def rows(table: FromClause) -> Any:
        return table.c.id.in_(ids)

    hidden = dict(_CLOSED_SYSTEM)
    return (ExtraGrant(rows=rows, levels=hidden, default_level="hidden", source="link"),)


register_row_source("public link", _referred)
