"""A choice from a tree: a place in an industry list, a category of categories.

The value is the id of the option chosen, stored as a select stores it; the path to it is read from the definition. So a
branch that the designer moves takes its records along, and a field changes between select and cascader in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.fields.base import APP_ZONE, Conversion, FieldType, InvalidValue, Value, operand_list
from engine.fields.choices import OPTION, SELECT_OPERATORS, SelectType, no_option, option_id, options_of
from engine.fields.folding import folded_key
from metadata.findings import Finding, in_language
from metadata.model import Field

MAX_NODES = 3_000
_STEP = " / "


class Tree:
    """The options of a field as a tree. A parent that is not there, or a circle, makes roots of what hangs on it."""

    def __init__(self, options: Sequence[Mapping[str, Any]]):
        self.labels = {one["id"]: one.get("label", {}) for one in options}
        above = {one["id"]: one.get("parent", "") for one in options}
        self.paths: dict[str, tuple[str, ...]] = {}
        for one in above:
            path, at = [one], above[one]
            while at in above and at not in path:
                path.append(at)
                at = above[at]
            self.paths[one] = tuple(reversed(path))
        self.parents = {path[-2] for path in self.paths.values() if len(path) > 1}
        self.below: dict[str, list[str]] = {one: [] for one in above}
        """Ids of a branch, its root included."""
        for one, steps in self.paths.items():
            for step in steps:
                self.below[step].append(one)
        self.by_path: dict[str, set[str]] = {}
        self.by_label: dict[str, set[str]] = {}
        for one in above:
            for language in ("zh-CN", "en"):
                self.by_path.setdefault(_key(self.shown(one, language)), set()).add(one)
                self.by_label.setdefault(folded_key(in_language(self.labels[one], language)), set()).add(one)

    def shown(self, option: str, language: str) -> str:
        """Return the labels from the root to an option."""
        return _STEP.join(
            in_language(self.labels.get(one, {}), language) or one for one in self.paths.get(option, (option,))
        )

    def find(self, text: str) -> str | None:
        """Return the option a text names: by id, by path, or by a label only one option has."""
        if text.strip() in self.paths:
            return text.strip()
        for found in (self.by_path.get(_key(text), ()), self.by_label.get(folded_key(text), ())):
            if len(found) == 1:
                return next(iter(found))
        return None


class _Same:
    """Options as a key: the same object is the same tree."""

    __slots__ = ("options",)

    def __init__(self, options: Sequence[Mapping[str, Any]]):
        self.options = options

    def __hash__(self) -> int:
        return id(self.options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.options is self.options


@lru_cache(maxsize=128)
def _tree(same: _Same) -> Tree:
    return Tree(same.options)


def tree_of(f: Field) -> Tree:
    """Return the tree of a field's options; made once as long as the definition lives."""
    return _tree(_Same(options_of(f)))


class CascaderType(SelectType):
    """One option of a tree: a leaf, or with ``any_level`` any. Filters know ``under``: a branch and all below it."""

    name = "cascader"
    label = {"zh-CN": "级联", "en": "Cascader"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["options"],
        "additionalProperties": False,
        "properties": {
            "options": {
                "type": "array",
                "maxItems": MAX_NODES,
                "items": {**OPTION, "properties": {**OPTION["properties"], "parent": OPTION["properties"]["id"]}},
            },
            "any_level": {"type": "boolean"},
        },
    }

    def storage_tag(self, f: Field) -> str:
        return "select"

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": 64}

    def check_options(self, f: Field) -> Sequence[Finding]:
        found: list[Finding] = []
        ids = [one["id"] for one in options_of(f)]
        tree, seen = tree_of(f), set[str]()
        for index, option in enumerate(options_of(f)):
            place = f"/options/options/{index}"
            if option["id"] in seen:
                found.append(Finding("F903", place + "/id", {"id": option["id"]}))
            seen.add(option["id"])
            parent = option.get("parent")
            if parent and (parent not in ids or option["id"] in tree.paths.get(parent, ())):
                found.append(Finding("F908", place + "/parent", {"id": option["id"], "parent": parent}))
            for language in ("zh-CN", "en"):
                shown = tree.shown(option["id"], language)
                if len(tree.by_path[_key(shown)]) > 1:
                    found.append(Finding("F904", f"{place}/label", {"label": shown}))
                    break
        return found

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return None
        tree = tree_of(f)
        if not isinstance(raw, str) or raw not in tree.paths:
            raise no_option(f, raw)
        if raw in tree.parents and not f.options.get("any_level"):
            raise InvalidValue("F407", value={one: tree.shown(raw, one) for one in ("zh-CN", "en")})
        return raw

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if not text.strip():
            return None
        found = tree_of(f).find(text)
        if found is None:
            raise no_option(f, text.strip())
        return self.accept(f, found)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else tree_of(f).shown(value, locale)

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("under", *SELECT_OPERATORS)

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        """``under`` takes one option or a list of them and means everything in those branches."""
        if operator != "under":
            return super().accept_operand(f, operator, raw)
        roots = [option_id(f, one) for one in ([raw] if isinstance(raw, str) else operand_list(raw))]
        if not roots:
            raise InvalidValue("F805", operator=operator)
        below = tree_of(f).below
        return tuple(dict.fromkeys(one for root in roots for one in below[root]))

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return super().condition(f, columns, "in" if operator == "under" else operator, operand, dialect)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return super().matches(f, value, "in" if operator == "under" else operator, operand)

    def sort_order(self, f: Field) -> Sequence[str]:
        """Branch by branch, each in the designer's order."""
        tree = tree_of(f)
        place = {one: index for index, one in enumerate(tree.paths)}
        return sorted(place, key=lambda one: [place[step] for step in tree.paths[one]])

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        """By id where the source has options too, else by path or by a label only one option has."""
        held = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        if isinstance(held, str) and held in tree_of(f).paths and any(o["id"] == held for o in options_of(source)):
            return Conversion(self.accept(f, held))
        return FieldType.convert(self, f, value, source, source_type)


def _key(path: str) -> str:
    return "/".join(folded_key(step) for step in path.split("/"))
