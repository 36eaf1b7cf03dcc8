"""From the bound tree to Python closures.

Blank is None; a run-time error travels as an exception inside and comes out as an :class:`ErrorValue`. A closure
reads the environment it is given and nothing else: no attribute of a value, no global.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.expr.budget import spend, spend_text
from engine.expr.functions.base import Fn, Function, Test, function_of
from engine.expr.numbers import KEPT, keep12
from engine.expr.python_paths import compile_path
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path, is_boolean, slots
from engine.expr.types import ListType, NumberType
from engine.expr.values import Env, ErrorValue, Fault, Value, as_list

_SLOW = frozenset({"text", "chinese"})


def closure(tree: Node) -> Callable[[Env], Value]:
    """Return a function that evaluates the tree; an error comes back as an :class:`ErrorValue`."""
    needed = slots(tree)
    body = rounded(Compiler().value(tree), tree)

    def run(env: Env) -> Value:
        env.steps = 0
        if needed:
            env.slots = [None] * needed
        try:
            return body(env)
        except Fault as fault:
            return ErrorValue(fault.code)

    return run


def decide(function: Callable[[Env], Value], env: Env) -> bool:
    """Return the decision a value stands for: blank and errors mean no."""
    return function(env) is True


def rounded(function: Fn, node: Node) -> Fn:
    """Return the function with its result cut to 12 decimals where it leaves arithmetic (rule N4)."""
    if not isinstance(node.type, NumberType) or node.facts.scale <= KEPT:
        return function
    if isinstance(node, Const):
        value = keep12(node.value)
        return lambda env: value

    def cut(env: Env) -> Value:
        number = function(env)
        return None if number is None else keep12(number)

    return cut


def is_slow(node: Node) -> bool:
    """Say whether a function of an item works on texts, which may be long: the clock is looked at for each item."""
    return any(isinstance(part, Call) and function_of(part).group in _SLOW for part in node.walk())


def spending(function: Fn, steps: int) -> Fn:
    """Return a function that counts steps, and looks at the clock, each time."""

    def run(env: Env) -> Value:
        spend(env, steps)
        return function(env)

    return run


def _gives_list(function: Function, node: Call) -> bool:
    """Say whether a function gives lists; another that only gives NULL may stand for an empty one."""
    return isinstance(function.result(node.args) if callable(function.result) else function.result, ListType)


def _kept(function: Fn) -> Fn:
    """Count the texts a function of an item gives: they stand in a list."""

    def run(env: Env) -> Value:
        text = function(env)
        spend_text(env, text)
        return text

    return run


def fixed_value(node: Node) -> Value:
    """Return the value of a constant as functions take it (rule N4); None for blank and for what is no constant."""
    if not isinstance(node, Const) or node.value is None:
        return None
    return keep12(node.value) if isinstance(node.type, NumberType) and node.facts.scale > KEPT else node.value


class Compiler:
    """Compiles nodes; one for a whole tree."""

    def value(self, node: Node) -> Fn:
        """Return the function of an environment that gives a node's value."""
        if isinstance(node, Call):
            function = function_of(node)
            made = function.form(self, node) if function.form else self._plain(function, node)
            if isinstance(node.type, ListType) and not _gives_list(function, node):
                return lambda env: as_list(made(env))
            return spending(made, 1) if function.extra.get("slow") else made
        if isinstance(node, Const):
            value = node.value
            return lambda env: value
        if isinstance(node, Path):
            return compile_path(node)
        if isinstance(node, Let):
            return self._let(node)
        if isinstance(node, Items):
            return self._items(node)
        raise TypeError(node)

    def test(self, node: Node) -> Test:
        """Return the decision of a condition: TRUE or not. Errors are raised."""
        if isinstance(node, Call):
            made = function_of(node).extra.get("test")
            if made is not None:
                test: Test = made(self, node)
                return test
        value = self.value(node)
        if is_boolean(node) and not node.nullable:
            return value
        return lambda env: value(env) is True

    def items(self, node: Node) -> Callable[[Env], Sequence[Value]]:
        """Return the function that gives a list's items."""
        return self.value(node)

    def function(self, node: Node) -> tuple[int, Fn]:
        """Return the slot and the body of a function of one item."""
        if not isinstance(node, Lambda):
            raise TypeError(node)
        made = rounded(self.value(node.body), node.body)
        if node.body.type.kind == "text":
            made = _kept(made)
        return node.slot, spending(made, 0) if is_slow(node.body) else made

    def predicate(self, node: Node) -> Test:
        """Return the decision of a function of one item whose body is a condition."""
        if not isinstance(node, Lambda):
            raise TypeError(node)
        made = self.test(node.body)
        return spending(made, 0) if is_slow(node.body) else made

    def argument(self, node: Node) -> Fn:
        """Return an argument as functions want it: numbers cut to 12 decimals."""
        return rounded(self.value(node), node)

    def _let(self, node: Let) -> Fn:
        value, body, slot = self.value(node.value), self.value(node.body), node.slot

        def run(env: Env) -> Value:
            env.slots[slot] = value(env)
            return body(env)

        return run

    def _items(self, node: Items) -> Fn:
        parts = [self.argument(item) for item in node.items]
        return lambda env: [part(env) for part in parts]

    def _plain(self, function: Function, node: Call) -> Fn:
        python = function.python
        if python is None:
            raise TypeError(f"{function.name} has no Python form")
        args = [self.value(arg) if function.raw_numbers else self.argument(arg) for arg in node.args]
        if function.uses:
            return _with_environment(function, python, args)
        if function.blank == "own":
            return _own(python, args)
        if function.blank == "text":
            return _text(python, args, node)
        return _propagate(python, args, _known(node.args[1], function.raw_numbers) if len(args) == 2 else None)


