"""Who asks, and what they are."""

from __future__ import annotations

from engine.expr.functions.base import Binder, Function, Param, define
from engine.expr.messages import error
from engine.expr.suggest import nearest
from engine.expr.syntax import Invoke
from engine.expr.tree import Const, Node, const
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, PERSON, TEXT
from engine.expr.values import Env

_USER = frozenset({"USER"})


def _bind_current_user(binder: Binder, function: Function, call: Invoke) -> Node:
    return path_node("USER", (), PERSON, (call.start, call.end))


define(
    Function(
        name="CURRENTUSER",
        group="person",
        result=PERSON,
        docs={"zh-CN": "当前用户，与 USER 相同。", "en": "The current user, the same as USER."},
        bind=_bind_current_user,
        uses=_USER,
        sql="core",
    )
)


def _has_role(env: Env, role: str) -> bool:
    return env.user is not None and role in env.user.roles


def _bind_has_role(binder: Binder, function: Function, call: Invoke) -> Node:
    role = binder.bind_argument(call.args[0], function.params[0], "HASROLE")
    known = binder.scope.roles
    if not known or not isinstance(role, Const) or role.value is None:
        return binder.call("HASROLE", [role], (call.start, call.end))
    found = binder.known_name(f'HASROLE="{role.value}"', known.get(role.value))
    if found is None:
        start, end = role.span
        binder.report(
            error("X210", start, end, *binder.quoted_fixes(role, nearest(role.value, known)), name=role.value)
        )
        return binder.poison(call)
    return binder.call("HASROLE", [const(found, TEXT, role.span)], (call.start, call.end))


define(
    Function(
        name="HASROLE",
        group="person",
        params=(Param("role", "text", literal=True),),
        result=BOOLEAN,
        docs={"zh-CN": "当前用户是否有某个角色。", "en": "Whether the current user has a role."},
        bind=_bind_has_role,
        python=_has_role,
        uses=_USER,
        fold=False,
        sql="core",
    )
)
