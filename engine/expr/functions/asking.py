"""Who asks: the current user, with departments and roles."""

from __future__ import annotations

from engine.expr.functions.base import Binder, Function, Param, define, entries
from engine.expr.messages import error
from engine.expr.suggest import nearest
from engine.expr.syntax import Invoke
from engine.expr.tree import Const, Node, const
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, DEPARTMENT, PERSON, TEXT, ListType
from engine.expr.values import Env, Value

_USER = frozenset({"USER"})

_bound = entries("person", sql="core")


def _may_ask(binder: Binder, function: Function, call: Invoke) -> bool:
    if "USER" in binder.scope.roots:
        return True
    binder.report(error("X209", call.start, call.name_end, name=function.name))
    return False


def _bind_current_user(binder: Binder, function: Function, call: Invoke) -> Node:
    if not _may_ask(binder, function, call):
        return binder.poison(call)
    return path_node("USER", (), PERSON, (call.start, call.end))


def _bind_current_departments(binder: Binder, function: Function, call: Invoke) -> Node:
    if not _may_ask(binder, function, call):
        return binder.poison(call)
    return binder.call(function.name, [], (call.start, call.end))


def _departments_of_user(env: Env) -> Value:
    return list(env.user.departments) if env.user is not None else []


_bound(
    "CURRENTUSER",
    "当前用户，与 USER 相同。",
    "The current user, the same as USER.",
    (("CURRENTUSER().name", "陈静"),),
    (),
    PERSON,
    bind=_bind_current_user,
    uses=_USER,
)
_bound(
    "CURRENTDEPTS",
    "当前用户所在的部门列表，主部门在前。",
    "The departments of the current user, the main one first.",
    (("department IN CURRENTDEPTS()", "TRUE"),),
    (),
    ListType(DEPARTMENT),
    _departments_of_user,
    bind=_bind_current_departments,
    uses=_USER,
    extra={"stream": True},
)


def _has_role(env: Env, role: str) -> bool:
    return env.user is not None and role in env.user.roles


def _bind_has_role(binder: Binder, function: Function, call: Invoke) -> Node:
    role = binder.bind_argument(call.args[0], function.params[0], "HASROLE")
    if not _may_ask(binder, function, call):
        return binder.poison(call)
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
        examples=(('HASROLE("sales")', "TRUE"),),
        bind=_bind_has_role,
        python=_has_role,
        uses=_USER,
        fold=False,
        sql="core",
    )
)


def _bind_own_name(binder: Binder, function: Function, call: Invoke) -> Node:
    user = _bind_current_user(binder, function, call)
    return binder.field_of(user, "name", "person", (call.start, call.end)) if user.type == PERSON else user


_bound(
    "GETUSERNAME",
    "当前用户的姓名，与 USERNAME(CURRENTUSER()) 相同。",
    "What the current user is called, the same as USERNAME(CURRENTUSER()).",
    (("GETUSERNAME()", "陈静"),),
    (),
    TEXT,
    bind=_bind_own_name,
    uses=_USER,
)
