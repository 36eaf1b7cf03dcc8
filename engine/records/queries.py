"""Query fields: the records of another entity that meet a condition over this record, as whoever looks may see both.

The condition is bound to the fields its viewer may read; what it reads of this record is filled in from what the viewer
sees there, and the rest becomes part of the question over the secured alias of the other entity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.actor import Actor
from engine.expr.compile import bind
from engine.expr.derived import held_expr
from engine.expr.tree import Node
from engine.expr.types import BOOLEAN, RecordType
from engine.fields.queries import USUAL
from engine.problems import NotFound
from engine.records.access import Access, remembered
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.conditions import SecuredSchema
from engine.records.derive import Environments
from engine.records.drafts import Draft
from engine.records.foresight import readable
from engine.records.formulas import RANGE_ROOTS, formulas_of, leaving
from engine.records.loading import Values
from engine.records.schema import scope_of
from engine.records.seen import SeenLoader, SeenOutside
from engine.records.spec import COUNT_CAP, Page, QuerySpec, SortSpec
from engine.records.store import RecordStore
from engine.records.writing import Writing
from engine.rules.candidates import about_candidate
from metadata.findings import Refused, in_language
from metadata.model import Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what a query field shows: ``columns`` are the keys of those of its columns that the viewer may see.

    ``asked`` is False when the condition names something the viewer may not read, so that nothing can be found.
    """

    entity: str
    columns: tuple[str, ...]
    page: Page
    asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which of the records found: those behind a cursor, or from an offset on; ``limit`` instead of the field's own."""

    cursor: str = ""
    offset: int = 0
    limit: int = 0


FIRST = Part()
NAMED: Final = 20
"""Records an export names; the rest are counted."""
_MORE: Final[Mapping[str, str]] = {"zh-CN": "（另有 {n} 条）", "en": " ({n} more)"}


