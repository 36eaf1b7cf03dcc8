"""Lists in the binder: functions of items, row-by-row arithmetic, two lists of the same rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from engine.expr import limits
from engine.expr.bind_names import NameRules, hops_of
from engine.expr.messages import error
from engine.expr.numbers import KEPT
from engine.expr.syntax import Arrow, Chain, Dot, Invoke, Items, Name, Syntax, Unary, Value
from engine.expr.tree import Call, Lambda, Node, Path, Span, is_rows, let
from engine.expr.tree import function as make_function
from engine.expr.tree import items as items_node
from engine.expr.tree import path as path_node
from engine.expr.types import ANY, ListType


class ListRules(NameRules):
    """The part of the binder that knows lists."""

    lambdas: int

    def claim(self, name: str, start: int, end: int) -> None:
        """A name of its own may hide nothing."""
        if name in self.locals or name in self.scope.fields(self.scope.entity_id):
            self.report(error("X208", start, end, name=name))

    def bind_list(self, node: Syntax, function: str) -> Node:
        """Bind an argument that must be a list."""
        bound = self.bind_source(node)
        if isinstance(bound.type, ListType):
            return bound
        if bound.type != ANY:
            self.wrong_type(bound, "list", function)
        return items_node((), ANY, bound.span)

    def is_function_of_items(self, node: Syntax) -> bool:
        """Say whether an argument is written as a function (``x -> ...``)."""
        return isinstance(node, Arrow)

    def bind_lambda(self, node: Syntax, source: Node, function_name: str, *, condition: bool = False) -> Lambda:
        """Bind a function of the items of a list; without an arrow the item is called ``it``."""
        item = source.type.item if isinstance(source.type, ListType) else ANY
        name, body = (node.name, node.body) if isinstance(node, Arrow) else ("it", node)
        if isinstance(node, Arrow):
            self.claim(name, node.start, node.start + len(name))
        self.lambdas += 1
        if self.lambdas > limits.LAMBDAS:
            self.report(error("X505", node.start, node.end, limit=limits.LAMBDAS))
        slot = self.variable(source)
        variable = path_node(slot, (), item, (node.start, node.start), deps=frozenset())
        facts = replace(variable.facts, scale=min(KEPT, source.facts.scale), bound=source.facts.bound)
        saved = dict(self.locals)
        self.locals[name] = replace(variable, facts=facts)
        bound = self.bind_condition(body) if condition else self.bind(body)
        self.locals = saved
        self.lambdas -= 1
        return make_function(slot, bound, (node.start, node.end))

    def bind_total_argument(self, node: Syntax, function: str) -> Node:
        """Bind an argument of a total: a value, a list, or arithmetic row by row over one list."""
        if isinstance(node, Name | Dot | Invoke | Items | Value):
            return self.bind(node)
        rows = self._rows_in(node)
        if not rows:
            return self.bind(node)
        first = rows[0]
        if any((other.root, other.ids) != (first.root, first.ids) for other in rows[1:]):
            source = self.source[node.start : node.end]
            fix = f"{function}({self.source[slice(*first.span)]}, x -> …)"
            self.report(error("X312", node.start, node.end, text=source, fix=fix))
            return self.poison(node)
        slot = self.variable(first)
        self.row_by_row = ((first.root, first.ids), slot)
        body = self.bind(node)
        self.row_by_row = None
        return self.call("MAP", [first, make_function(slot, body, body.span)], (node.start, node.end))

    def _rows_in(self, node: Syntax) -> list[Path]:
        """Return the lists of records that paths in an arithmetic expression go through."""
        if isinstance(node, Name | Dot):
            return self._rows_of_path(node)
        if isinstance(node, Chain | Unary):
            return [found for child in node.children() for found in self._rows_in(child)]
        return []

    def _rows_of_path(self, node: Syntax) -> list[Path]:
        base, hops = hops_of(node)
        if not isinstance(base, Name):
            return []
        reported, names, uses = list(self.findings), dict(self.names), list(self.uses)
        found: list[Path] = []
        current: Syntax = base
        for step in (None, *hops):
            if step is not None:
                current = Dot(base.start, step[2], current, step[0], step[1], step[2])
            bound = self.bind_path(current)
            if isinstance(bound, Path) and is_rows(bound):
                found.append(bound)
                break
            if bound.type.kind != "record":
                break
        self.findings, self.names, self.uses = reported, names, uses
        return found

    def bind_parallel(self, call: Invoke, function_name: str, total: str) -> Node | None:
        """Bind ``SUMIF(range, criterion, sum_range)`` over two lists of the same rows; None for other forms."""
        if len(call.args) != 3 or isinstance(call.args[2], Arrow) or isinstance(call.args[1], Arrow):
            return None
        if not isinstance(call.args[0], Name | Dot | Items) or not isinstance(call.args[2], Name | Dot | Items):
            return None
        tested, summed = self.bind_source(call.args[0]), self.bind_source(call.args[2])
        if not isinstance(summed.type, ListType) or not isinstance(tested.type, ListType):
            return None
        return self.picked(call, summed, [(tested, call.args[1])], function_name, total)

    def picked(self, call: Invoke, summed: Node, tests: Sequence[tuple[Node, Syntax]], name: str, total: str) -> Node:
        """Return the total over the items of a list whose partners in other lists meet their criteria.

        Lists that go through the same rows become filters of those rows; others are taken side by side.
        """
        span = (call.start, call.end)
        made = [(tested, self.criterion(node, tested, name)) for tested, node in tests]
        rows = {parts[0] for parts in (node.children() for node in (summed, *(t for t, _ in made))) if parts}
        if len(rows) == 1 and all(self._through_rows(node) for node in (summed, *(t for t, _ in made))):
            kept = rows.pop()
            for tested, condition in made:
                test = tested.children()[1]
                if isinstance(test, Lambda):
                    kept = self.filtered(kept, self.applied(condition, test, span), span)
            return self.call(total, [self.call("MAP", [kept, summed.children()[1]], span)], span)
        args: list[Node] = [summed]
        for tested, condition in made:
            args += [tested, condition]
        return self.call(total, [self.call("PICKIF", args, span)], span)

    def _through_rows(self, node: Node) -> bool:
        """Say whether a list is one value from each of a list of records."""
        parts = node.children()
        if len(parts) != 2 or not isinstance(parts[1], Lambda):
            return False
        return is_rows(parts[0]) and (isinstance(parts[0], Path) or self.is_whole(parts[0]))

    def applied(self, condition: Lambda, made: Lambda, span: Span) -> Lambda:
        """Return a condition on values as one on the items the values are made from."""
        return make_function(made.slot, let(condition.slot, made.body, condition.body, span), span)

    def is_whole(self, node: Node) -> bool:
        """Say whether a node is every record of an entity, not yet found by anything."""
        return isinstance(node, Call) and node.name == "RECORDS" and len(node.args) == 1

    @abstractmethod
    def filtered(self, source: Node, made: Lambda, span: Span) -> Node:
        """Return the items of a list that meet a condition."""

    @abstractmethod
    def criterion(self, node: Syntax, source: Node, name: str) -> Lambda:
        """Bind a condition on items, given as a criterion or as an expression."""
