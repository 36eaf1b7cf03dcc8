"""From syntax to the bound, typed tree: names, types and desugaring in one walk.

BETWEEN, SWITCH, criteria text, ``it``, row-by-row arithmetic and LET are gone afterwards; a back end sees seven
kinds of node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from engine.expr import limits
from engine.expr.bind_base import Origin
from engine.expr.bind_entities import EntityRules
from engine.expr.describe import type_name
from engine.expr.functions.base import Function, Param, find_function, function_names
from engine.expr.functions.criteria import bind_criterion
from engine.expr.messages import Fix, error, warning
from engine.expr.numbers import WIDEST, keep20
from engine.expr.schema import Scope
from engine.expr.suggest import nearest
from engine.expr.syntax import Arrow, Chain, Compare, Dot, Invoke, Items, Name, Syntax, Unary, Value, Within
from engine.expr.tree import Call, Const, Lambda, Node, Span, const, is_rows, let
from engine.expr.tree import Items as ItemsNode
from engine.expr.tree import function as make_function
from engine.expr.tree import items as items_node
from engine.expr.tree import path as path_node
from engine.expr.types import ANY, BOOLEAN, NUMBER, TEXT, ListType, RecordType, Type

_PERCENT = Decimal("0.01")
_LITERALS: Mapping[type, str] = {Decimal: "number", str: "text", bool: "boolean"}


class Binder(EntityRules):
    """Binds one expression."""

    def __init__(
        self, source: str, scope: Scope, refs: Mapping[str, str] | None = None, *, blank_as_zero: bool = False
    ):
        super().__init__(source, scope, refs, blank_as_zero=blank_as_zero)
        self.locals: dict[str, Node] = {}
        self.origins: dict[int, Origin | None] = {}
        self.row_by_row: tuple[Origin, int] | None = None
        self.lambdas = 0
        if scope.candidate is not None:
            self.locals["it"] = path_node(self.new_slot(), (), scope.candidate, deps=frozenset())

    def bind(self, node: Syntax) -> Node:
        """Bind any expression. What is wrong is reported and gives a node of no type."""
        if isinstance(node, Name | Dot):
            return self.bind_path(node)
        if isinstance(node, Value):
            return self._value(node)
        if isinstance(node, Invoke):
            return self._invoke(node)
        if isinstance(node, Compare):
            return self._compare(node)
        if isinstance(node, Chain):
            return self._chain(node)
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Within):
            return self._within(node)
        if isinstance(node, Items):
            return self._items(node)
        self.report(error("X316", node.start, node.end))
        return self.poison(node)

    def poison(self, node: Syntax) -> Node:
        """Return the stand-in for an expression that was reported."""
        return self.poison_node((node.start, node.end))

    def bind_as(self, node: Syntax, wanted: str) -> Node:
        """Bind an expression whose place wants a kind of value."""
        outer, self.wanted = self.wanted, wanted
        bound = self.bind(node)
        self.wanted = outer
        return bound

    def bind_condition(self, node: Syntax) -> Node:
        """Bind an expression that must be true or false."""
        return self.condition(self.bind_as(node, "boolean"))

    # -- literals and operators ------------------------------------------------------------------------------------

    def _value(self, node: Value) -> Node:
        span = (node.start, node.end)
        if isinstance(node.value, bool):
            return const(node.value, BOOLEAN, span)
        if isinstance(node.value, Decimal):
            if node.value.adjusted() > limits.SOURCE or node.value >= WIDEST:
                self.report(error("X506", *span))
                return self.poison(node)
            return const(keep20(node.value) if node.value.adjusted() > -limits.SOURCE else Decimal(0), NUMBER, span)
        return const(node.value, ANY if node.value is None else TEXT, span)

    def _compare(self, node: Compare) -> Node:
        wanted = _LITERALS.get(type(node.right.value), "") if isinstance(node.right, Value) else ""
        left = self.bind_as(node.left, wanted)
        return self.compare(node.op, left, self.bind_as(node.right, left.type.kind), (node.start, node.end))

    def _items(self, node: Items) -> Node:
        bound = [self.bind(item) for item in node.items]
        fitted, common = self.unify(bound, "[ ]")
        return items_node(tuple(fitted), common, (node.start, node.end))

    def _unary(self, node: Unary) -> Node:
        span = (node.start, node.end)
        if node.op == "NOT":
            return self.call("NOT", [self.bind_condition(node.operand)], span)
        operand = self.zeroed(self.bind(node.operand))
        if node.op == "-" and operand.type.kind == "duration":
            return self.call("SPAN-", [self.call("HOURS", [self.number(0, span)], span), operand], span)
        operand = self.coerce(operand, "number", node.op)
        if node.op == "%":
            return replace(self.call("*", [operand, const(_PERCENT, NUMBER, span)], span), span=span)
        if node.op == "+":
            return replace(operand, span=span)
        return replace(self.call("NEG", [operand], span), type=operand.type)

    def _chain(self, node: Chain) -> Node:
        span = (node.start, node.end)
        operands = [node.first, *(operand for _, operand in node.rest)]
        if node.kind in ("and", "or"):
            return self.call(node.kind.upper(), [self.bind_condition(operand) for operand in operands], span)
        if node.kind == "cat":
            return self.call("&", [self.coerce(self.bind_as(part, "scalar"), "scalar", "&") for part in operands], span)
        left = self.zeroed(self.bind_as(node.first, "number"))
        if node.kind == "pow":
            self._warn_about_power(node)
        for op, operand in node.rest:
            right = self.zeroed(self.bind_as(operand, "number"))
            place = (node.start, operand.end)
            left = self.add(left, op, right, place) if node.kind == "add" else self.multiply(left, op, right, place)
        return replace(left, span=span)

    def _warn_about_power(self, node: Chain) -> None:
        """Signs bind tighter than ``^`` and ``^`` goes from the left; readers of other languages expect otherwise."""
        first = self.source[node.first.start : node.first.start + 1]
        signed = isinstance(node.first, Unary) and node.first.op == "-" and first == "-"
        if signed or len(node.rest) > 1:
            end = node.first.end if signed else node.rest[0][1].end
            text = self.source[node.start : end]
            fixes = [Fix(node.start, end, f"({text})")]
            self.report(warning("X702", node.start, node.end, *fixes, text=self.source[node.start : node.end]))

    def _within(self, node: Within) -> Node:
        span = (node.start, node.end)
        value, source = self.bind(node.left), self.bind(node.right)
        if not isinstance(source.type, ListType):
            if source.type != ANY:
                self.wrong_type(source, "list", "IN")
            return self.poison_node(span, BOOLEAN)
        found = self.member(value, source, span)
        return self.call("NOT", [found], span) if node.negated else found

    def member(self, value: Node, source: Node, span: Span) -> Node:
        """Return membership; each item must be comparable with the value, and options are checked by name."""
        item = source.type.item if isinstance(source.type, ListType) else ANY
        if isinstance(source, ItemsNode):
            same = [self.compare("=", value, part, part.span) for part in source.children()]
            pairs = [part.children() for part in same]
            if not all(pairs):
                folded = [part for part in same if isinstance(part, Const)]
                if len(folded) == len(same):
                    return const(any(part.value is True for part in folded), BOOLEAN, span)
                return self.call("OR", same, span) if len(same) > 1 else same[0]
            left = pairs[0][0] if pairs else value
            return self.call("IN", [left, items_node(tuple(pair[1] for pair in pairs), left.type, source.span)], span)
        slot = self.variable(source)
        sample = path_node(slot, (), item, source.span)
        checked = self.compare("=", value, sample, span)
        left = checked.children()[0] if checked.children() else value
        if is_rows(source) and not (isinstance(source, Call) and source.name in ("MAP", "CURRENTDEPTS")):
            source = self.call("MAP", [source, make_function(slot, sample, span)], span)  # records are compared by id
        return self.call("IN", [left, source], span)

    # -- calls -----------------------------------------------------------------------------------------------------

    def _invoke(self, node: Invoke) -> Node:
        outer, self.row_by_row = self.row_by_row, None
        wanted, self.wanted = self.wanted, ""
        try:
            return self._call(node)
        finally:
            self.row_by_row, self.wanted = outer, wanted

    def _call(self, node: Invoke) -> Node:
        upper = node.name.upper()
        if upper == "LET":
            return self._let(node)
        found = find_function(node.name)
        if found is None:
            self._unknown_function(node)
            return self.poison(node)
        if not self._arity(node, found):
            if found.group not in ("list", "record"):  # the rows that ``it`` means there are not known yet
                self._bind_all(node)
            return self.poison(node)
        if "CHANCE" in found.uses and not self.scope.making:
            self.report(error("X804", node.start, node.end, name=found.name))
            return self.poison(node)
        if found.bind is not None:
            return found.bind(self, found, node)
        args = [self.bind_argument(arg, found.param(at), found.name) for at, arg in enumerate(node.args)]
        return self.call(found.name, args, (node.start, node.end))

    def _unknown_function(self, node: Invoke) -> None:
        near = nearest(node.name, [*function_names(), "LET"])
        span = (node.start, node.name_end)
        if near:
            fixes = [Fix(*span, guess) for guess in near]
            self.report(error("X203", *span, *fixes, name=node.name, guess=near[0]))
        else:
            self.report(error("X204", *span, name=node.name))
        self._bind_all(node)

    def _bind_all(self, node: Invoke) -> None:
        """Bind the arguments of a call that is wrong itself, for what is wrong in them and the fields they name."""
        for arg in node.args:
            if not isinstance(arg, Arrow):
                self.bind(arg)

    def _arity(self, node: Invoke, found: Function) -> bool:
        got, most = len(node.args), found.most
        if got < found.least:
            self.too_few(node, found, found.least)
            return False
        if most is not None and got > most:
            params = {"function": node.name.upper(), "wanted": most, "got": got, "signature": found.signature()}
            self.report(error("X402", node.args[most].start, node.args[-1].end, **params))
            return False
        return True

    def too_few(self, node: Invoke, found: Function, wanted: int) -> Node:
        """Report missing arguments."""
        params = {"function": node.name.upper(), "wanted": wanted, "got": len(node.args)}
        self.report(error("X401", node.start, node.name_end, signature=found.signature(), **params))
        return self.poison(node)

    def bind_argument(self, node: Syntax, param: Param, function: str) -> Node:
        """Bind an argument and fit it to its parameter."""
        bound = self.bind_as(node, param.accepts)
        if param.words or param.literal:
            return self._literal_argument(bound, param, function)
        if param.items and isinstance(bound.type, ListType) and bound.type.item.kind not in (param.items, "null"):
            self.wrong_type(bound, param.items, function)
            return self.poison_node(bound.span)
        return self.coerce(bound, param.accepts, function)

    def _literal_argument(self, bound: Node, param: Param, function: str) -> Node:
        if bound.type == ANY and not isinstance(bound, Const):
            return bound
        if not isinstance(bound, Const) or bound.type.kind != param.accepts:
            self.report(error("X313", *bound.span, function=function, at=param.name))
            return self.poison_node(bound.span)
        if param.words:
            word = str(bound.value or "").lower()
            if word not in param.words:
                fixes = self.quoted_fixes(bound, nearest(word, param.words))
                wanted = {"zh-CN": param.name, "en": param.name}
                options = "、".join(param.words)
                self.report(error("X314", *bound.span, *fixes, text=bound.value, wanted=wanted, options=options))
                return self.poison_node(bound.span)
            return const(word, TEXT, bound.span)
        return bound

    def _let(self, node: Invoke) -> Node:
        """LET(name, value, ..., body): each name is visible in what follows."""
        if len(node.args) < 3 or len(node.args) % 2 == 0:
            params = {"function": "LET", "signature": "LET(name, value, ..., result)"}
            self.report(error("X403", node.start, node.name_end, **params))
            return self.poison(node)
        saved = dict(self.locals)
        bound: list[tuple[int, Node]] = []
        for name, value in zip(node.args[:-1:2], node.args[1:-1:2], strict=True):
            made = self.bind(value)
            if not isinstance(name, Name):
                self.report(error("X313", name.start, name.end, function="LET", at=1))
                continue
            self.claim(name.text, name.start, name.end)
            if isinstance(made.type, RecordType) or is_rows(made):
                self.locals[name.text] = made  # a name for records is only a shorthand
                continue
            slot = self.variable(made)
            variable = path_node(slot, (), made.type, made.span, nullable=made.nullable, deps=frozenset())
            facts = replace(variable.facts, scale=made.facts.scale, bound=made.facts.bound)
            self.locals[name.text] = replace(variable, facts=facts)
            bound.append((slot, made))
        body = self.bind(node.args[-1])
        self.locals = saved
        for slot, made in reversed(bound):
            body = let(slot, made, body, (node.start, node.end))
        return body

    def criterion(self, node: Syntax, source: Node, name: str) -> Lambda:
        """Bind a condition on items, given as a criterion or as an expression."""
        made = bind_criterion(self, node, source, name)
        return made if made is not None else self.bind_lambda(node, source, name, condition=True)

    # -- the whole -------------------------------------------------------------------------------------------------

    def check_size(self, tree: Node) -> None:
        """Report a tree with too many nodes or levels."""
        self.check_found(tree)
        if tree.facts.size > limits.NODES:
            self.report(error("X503", 0, len(self.source), got=tree.facts.size, limit=limits.NODES))
        stack = [(tree, 1)]
        while stack:
            node, depth = stack.pop()
            if depth > 2 * limits.NESTING:
                self.report(error("X502", *tree.span, limit=limits.NESTING))
                return
            stack.extend((child, depth + 1) for child in node.children())

    def fit_result(self, tree: Node, expected: Type) -> Node:
        """Return the tree as the type the place wants, or report."""
        fitted, common = self._fit_expected(tree, expected)
        if not common:
            self.report(error("X309", *tree.span, wanted=type_name(expected), got=type_name(tree.type)))
        return fitted

    def _fit_expected(self, tree: Node, expected: Type) -> tuple[Node, bool]:
        from_literal = isinstance(tree, Const) and tree.type == TEXT and expected.kind == "choice"
        if from_literal:
            sample = path_node("", ("",), expected, tree.span)
            made = self.compare("=", sample, tree, tree.span)
            return (made.children()[1] if made.children() else tree), True
        common = self._common([expected, tree.type], [tree])
        if common is None or (common != expected and expected != ANY):
            return tree, False
        return self.fit(tree, common), True
