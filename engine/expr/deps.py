"""What depends on what: fields an expression reads, the computed fields among them, lookups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expr.functions.records import key_field
from engine.expr.tree import Call, Ids, Path, Tree


def paths(tree: Tree) -> frozenset[Ids]:
    """Return the field paths an expression reads, from the record's present and earlier state."""
    return tree.facts.deps | tree.facts.old


def fields(tree: Tree) -> frozenset[str]:
    """Return every field an expression touches, links on the way and fields of looked up records included."""
    read = [*paths(tree), *(path for _, path in tree.facts.scans)]
    return frozenset(identifier for path in read for identifier in path)


def graph(formulas: Mapping[str, Tree]) -> dict[str, frozenset[str]]:
    """Return which computed fields each computed field needs."""
    return {field_id: fields(tree) & formulas.keys() for field_id, tree in formulas.items()}


@dataclass(frozen=True, slots=True)
class Join:
    """How records of another entity are found: their field ``key`` equals what the path ``outer`` of the record reads;
    None when it is compared with something else (a constant, a computed value, the clock)."""

    entity: str
    key: Ids
    outer: Ids | None


def joins(tree: Tree) -> tuple[Join, ...]:
    """Return the lookups of an expression, each once, in the order they stand."""
    found: dict[Join, None] = {}
    for node in tree.walk():
        if isinstance(node, Call) and node.name == "RECORDS":
            entity, key = key_field(node)
            wanted = node.args[2]
            outer = wanted.ids if isinstance(wanted, Path) and wanted.root == "" else None
            found[Join(entity, key, outer)] = None
    return tuple(found)
