"""People and departments: who asks, what somebody is called, who belongs where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from engine.expr import limits
from engine.expr.functions import people_sql
from engine.expr.functions.base import Binder, Function, Param, entries
from engine.expr.messages import error
from engine.expr.syntax import Invoke
from engine.expr.tree import Const, Node, const, items
from engine.expr.types import ANY, BOOLEAN, DEPARTMENT, PERSON, TEXT, ListType
from engine.expr.values import Env, Value, record_id

_ORG = frozenset({"ORG"})
_SERVER = "the organization is read by the server"
_PERSON = Param("person", "any")
_DEPARTMENT = Param("department", "any")
_BELOW = Param("below", "boolean", optional=True, literal=True)

_bound = entries("person", sql="core")
_asked = entries("person", uses=_ORG, fold=False, browser=_SERVER)


# -- what somebody or something is called -----------------------------------------------------------------------------


def _field(field: str, kind: str) -> Callable[[Binder, Function, Invoke], Node]:
    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        return binder.member_path(call.args[0], field, function, kind)

    return bind


for _name, _field_key, _zh, _en, _shown, _aliases in (
    ("USERNAME", "name", "人员的姓名。", "What a person is called.", "陈静", ("TEXTUSER",)),
    ("USEREMAIL", "email", "人员的邮箱。", "The mail address of a person.", "chenjing@example.com", ()),
    ("USERPHONE", "phone", "人员的电话。", "The telephone number of a person.", "13800138000", ()),
):
    _bound(
        _name,
        _zh,
        _en,
        ((f"{_name}(owner)", _shown),),
        (_PERSON,),
        TEXT,
        bind=_field(_field_key, "person"),
        aliases=_aliases,
    )
_bound(
    "DEPTNAME",
    "部门的名称。",
    "What a department is called.",
    (("DEPTNAME(department)", "华东组"),),
    (_DEPARTMENT,),
    TEXT,
    bind=_field("name", "department"),
    aliases=("TEXTDEPT",),
)


def _bind_manager(binder: Binder, function: Function, call: Invoke) -> Node:
    found = binder.member_path(call.args[0], "manager", function, "person")
    if len(call.args) < 2 or found.type == ANY:
        return found
    level = binder.bind_argument(call.args[1], function.params[1], function.name)
    wanted = level.value if isinstance(level, Const) and level.value is not None else Decimal(0)
    if wanted not in range(1, limits.HOPS + 1):
        options = "、".join(str(one) for one in range(1, limits.HOPS + 1))
        wanted_name = {"zh-CN": "级数", "en": "level"}
        binder.report(error("X314", *level.span, text=str(wanted), wanted=wanted_name, options=options))
        return binder.poison(call)
    for _ in range(1, int(wanted)):
        found = binder.field_of(found, "manager", "person", (call.start, call.end))
    return found


_bound(
    "MANAGER",
    "人员的上级；第二个参数为向上几级（1–5）。",
    "Who a person reports to; the second argument is how many levels up, 1 to 5.",
    (
        ("MANAGER(owner).name", "王伟"),
        ("USERNAME(MANAGER(owner, 2))", "李娜"),
    ),
    (_PERSON, Param("level", "number", optional=True, literal=True)),
    PERSON,
    bind=_bind_manager,
)


def _department_path(env: Env, department: str) -> Value:
    return "/".join(env.outside.department_path(department)) or None


def _bind_department(binder: Binder, function: Function, call: Invoke) -> Node:
    span, bound = (call.start, call.end), binder.bind(call.args[0])
    if bound.type == DEPARTMENT:
        return binder.call(function.name, [bound], span)
    if bound.type != ANY:
        binder.wrong_type(bound, "department", function.name)
    return binder.poison(call)


_asked(
    "DEPTPATH",
    "部门的完整路径，自上而下，用“/”分隔。",
    "The names of a department and all above it, from the top, with / between.",
    (("DEPTPATH(department)", "总部/销售部/华东组"),),
    (_DEPARTMENT,),
    TEXT,
    _department_path,
    bind=_bind_department,
    query=people_sql.department_path,
)


# -- who belongs where ------------------------------------------------------------------------------------------------


def _ids(values: Sequence[Value]) -> list[str]:
    return [found for value in values if (found := record_id(value)) is not None]


def _departments(binder: Binder, function: Function, call: Invoke, at: int) -> Node | None:
    """Bind an argument that names departments: one, several, or a text with the name of one."""
    bound = binder.bind(call.args[at])
    if bound.type == TEXT:
        return binder.call("DEPTSNAMED", [bound], bound.span)
    if bound.type == DEPARTMENT:
        return items((bound,), DEPARTMENT, bound.span)
    if bound.type == ListType(DEPARTMENT):
        return bound
    if bound.type != ANY:
        binder.wrong_type(bound, "department", function.name)
    return None


def _named(env: Env, text: str) -> Value:
    return list(env.outside.departments_named(text))


_asked(
    "DEPTSNAMED",
    "按名称或编号找到的部门。",
    "The departments a text names.",
    (),
    (Param("text", "text"),),
    ListType(DEPARTMENT),
    lambda env, text: [] if text is None else _named(env, text),
    blank="own",
    rows=people_sql.departments_named,
    extra={"stream": True},
    sql="core",
    hidden=True,
)


def _in_departments(env: Env, person: Value, departments: Sequence[Value], below: bool = False) -> Value:
    if person is None:
        return None
    found = _ids(departments)
    return bool(found) and env.outside.within(person, found, below=below)


def _bind_membership(below: bool | None) -> Callable[[Binder, Function, Invoke], Node]:
    """Bind a person, departments, and whether those below count (given, or the third argument)."""

    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        person = binder.bind(call.args[0])
        departments = _departments(binder, function, call, 1)
        span = (call.start, call.end)
        if person.type != PERSON:
            if person.type != ANY:
                binder.wrong_type(person, "person", function.name)
            return binder.poison(call)
        if departments is None:
            return binder.poison(call)
        deep: Node = const(bool(below), BOOLEAN, span)
        if len(call.args) > 2:
            deep = binder.bind_argument(call.args[2], _BELOW, function.name)
        return binder.call("INDEPT", [person, departments, deep], span)

    return bind


_asked(
    "INDEPT",
    "人员是否属于某个部门（可写部门字段、部门列表或部门名称）；第三个参数为 TRUE 时包含下级部门。人员为空时结果为空。",
    "Whether a person belongs to a department (a field, a list, or its name as text); with TRUE as the third argument "
    "also to one below it. Blank for a blank person.",
    (
        ("INDEPT(owner, department)", "TRUE"),
        ('INDEPT(owner, "销售部")', "FALSE"),
        ('INDEPT(owner, "销售部", TRUE)', "TRUE"),
    ),
    (_PERSON, _DEPARTMENT, _BELOW),
    BOOLEAN,
    _in_departments,
    blank="own",
    bind=_bind_membership(None),
    query=people_sql.in_departments,
)
for _name, _deep, _shown, _zh, _en in (
    (
        "USER_IN_DEP",
        True,
        "TRUE",
        "人员是否属于某个部门或其下级部门，与 INDEPT(人员, 部门, TRUE) 相同。",
        "Whether a person belongs to a department or one below it, the same as INDEPT with TRUE.",
    ),
    (
        "USER_DIRECT_DEP",
        False,
        "FALSE",
        "人员是否直属某个部门，与 INDEPT(人员, 部门) 相同。",
        "Whether a person belongs to a department itself, the same as INDEPT.",
    ),
):
    _asked(
        _name,
        _zh,
        _en,
        ((f'{_name}(owner, "销售部")', _shown),),
        (_PERSON, _DEPARTMENT),
        BOOLEAN,
        bind=_bind_membership(_deep),
        sql="core",
    )


def _members(env: Env, departments: Sequence[Value], below: bool = False) -> Value:
    found = _ids(departments)
    return list(env.outside.members(found, below=below)) if found else []


def _bind_members(binder: Binder, function: Function, call: Invoke) -> Node:
    departments, span = _departments(binder, function, call, 0), (call.start, call.end)
    if departments is None:
        return binder.poison(call)
    below = binder.bind_argument(call.args[1], _BELOW, function.name) if len(call.args) > 1 else const(False, BOOLEAN)
    return binder.call(function.name, [departments, below], span)


_asked(
    "DEPTMEMBERS",
    "部门的成员列表；第二个参数为 TRUE 时包含下级部门的成员。",
    "The people of a department; with TRUE as the second argument also those of the departments below.",
    (
        ('COUNT(DEPTMEMBERS("销售部", TRUE))', "2"),
        ("owner IN DEPTMEMBERS(department)", "TRUE"),
    ),
    (_DEPARTMENT, _BELOW),
    ListType(PERSON),
    _members,
    blank="own",
    bind=_bind_members,
    rows=people_sql.members,
    extra={"stream": True},
    sql="core",
)


def _subordinates(env: Env, person: Value, levels: Decimal | None = None) -> Value:
    if person is None:
        return []
    return list(env.outside.subordinates(person, None if levels is None else int(levels)))


def _bind_subordinates(binder: Binder, function: Function, call: Invoke) -> Node:
    person = binder.bind(call.args[0])
    if person.type != PERSON:
        if person.type != ANY:
            binder.wrong_type(person, "person", function.name)
        return binder.poison(call)
    levels = [binder.bind_argument(arg, function.params[1], function.name) for arg in call.args[1:]]
    return binder.call(function.name, [person, *levels], (call.start, call.end))


_asked(
    "SUBORDINATES",
    "人员的全部下属；第二个参数为向下几级（1 为直接下属）。",
    "Everybody below a person; the second argument is how many levels down, 1 for those who report directly.",
    (
        ("owner IN SUBORDINATES(MANAGER(owner, 2))", "TRUE"),
        ("owner IN SUBORDINATES(MANAGER(owner, 2), 1)", "FALSE"),
    ),
    (_PERSON, Param("levels", "number", optional=True, literal=True)),
    ListType(PERSON),
    _subordinates,
    blank="own",
    bind=_bind_subordinates,
    rows=people_sql.subordinates,
    extra={"stream": True},
    sql="core",
)
