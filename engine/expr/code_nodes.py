"""From the bound tree to generated Python code: constants, paths, variables, and calls of any function.

A node is asked for in four ways: as an operand (a value that is not blank, once its guards hold), as a value (None
for blank), as text (blank reads as empty) or as a test (TRUE or not). What has no form of its own in
:mod:`engine.expr.code_forms` or :mod:`engine.expr.code_lists` is a call of the Python function of the table, or of a
closure, so that every tree has code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from engine.expr import numbers
from engine.expr.budget import spend
from engine.expr.code_paths import NOTHING, Binding, Paths, Variable
from engine.expr.code_writer import NONE, TRUE, Operand, all_of, call, either, name
from engine.expr.functions.base import Function, function_of
from engine.expr.numbers import KEPT
from engine.expr.to_python import Compiler
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path
from engine.expr.types import ListType, NumberType

Form = Callable[["Generator", Call], Operand]
Test = Callable[["Generator", Call], ast.expr]

FORMS: dict[str, Form] = {}
"""Functions whose code is written out."""
TESTS: dict[str, Test] = {}
"""Functions with code of their own where only TRUE or not is asked for."""
TEXTS: dict[str, Form] = {}
"""Functions whose text is written out; blank is empty."""
LISTS: dict[str, Callable[[Generator, Call], str]] = {}
"""Functions that give a list: the code returns the temporary that has it."""

DEEPEST = 12
"""Loops and handlers inside each other; what is deeper is a closure."""
EMPTY = ast.Constant("")


class Generator(Paths):
    """Writes the code of one tree."""

    def __init__(self, tree: Node):
        super().__init__(tree)
        self.counts = False
        """Whether the code looks at lists, so that steps are counted."""
        self.closures = False
        """Whether the code calls closures, which read variables from the environment."""

    # -- the four ways ---------------------------------------------------------------------------------------------

    def operand(self, node: Node) -> Operand:
        """Return a value that is not blank once its guards hold; numbers are decimals."""
        made = self.loose(node)
        if made.whole:
            return replace(made, expr=call(self.bind(Decimal), made.expr), whole=False)
        return self.strict(node) if isinstance(node, Path) and _is_number(node) else made

    def loose(self, node: Node) -> Operand:
        """Return the same, but a number may be a Python int: for arithmetic and comparison, which take both."""
        if isinstance(node.type, ListType):
            return Operand(name(self.list(node)))
        if isinstance(node, Call):
            form = FORMS.get(node.name)
            if form is not None and self.depth < DEEPEST:
                return form(self, node)
            if node.name in TEXTS:
                made = TEXTS[node.name](self, node)
                return self.settle_blank(replace(made, expr=either(made.expr, NONE)))
            function = function_of(node)
            return self.closure(node) if function.form or function.python is None else self._plain(function, node)
        if isinstance(node, Const):
            return self._constant(node)
        if isinstance(node, Path):
            return self.path(node)
        if isinstance(node, Let):
            return self._let(node)
        raise TypeError(node)

    def argument(self, node: Node) -> Operand:
        """Return an operand as functions want it: numbers cut to 12 decimals."""
        return self.cut(node, self.operand(node))

    def cut(self, node: Node, operand: Operand) -> Operand:
        """Cut a number to 12 decimals where it leaves arithmetic (rule N4)."""
        if not isinstance(node.type, NumberType) or node.facts.scale <= KEPT:
            return operand
        if isinstance(node, Const):
            return Operand(self.bind(numbers.keep12(node.value)))
        unit = self.bind(numbers.UNIT12)
        return replace(operand, expr=call(self.bind(numbers.quantize), operand.expr, unit), whole=False)

    def value(self, node: Node) -> Operand:
        """Return a value as it is: its expression gives None for blank, so it has no guards."""
        if isinstance(node, Path) and node.type.kind in ("text", "choice"):
            loaded = self.once(node)
            if loaded is not None:
                return Operand(either(loaded, NONE))
        return self.plain(self.operand(node))

    def plain(self, operand: Operand) -> Operand:
        """Return an operand without guards: None stands for blank."""
        return Operand(operand.value(), raising=operand.raising)

    def text(self, node: Node) -> Operand:
        """Return a text; blank is empty. It has no guards."""
        if isinstance(node, Const):
            return Operand(self.bind(node.value) if node.value else EMPTY)
        if isinstance(node, Path):
            return Operand(either(self.once(node) or self.path(node).expr, EMPTY))
        if isinstance(node, Call):
            if node.name in TEXTS:
                return TEXTS[node.name](self, node)
            function = function_of(node)
            own = node.name in FORMS or function.form is not None or "slow" in function.extra
            if function.blank == "text" and not own:
                made = self.text_call(function, node)
                return Operand(made.value(EMPTY), raising=made.raising)
        made = self.operand(node)
        if isinstance(made.expr, ast.Name) and made.guards == (made.expr.id,):
            return Operand(either(made.expr, EMPTY))
        return Operand(made.value(EMPTY), raising=made.raising)

    def test(self, node: Node) -> ast.expr:
        """Return an expression that is true where a condition is TRUE."""
        if isinstance(node, Call) and node.name in TESTS and self.depth < DEEPEST:
            return TESTS[node.name](self, node)
        made = self.operand(node)
        self.raised += made.raising
        if isinstance(made.expr, ast.Name) and made.guards == (made.expr.id,):
            return made.expr
        return all_of([*made.present, made.expr])

    def list(self, node: Node) -> str:
        """Return the temporary that has the items of a list."""
        self.counts = True
        if isinstance(node, Call) and node.name in LISTS and self.depth < DEEPEST:
            return LISTS[node.name](self, node)
        if isinstance(node, Items):
            made, _ = self.gather([partial(self._item, item) for item in node.items])
            raising = any(part.raising for part in made)
            return self.keep(ast.List([part.expr for part in made], ast.Load()), raising=raising)
        if isinstance(node, Const):
            return self.keep(self.bind(node.value if node.value is not None else NOTHING))
        if isinstance(node, Path):
            return self.list_path(node)
        if isinstance(node, Let):
            with self.named(node):
                return self.list(node.body)
        return self.keep(self.closure(node).expr)

    def _item(self, node: Node) -> Operand:
        return self.plain(self.argument(node))

    # -- leaves ----------------------------------------------------------------------------------------------------

    def _constant(self, node: Const) -> Operand:
        if node.value is None:
            return self.guarded(self.keep(NONE))
        return Operand(TRUE if node.value is True else self.bind(node.value))

    # -- variables -------------------------------------------------------------------------------------------------

    def named(self, node: Let) -> Binding:
        """Bind the value of a LET while its body is written."""
        made = self.operand(node.value)
        target = self.keep(made.value(), raising=made.raising)
        return Binding(self, node.slot, Variable(target, solid=not made.guards))

    def _let(self, node: Let) -> Operand:
        with self.named(node):
            return self.loose(node.body)

    # -- calls -----------------------------------------------------------------------------------------------------

    def fails(self, function: Function, node: Call) -> bool:
        """Say whether a call itself may raise. Too long a text is found out only while running."""
        return bool(function.errors) and (node.may_error or "LIMIT" in function.errors)

    def built(
        self, function: Function, node: Call, makers: Sequence[Callable[[], Operand]], build: Callable[..., ast.expr]
    ) -> Operand:
        """Return the call of operands that is blank when one of them is."""
        made, guards = self.gather(makers)
        raising = self.fails(function, node) or any(operand.raising for operand in made)
        return Operand(build(*[operand.expr for operand in made]), guards, raising)

    def _plain(self, function: Function, node: Call) -> Operand:
        wanted = self.operand if function.raw_numbers else self.argument
        python = self.bind(function.python)
        if function.extra.get("slow"):
            self.counts = True
            self.emit(ast.Expr(call(self.bind(spend), name("env"), ast.Constant(1))), raising=True)
        build: Callable[..., ast.expr] = partial(call, python)
        if function.uses:
            build = partial(call, python, name("env"))
        if function.blank == "own":
            makers = [partial(self._own, wanted, arg) for arg in node.args]
            return self.settle_blank(self.built(function, node, makers, build))
        if function.blank == "text" and not function.uses:
            made = self.text_call(function, node)
            return self.settle_blank(replace(made, expr=either(made.expr, NONE)) if node.type.kind == "text" else made)
        return self.settle_blank(self.built(function, node, [partial(wanted, arg) for arg in node.args], build))

    def settle_blank(self, operand: Operand) -> Operand:
        """Evaluate a call that may itself give blank."""
        target = self.keep(operand.value(), raising=operand.raising)
        return Operand(name(target), (target,))

    def _own(self, wanted: Callable[[Node], Operand], node: Node) -> Operand:
        return self.plain(wanted(node))

    def text_call(self, function: Function, node: Call) -> Operand:
        """Blank text reads as empty text; any other blank argument makes the result blank."""
        wanted = self.operand if function.raw_numbers else self.argument
        makers: list[Callable[[], Operand]] = [
            partial(self.text if arg.type.kind in ("text", "null") else wanted, arg) for arg in node.args
        ]
        return self.built(function, node, makers, partial(call, self.bind(function.python)))

    def closure(self, node: Node) -> Operand:
        """Return the call of the closure of a node; variables of the code are handed to it."""
        inside = {part.slot for part in node.walk() if isinstance(part, Lambda | Let)}
        asked = {part.root for part in node.walk() if isinstance(part, Path) and isinstance(part.root, int)} - inside
        self.closures = True
        for slot in sorted(asked):
            at = ast.Subscript(name("slots"), ast.Constant(slot), ast.Store())
            self.emit(ast.Assign([at], self.in_slot(slot)))
        made = self.keep(call(self.bind(Compiler().value(node)), name("env")), raising=True)
        return self.guarded(made)


def _is_number(node: Node) -> bool:
    return isinstance(node.type, NumberType)
