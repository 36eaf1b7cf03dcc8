"""Conditions: AND OR NOT XOR, IF and its kin, blanks and errors.

IF, IFS and SWITCH are one node (condition, result, ..., else); SWITCH names its subject once with a LET.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, Test, define, never_blank
from engine.expr.messages import error
from engine.expr.numbers import ZERO
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Const, Facts, Node, let
from engine.expr.tree import path as path_node
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


# -- IF, IFS, SWITCH ----------------------------------------------------------------------------------------------


def _branches(args: Sequence[Node]) -> list[Node]:
    """Return the results of an IF node: every second argument, and the last when it is an else."""
    results = list(args[1::2])
    if len(args) % 2:
        results.append(args[-1])
    return results


def _if_type(args: Sequence[Node]) -> Type:
    for node in _branches(args):
        if node.type.kind != "null":
            return node.type
    return args[1].type


def _if_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    results = _branches(args)
    return max(node.facts.scale for node in results), max((node.facts.bound for node in results), default=ZERO)


def _if_adjust(facts: Facts, args: Sequence[Node]) -> Facts:
    results = _branches(args)
    blank = len(args) % 2 == 0 or any(node.nullable for node in results)
    return replace(facts, nullable=blank)


def _if_form(compiler: PythonCompiler, node: Call) -> Fn:
    if len(node.args) == 3:
        test, then, other = compiler.test(node.args[0]), compiler.value(node.args[1]), compiler.value(node.args[2])
        return lambda env: then(env) if test(env) else other(env)
    pairs = [
        (compiler.test(condition), compiler.value(result))
        for condition, result in zip(node.args[::2], node.args[1::2], strict=False)
    ]
    otherwise = compiler.value(node.args[-1]) if len(node.args) % 2 else None

    def run(env: Env) -> Value:
        for test, result in pairs:
            if test(env):
                return result(env)
        return otherwise(env) if otherwise else None

    return run


def _bind_if(binder: Binder, function: Function, call: Invoke) -> Node:
    condition = binder.bind_condition(call.args[0])
    results, _ = binder.unify([binder.bind(arg) for arg in call.args[1:]], "IF")
    return binder.call("IF", [condition, *results], (call.start, call.end))


def _bind_ifs(binder: Binder, function: Function, call: Invoke) -> Node:
    if len(call.args) % 2:
        binder.report(error("X403", call.start, call.name_end, function="IFS", signature=function.signature()))
        return binder.poison(call)
    conditions = [binder.bind_condition(arg) for arg in call.args[::2]]
    results, _ = binder.unify([binder.bind(arg) for arg in call.args[1::2]], "IFS")
    args = [part for pair in zip(conditions, results, strict=True) for part in pair]
    return binder.call("IF", args, (call.start, call.end))


def _bind_switch(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    subject = binder.bind(call.args[0])
    rest = call.args[1:]
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    results = [binder.bind(result) for _, result in pairs]
    if len(rest) % 2:
        results.append(binder.bind(rest[-1]))
    results, _ = binder.unify(results, "SWITCH")
    name, wrap = subject, None
    if subject.children():
        wrap = binder.new_slot()
        name = path_node(wrap, (), subject.type, subject.span, nullable=subject.nullable, deps=subject.deps)
    args: list[Node] = []
    for (value, _), result in zip(pairs, results, strict=False):
        args += [binder.equal(name, binder.bind(value), (value.start, value.end)), result]
    if len(rest) % 2:
        args.append(results[-1])
    chosen = binder.call("IF", args, span)
    return chosen if wrap is None else let(wrap, subject, chosen, span)


define(
    Function(
        name="IF",
        group="logic",
        params=(_CONDITION, Param("then", "any"), Param("else", "any", optional=True)),
        result=_if_type,
        docs={
            "zh-CN": "条件成立取第二个参数，否则取第三个（没有则为空）。空条件按不成立算。",
            "en": "The second argument when the condition holds, else the third (or blank). A blank condition does not hold.",
        },
        examples=(('IF(2 > 1, "big", "small")', "big"), ("IF(NULL, 1, 2)", "2"), ("IF(FALSE, 1 / 0, 7)", "7")),
        blank="own",
        adjust=_if_adjust,
        numbers=_if_numbers,
        raw_numbers=True,
        bind=_bind_if,
        form=_if_form,
        sql="core",
        fold=False,
    )
)
define(
    Function(
        name="IFS",
        group="logic",
        params=(_CONDITION, Param("result", "any")),
        repeat=2,
        result=_if_type,
        docs={
            "zh-CN": "依次看每个条件，取第一个成立的结果；都不成立为空。",
            "en": "The result of the first condition that holds; blank when none does.",
        },
        examples=(('IFS(1 > 2, "a", 3 > 2, "b")', "b"), ("IFS(FALSE, 1)", "")),
        bind=_bind_ifs,
        sql="core",
    )
)
define(
    Function(
        name="SWITCH",
        group="logic",
        params=(
            Param("value", "any"),
            Param("case", "any"),
            Param("result", "any"),
            Param("more", "any", optional=True),
        ),
        repeat=1,
        result=_if_type,
        docs={
            "zh-CN": "把值与各个情形比较，取相等者的结果；最后可加一个默认结果。",
            "en": "The result of the case that equals the value; a last argument is the default.",
        },
        examples=(
            ('SWITCH(3, 1, "one", 2, "two", 3, "three")', "three"),
            ('SWITCH(9, 1, "one", "other")', "other"),
            ('SWITCH(9, 1, "one")', ""),
        ),
        bind=_bind_switch,
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


# -- BETWEEN, IN --------------------------------------------------------------------------------------------------


def _bind_between(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    value, low, high = (binder.bind(arg) for arg in call.args)
    name, wrap = value, None
    if value.children():
        wrap = binder.new_slot()
        name = path_node(wrap, (), value.type, value.span, nullable=value.nullable, deps=value.deps)
        name = replace(name, facts=replace(name.facts, scale=value.facts.scale, bound=value.facts.bound))
    both = binder.call("AND", [binder.compare(">=", name, low, span), binder.compare("<=", name, high, span)], span)
    return both if wrap is None else let(wrap, value, both, span)


define(
    Function(
        name="BETWEEN",
        group="logic",
        params=(Param("value", "any"), Param("from", "any"), Param("to", "any")),
        result=BOOLEAN,
        docs={
            "zh-CN": "是否在两个界限之间（含界限）。",
            "en": "Whether a value lies between two bounds, both included.",
        },
        examples=(("BETWEEN(5, 1, 5)", "TRUE"), ("BETWEEN(NULL, 1, 5)", "")),
        bind=_bind_between,
        sql="core",
    )
)


def _in_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = rounded(compiler.value(node.args[0]), node.args[0])
    source = node.args[1]
    items = compiler.items(source)

    def run(env: Env) -> Value:
        wanted = value(env)
        return any(item == wanted for item in items(env))

    return run


define(
    Function(
        name="IN",
        group="operator",
        params=(Param("value", "any"), Param("list", "list")),
        result=BOOLEAN,
        docs={"zh-CN": "是否在列表里。", "en": "Whether a value is in a list."},
        examples=(("2 IN [1, 2, 3]", "TRUE"), ('"x" NOT IN ["a", "b"]', "TRUE")),
        blank="own",
        adjust=never_blank,
        form=_in_form,
        sql="core",
        hidden=True,
        extra={"operator": True},
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
        postgresql="only inside a program",
    )
)
