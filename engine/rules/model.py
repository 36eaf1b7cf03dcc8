"""Rules of an entity, bound: expressions have trees and functions, layout elements stand for the fields in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as member

from engine.expr.tree import Tree
from engine.expr.values import Env, Value
from metadata.model import Entity, Rule

Path = tuple[str, ...]
Compiled = Callable[[Env], Value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bound:
    """A bound expression. ``reads`` are the paths it reads, earlier values included; ``loads`` those that leave the
    row; ``family`` the fields it reads in the record, the record above and the rows below."""

    tree: Tree
    compute: Compiled
    reads: tuple[Path, ...]
    loads: tuple[Path, ...]
    family: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Write:
    """A value a ``set`` rule gives a field."""

    rule: Rule
    value: Bound


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldRules:
    """What decides about one field. ``places`` are, by form, the chains of conditions above each of its places."""

    id: str
    show: tuple[Rule, ...] = ()
    require: tuple[Rule, ...] = ()
    lock: tuple[Rule, ...] = ()
    choose: tuple[Rule, ...] = ()
    writes: tuple[Write, ...] = ()
    places: Mapping[str, tuple[Path, ...]] = member(default_factory=dict)

    @property
    def settles(self) -> bool:
        """Whether its value or its being there depends on rules."""
        return bool(self.show or self.writes or any(chain for chains in self.places.values() for chain in chains))

    def conditions(self, form: str) -> frozenset[str]:
        """Return the conditions its value and its being there depend on, on a form."""
        rules = (*self.show, *(write.rule for write in self.writes))
        placed = {name for chain in self.places.get(form, ()) for name in chain}
        return frozenset({*(rule.id for rule in rules), *placed})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Check:
    """What a record must satisfy. ``fields`` are where it is shown, ``about`` the fields it is about: those, or where
    none are named the ones it reads. ``values`` mend it (``fix``)."""

    rule: Rule
    check: Bound
    fields: tuple[str, ...]
    about: tuple[str, ...]
    values: Mapping[str, Bound] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntityRules:
    """All rules of an entity that are on and can be bound.

    ``conditions`` are those of rules and of parts of forms, by id; a rule without one always holds. ``items`` has, by
    layout element, the ``show`` rules that name it. ``filters`` narrow candidates, by rule id.
    """

    entity: Entity
    conditions: Mapping[str, Bound] = member(default_factory=dict)
    fields: Mapping[str, FieldRules] = member(default_factory=dict)
    items: Mapping[str, tuple[Rule, ...]] = member(default_factory=dict)
    checks: tuple[Check, ...] = ()
    filters: Mapping[str, Bound] = member(default_factory=dict)
    of_forms: Mapping[str, frozenset[str]] = member(default_factory=dict)
    """Conditions of the parts of each form."""

    def __bool__(self) -> bool:
        return bool(self.fields or self.checks)

    @property
    def demanding(self) -> tuple[FieldRules, ...]:
        """Fields something is demanded of."""
        return tuple(self.fields.values())
