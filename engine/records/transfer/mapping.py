"""How the columns of a table become fields: the mapping a person confirms, and rows read through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.fields.base import FIELD_TYPES, InvalidValue, Value
from metadata.findings import Finding, Refused
from metadata.model import Entity, Field
from metadata.snapshot import Snapshot

Mode = Literal["create", "upsert", "update"]
IMPORTABLE_SYSTEM = ("owner", "parent")
_MEMO, _LONG = 10_000, 100
"""How many texts of a column are remembered, and how long they may be."""
_SHORTEST_END = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """``columns`` maps a heading to a field key (absent or blank: left out); ``key`` finds existing records."""

    columns: Mapping[str, str]
    mode: Mode = "create"
    key: str = ""
    blank_words: tuple[str, ...] = ()
    locale: str = "zh-CN"


Resolver = Callable[[str], Value]
"""Text of relations, people or departments to their ids. Raises :class:`InvalidValue`."""


class RowReader:
    """Turns rows of cells into typed values, a column at a time. Repeated texts of a column are typed once.

    ``fields`` are (position, heading, field); ``resolvers`` read relations and people, by field id.
    """

    def __init__(
        self,
        headings: Sequence[str],
        fields: Sequence[tuple[int, str, Field]],
        mapping: ImportMapping,
        resolvers: Mapping[str, Resolver],
    ):
        self.headings = headings
        self._columns = [
            (position, f, _Column(f, resolvers.get(f.id) or _parser(f, mapping.locale), mapping.blank_words))
            for position, _, f in fields
        ]

    def read(self, rows: Sequence[Sequence[str]]) -> list[tuple[dict[str, Any], list[Finding]]]:
        """Return, row by row, values by field key, and what could not be read (placed at the field key)."""
        found: list[tuple[dict[str, Any], list[Finding]]] = [({}, []) for _ in rows]
        cells = list(zip(*rows, strict=False))
        for position, f, column in self._columns:
            key, keeps_blanks = f.key, FIELD_TYPES.get(f.type).writable  # else the product gives the value
            typed = map(column.__getitem__, map(str.strip, cells[position]))
            for (values, findings), value in zip(found, typed, strict=True):
                if isinstance(value, InvalidValue):
                    findings.append(value.at(f"/{key}"))
                elif value is not None or keeps_blanks:
                    values[key] = value
        return found


class _Column(dict[str, Any]):
    """Values of a column by their text, typed when first met; what is wrong with a text that cannot be read."""

    __slots__ = ("_read",)

    def __init__(self, f: Field, read: Callable[[str], Any], blanks: Iterable[str]):
        super().__init__(dict.fromkeys(("", *blanks), FIELD_TYPES.get(f.type).blank(f)))
        self._read = read

    def __missing__(self, text: str) -> Any:
        try:
            value = self._read(text)
        except InvalidValue as invalid:
            value = invalid
        if len(self) < _MEMO and len(text) <= _LONG:
            self[text] = value
        return value


def _parser(f: Field, locale: str) -> Callable[[str], Any]:
    parse = FIELD_TYPES.get(f.type).parse
    return lambda text: parse(f, text, locale)


def bind_mapping(
    snapshot: Snapshot, entity: Entity, headings: Sequence[str], mapping: ImportMapping
) -> tuple[tuple[tuple[int, str, Field], ...], Field | None]:
    """Resolve headings and keys. Raises :class:`Refused` with all findings; returns bound columns and the key field."""
    findings: list[Finding] = []
    bound: list[tuple[int, str, Field]] = []
    fields = snapshot.fields(entity)
    for heading, key in mapping.columns.items():
        if not key:
            continue
        f = fields.get(key)
        if heading not in headings or any(taken.key == key for _, _, taken in bound):
            findings.append(Finding("I107", f"/mapping/{heading}", {"column": heading}))
        elif f is None or not importable(f):
            findings.append(Finding("I108", f"/mapping/{heading}", {"field": key}))
        else:
            bound.append((headings.index(heading), heading, f))
    key_field = next((f for _, _, f in bound if mapping.key in (f.key, f.id)), None)
    if mapping.mode != "create" and key_field is None:
        named = fields.get(mapping.key)
        findings.append(Finding("I109", "/key", {"field": named.label if named else mapping.key}))
    if findings:
        raise Refused(findings)
    return tuple(bound), key_field if mapping.mode != "create" else None


def importable(f: Field) -> bool:
    """Whether a column may be mapped to the field: formulas, files and system values cannot come from a table.

    A serial number can: records that come from elsewhere keep theirs.
    """
    if f.id.startswith("sys_"):
        return f.key in IMPORTABLE_SYSTEM
    kind = FIELD_TYPES.find(f.type)
    return kind is not None and kind.storage == "columns" and kind.holds != "files"


def suggest_mapping(snapshot: Snapshot, entity: Entity, headings: Sequence[str]) -> dict[str, str]:
    """Headings matched to fields by label in any language, or key, ignoring case, blanks and punctuation.

    A heading left over takes the one field left over whose label ends in it, or that it ends in: 电话 is 公司电话.
    """
    names: dict[str, str] = {}
    for f in snapshot.fields(entity).values():
        if importable(f):
            for text in (f.key, *f.label.values()):
                names.setdefault(_plain(text), f.key)
    out: dict[str, str] = {}
    for heading in headings:
        key = names.get(_plain(heading), "")
        if key and key not in out.values():
            out[heading] = key
    for heading in headings:
        near = {key for name, key in names.items() if _ends_alike(_plain(heading), name)} - set(out.values())
        if heading not in out and len(near) == 1:
            out[heading] = near.pop()
    return {heading: out[heading] for heading in headings if heading in out}


def _ends_alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= _SHORTEST_END and (one.endswith(other) or other.endswith(one))


def _plain(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())
