"""What a template takes from its record: fields, and what linked records are asked for, by the names it uses.

A name keeps the field id it stood for when the template was saved (``Print.refs``), so a renamed field goes on being
printed under the name the template calls it by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from engine.expr.schema import DEPARTMENT_FIELDS, USER_FIELDS, Symbol
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY, ListType, RecordType
from engine.fields.base import FIELD_TYPES
from engine.forms.print_names import RELATED
from metadata.findings import in_language
from metadata.model import Field, Text
from metadata.snapshot import Snapshot

PEOPLE: Mapping[str, Mapping[str, Symbol]] = {USER_ENTITY: USER_FIELDS, DEPARTMENT_ENTITY: DEPARTMENT_FIELDS}
_PEOPLE_NAMES: Mapping[str, Text] = {
    USER_ENTITY: {"zh-CN": "人员", "en": "Person"},
    DEPARTMENT_ENTITY: {"zh-CN": "部门", "en": "Department"},
}


@dataclass(slots=True)
class Need:
    """What is wanted of records of one entity (an entity id, or that of people or departments)."""

    entity: str
    parts: dict[str, Part] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """One name: a field by id; ``below`` what is wanted of the records it leads to, ``link`` when those point here."""

    field: str
    below: Need | None = None
    many: bool = False
    link: bool = False
    files: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What a part of a template stands for. ``need`` collects what is asked of its records."""

    kind: Literal[
        "record", "many", "value", "files", "file", "related", "groups", "group", "lists", "loop", "names", "any"
    ]
    need: Need | None = None


ANY, VALUE, FILES, FILE = Shape("any"), Shape("value"), Shape("files"), Shape("file")
LOOP, NAMES = Shape("loop"), Shape("names")


class Names:
    """Resolves names of a template in a snapshot, keeping what each stood for in ``refs``."""

    def __init__(self, snapshot: Snapshot, entity_id: str, known: Mapping[str, str]):
        self.snapshot, self.root = snapshot, Need(entity_id)
        self.refs: dict[str, str] = {}
        self._known = known

    def part(self, need: Need, name: str) -> Shape | None:
        """Return what a field of a record stands for; None when there is no such field."""
        if need.entity in PEOPLE:
            return self._of_person(need, name)
        f = self._field(need.entity, name)
        if f is None:
            return None
        if not f.id.startswith("sys_"):
            self.refs[self._written(need.entity, name)] = f.id
        part = need.parts.setdefault(name, Part(f.id))
        kind = FIELD_TYPES.find(f.type)
        if kind is None:
            return VALUE
        return self._leading(part, kind.storage == "children", str(f.options.get("entity", "")), kind.expr_type(f))

    def related(self, need: Need, name: str) -> Shape | None:
        """Return the records of another entity (by key, ``entity__field`` where several fields point here)."""
        key = f"{RELATED}.{name}"
        links = [(e, f) for e, f in self.snapshot.links_to(need.entity)] if need.entity not in PEOPLE else []
        kept = self._known.get(self._written(need.entity, key))
        found = next((f for e, f in links if f.id == kept), None)
        if found is None:
            found = next((f for e, f in links if name in (e.key, f"{e.key}__{f.key}")), None)
        if found is None:
            return None
        self.refs[self._written(need.entity, key)] = found.id
        part = need.parts.setdefault(key, Part(found.id, many=True, link=True))
        part.below = part.below or Need(self.snapshot.entity_of(found.id).id)
        return Shape("many", part.below)

    def _of_person(self, need: Need, name: str) -> Shape | None:
        symbol = PEOPLE[need.entity].get(name)
        if symbol is None:
            return None
        part = need.parts.setdefault(name, Part(symbol.id))
        return self._leading(part, False, "", symbol.type)

    def _leading(self, part: Part, children: bool, child: str, type_: Any) -> Shape:
        item = type_.item if isinstance(type_, ListType) else type_
        if children:
            part.many, target = True, child
        elif isinstance(item, RecordType):
            part.many, target = isinstance(type_, ListType), item.entity
        else:
            part.files = item.kind == "file"
            return FILES if part.files else VALUE
        part.below = part.below or Need(target)
        return Shape("many" if part.many else "record", part.below)

    def _field(self, entity_id: str, name: str) -> Field | None:
        if not self.snapshot.has_entity(entity_id):
            return None
        fields = self.snapshot.fields(entity_id)
        return fields.get(self._known.get(self._written(entity_id, name), "")) or fields.get(name)

    def _written(self, entity_id: str, name: str) -> str:
        return name if entity_id == self.root.entity else f"{entity_id}.{name}"

    def label(self, need: Need) -> Text:
        """Return what people call the records of an entity."""
        return _PEOPLE_NAMES.get(need.entity) or self.snapshot.entity(need.entity).label

    def hint(self, need: Need, name: str) -> Text:
        """Return what was perhaps meant, as a sentence, or nothing."""
        if need.entity in PEOPLE:
            known = {key: symbol.label for key, symbol in PEOPLE[need.entity].items()}
        else:
            known = {f.key: f.label for f in self.snapshot.all_fields(need.entity)}
        close = get_close_matches(name, known, n=1, cutoff=0.6)
        labelled = [key for key, label in known.items() if name in label.values()]
        found = next(iter(labelled or close), None)
        if found is None:
            return {"zh-CN": "字段用字段键来写。", "en": "Fields are written with their key."}
        return {
            "zh-CN": f"您是否想写“{found}”（{in_language(known[found], 'zh-CN')}）？",
            "en": f'Did you mean "{found}" ({in_language(known[found], "en")})?',
        }