def _own(python: Callable[..., Value], args: list[Fn]) -> Fn:
    if len(args) == 1:
        only = args[0]
        return lambda env: python(only(env))
    return lambda env: python(*[arg(env) for arg in args])


def _known(node: Node, raw: bool) -> Value:
    return node.value if raw and isinstance(node, Const) else fixed_value(node)


def _propagate(python: Callable[..., Value], args: list[Fn], fixed: Value) -> Fn:
    if len(args) == 1:
        first = args[0]

        def one(env: Env) -> Value:
            value = first(env)
            return None if value is None else python(value)

        return one
    if len(args) == 2:
        return _propagate_two(python, args[0], args[1], fixed)

    def many(env: Env) -> Value:
        values = [arg(env) for arg in args]
        return None if None in values else python(*values)

    return many


def _propagate_two(python: Callable[..., Value], first: Fn, second: Fn, fixed: Value) -> Fn:
    """Propagate blanks of two arguments; ``fixed`` is the second one when it is known."""
    if fixed is not None:

        def half(env: Env) -> Value:
            value = first(env)
            return None if value is None else python(value, fixed)

        return half

    def two(env: Env) -> Value:
        left, right = first(env), second(env)
        return None if left is None or right is None else python(left, right)

    return two


def _text(python: Callable[..., Value], args: list[Fn], node: Call) -> Fn:
    """Blank text reads as empty text, empty text is blank; any other blank argument makes the result blank."""
    is_text = [arg.type.kind in ("text", "null") for arg in node.args]
    gives_text = node.type.kind == "text"
    others = [fixed_value(arg) for arg in node.args[1:]]
    if is_text[0] and None not in others:
        first = args[0]
        if gives_text:
            return lambda env: python(first(env) or "", *others) or None
        return lambda env: python(first(env) or "", *others)

    def run(env: Env) -> Value:
        values: list[Value] = []
        blank = False
        for arg, text in zip(args, is_text, strict=True):
            value = arg(env)
            if value is None:
                if text:
                    value = ""
                else:
                    blank = True
            values.append(value)
        if blank:
            return None
        result = python(*values)
        return (result or None) if gives_text else result

    return run


def _with_environment(function: Function, python: Callable[..., Value], args: list[Fn]) -> Fn:
    if not args:
        return python
    if function.blank == "own":
        return lambda env: python(env, *[arg(env) for arg in args])

    def run(env: Env) -> Value:
        values = [arg(env) for arg in args]
        return None if None in values else python(env, *values)

    return run
