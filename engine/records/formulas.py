"""The expressions of a version, bound once: computed fields in dependency order, defaults, who depends on whom.

A formula that asks for the clock or for who is looking is never stored: it is computed where it is read. All others
are kept in their column and recomputed in the transaction that changes something they read, in this record or in one
that leads here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from engine.expr.compile import bind
from engine.expr.deps import Join, graph, joins
from engine.expr.derived import computed_expr
from engine.expr.to_bytecode import evaluator
from engine.expr.tree import Tree
from engine.expr.types import Type
from engine.expr.values import Env, Value
from engine.fields.base import FIELD_TYPES
from engine.graphs import groups, ordered, without
from engine.records.catalog import Catalog, FieldModel
from engine.records.hops import steps, to_many
from engine.records.policy import Source
from engine.records.schema import SnapshotSchema, scope_of
from metadata.findings import Refused
from metadata.model import Entity, Expr, Field
from metadata.snapshot import Snapshot

log = logging.getLogger("dougong.records")

RULE_ROOTS: Final = frozenset({"OLD", "USER"})
RANGE_ROOTS: Final = frozenset({"USER"})
Path = tuple[str, ...]
Compiled = Callable[[Env], Value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Formula:
    """A computed field of an entity. ``volatile`` ones are never stored; ``loads`` are the paths that leave the row.

    ``number`` is its place in the order of all formulas, ``needs`` every computed field it reads, directly or by way
    of others. ``totals`` says that it goes over many records, which the database does better where it can.
    """

    entity: str
    field: Field
    tree: Tree
    compute: Compiled
    paths: tuple[Path, ...]
    loads: tuple[Path, ...]
    volatile: bool
    number: int
    needs: frozenset[str]
    totals: bool
    joins: tuple[Join, ...]

    @property
    def id(self) -> str:
        """The id of the field."""
        return self.field.id

    @property
    def by_value(self) -> bool:
        """Whether it looks records up by something else than a link to this very record."""
        return any(join.outer != ("sys_id",) for join in self.joins)

    def reads_beyond(self, changed: Container[str]) -> bool:
        """Say whether it reads one of these fields in other records."""
        elsewhere = (*(path[1:] for path in self.paths), *(path for _, path in self.tree.facts.scans))
        return any(name in changed for path in elsewhere for name in path)

    def reads_here(self, changed: Container[str]) -> bool:
        """Say whether a change of these fields of the record itself may change the value."""
        return any(path[0] in changed for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dependent:
    """A formula that reads a field here: ``via`` is the chain of hops from its entity to this one, empty for itself.

    With ``join`` the chain begins at the records of another entity that the formula looks up.
    """

    formula: Formula
    via: Path
    join: Join | None = None


class Default(NamedTuple):
    """What a field of a new record begins with; ``loads`` are the paths it reads that leave the row."""

    field: Field
    tree: Tree
    compute: Compiled
    loads: tuple[Path, ...]


class Formulas:
    """All expressions of a snapshot."""

    def __init__(self, snapshot: Snapshot):
        self.snapshot = snapshot
        self.schema = SnapshotSchema(snapshot)
        self.by_field: dict[str, Formula] = {}
        self.order: list[Formula] = []
        """Every formula after all it reads."""
        self._bind_formulas()
        self.stored: dict[str, tuple[Formula, ...]] = {
            entity.id: tuple(f for f in self.order if f.entity == entity.id and not f.volatile)
            for entity in snapshot.entities
        }
        self.defaults: dict[str, tuple[Default, ...]] = {e.id: tuple(self._defaults(e)) for e in snapshot.entities}
        self.dependents = self._dependents()

    def _bind_formulas(self) -> None:
        trees: dict[str, tuple[Entity, Field, Tree]] = {}
        for entity, f, expr in formula_fields(self.snapshot, self.schema):
            tree = self.bound(expr, entity, f.id)
            if tree is not None:
                trees[f.id] = (entity, f, tree)
        needs = graph({field_id: tree for field_id, (_, _, tree) in trees.items()})
        broken = frozenset[str]().union(*groups(needs))
        for field_id in sorted(broken):
            log.error("formula in a circle", extra={"field": field_id})
        needs = without(needs, broken)
        for field_id in ordered(needs):
            entity, f, tree = trees[field_id]
            reads = [self.by_field[name] for name in sorted(needs[field_id])]
            volatile = asks_when_read(tree) or any(other.volatile for other in reads)
            if volatile:  # bound again, so that volatile formulas it reads stand inside it
                tree = self.bound(formula_expr(f, self.schema, entity.id), entity, f.id) or tree
                self.schema.inline(f.id, tree)
            paths = tuple(sorted(tree.deps))
            formula = Formula(
                entity=entity.id,
                field=f,
                tree=tree,
                compute=evaluator(tree),
                paths=paths,
                loads=leaving(self.snapshot, entity.id, paths),
                volatile=volatile,
                number=len(self.order),
                needs=frozenset(other.id for other in reads).union(*(other.needs for other in reads)),
                totals=bool(tree.facts.scans) or any(to_many(self.snapshot, entity.id, path) for path in paths),
                joins=joins(tree),
            )
            self.by_field[field_id] = formula
            self.order.append(formula)

    def bound(
        self,
        expr: Expr,
        entity: Entity,
        what: str,
        expected: Type | None = None,
        *,
        making: bool = False,
        candidate: Type | None = None,
    ) -> Tree | None:
        """Bind an expression; a broken one (its field is gone) is logged and does nothing."""
        try:
            scope = scope_of(self.schema, entity, RULE_ROOTS, making=making, candidate=candidate)
            return bind(expr, scope, expected)
        except Refused as error:
            log.error("expression cannot be bound", extra={"definition": what, "why": str(error)})
            return None

    def _defaults(self, entity: Entity) -> Iterator[Default]:
        for f in self.snapshot.own_fields(entity):
            if f.default_expr is not None:
                kind = FIELD_TYPES.find(f.type)
                tree = self.bound(f.default_expr, entity, f.id, kind.expr_type(f) if kind else None, making=True)
                if tree is not None:
                    yield Default(f, tree, evaluator(tree), leaving(self.snapshot, entity.id, tree.deps))

    def _dependents(self) -> dict[str, dict[str, tuple[Dependent, ...]]]:
        """``{entity id: {field id: stored formulas that read it}}``; people and departments are entities too."""
        found: dict[str, dict[str, dict[tuple[str, Path, Join | None], Dependent]]] = {}
        for formula in self.order:
            if formula.volatile:
                continue
            starts: list[tuple[str, Path, Join | None]] = [(formula.entity, path, None) for path in formula.paths]
            for join in formula.joins:
                looked_up = [path for entity_id, path in formula.tree.facts.scans if entity_id == join.entity]
                starts += [(join.entity, path, join) for path in (*looked_up, ("sys_id",))]
            for start, path, by in starts:
                for entity_id, via, field_id in steps(self.snapshot, start, path):
                    here = found.setdefault(entity_id, {}).setdefault(field_id, {})
                    here[formula.id, via, by] = Dependent(formula=formula, via=via, join=by)
        return {e: {f: tuple(many.values()) for f, many in fields.items()} for e, fields in found.items()}


def asks_when_read(tree: Tree) -> bool:
    """Say whether a formula means something else at another moment or for another person; it cannot be stored then."""
    return tree.volatile or "USER" in tree.facts.uses


def formula_expr(f: Field, schema: SnapshotSchema, entity_id: str) -> Expr:
    """Return the expression of a computed field; an empty one when its options hold none."""
    return computed_expr(f, schema, entity_id) or Expr(src="")


def formula_fields(snapshot: Snapshot, schema: SnapshotSchema) -> Iterator[tuple[Entity, Field, Expr]]:
    """Yield every computed field with its entity and expression."""
    for entity in snapshot.entities:
        for f in snapshot.own_fields(entity):
            kind = FIELD_TYPES.find(f.type)
            if kind is not None and kind.storage == "computed":
                yield entity, f, formula_expr(f, schema, entity.id)


def formulas_of(catalog: Catalog) -> Formulas:
    """Return the bound expressions of a catalogue."""
    found = catalog.kept.get("formulas")
    if found is None:
        found = catalog.kept["formulas"] = Formulas(catalog.snapshot)
    return found


def formula_sources(catalog: Catalog) -> Callable[[str], tuple[Source, ...] | None]:
    """Return what each computed field reads, for the policy. A broken formula reads itself, so nobody sees it."""

    def sources(field_id: str) -> tuple[Source, ...] | None:
        formula = formulas_of(catalog).by_field.get(field_id)
        if formula is not None:
            looked_up = (Source(path=path, entity=entity) for entity, path in sorted(formula.tree.facts.scans))
            return (*(Source(path=path) for path in formula.paths), *looked_up)
        f = catalog.snapshot.field(field_id)
        kind = FIELD_TYPES.find(f.type)
        return (Source(path=(field_id,)),) if kind is not None and kind.storage == "computed" else None

    return sources


def volatile(catalog: Catalog, f: FieldModel) -> Formula | None:
    """Return the formula of a field that is computed when read, or None."""
    formula = formulas_of(catalog).by_field.get(f.id) if f.computed else None
    return formula if formula is not None and formula.volatile else None


def leaving(snapshot: Snapshot, entity_id: str, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths whose values are not in the row of the record itself."""
    found = []
    for path in paths:
        f = snapshot.fields(entity_id).get(path[0])
        kind = FIELD_TYPES.find(f.type) if f is not None else None
        if len(path) > 1 or (kind is not None and kind.storage in ("links", "children")):
            found.append(path)
    return tuple(sorted(found))
