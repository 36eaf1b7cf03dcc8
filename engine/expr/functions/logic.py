"""AND OR NOT XOR, blanks and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, Test, define, never_blank
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Const, Node
from engine.expr.types import BOOLEAN, Type
from engine.expr.values import Env, Fault, Value

_CONDITION = Param("condition", "boolean")


# -- AND, OR, NOT, XOR --------------------------------------------------------------------------------------------


def _kleene(decisive: bool) -> tuple[object, object]:
    """Return the closure and the decision builder of AND (decided by FALSE) or OR (by TRUE)."""

    def form(compiler: PythonCompiler, node: Call) -> Fn:
        args = [compiler.value(arg) for arg in node.args]

        def plain(env: Env) -> Value:
            result: bool | None = not decisive
            for arg in args:
                value = arg(env)
                if value is decisive:
                    return decisive
                if value is None:
                    result = None
            return result

        def guarded(env: Env) -> Value:
            result: bool | None = not decisive
            failed: Fault | None = None
            for arg in args:
                try:
                    value = arg(env)
                except Fault as fault:
                    failed = failed or fault
                    continue
                if value is decisive:
                    return decisive
                if value is None:
                    result = None
            if failed is not None:
                raise failed
            return result

        return guarded if node.may_error else plain

    def test(compiler: PythonCompiler, node: Call) -> Test:
        if node.may_error:
            value = form(compiler, node)
            return lambda env: value(env) is True
        tests = [compiler.test(arg) for arg in node.args]
        if len(tests) == 2:
            first, second = tests
            if decisive:
                return lambda env: first(env) or second(env)
            return lambda env: first(env) and second(env)
        if decisive:
            return lambda env: any(part(env) for part in tests)
        return lambda env: all(part(env) for part in tests)

    return form, test


def _bind_logic(binder: Binder, function: Function, call: Invoke) -> Node:
    if not call.args:
        return binder.poison(call)
    args = [binder.bind_condition(arg) for arg in call.args]
    return args[0] if len(args) == 1 else binder.call(function.name, args, (call.start, call.end))


for _name, _decisive, _zh, _en, _examples in (
    (
        "AND",
        False,
        "全部成立才成立。一边为假时，另一边出错也为假。",
        "True when all are true. A false side decides, even if another fails.",
        (("AND(TRUE, 1 < 2)", "TRUE"), ("FALSE AND 1 / 0 = 1", "FALSE"), ("TRUE AND NULL", "")),
    ),
    (
        "OR",
        True,
        "任一成立即成立。一边为真时，另一边出错也为真。",
        "True when any is true. A true side decides, even if another fails.",
        (("OR(FALSE, 1 < 2)", "TRUE"), ("TRUE OR 1 / 0 = 1", "TRUE"), ("FALSE OR NULL", "")),
    ),
):
    _form, _test = _kleene(_decisive)
    define(
        Function(
            name=_name,
            group="logic",
            params=(_CONDITION,),
            repeat=1,
            result=BOOLEAN,
            docs={"zh-CN": _zh, "en": _en},
            examples=_examples,
            bind=_bind_logic,
            form=_form,  # type: ignore[arg-type]
            sql="core",
            extra={"test": _test, "operator": True},
        )
    )


def _not_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = compiler.value(node.args[0])

    def run(env: Env) -> Value:
        got = value(env)
        return None if got is None else not got

    return run


def _bind_not(binder: Binder, function: Function, call: Invoke) -> Node:
    return binder.call("NOT", [binder.bind_condition(call.args[0])], (call.start, call.end))


define(
    Function(
        name="NOT",
        group="logic",
        params=(_CONDITION,),
        result=BOOLEAN,
        docs={"zh-CN": "相反；空值仍为空。", "en": "The opposite; blank stays blank."},
        examples=(("NOT(1 > 2)", "TRUE"), ("NOT NULL", "")),
        bind=_bind_not,
        form=_not_form,
        sql="core",
        extra={"operator": True},
    )
)


def _xor(*values: bool | None) -> bool:
    return sum(value is True for value in values) % 2 == 1


define(
    Function(
        name="XOR",
        group="logic",
        params=(_CONDITION,),
        repeat=1,
        result=BOOLEAN,
        docs={
            "zh-CN": "成立的个数为奇数时成立；空值按不成立算。",
            "en": "True when an odd number is true; blank counts as false.",
        },
        examples=(("XOR(TRUE, FALSE, TRUE)", "FALSE"), ("XOR(TRUE, NULL)", "TRUE")),
        blank="own",
        adjust=never_blank,
        python=_xor,
        sql="core",
    )
)


# -- blanks and errors --------------------------------------------------------------------------------------------


def _coalesce_form(compiler: PythonCompiler, node: Call) -> Fn:
    args = [compiler.value(arg) for arg in node.args]
    if len(args) == 2 and isinstance(node.args[1], Const):
        first, fixed = args[0], node.args[1].value

        def half(env: Env) -> Value:
            value = first(env)
            return fixed if value is None else value

        return half

    def run(env: Env) -> Value:
        for arg in args:
            value = arg(env)
            if value is not None:
                return value
        return None

    return run


def _bind_coalesce(binder: Binder, function: Function, call: Invoke) -> Node:
    args, _ = binder.unify([binder.bind(arg) for arg in call.args], "COALESCE")
    return binder.call("COALESCE", args, (call.start, call.end))


def _first_typed(args: Sequence[Node]) -> Type:
    return next((node.type for node in args if node.type.kind != "null"), args[0].type)


def _all_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    return max(node.facts.scale for node in args), max(node.facts.bound for node in args)


define(
    Function(
        name="COALESCE",
        group="logic",
        aliases=("IFBLANK",),
        params=(Param("value", "any"),),
        repeat=1,
        result=_first_typed,
        docs={"zh-CN": "第一个不为空的值。", "en": "The first value that is not blank."},
        examples=(("COALESCE(NULL, 5, 6)", "5"), ('COALESCE("", "x")', "x")),
        blank="own",
        adjust=lambda facts, args: replace(facts, nullable=all(arg.nullable for arg in args)),
        numbers=_all_numbers,
        raw_numbers=True,
        bind=_bind_coalesce,
        form=_coalesce_form,
        sql="core",
    )
)
define(
    Function(
        name="ISBLANK",
        group="logic",
        aliases=("ISEMPTY",),
        params=(Param("value", "any"),),
        result=BOOLEAN,
        docs={
            "zh-CN": "是否为空。空文本也算空；空列表也算空。",
            "en": "Whether a value is blank. Empty text is blank, and so is an empty list.",
        },
        examples=(('ISBLANK("")', "TRUE"), ("ISBLANK(0)", "FALSE"), ("ISBLANK([])", "TRUE")),
        blank="own",
        adjust=never_blank,
        raw_numbers=True,
        python=lambda value: value is None or (isinstance(value, list | tuple) and not value),
        sql="core",
    )
)


def _iferror_form(compiler: PythonCompiler, node: Call) -> Fn:
    value, other = compiler.value(node.args[0]), compiler.value(node.args[1])

    def run(env: Env) -> Value:
        try:
            return value(env)
        except Fault:
            return other(env)

    return run


def _bind_iferror(binder: Binder, function: Function, call: Invoke) -> Node:
    args, _ = binder.unify([binder.bind(arg) for arg in call.args], "IFERROR")
    return binder.call("IFERROR", args, (call.start, call.end))


define(
    Function(
        name="IFERROR",
        group="logic",
        params=(Param("value", "any"), Param("instead", "any")),
        result=_first_typed,
        docs={
            "zh-CN": "算得出就取第一个参数，出错取第二个。",
            "en": "The first argument, or the second when the first fails.",
        },
        examples=(("IFERROR(1 / 0, 0)", "0"), ("IFERROR(6 / 3, 0)", "2")),
        blank="own",
        adjust=lambda facts, args: replace(
            facts,
            nullable=args[0].nullable or args[1].nullable,
            may_error=args[0].may_error and args[1].may_error,
        ),
        numbers=_all_numbers,
        bind=_bind_iferror,
        form=_iferror_form,
        sql="core",
    )
)


def _iserror_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = rounded(compiler.value(node.args[0]), node.args[0])

    def run(env: Env) -> Value:
        try:
            value(env)
        except Fault:
            return True
        return False

    return run


define(
    Function(
        name="ISERROR",
        group="logic",
        params=(Param("value", "any"),),
        result=BOOLEAN,
        docs={"zh-CN": "是否出错。", "en": "Whether a value cannot be computed."},
        examples=(("ISERROR(1 / 0)", "TRUE"), ("ISERROR(1)", "FALSE")),
        blank="own",
        adjust=lambda facts, args: replace(facts, nullable=False, may_error=False),
        form=_iserror_form,
        sql="core",
    )
)


def _fail_if(flag: bool, value: Value) -> Value:
    if flag:
        raise Fault("NUM")
    return value


define(
    Function(
        name="FAILIF",
        group="logic",
        params=(Param("flag", "boolean"), Param("value", "any")),
        result=lambda args: args[1].type,
        docs={"zh-CN": "标记成立时出错，否则取值。", "en": "An error when the flag is set, else the value."},
        blank="own",
        raw_numbers=True,
        numbers=lambda args: (args[1].facts.scale, args[1].facts.bound),
        python=_fail_if,
        errors=("NUM",),
        fold=False,
        hidden=True,
        sql="core",
    )
)
