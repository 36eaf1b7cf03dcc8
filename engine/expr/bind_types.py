"""Static types: what fits where, the few conversions there are, and the sentences when something does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from engine.expr import build
from engine.expr.bind_base import BinderBase
from engine.expr.describe import type_name, wanted_name
from engine.expr.functions.base import Accepts
from engine.expr.messages import Fix, error, warning
from engine.expr.numbers import ZERO
from engine.expr.suggest import nearest
from engine.expr.tree import Call, Const, Items, Node, Path, Span, const, retyped
from engine.expr.tree import items as items_node
from engine.expr.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    TEXT,
    Choice,
    ListType,
    NumberType,
    RecordType,
    Type,
)

_ORDERED = frozenset({"number", "text", "date", "datetime", "duration"})
_TEXTUAL = frozenset({"text", "number", "boolean", "date", "datetime", "duration", "choice"})
_PLAIN: dict[str, Type] = {
    "number": NUMBER,
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
}


_PLAIN_NAME = {"moment": "date", "scalar": "text"}


class TypeRules(BinderBase):
    """The part of the binder that knows types."""

    # -- one value ------------------------------------------------------------------------------------------------

    def coerce(self, node: Node, accepts: Accepts, function: str) -> Node:
        """Return the node as the wanted kind of value, converted where the language converts; else report."""
        kind = node.type.kind
        if accepts == "any" or node.type == ANY:
            return self._retyped(node, accepts)
        if kind == "list":
            if accepts != "list":
                self._list_misplaced(node)
                return self.poison_node(node.span, _PLAIN.get(_PLAIN_NAME.get(accepts, accepts), ANY))
            return node
        if accepts == "scalar":
            return self._as_text(node, function)
        if accepts == "moment":
            if kind == "datetime":
                return self.call("LOCALDATE", [node], node.span)
            accepts = "date"
        if kind == accepts:
            return node
        if kind == "choice" and accepts == "text":
            return self.choice_text(node)
        if kind == "date" and accepts == "datetime":
            return self.call("TODATETIME", [node], node.span)
        self.wrong_type(node, accepts, function)
        return self.poison_node(node.span, _PLAIN.get(_PLAIN_NAME.get(accepts, accepts), ANY))

    def _retyped(self, node: Node, accepts: str) -> Node:
        """Give a bare NULL the type it is used as."""
        wanted = _PLAIN.get(_PLAIN_NAME.get(accepts, accepts))
        if node.type != ANY or wanted is None:
            return node
        return retyped(node, wanted)

    def _as_text(self, node: Node, function: str) -> Node:
        kind = node.type.kind
        if kind == "text":
            return node
        if kind == "choice":
            return self.choice_text(node)
        if kind not in _TEXTUAL:
            self.wrong_type(node, "text", function)
            return self.poison_node(node.span, TEXT)
        return self.call("TOTEXT", [node], node.span)

    def choice_text(self, node: Node) -> Node:
        """Return the label of an option."""
        return self.call("LABEL", [node, const(self.scope.language, TEXT, node.span)], node.span)

    def wrong_type(self, node: Node, accepts: str, function: str) -> None:
        """Report a value of a type that does not fit, with the conversion to write if there is one."""
        start, end = node.span
        source = self.source[start:end]
        conversions = {
            ("number", "text"): f'TEXT({source}, "0")',
            ("text", "number"): f"VALUE({source})",
            ("date", "text"): f'TEXT({source}, "yyyy-mm-dd")',
            ("datetime", "text"): f'TEXT({source}, "yyyy-mm-dd")',
            ("datetime", "date"): f"DATE({source})",
            ("number", "duration"): f"HOURS({source})",
        }
        fix = conversions.get((node.type.kind, accepts), "")
        wanted, got = wanted_name(accepts), type_name(node.type)
        if fix:
            edit = Fix(start, end, fix)
            self.report(error("X302", start, end, edit, function=function, wanted=wanted, got=got, fix=fix))
        else:
            self.report(error("X301", start, end, function=function, wanted=wanted, got=got))

    def _list_misplaced(self, node: Node) -> None:
        start, end = node.span
        fix = f"SUM({self.source[start:end]})"
        self.report(error("X311", start, end, fix=fix))

    def condition(self, node: Node) -> Node:
        """Return the node as a condition; a number or a text is refused with the way to write it."""
        if node.type == BOOLEAN:
            return node
        if node.type == ANY:
            return self._retyped(node, "boolean")
        start, end = node.span
        source = self.source[start:end]
        fix = {
            "number": f"{source} <> 0",
            "list": f"EXISTS({source})",
        }.get(node.type.kind, f"NOT(ISBLANK({source}))")
        self.report(error("X307", start, end, Fix(start, end, fix), got=type_name(node.type), fix=fix))
        return self.poison_node(node.span, BOOLEAN)

    # -- several values --------------------------------------------------------------------------------------------

    def unify(self, nodes: Sequence[Node], function: str) -> tuple[list[Node], Type]:
        """Return the nodes with one common type. Only dates widen (to datetimes) and options turn into text."""
        common = self._common([node.type for node in nodes], nodes)
        if common is None:
            pairs = combinations([node for node in nodes if node.type != ANY], 2)
            first, other = next(pair for pair in pairs if self._common([pair[0].type, pair[1].type]) is None)
            left, right = type_name(first.type), type_name(other.type)
            self.report(error("X308", *other.span, function=function, left=left, right=right))
            return [self.poison_node(node.span) for node in nodes], ANY
        return [self.fit(node, common) for node in nodes], common

    def _common(self, types: Sequence[Type], nodes: Sequence[Node] = ()) -> Type | None:
        known = [type_ for type_ in types if type_ != ANY]
        if not known:
            return ANY
        if all(type_ == known[0] for type_ in known):
            return self._number_type(known) if known[0].kind == "number" else known[0]
        kinds = {type_.kind for type_ in known}
        if kinds == {"date", "datetime"}:
            return DATETIME
        if kinds == {"choice", "text"}:
            return self._choice_or_text(known, nodes)
        if kinds == {"list"}:
            inner = self._common([type_.item for type_ in known if isinstance(type_, ListType)])
            return None if inner is None else ListType(inner)
        return None

    def _choice_or_text(self, known: Sequence[Type], nodes: Sequence[Node]) -> Type:
        """Text literals that all name options make options; anything else makes text."""
        choices = {type_ for type_ in known if isinstance(type_, Choice)}
        if len(choices) == 1:
            choice = next(iter(choices))
            texts = [node for node in nodes if node.type == TEXT]
            named = [isinstance(node, Const) and node.value is not None and choice.option(node.value) for node in texts]
            if texts and all(named):
                return choice
        return TEXT

    def _number_type(self, known: Sequence[Type]) -> Type:
        numbers = [type_ for type_ in known if isinstance(type_, NumberType)]
        currencies = {number.currency for number in numbers if number.currency}
        return replace(NUMBER, currency=currencies.pop()) if len(currencies) == 1 else NUMBER

    def fit(self, node: Node, wanted: Type) -> Node:
        """Return a node as a type it is known to fit."""
        if node.type == wanted:
            return node
        if node.type == ANY:
            return retyped(node, wanted)
        if isinstance(wanted, Choice) and isinstance(node, Const):
            return const(wanted.option(node.value), wanted, node.span)
        if wanted == TEXT and isinstance(node.type, Choice):
            return self.choice_text(node)
        if wanted == DATETIME and node.type == DATE:
            return self.call("TODATETIME", [node], node.span)
        if isinstance(wanted, ListType) and isinstance(node, Items):
            return items_node(tuple(self.fit(item, wanted.item) for item in node.items), wanted.item, node.span)
        return node

    def unify_items(self, nodes: Sequence[Node], function: str) -> list[Node]:
        """Check that values and items of lists have one type that can be ordered."""
        found: Type = ANY
        for node in nodes:
            type_ = node.type.item if isinstance(node.type, ListType) else node.type
            if type_ != ANY and type_.kind not in _ORDERED:
                self.wrong_type(node, "number", function)
                return [self.poison_node(node.span)]
            common = self._common([found, type_])
            if common is None:
                left, right = type_name(found), type_name(type_)
                self.report(error("X308", *node.span, function=function, left=left, right=right))
                return [self.poison_node(node.span)]
            found = common
        scalars = [node for node in nodes if not isinstance(node.type, ListType)]
        return [self.fit(node, found) if node in scalars else node for node in nodes]

    # -- comparison ------------------------------------------------------------------------------------------------

    def equal(self, left: Node, right: Node, span: Span) -> Node:
        """Return ``left = right``."""
        return self.compare("=", left, right, span)

    def compare(self, op: str, left: Node, right: Node, span: Span) -> Node:
        """Return a comparison of two values of one type; an option also compares with a text that names it."""
        left, right = self._option_literals(left, right)
        left, right = self._this_record(left, right), self._this_record(right, left)
        pair = self._comparable(op, left, right)
        if pair is None:
            self._incomparable(left, right, span)
            return self.poison_node(span, BOOLEAN)
        left, right = pair
        self._currencies(left, right, span)
        return self.call(op, [left, right], span)

    def _comparable(self, op: str, left: Node, right: Node) -> tuple[Node, Node] | None:
        common = self._common([left.type, right.type])
        if common is None or common.kind == "file":
            return None
        if op not in ("=", "<>") and common.kind not in _ORDERED and common != ANY:
            return None
        return self.fit(left, common), self.fit(right, common)

    def _this_record(self, node: Node, other: Node) -> Node:
        """Return the id of the record as the record itself where a link to its entity is compared with it."""
        if not isinstance(node, Path) or (node.root, node.ids) != ("", ("sys_id",)):
            return node
        same = isinstance(other.type, RecordType) and other.type.entity == self.scope.entity_id
        return replace(node, type=other.type) if same else node

    def _option_literals(self, left: Node, right: Node) -> tuple[Node, Node]:
        if isinstance(left.type, Choice) and isinstance(right, Const) and right.type == TEXT:
            return left, self._option(right, left.type, left)
        if isinstance(right.type, Choice) and isinstance(left, Const) and left.type == TEXT:
            return self._option(left, right.type, right), right
        return left, right

    def _option(self, literal: Const, choice: Choice, subject: Node) -> Node:
        """Return the option a literal names, or report the nearest ones."""
        if literal.value is None:
            return const(None, choice, literal.span)
        field = subject.ids[-1] if isinstance(subject, Path) and subject.ids else ""
        found = choice.option(literal.value)
        if field:
            found = self.known_name(f'{field}="{literal.value}"', found)
            found = found if found in choice.ids else choice.option(literal.value)
        if found is not None:
            return const(found, choice, literal.span)
        names = [text for option, labels in choice.options for text in (option.removeprefix("opt_"), *labels.values())]
        near = nearest(literal.value, names)
        start, end = literal.span
        params = {"name": literal.value, "field": self.source[slice(*subject.span)]}
        if near:
            self.report(error("X205", start, end, *self.quoted_fixes(literal, near), guess=near[0], **params))
        else:
            labels_shown = "、".join(list(choice.labels(self.scope.language).values())[:8])
            self.report(error("X206", start, end, options=labels_shown, **params))
        return self.poison_node(literal.span, choice)

    def quoted_fixes(self, literal: Node, names: Sequence[str]) -> tuple[Fix, ...]:
        """Return the edits that put another text in a literal's place."""
        start, end = literal.span
        return tuple(Fix(start, end, '"' + name.replace('"', '""') + '"') for name in names)

    def _incomparable(self, left: Node, right: Node, span: Span) -> None:
        for literal, other in ((right, left), (left, right)):
            if isinstance(literal, Const) and literal.type == TEXT and other.type.kind == "number":
                number = str(literal.value)
                fixes = (Fix(*literal.span, number),) if _is_number(number) else ()
                if fixes:
                    self.report(error("X304", *literal.span, *fixes))
                    return
        if "list" in (left.type.kind, right.type.kind):
            self._list_misplaced(left if left.type.kind == "list" else right)
            return
        self.report(error("X303", *span, left=type_name(left.type), right=type_name(right.type)))

    def _currencies(self, left: Node, right: Node, span: Span) -> None:
        found = [node.type.currency for node in (left, right) if isinstance(node.type, NumberType)]
        if len(found) == 2 and all(found) and found[0] != found[1]:
            self.report(warning("X703", *span, left=found[0], right=found[1]))

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def add(self, left: Node, op: str, right: Node, span: Span) -> Node:
        """Return ``left + right`` or ``left - right`` for numbers, dates, datetimes and durations."""
        if left.type == ANY and op == "-" and right.type.kind in ("date", "datetime"):
            left = self._retyped(left, "date")
        left, right = self._null_operand(left, right), self._null_operand(right, left)
        kinds = (left.type.kind, right.type.kind)
        if kinds == ("number", "number"):
            return self._add_numbers(left, op, right, span)
        if op == "+" and kinds in (("number", "date"), ("duration", "datetime"), ("duration", "date")):
            left, right = right, left
            kinds = (kinds[1], kinds[0])
        if kinds == ("date", "number"):
            amount = right if op == "+" else self.call("NEG", [right], right.span)
            return self.call("DATE+", [left, amount], span)
        if kinds == ("date", "date") and op == "-":
            return self.call("DAYS", [left, right], span)
        if (set(kinds) == {"date", "datetime"} and op == "-") or (kinds == ("datetime", "datetime") and op == "-"):
            return self.call("TIME-TIME", [self.fit(left, DATETIME), self.fit(right, DATETIME)], span)
        if kinds[0] in ("date", "datetime") and kinds[1] == "duration":
            return self.call(f"TIME{op}", [self.fit(left, DATETIME), right], span)
        if kinds == ("duration", "duration"):
            return self.call(f"SPAN{op}", [left, right], span)
        self._no_sum(left, op, right, span)
        return self.poison_node(span)

    def _null_operand(self, node: Node, other: Node) -> Node:
        if node.type != ANY:
            return node
        accepts: Accepts = "number" if other.type.kind in ("date", "number", "null") else "duration"
        return self._retyped(node, accepts)

    def _add_numbers(self, left: Node, op: str, right: Node, span: Span) -> Node:
        self._currencies(left, right, span)
        terms = list(left.args) if isinstance(left, Call) and left.name == "+" and left.span[0] >= span[0] else [left]
        if self._grouped(left):
            terms = [left]
        terms.append(right if op == "+" else self.call("NEG", [right], right.span))
        total = self.call("+", terms, span)
        return replace(total, type=self._number_type([left.type, right.type]))

    def _grouped(self, node: Node) -> bool:
        return self.source[node.span[0] : node.span[0] + 1] in ("(", "（")

    def _no_sum(self, left: Node, op: str, right: Node, span: Span) -> None:
        kinds = {left.type.kind, right.type.kind}
        if kinds == {"datetime", "number"}:
            amount = left if left.type.kind == "number" else right
            fix = f"HOURS({self.source[slice(*amount.span)]})"
            self.report(error("X306", *amount.span, Fix(*amount.span, fix), fix=f"{op} {fix}"))
        elif "text" in kinds and op == "+":
            fix = f"{self.source[slice(*left.span)]} & {self.source[slice(*right.span)]}"
            edit = Fix(*span, fix)
            self.report(error("X305", *span, edit, op=op, left=type_name(left.type), right=type_name(right.type)))
        elif "list" in kinds:
            self._list_misplaced(left if left.type.kind == "list" else right)
        else:
            self.report(error("X305", *span, op=op, left=type_name(left.type), right=type_name(right.type)))

    def multiply(self, left: Node, op: str, right: Node, span: Span) -> Node:
        """Return a product, quotient or power of numbers; money keeps its currency."""
        left, right = self.coerce(left, "number", op), self.coerce(right, "number", op)
        product = self.call(op, [left, right], span)
        if op == "^":
            return product
        return replace(product, type=self._number_type([left.type, right.type]))

    def zeroed(self, node: Node) -> Node:
        """Return an operand of arithmetic; with the blank-as-zero flag a nullable number field counts as 0."""
        if self.blank_as_zero and isinstance(node, Path) and node.type.kind == "number" and node.nullable:
            zero = const(ZERO, NUMBER, node.span)
            return replace(self.call("COALESCE", [node, zero], node.span), type=node.type)
        return node

    def number(self, value: int, span: Span) -> Node:
        """Return a whole number as a constant."""
        return const(Decimal(value), NUMBER, span)

    def word(self, text: str, span: Span) -> Node:
        """Return a text as a constant."""
        return const(text, TEXT, span)

    def call(self, name: str, args: Sequence[Node], span: Span) -> Node:
        """Return a call with its type and facts."""
        return build.call(name, args, span)


def _is_number(text: str) -> bool:
    return bool(text) and text.replace(".", "", 1).removeprefix("-").isdecimal() and text.isascii()
