"""Code that reads: parts of the environment, fields along paths, variables."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expr.code_writer import (
    NONE,
    TRUE,
    Operand,
    Writer,
    assign,
    attribute,
    call,
    compare,
    either,
    is_none,
    is_some,
    name,
)
from engine.expr.python_paths import field_of
from engine.expr.tree import Node, Path
from engine.expr.types import ListType, RecordType
from engine.expr.values import Value, record_id

NOTHING: tuple[Value, ...] = ()
_ROOTS = {"": "record", "OLD": "old", "PARAM": "params", "APP": "app"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value or the item of a loop. ``solid``: it is never blank; ``row``: the temporary to read fields from."""

    name: str
    solid: bool = False
    row: str = ""


class _Unloaded:
    """A linked record of which only the id is known."""

    __slots__ = ("identifier",)

    def __init__(self, identifier: str):
        self.identifier = identifier

    def get(self, key: str) -> Value:
        return field_of(self.identifier, key)


def _row(item: Value) -> Any:
    """Return what the fields of an item of a list are read from."""
    if item is None:
        return {}
    return _Unloaded(item) if isinstance(item, str) else item


class Paths(Writer):
    """Reads what a tree reads. ``needs`` are the parts of the environment the code has in variables."""

    def __init__(self, tree: Node):
        super().__init__()
        self.needs: dict[str, ast.expr] = {}
        self.variables: dict[int, Variable] = {}
        self.uses = Counter(part for part in tree.walk() if isinstance(part, Path))

    def need(self, part: str, load: ast.expr) -> str:
        """Return the variable that has a part of the environment, read once at the start."""
        self.needs.setdefault(part, load)
        return part

    def owner(self, root: str) -> str:
        """Return the variable of the mapping that paths of a root start from."""
        if root == "USER":
            user = self.need("user", attribute("env", "user"))
            fields = ast.IfExp(is_none(name(user)), ast.Dict([], []), attribute(user, "fields"))
            return self.need("user_fields", fields)
        return self.need(_ROOTS[root], attribute("env", _ROOTS[root]))

    def read(self, owner: str, identifier: str) -> ast.expr:
        """Return the expression of a field of a mapping."""
        return call(attribute(owner, "get"), self.bind(identifier))

    def direct(self, node: Path) -> ast.expr | None:
        """Return the expression of a value as it is stored, where one step leads to it."""
        if len(node.ids) != 1:
            return None
        if isinstance(node.root, str):
            return self.read(self.owner(node.root), node.ids[0])
        variable = self.variables[node.root]
        return self.read(variable.row, node.ids[0]) if variable.row else None

    def once(self, node: Node) -> ast.expr | None:
        """Return the same where nothing else reads the path, so that it needs no temporary."""
        if not isinstance(node, Path) or self.uses[node] > 1:
            return None
        repeated = isinstance(node.root, str) and any(scope.loop for scope in self.scopes)
        return None if repeated else self.direct(node)

    def _key(self, node: Path, *more: str) -> tuple[Any, ...]:
        root = node.root if isinstance(node.root, str) else self.variables[node.root]
        return (root, node.ids, *more)

    def stored(self, node: Path) -> str:
        """Return the temporary with the stored value of a path of one or more fields."""
        key = self._key(node)
        direct = self.direct(node)
        if direct is not None:
            return self.load(key, direct, pure=isinstance(node.root, str))
        for scope in reversed(self.scopes):
            if key in scope.known:
                return scope.known[key]
        target = self.temporary()
        if isinstance(node.root, str):
            self.emit(assign(target, self.read(self.owner(node.root), node.ids[0])))
            hops = node.ids[1:]
        else:
            self.emit(assign(target, name(self.variables[node.root].name)))
            hops = node.ids
        for hop in hops:
            loaded = call(attribute(target, "get"), self.bind(hop))
            other = call(self.bind(field_of), name(target), self.bind(hop))
            is_dict = compare(call(self.bind(type), name(target)), ast.Is(), self.bind(dict))
            step = assign(target, ast.IfExp(is_dict, loaded, other))
            self.emit(ast.If(is_some(name(target)), [step], []))
        self.scopes[-1].known[key] = target
        return target

    def path(self, node: Path) -> Operand:
        if not node.ids:
            return self._bare(node)
        type_ = node.type
        if isinstance(type_, ListType):
            return Operand(name(self.list_path(node)))
        if type_.kind == "boolean" and not node.nullable:
            return Operand(compare(self.once(node) or name(self.stored(node)), ast.Is(), TRUE))
        stored = self.stored(node)
        if isinstance(type_, RecordType):
            stored = self._derived(node, "id", call(self.bind(record_id), name(stored)))
        elif type_.kind in ("text", "choice"):
            stored = self._derived(node, "text", either(name(stored), NONE))
        return Operand(name(stored), (stored,))

    def _derived(self, node: Path, kind: str, value: ast.expr) -> str:
        pure = isinstance(node.root, str) and len(node.ids) == 1
        return self.load(self._key(node, kind), value, pure=pure)

    def strict(self, node: Path) -> Operand:
        """Return a stored number as a decimal; it may be stored as an int."""
        if not node.ids:
            return self._bare(node)
        stored = name(self.stored(node))
        is_int = compare(call(self.bind(type), stored), ast.Is(), self.bind(int))
        target = self._derived(node, "number", ast.IfExp(is_int, call(self.bind(Decimal), stored), stored))
        return Operand(name(target), (target,))

    def _bare(self, node: Path) -> Operand:
        if isinstance(node.root, str):
            user = self.need("user", attribute("env", "user"))
            identifier = ast.IfExp(is_none(name(user)), NONE, attribute(user, "id"))
            return self.guarded(self.load(("USER",), identifier, pure=True))
        variable = self.variables[node.root]
        if isinstance(node.type, RecordType):
            return self.guarded(self.keep(call(self.bind(record_id), name(variable.name))))
        return Operand(name(variable.name), () if variable.solid else (variable.name,))

    def guarded(self, target: str) -> Operand:
        return Operand(name(target), (target,))

    def in_slot(self, slot: int) -> ast.expr:
        """Return the value of a variable as a closure reads it."""
        return name(self.variables[slot].name)

    def list_path(self, node: Path) -> str:
        if not node.ids and isinstance(node.root, int):
            value = name(self.variables[node.root].name)
            return self.keep(ast.IfExp(is_none(value), self.bind(NOTHING), value))
        return self._derived(
            node, "list", ast.IfExp(is_none(name(self.stored(node))), self.bind(NOTHING), name(self.stored(node)))
        )

    def item(self, slot: int, body: Node, target: str) -> Binding:
        """Bind the item of a loop while its body is written (inside the block of the loop)."""
        row = ""
        if any(isinstance(part, Path) and part.root == slot and part.ids for part in body.walk()):
            row = self.temporary()
            is_dict = compare(call(self.bind(type), name(target)), ast.Is(), self.bind(dict))
            self.emit(assign(row, ast.IfExp(is_dict, name(target), call(self.bind(_row), name(target)))))
        return Binding(self, slot, Variable(target, row=row))


class Binding:
    """Gives a slot its variable inside a ``with`` block."""

    def __init__(self, paths: Paths, slot: int, variable: Variable):
        self.variables, self.slot, self.variable = paths.variables, slot, variable

    def __enter__(self) -> Variable:
        self.before = self.variables.get(self.slot)
        self.variables[self.slot] = self.variable
        return self.variable

    def __exit__(self, *_: object) -> None:
        if self.before is None:
            del self.variables[self.slot]
        else:
            self.variables[self.slot] = self.before
