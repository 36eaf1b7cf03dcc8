"""Text over columns. Blank reads as empty text and empty text is blank; positions count code points."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.expr import limits
from engine.expr.to_pandas.columns import Array, Column, RowByRow, failing, first_error, flags, pa, pc, whole
from engine.expr.to_pandas.kernels import Vectoriser, kernel
from engine.expr.tree import Call, Const, Node
from engine.expr.types import Choice


def _filled(column: Column) -> Array:
    return pc.fill_null(column.arrow, "")


def _text(values: Array, column: Column) -> Column:
    """Return texts as a column; an empty one is blank."""
    return Column(pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values), column.errors)


def _word(node: Node) -> str:
    """Return a constant text. Raises :class:`RowByRow` for a computed one."""
    if not isinstance(node, Const) or node.type.kind not in ("text", "null"):
        raise RowByRow
    return node.value or ""


def _count(node: Node, least: int) -> int:
    """Return a constant count or position. Raises :class:`RowByRow` for a computed or a wrong one."""
    if not isinstance(node, Const) or not isinstance(node.value, Decimal) or node.value < least:
        raise RowByRow
    return min(int(node.value), limits.TEXT)


def _of_text(to: Vectoriser, node: Node) -> Column:
    if node.type.kind != "text":
        raise RowByRow
    return to.column(node)


@kernel("LEN")
def _length(to: Vectoriser, node: Call) -> Column:
    column = _of_text(to, node.args[0])
    lengths = pc.utf8_length(_filled(column))
    return _answer(whole(pc.cast(lengths, pa.int64()), limits.TEXT), column)


def _answer(made: Column, *arguments: Column) -> Column:
    """A result where no argument is an error."""
    errors = first_error(*(column.errors for column in arguments))
    if errors is None:
        return made
    blank = pa.scalar(None, made.arrow.type)
    return Column(pc.if_else(pa.array(errors != 0), blank, made.arrow), errors, made.top)


@kernel("LEFT")
def _left(to: Vectoriser, node: Call) -> Column:
    taken = _count(node.args[1], 0) if len(node.args) > 1 else 1
    column = _of_text(to, node.args[0])
    return _text(pc.utf8_slice_codeunits(_filled(column), 0, taken), column)


@kernel("RIGHT")
def _right(to: Vectoriser, node: Call) -> Column:
    taken = _count(node.args[1], 0) if len(node.args) > 1 else 1
    if not taken:
        raise RowByRow
    column = _of_text(to, node.args[0])
    return _text(pc.utf8_slice_codeunits(_filled(column), -taken), column)


@kernel("MID")
def _mid(to: Vectoriser, node: Call) -> Column:
    at = _count(node.args[1], 1) - 1
    taken = _count(node.args[2], 0)
    column = _of_text(to, node.args[0])
    return _text(pc.utf8_slice_codeunits(_filled(column), at, at + taken), column)


@kernel("UPPER", "LOWER")
def _case(to: Vectoriser, node: Call) -> Column:
    """ASCII only: for the rest the tables of Arrow and Python differ."""
    column = _of_text(to, node.args[0])
    if not flags(pc.string_is_ascii(_filled(column)), to.rows).all():
        raise RowByRow
    change: Callable[[Array], Array] = pc.ascii_upper if node.name == "UPPER" else pc.ascii_lower
    return Column(change(column.arrow), column.errors)


@kernel("TRIMENDS")
def _trim_ends(to: Vectoriser, node: Call) -> Column:
    column = _of_text(to, node.args[0])
    return _text(pc.utf8_trim(_filled(column), " "), column)


_TESTS = {"CONTAINS": "match_substring", "STARTSWITH": "starts_with", "ENDSWITH": "ends_with"}


@kernel(*_TESTS)
def _test(to: Vectoriser, node: Call) -> Column:
    column, part = _of_text(to, node.args[0]), _word(node.args[1])
    found: Array = getattr(pc, _TESTS[node.name])(_filled(column), part)
    return _answer(Column(found), column)


@kernel("SUBSTITUTE")
def _substitute(to: Vectoriser, node: Call) -> Column:
    if len(node.args) > 3:
        raise RowByRow
    old, new = _word(node.args[1]), _word(node.args[2])
    column = _of_text(to, node.args[0])
    if not old or len(new) > len(old):
        raise RowByRow
    return _text(pc.replace_substring(_filled(column), old, new), column)


@kernel("&")
def _joined(to: Vectoriser, node: Call) -> Column:
    columns = [_of_text(to, arg) for arg in node.args]
    made = pc.binary_join_element_wise(*(_filled(column) for column in columns), "")
    joined = _text(made, Column(made, first_error(*(column.errors for column in columns))))
    long = pc.greater(pc.utf8_length(made), limits.TEXT)
    return failing(_answer(Column(joined.values), joined), flags(long, to.rows), "LIMIT")


@kernel("LABEL")
def _label(to: Vectoriser, node: Call) -> Column:
    choice, language = node.args
    if not isinstance(choice.type, Choice) or not isinstance(language, Const):
        raise RowByRow
    labels = choice.type.labels(language.value)
    column = to.column(choice)
    at = pc.index_in(column.arrow, value_set=pa.array(list(labels), pa.string()))
    return Column(pc.take(pa.array(list(labels.values()), pa.string()), at), column.errors)
