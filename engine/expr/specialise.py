"""The tree for one request: what only depends on the asking (clock, user, parameters) becomes a constant.

SQL then carries it as a bound parameter. LET is written out, and totals over several arguments become totals over
one, so that a SQL back end has few forms.
"""

from __future__ import annotations

from dataclasses import replace

from engine.expr import build
from engine.expr.python_paths import compile_path
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path, const, function, items, retyped
from engine.expr.types import BOOLEAN, DATE, DATETIME, DEPARTMENT, NUMBER, ListType
from engine.expr.values import Env

_ASKING = frozenset({"USER", "PARAM", "APP"})
_SPLITTING = frozenset({"SUM", "MIN", "MAX", "COUNT", "AVERAGE"})


def specialise(tree: Node, env: Env) -> Node:
    """Return the tree with everything known for this request filled in."""
    return _Specialiser(env).node(tree)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Items) and not node.items


class _Specialiser:
    def __init__(self, env: Env):
        self.env = env
        self.names: dict[int, Node] = {}

    def node(self, node: Node) -> Node:
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Let):
            return self._let(node)
        if isinstance(node, Lambda):
            return function(node.slot, self.node(node.body), node.span)
        if isinstance(node, Items) and isinstance(node.type, ListType):
            return items(tuple(self.node(item) for item in node.items), node.type.item, node.span)
        return node

    def _let(self, node: Let) -> Node:
        """Write a name out; the whole is an error where its value is, used or not."""
        value = self.names[node.slot] = self.node(node.value)
        body = self.node(node.body)
        if not value.may_error:
            return body
        return build.unfolded("FAILIF", [build.call("ISERROR", [value], node.span), body], node.span)

    def _path(self, node: Path) -> Node:
        if isinstance(node.root, int):
            return retyped(self.names.get(node.root, node), node.type) if not node.ids else node
        if node.root not in _ASKING or isinstance(node.type, ListType):
            return node
        return const(compile_path(node)(self.env), node.type, node.span)

    def _call(self, node: Call) -> Node:
        if node.name == "NOW":
            return const(self.env.now, DATETIME, node.span)
        if node.name == "CURRENTDEPTS":
            user = self.env.user
            return items(tuple(const(one, DEPARTMENT) for one in (user.departments if user else ())), DEPARTMENT)
        if node.name == "TODAY":
            return const(self.env.today, DATE, node.span)
        args = tuple(self.node(arg) for arg in node.args)
        if node.name == "HASROLE" and isinstance(args[0], Const):
            user = self.env.user
            return const(user is not None and args[0].value in user.roles, BOOLEAN, node.span)
        if node.name in _SPLITTING and len(args) > 1 and any(isinstance(arg.type, ListType) for arg in args):
            return self._split(node, args)
        made = build.call(node.name, args, node.span)
        return replace(made, type=node.type) if isinstance(made, Call) else made

    def _split(self, node: Call, args: tuple[Node, ...]) -> Node:
        """Write a total over values and lists as a total over the totals of the lists."""
        span = node.span
        lists = [arg for arg in args if isinstance(arg.type, ListType) and not _is_empty(arg)]
        scalars = [arg for arg in args if not isinstance(arg.type, ListType)]
        if not lists and not scalars:
            lists = [args[0]]
        if node.name == "AVERAGE":
            total = self._split(replace(node, name="SUM"), args)
            number = self._split(replace(node, name="COUNT"), args)
            none = build.call("=", [number, const(build.ZERO, NUMBER)], span)
            mean = build.call("/", [total, number], span)
            return build.call("IF", [none, const(None, NUMBER), mean], span)
        parts = [build.call(node.name, [arg], span) for arg in lists]
        if node.name == "COUNT":
            if scalars:
                parts.append(build.call("COUNT", scalars, span))
            return build.call("+", parts, span) if len(parts) > 1 else parts[0]
        return build.call(node.name, [*parts, *scalars], span)