def of_record(store: RecordStore, actor: Actor, entity: str, record_id: str, field: str, part: Part = FIRST) -> Found:
    """Return what a query field of a stored record shows. Raises NotFound."""
    record = store.get(actor, entity, record_id, levels=True)
    model = store.catalog.entity(record.entity)
    f = _query_field(model, field)
    if record.levels.get(f.key) != "read":
        raise NotFound(what=field[:100])
    loader = SeenLoader(store, actor)
    return _Asked(store, actor, model, loader, loader.take(record)).found(f, part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The first records a query field finds, and how many more there are (counted up to ``COUNT_CAP``)."""

    ids: tuple[str, ...] = ()
    left: str = ""

    def more(self, language: str) -> str:
        """Return the number of the rest in words; blank for none."""
        return in_language(_MORE, language).format(n=self.left) if self.left else ""


def named(store: RecordStore, actor: Actor, entity: str, record_id: str, field: str, most: int) -> Named:
    """Return what a query field of a stored record finds; nothing for what the actor may not read."""
    try:
        page = of_record(store, actor, entity, record_id, field, Part(limit=most)).page
    except NotFound:
        return Named()
    ids, count = tuple(one.id for one in page.records), page.count or 0
    left = min(count, COUNT_CAP) - len(ids)
    return Named(ids=ids, left=f"{left}{'+' if count > COUNT_CAP or page.at_least else ''}" if left > 0 else "")


def text_of(store: RecordStore, actor: Actor, entity: str, record_id: str, field: str) -> str:
    """Return what a query field of a stored record finds in one line: titles, and the number of the rest."""
    found = named(store, actor, entity, record_id, field, NAMED)
    target = str(_query_field(store.catalog.entity(entity), field).field.options["from"])
    titles = store.titles(actor, target, found.ids)
    return "; ".join(titles[one] for one in found.ids if one in titles) + found.more(actor.locale)


def of_draft(writing: Writing, draft: Draft, field: str, part: Part = FIRST) -> Found:
    """Return what a query field of a record that is being filled in, or of a row of it, shows. Raises NotFound."""
    f = _query_field(draft.model, field)
    if all(one.id != f.id for one in readable(writing, draft)):
        raise NotFound(what=field[:100])
    store, actor = writing.work.store, writing.access.actor
    loader = SeenLoader(store, actor)
    return _Asked(store, actor, draft.model, loader, loader.take_draft(writing, draft)).found(f, part)


def _query_field(model: EntityModel, name: str) -> FieldModel:
    f = model.find(name)
    if f is None or f.storage != "none":
        raise NotFound(what=name[:100])
    return f


def shown_options(access: Access, entity_id: str, f: FieldModel) -> dict[str, Any]:
    """Return what a form needs to know of a query field: where it looks (a key), the columns that show, and ``reads``,
    the fields of this record its condition depends on. The condition itself may name what one may not see."""
    target = access.catalog.entity(str(f.field.options["from"]))
    alias, rights = access.alias(target.id), access.rights(entity_id)
    columns = [one.key for name in f.field.options["columns"] if (one := alias.field(name)) is not None]
    model = access.catalog.entity(entity_id)
    reads = remembered(access.catalog.kept, ("query reads", f.id), lambda: _reads(access.catalog, model, target.id, f))
    seen = sorted(model.by_id[one].key for one in reads if one in rights.readable)
    return {"from": target.entity.key, "columns": columns, "reads": seen, "limit": f.field.options.get("limit", USUAL)}


def _reads(catalog: Catalog, model: EntityModel, target: str, f: FieldModel) -> frozenset[str]:
    expr = held_expr(f.field.options.get("filter"))
    if expr is None or not expr.src.strip():
        return frozenset()
    tree = formulas_of(catalog).bound(expr, model.entity, f.id, BOOLEAN, candidate=RecordType(target))
    return frozenset(path[0] for path in tree.deps if path[0] in model.by_id) if tree is not None else frozenset()


@dataclass(frozen=True, slots=True)
class _Asked:
    """This record as its viewer sees it, asking."""

    store: RecordStore
    actor: Actor
    model: EntityModel
    loader: SeenLoader
    values: Values

    def found(self, f: FieldModel, part: Part) -> Found:
        options = f.field.options
        target = self.store.catalog.entity(str(options["from"]))
        access = self.store.access_of(self.actor)
        alias = access.alias(target.id)
        shown = tuple(one.key for name in options["columns"] if (one := alias.field(name)) is not None)
        sorts = [(alias.model.by_id.get(one["field"]), one.get("dir") == "desc") for one in options.get("sort") or ()]
        try:
            met = self._condition(access, target.id, held_expr(options.get("filter")))
        except Refused:
            return Found(entity=target.id, columns=shown, page=Page(records=(), count=0), asked=False)
        spec = QuerySpec(
            entity=target.id,
            fields=shown or (target.by_id["sys_id"].key,),
            sort=tuple(SortSpec(path=one.key, descending=down) for one, down in sorts if one and alias.readable(one)),
            limit=part.limit or int(options.get("limit", USUAL)),
            cursor=part.cursor,
            offset=part.offset,
            count="capped",
            met=met,
        )
        return Found(entity=target.id, columns=shown, page=self.store.list(self.actor, spec))

    def _condition(self, access: Access, target: str, expr: Expr | None) -> Node | None:
        """Return the condition about a record of the other entity, None for no condition. Raises Refused when it names
        what the viewer may not read."""
        if expr is None or not expr.src.strip():
            return None
        schema = SecuredSchema(access)
        scope = scope_of(schema, self.model.entity, RANGE_ROOTS, access.actor.locale, candidate=RecordType(target))
        tree = bind(expr, scope, BOOLEAN)
        loads = leaving(self.store.snapshot, self.model.id, sorted(tree.deps))
        environments = Environments(self.store.catalog, self.loader, access.env)
        env = environments.values(self.model.id, self.values, loads)
        return about_candidate(tree, env.looking(SeenOutside(self.store, self.actor, self.loader)))
