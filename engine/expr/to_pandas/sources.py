"""Where columns come from: records as mappings, or a DataFrame with a column for each path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.expr.python_paths import compile_path
from engine.expr.to_pandas.columns import Array, Column, arrow_type, column_of, measured, number, pa, pc, whole
from engine.expr.tree import Ids, Node, Path
from engine.expr.types import ListType, Type
from engine.expr.values import Env, Value

_LARGEST = 2**63


class Source(Protocol):
    """Rows to evaluate an expression for."""

    count: int

    def column(self, node: Path) -> Column:
        """Return the values of a path from the record."""

    def records(self, node: Node) -> Sequence[Mapping[str, Value]]:
        """Return the records, with at least what a node reads."""


class Rows:
    """Records as mappings by field id."""

    def __init__(self, rows: Sequence[Mapping[str, Value]]):
        self.count = len(rows)
        self._rows = rows
        self._known: dict[Ids, Column] = {}

    def column(self, node: Path) -> Column:
        found = self._known.get(node.ids)
        if found is None:
            read, env, values = compile_path(node), Env(), []
            for row in self._rows:
                env.record = row
                values.append(read(env))
            found = self._known[node.ids] = column_of(values, node.type, node.facts.scale)
        return found

    def records(self, node: Node) -> Sequence[Mapping[str, Value]]:
        return self._rows


class Frame:
    """A DataFrame; a path of several ids is a column named by them, joined by dots."""

    def __init__(self, frame: Any):
        self.count = len(frame)
        self._frame = frame

    def column(self, node: Path) -> Column:
        series = self._frame[".".join(node.ids)]
        if series.dtype.kind == "f":
            raise TypeError(f"column {series.name} holds floats, which are not exact")
        if series.dtype == object or isinstance(node.type, ListType):
            return column_of([None if value is None else value for value in series], node.type, node.facts.scale)
        array = pa.array(series, from_pandas=True)
        return _canonical(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array, node)

    def records(self, node: Node) -> Sequence[Mapping[str, Value]]:
        records: list[dict[str, Value]] = [{} for _ in range(self.count)]
        paths = {part.ids: part for part in node.walk() if isinstance(part, Path) and part.root == ""}
        for ids in sorted(paths, key=len):
            values = self.column(paths[ids]).listed(self.count)
            for record, value in zip(records, values, strict=True):
                _put(record, ids, value)
        return records


def _put(record: dict[str, Value], ids: Ids, value: Value) -> None:
    """Set a value at a path, with the linked records on the way as mappings."""
    for identifier in ids[:-1]:
        linked = record.get(identifier)
        if not isinstance(linked, dict):
            linked = record[identifier] = {} if linked is None else {"sys_id": linked}
        record = linked
    record[ids[-1]] = value


def _canonical(array: Array, node: Path) -> Column:
    """Return an Arrow array as a column of the language."""
    type_: Type = node.type
    if type_.kind == "number":
        if pa.types.is_integer(array.type):
            return whole(array, _LARGEST)
        return number(array, measured(array))
    values = pc.cast(array, arrow_type(type_))
    if type_.kind == "text":
        values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    if type_.kind == "boolean" and not node.nullable:
        values = pc.fill_null(values, False)
    return Column(values)
