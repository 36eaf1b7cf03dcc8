"""In which order the fields of a record, of the record above and of its rows come by their values."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping

from engine.graphs import Graph, groups, ordered, without
from engine.rules.model import EntityRules

log = logging.getLogger("dougong.rules")

CONDITION, FIELD = "c:", "f:"
"""Beginnings of the names of steps: a condition by the id of its rule or form part, a field by its id."""


def dependencies(
    rules: Iterable[EntityRules], form: str, formulas: Graph, reads: Mapping[str, frozenset[str]]
) -> dict[str, set[str]]:
    """Return the graph of the steps of an application where one form is filled in.

    ``formulas`` is the graph of computed fields, ``reads`` what each reads in its own record, the one above and the
    rows below: only those are written together, whatever else it reads is there already.
    """
    made = {FIELD + name: {FIELD + needed for needed in needs} for name, needs in formulas.items()}
    every = list(rules)
    for one in every:
        inside = one.of_forms.get(form, frozenset())
        others = frozenset(name for names in one.of_forms.values() for name in names)
        steps = [CONDITION + name for name in one.conditions if name in inside or name not in others]
        steps += [FIELD + field.id for field in one.fields.values() if field.settles]
        made.update((step, set()) for step in steps if step not in made)
    for target, source in _read(every, form, reads):
        if target in made:
            made[target].add(FIELD + source)
    for one in every:
        for field in one.fields.values():
            if field.settles:
                made[FIELD + field.id].update(CONDITION + name for name in field.conditions(form))
    return made


def _read(rules: Iterable[EntityRules], form: str, formulas: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Yield every step with a field it reads."""
    for name, sources in formulas.items():
        yield from ((FIELD + name, source) for source in sources)
    for one in rules:
        for name, bound in one.conditions.items():
            yield from ((CONDITION + name, source) for source in bound.family)
        for field in one.fields.values():
            for write in field.writes:
                yield from ((FIELD + field.id, source) for source in write.value.family)


def arranged(graph: Graph, formulas: Container[str]) -> list[str]:
    """Return the steps, each after all it reads; rules in a circle are left out, computed fields never."""
    circling: set[str] = set()
    for group in groups(graph):
        log.error("rules in a circle", extra={"steps": sorted(group)})
        circling.update(one for one in group if one.removeprefix(FIELD) not in formulas)
    return ordered(without(graph, circling))
