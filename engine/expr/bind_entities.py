"""Records of another entity in the binder: the equality they are found by, and the fields of people.

``LOOKUP(product, x -> x.code = code AND x.active, x -> x.price)`` becomes ``FIRST(MAP(FILTER(RECORDS(product,
row -> row.code, the record's code), row -> row.active), row -> row.price))``: RECORDS finds the rows by one equality,
which is taken out of the condition, and everything else is what lists do anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.expr.bind_lists import ListRules
from engine.expr.functions.base import Function
from engine.expr.messages import error
from engine.expr.schema import DEPARTMENT_FIELDS, USER_FIELDS
from engine.expr.syntax import Syntax
from engine.expr.tree import (
    Call,
    Items,
    Lambda,
    Let,
    Node,
    Path,
    Span,
    is_rows,
    let,
    rebuild,
)
from engine.expr.tree import function as make_function
from engine.expr.tree import items as items_node
from engine.expr.tree import path as path_node
from engine.expr.types import ANY, DEPARTMENT, PERSON, ListType, RecordType

RECORDS = "RECORDS"
_BEST = ((), ("sys_id",))
"""Keys that find one record."""
_ENTITIES = {"person": PERSON, "department": DEPARTMENT}


class EntityRules(ListRules):
    """The part of the binder that knows other entities."""

    def filtered(self, source: Node, made: Lambda, span: Span) -> Node:
        """Return the items of a list that meet a condition; records of an entity are found by an equality in it."""
        parts = source.children()
        if isinstance(source, Call) and source.name == "MAP" and self._is_of_entity(parts[0]):
            row = parts[1]
            if isinstance(row, Lambda) and isinstance(row.body, Path):
                return self.call(
                    "MAP", [self.filtered(parts[0], self.applied(made, row, span), span), row], source.span
                )
        if (
            isinstance(source, Call)
            and source.name == "FILTER"
            and self.is_whole(parts[0])
            and isinstance(parts[1], Lambda)
        ):
            item = path_node(made.slot, (), self._item(source), span)
            first = self._in_place(parts[1].body, parts[1].slot, item)
            both = self.call("AND", [first, made.body], span)
            return self.filtered(parts[0], make_function(made.slot, both, span), span)
        found, rest = self.known_as(source, made)
        return found if rest is None else self.call("FILTER", [found, rest], span)

    def known_as(self, source: Node, made: Lambda) -> tuple[Node, Lambda | None]:
        """Take the equality by which records are found out of a condition on them; what remains of it, or None."""
        if not self.is_whole(source):
            return source, made
        parts = list(_conjuncts(made.body))
        keys = [found for part in parts if (found := self._key(part, made.slot)) is not None]
        if not keys:
            return source, made
        keys.sort(key=lambda key: key[1].ids not in _BEST)
        part, own, key = keys[0]
        keyed = self.call(RECORDS, [*source.children(), make_function(made.slot, own, part.span), key], source.span)
        rest = [one for one in parts if one is not part]
        if not rest:
            return keyed, None
        body = rest[0] if len(rest) == 1 else self.call("AND", rest, made.span)
        return keyed, make_function(made.slot, body, made.span)

    def _key(self, part: Node, slot: int) -> tuple[Node, Path, Node] | None:
        if not isinstance(part, Call) or part.name != "=":
            return None
        for own, other in (part.args, part.args[::-1]):
            if not isinstance(own, Path) or own.root != slot or len(own.ids) > 1 or isinstance(own.type, ListType):
                continue
            outside = not any(isinstance(node, Path) and node.root == slot for node in other.walk())
            if outside and other.type != ANY:
                return part, own, other
        return None

    def check_found(self, tree: Node) -> None:
        """Report every entity whose records would all have to be read."""
        for node in tree.walk():
            if self.is_whole(node):
                name = self.source[slice(*node.span)]
                self.report(error("X803", *node.span, name=name))

    def _is_of_entity(self, node: Node) -> bool:
        while isinstance(node, Call) and node.name == "FILTER":
            node = node.args[0]
        return isinstance(node, Call) and node.name == RECORDS

    def _item(self, source: Node) -> RecordType:
        item = source.type.item if isinstance(source.type, ListType) else source.type
        if not isinstance(item, RecordType):
            raise TypeError(source)
        return item

    def _in_place(self, node: Node, slot: int, by: Path) -> Node:
        """Return a tree with a path in the place of a variable."""

        def moved(node: Node) -> Node:
            if isinstance(node, Path):
                if node.root != slot:
                    return node
                facts = replace(
                    node.facts, nullable=True, deps=node.deps | by.deps, scans=node.facts.scans | by.facts.scans
                )
                return replace(node, root=by.root, ids=(*by.ids, *node.ids), facts=facts)
            made = rebuild(node, moved)
            if isinstance(made, Call):
                return self.call(made.name, made.args, made.span)
            if isinstance(made, Lambda):
                return make_function(made.slot, made.body, made.span)
            if isinstance(made, Let):
                return let(made.slot, made.value, made.body, made.span)
            if isinstance(made, Items) and isinstance(made.type, ListType):
                return items_node(made.items, made.type.item, made.span)
            return made

        return moved(node)

    def applied(self, condition: Lambda, made: Lambda, span: Span) -> Lambda:
        """Return a condition on values as one on the items the values are made from."""
        if isinstance(made.body, Path):
            return make_function(made.slot, self._in_place(condition.body, condition.slot, made.body), span)
        return super().applied(condition, made, span)

    # -- people --------------------------------------------------------------------------------------------------

    def member_path(self, node: Syntax, field: str, function: Function, kind: str) -> Node:
        """Bind a person or department (or a list of them) and return one of its fields."""
        bound, span = self.bind(node), (node.start, node.end)
        item = bound.type.item if isinstance(bound.type, ListType) else bound.type
        if item != _ENTITIES[kind]:
            if item != ANY:
                self.wrong_type(bound, kind, function.name)
            return self.poison(node)
        return self.field_of(bound, field, kind, span)

    def field_of(self, bound: Node, field: str, kind: str, span: Span) -> Node:
        """Return a field of a person or department, or the list of it for a list of them."""
        symbol = (USER_FIELDS if kind == "person" else DEPARTMENT_FIELDS)[field]
        if isinstance(bound, Path) and isinstance(bound.type, RecordType):
            return self.step(bound, symbol, span)
        if isinstance(bound, Call) and bound.name in ("FIRST", "LAST"):
            return self.call(bound.name, [self.field_of(bound.args[0], field, kind, span)], span)
        if not is_rows(bound):
            self.report(error("X319", *span))
            return self.poison_node(span)
        slot = self.variable(bound)
        item = path_node(slot, (), self._item(bound), span, deps=bound.deps)
        return self.call("MAP", [bound, make_function(slot, self.step(item, symbol, span), span)], span)


def _conjuncts(node: Node) -> Iterator[Node]:
    if isinstance(node, Call) and node.name == "AND":
        for part in node.args:
            yield from _conjuncts(part)
    else:
        yield node
