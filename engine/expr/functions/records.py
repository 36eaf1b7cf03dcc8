"""Other records found by a field, and what a record knows about itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.expr import build
from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define, entries
from engine.expr.functions.totals import numbers_only
from engine.expr.messages import error
from engine.expr.schema import Symbol
from engine.expr.sql_lists import Lists, Stream
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Const, Facts, Ids, Lambda, Node, Path, Span, is_rows
from engine.expr.tree import function as make_function
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, DATETIME, PERSON, TEXT, ListType, RecordType, Type
from engine.expr.values import Env, Value

_SERVER = "other records are read by the server"
_define = entries("record", browser=_SERVER, sql="core")
_own = entries("record", sql="core")


# -- records of an entity ---------------------------------------------------------------------------------------------


def _rows_of(args: Sequence[Node]) -> Type:
    entity = args[0]
    return ListType(RecordType(entity.value)) if isinstance(entity, Const) else TEXT


def key_field(node: Call) -> tuple[str, Ids]:
    """Return the entity a RECORDS call reads and the path of the field its records are found by."""
    entity, made = node.args[0], node.args[1]
    if not isinstance(entity, Const) or not isinstance(made, Lambda) or not isinstance(made.body, Path):
        raise TypeError(node)
    return entity.value, made.body.ids or ("sys_id",)


def _scanned(facts: Facts, args: Sequence[Node]) -> Facts:
    if len(args) < 3 or not isinstance(args[0], Const) or not isinstance(args[1], Lambda):
        return facts
    own = args[1].body
    ids = own.ids if isinstance(own, Path) and own.ids else ("sys_id",)
    return replace(facts, scans=facts.scans | {(args[0].value, ids)})


def _records_form(compiler: PythonCompiler, node: Call) -> Fn:
    entity, ids = key_field(node)
    field, key = ids[0], rounded(compiler.value(node.args[2]), node.args[2])

    def run(env: Env) -> Value:
        wanted = key(env)
        if wanted is None:
            return []
        found = env.outside.found(entity, field, wanted)
        spend(env, len(found))
        return found

    return run


def _records_rows(compiler: Lists, node: Call) -> Stream:
    """Rows of an entity whose field equals the key; plain equality, so that an index serves and blanks find nothing."""
    entity, _ = key_field(node)
    made, key = node.args[1], node.args[2]
    source = compiler.resolver.records(entity)
    stream = Stream([source.from_], [source.on], RecordType(entity), record=(source.resolver, ()))
    stream.order = list(source.order)
    if isinstance(made, Lambda):
        compiler.rows[made.slot] = (source.resolver, ())
        own = replace(made.body, facts=replace(made.body.facts, nullable=False))
        stream.where.append(compiler.true(build.unfolded("=", [own, key], node.span)))
        stream.where.append(compiler.compile(key).value.is_not(None))
    if key.may_error:
        stream.guard = compiler.compile(key).guard
    return stream


define(
    Function(
        name="RECORDS",
        group="record",
        params=(Param("entity", "text"), Param("field", "any", optional=True), Param("key", "any", optional=True)),
        result=_rows_of,
        docs={
            "zh-CN": "某个对象中字段等于某值的记录；由查找函数产生，空值找不到任何记录。",
            "en": "Records of an entity whose field equals a value, made by functions that look up; blank finds none.",
        },
        blank="own",
        form=_records_form,
        rows=_records_rows,
        adjust=_scanned,
        uses=frozenset({"RECORDS"}),
        extra={"stream": True},
        sql="core",
        fold=False,
        browser=_SERVER,
        hidden=True,
    )
)

_HOW = {
    "first": "FIRST",
    "last": "LAST",
    "strict": "FIRST",
    "sum": "SUM",
    "avg": "AVERAGE",
    "average": "AVERAGE",
    "min": "MIN",
    "max": "MAX",
    "count": "COUNT",
}
_WORDS = tuple(_HOW)


def _summed(binder: Binder, found: Node, how: str, function: Function, span: Span) -> Node:
    """Return what a lookup gives for the values it found."""
    total = _HOW[how]
    if total in ("SUM", "AVERAGE"):
        found = numbers_only(binder, found, function.name)
    elif total in ("MIN", "MAX"):
        (found,) = binder.unify_items([found], function.name)
    value = binder.call(total, [found], span)
    if how != "strict":
        return value
    some = binder.compare(">", binder.call("COUNTALL", [found], span), binder.number(0, span), span)
    none = binder.call("NOMATCH", [], span)
    return binder.call("IF", [some, value, replace(none, type=value.type)], span)


def _how(binder: Binder, function: Function, call: Invoke, at: int) -> str:
    if len(call.args) <= at:
        return "first"
    made = binder.bind_argument(call.args[at], function.params[at], function.name)
    return str(made.value) if isinstance(made, Const) and made.value is not None else "first"


def _bind_lookup(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    source = binder.bind_list(call.args[0], function.name)
    condition = binder.bind_lambda(call.args[1], source, function.name, condition=True)
    value = binder.bind_lambda(call.args[2], source, function.name)
    if isinstance(value.type, ListType):
        binder.wrong_type(value.body, "scalar", function.name)
        return binder.poison(call)
    found = binder.filtered(source, condition, span)
    made = binder.call("MAP", [found, value], span)
    return _summed(binder, made, _how(binder, function, call, 3), function, span)


_define(
    "LOOKUP",
    "在另一个对象（或列表）中找到满足条件的记录并取值。条件里必须有一个“字段 = 值”；"
    "第四个参数说明找到多条时取什么：first（默认）、last、sum、average、min、max、count，"
    "strict 同 first 但找不到时为 #NA!。按空值查找时找不到任何记录。",
    "A value of the records of another entity (or of a list) that meet a condition. One part of the condition must be "
    "field = value. The fourth argument says what to give when there are several: first (if none is named), last, sum, "
    "average, min, max or count; strict is first, but #NA! when there is none. A blank value finds nothing.",
    (
        ("LOOKUP(product, x -> x.code = product, x -> x.price)", "88"),
        ("COUNTIF(product, x -> x.code = product AND x.price > 100)", "0"),
        ("LOOKUP([1, 2, 3], x -> x > 1, x -> x * 10)", "20"),
        ('LOOKUP([1, 2, 3], x -> x > 1, x -> x * 10, "sum")', "50"),
        ('LOOKUP([1], x -> x > 1, x -> x, "strict")', "#NA!"),
    ),
    (
        Param("entity", "list"),
        Param("condition", "any"),
        Param("value", "any"),
        Param("how", "text", optional=True, words=_WORDS),
    ),
    TEXT,
    bind=_bind_lookup,
)


def _bind_mapx(binder: Binder, function: Function, call: Invoke) -> Node:
    """MAPX("sum", value, entity.field, entity.result): a LOOKUP with the equality written as two fields."""
    span = (call.start, call.end)
    how = _how(binder, function, call, 0)
    wanted = binder.bind(call.args[1])
    tested, result = binder.bind_list(call.args[2], function.name), binder.bind_list(call.args[3], function.name)
    parts, made = tested.children(), result.children()
    if len(parts) != 2 or len(made) != 2 or parts[0] != made[0] or not is_rows(parts[0]):
        if len(parts) == len(made) == 2:
            binder.report(error("X312", *result.span, source=function.name, fix=function.signature()))
        return binder.poison(call)
    slot = binder.variable(tested)
    item = path_node(slot, (), tested.type.item if isinstance(tested.type, ListType) else tested.type, tested.span)
    found = binder.filtered(tested, make_function(slot, binder.equal(item, wanted, span), span), span)
    rows = binder.call("MAP", [found.children()[0], made[1]], span)
    return _summed(binder, rows, how, function, span)


_define(
    "MAPX",
    '简道云写法：在另一个对象中按字段查找并汇总，如 MAPX("sum", 产品, 出库.产品, 出库.数量)。推荐用 LOOKUP。',
    'As in 简道云: looks up by a field and totals, such as MAPX("sum", product, delivery.product, delivery.quantity). '
    "LOOKUP does the same.",
    (('MAPX("sum", product, product.code, product.price)', "88"),),
    (Param("how", "text", words=_WORDS), Param("value", "any"), Param("field", "list"), Param("result", "list")),
    TEXT,
    bind=_bind_mapx,
)


# -- what a record knows about itself ---------------------------------------------------------------------------------


def _system(field_id: str) -> Callable[[Binder, Function, Invoke], Node]:
    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        return _own_field(binder, function, call, lambda symbol: symbol.id == field_id, "X209")

    return bind


def _own_field(
    binder: Binder, function: Function, call: Invoke, wanted: Callable[[Symbol], bool], missing: str
) -> Node:
    fields = binder.scope.fields(binder.scope.entity_id)
    symbol = next((symbol for symbol in fields.values() if wanted(symbol)), None)
    if symbol is None:
        binder.report(error(missing, call.start, call.end, name=f"{function.name}()"))
        return binder.poison(call)
    return path_node("", (symbol.id,), symbol.type, (call.start, call.end), nullable=symbol.nullable)


def _bind_number(binder: Binder, function: Function, call: Invoke) -> Node:
    return _own_field(binder, function, call, lambda symbol: symbol.numbers, "X805")


_own("RECORDID", "本记录的编号。", "The id of the record.", (("RECORDID()", "r1"),), (), TEXT, bind=_system("sys_id"))
_own(
    "RECORDNO",
    "本记录的流水号（第一个流水号字段）。",
    "The serial number of the record: its first field of that type.",
    (("RECORDNO()", "HT-0042"),),
    (),
    TEXT,
    bind=_bind_number,
    aliases=("RECNO",),
)
_own(
    "CREATEDAT",
    "创建时间。",
    "When the record was made.",
    (("YEAR(CREATEDAT())", "2024"),),
    (),
    DATETIME,
    bind=_system("sys_created_at"),
)
_own(
    "CREATEDBY",
    "创建人。",
    "Who made the record.",
    (("CREATEDBY().name", "王伟"),),
    (),
    PERSON,
    bind=_system("sys_created_by"),
)


def _earlier(binder: Binder, function: Function, call: Invoke) -> tuple[Path, Node] | None:
    """Return a field of the record and the same field before the change, or report."""
    field = binder.bind(call.args[0])
    if "OLD" not in binder.scope.roots:
        binder.report(error("X209", call.start, call.name_end, name=function.name))
    elif not isinstance(field, Path) or field.root != "" or len(field.ids) != 1 or is_rows(field):
        binder.report(error("X320", *field.span, name=function.name))
    else:
        return field, path_node("OLD", field.ids, field.type, field.span)
    return None


def _bind_prior(binder: Binder, function: Function, call: Invoke) -> Node:
    found = _earlier(binder, function, call)
    return found[1] if found is not None else binder.poison(call)


def _bind_changed(binder: Binder, function: Function, call: Invoke) -> Node:
    found = _earlier(binder, function, call)
    return binder.compare("<>", *found, (call.start, call.end)) if found is not None else binder.poison(call)


def _bind_new(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    if "OLD" not in binder.scope.roots:
        binder.report(error("X209", *span, name=function.name))
        return binder.poison(call)
    return binder.call("ISBLANK", [path_node("OLD", ("sys_id",), TEXT, span)], span)


_FIELD = (Param("field", "any"),)
_own(
    "ISNEW",
    "记录是否正在新建。",
    "Whether the record is being made.",
    (("ISNEW()", "FALSE"),),
    (),
    BOOLEAN,
    bind=_bind_new,
)
_own(
    "ISCHANGED",
    "字段的值是否改变了；新建时看是否有值。",
    "Whether a field has another value than before; for a new record, whether it has one.",
    (("ISCHANGED(amount)", "TRUE"),),
    _FIELD,
    BOOLEAN,
    bind=_bind_changed,
)
_own(
    "PRIOR",
    "字段修改前的值，与 OLD.字段 相同。",
    "The value before the change, the same as OLD.field.",
    (("PRIOR(amount)", "100"),),
    _FIELD,
    TEXT,
    bind=_bind_prior,
)
