"""From the bound tree to a Python function of byte-code, for what is evaluated often: stored formulas, batches, rules.

The code is made of :mod:`ast` nodes and compiled; no text is put together. All it can name are its own temporaries
and the values bound to it (constants, field ids, functions of this package): there are no builtins, and no attribute
is read but those of the environment, of a record as a mapping and of lists it made itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any

from engine.expr import code_forms, code_lists, code_logic
from engine.expr.code_nodes import Generator
from engine.expr.code_writer import NONE, assign, call, name
from engine.expr.to_python import closure
from engine.expr.tree import Call, Let, Node, slots
from engine.expr.values import Env, ErrorValue, Fault, Value

FORMS_OF = (code_forms, code_lists, code_logic)
"""The modules that fill the tables of the generator."""
AFTER = 300
"""Evaluations after which byte-code has paid for its making; measured by ``benchmarks/bench_expr.py``."""
ENV = "env"
_FILE = "<formula>"


def evaluator(tree: Node) -> Callable[[Env], Value]:
    """Return the function that evaluates a tree, for whoever keeps it: closures at first, byte-code once it pays.

    An error comes back as an :class:`ErrorValue`.
    """
    run = closure(tree)
    left = AFTER

    def evaluate(env: Env) -> Value:
        nonlocal run, left
        if left > 0:
            left -= 1
            if left <= 0:  # threads may pass zero together
                run = bytecode(tree)
        return run(env)

    return evaluate


def bytecode(tree: Node) -> Callable[[Env], Value]:
    """Return a function that evaluates the tree; an error comes back as an :class:`ErrorValue`."""
    write = Generator(tree)
    _finish(write, tree)
    handler = ast.Return(call(write.bind(_error), name(code_logic.FAULT)))
    body = [code_logic.caught(write, write.block, [handler])]
    return function([ENV], [*start(write, slots(tree)), *body], write.bound)


def _error(fault: Fault) -> ErrorValue:
    return ErrorValue(fault.code)


def _finish(write: Generator, node: Node | None) -> None:
    """Write the return of a value; a choice at the end returns from its branches."""
    if node is None:
        write.emit(ast.Return(NONE))
    elif isinstance(node, Call) and node.name == "IF":
        code_logic.choose(write, node, lambda result: _finish(write, result))
    elif isinstance(node, Let):
        with write.named(node):
            _finish(write, node.body)
    else:
        write.emit(ast.Return(write.argument(node).value()))


def start(write: Generator, size: int, environment: ast.expr | None = None, *, given: bool = True) -> list[ast.stmt]:
    """Return the statements that read what is needed of the environment; ``given`` is it as an argument, else it is
    made by ``environment``, or nothing asks for it."""
    made: list[ast.stmt] = []
    if environment is not None:
        made.append(assign(ENV, environment))
    elif given and (write.counts or write.closures):
        made.append(ast.Assign([ast.Attribute(name(ENV), "steps", ast.Store())], ast.Constant(0)))
    if write.closures:
        empty = ast.BinOp(ast.List([NONE], ast.Load()), ast.Mult(), ast.Constant(size))
        made.append(assign("slots", empty))
        made.append(ast.Assign([ast.Attribute(name(ENV), "slots", ast.Store())], name("slots")))
    return made + [assign(part, load) for part, load in write.needs.items()]


def function(parameters: Sequence[str], body: Sequence[ast.stmt], bound: dict[str, Any]) -> Callable[..., Any]:
    """Return the function of some statements; ``bound`` is all it can reach."""
    arguments = ast.arguments([], [ast.arg(one) for one in parameters], None, [], [], None, [])
    made = ast.FunctionDef("formula", arguments, list(body), [], None)
    module = ast.fix_missing_locations(ast.Module([made], []))
    code = compile(module, _FILE, "exec", dont_inherit=True)
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **bound}, "formula")
