"""Names in a question become columns of secured aliases; what may not be read does not resolve.

``account.region`` follows the link ``account`` into the secured alias of its entity with a scalar subquery: one index
look-up a row, no row multiplied, blank where the linked record may not be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from engine.records.catalog import FieldModel
from engine.records.secured import Secured
from metadata.findings import Finding, Refused
from metadata.model import Entity

MAX_HOPS: Final = 5

AliasOf = Callable[[str, str], Secured]
"""``(entity id, alias name)`` to the reading alias of the same actor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where a path leads: the field, its columns as expressions over the base alias, and the alias it is on.

    ``columns`` is None for a field that shows only masked, and empty for links and sub-tables.
    ``owner`` is the expression of the id of the record that has the field.
    """

    path: str
    field: FieldModel
    columns: tuple[ColumnElement[Any], ...] | None
    mask: ColumnElement[str] | None
    alias: Secured
    owner: ColumnElement[str]
    hops: tuple[FieldModel, ...] = ()

    @property
    def direct(self) -> bool:
        return not self.hops

    @property
    def entity(self) -> Entity:
        return self.alias.model.entity


class Paths:
    """Resolver of the paths of one question."""

    def __init__(self, base: Secured, alias_of: AliasOf):
        self.base = base
        self._alias_of = alias_of
        self._seen: dict[str, Reached] = {}

    def visible(self, path: str, place: str) -> Reached:
        """Resolve a path to something that shows, masked or not. Raises :class:`Refused`."""
        found = self._seen.get(path)
        if found is None:
            found = self._seen[path] = self._walk(path, place)
        return found

    def readable(self, path: str, place: str) -> Reached:
        """Resolve a path to something that may be asked about. Raises :class:`Refused`."""
        found = self.visible(path, place)
        if found.columns is None:
            raise Refused([Finding("R204", place, {"label": found.field.field.label})])
        return found

    def _walk(self, path: str, place: str) -> Reached:
        names = path.split(".") if isinstance(path, str) else []
        if not names or len(names) > MAX_HOPS + 1:
            raise unknown(path, place)
        alias = self.base
        owner: ColumnElement[str] = alias.id
        hops: list[FieldModel] = []
        for depth, name in enumerate(names[:-1], start=1):
            f = alias.field(name)
            if f is None or not alias.readable(f):
                raise unknown(path, place)
            target = f.target
            if len(f.columns) != 1 or not target or f.storage != "columns":
                raise Refused([Finding("R210", place, {"label": f.field.label, "name": path})])
            owner = self._column(alias, owner, alias.columns[f.id][0])
            alias = self._alias_of(target, f"s{depth}")
            hops.append(f)
        f = alias.field(names[-1])
        if f is None:
            raise unknown(path, place)
        columns = alias.columns.get(f.id)
        mask = alias.masks.get(f.id)
        return Reached(
            path=path,
            field=f,
            columns=None if columns is None else tuple(self._column(alias, owner, c) for c in columns),
            mask=None if mask is None else self._column(alias, owner, mask),
            alias=alias,
            owner=owner,
            hops=tuple(hops),
        )

    def _column(self, alias: Secured, owner: ColumnElement[str], column: ColumnElement[Any]) -> ColumnElement[Any]:
        if alias is self.base:
            return column
        found = select(column).where(alias.id == owner).correlate(self.base.source)
        return found.scalar_subquery()


def unknown(name: Any, place: str) -> Refused:
    """The one answer for a field that does not exist and for one that is hidden."""
    return Refused([Finding("R201", place, {"name": str(name)[:200]})])
