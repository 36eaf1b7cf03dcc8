"""Kinds of views: which fields play which part, and which settings there are. One registration makes a kind known.

The check of a definition, the check of a saved view and the description for the browser all read it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.registry import Registry
from metadata.model import Field, Text

CHOICES: Final = frozenset({"select", "radio"})
PEOPLE: Final = frozenset({"user"})
LINK: Final = frozenset({"link_one"})
DAYS: Final = frozenset({"date", "datetime"})
RANGES: Final = frozenset({"date_range"})
NUMBERS: Final = frozenset({"number", "currency", "percent", "rating", "progress", "duration"})
SHARES: Final = frozenset({"percent", "progress", "number"})
IMAGES: Final = frozenset({"image", "file"})
REGIONS: Final = frozenset({"address", "cascader", "select", "radio", "text", "textarea"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPart:
    """A field a kind of view is made from. ``types`` are the field types that may play it; a formula counts as what it
    results in. ``own``: it must link to records of the same entity. ``chain``: links that may not form circles."""

    name: str
    label: Text
    types: frozenset[str]
    required: bool = False
    own: bool = False
    chain: bool = False

    def fits(self, f: Field) -> bool:
        """Say whether a field has a type that may play the part."""
        kind = str(f.options.get("result", "")) if f.type == "formula" else f.type
        return kind in self.types and (f.type != "formula" or not self.types & (CHOICES | LINK))


Judge = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOption:
    """A setting of a kind of view: ``accepts`` judges a JSON value, ``expected`` says in words what it takes."""

    name: str
    accepts: Judge
    expected: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewKind:
    """A way to look at records. Of ``either`` at least one part must be filled."""

    name: str
    label: Text
    parts: tuple[ViewPart, ...] = ()
    options: tuple[ViewOption, ...] = ()
    either: tuple[str, ...] = ()

    def part(self, name: str) -> ViewPart | None:
        return next((one for one in self.parts if one.name == name), None)

    def option(self, name: str) -> ViewOption | None:
        return next((one for one in self.options if one.name == name), None)


VIEW_KINDS: Registry[ViewKind] = Registry("view kind")


def _text(zh: str, en: str) -> Text:
    return {"zh-CN": zh, "en": en}


def _part(name: str, zh: str, en: str, types: frozenset[str], **more: bool) -> ViewPart:
    return ViewPart(name=name, label=_text(zh, en), types=types, **more)


def one_of(name: str, *known: str) -> ViewOption:
    """A setting that is one of some words."""
    listed = ", ".join(known)
    return ViewOption(
        name=name,
        accepts=lambda value: isinstance(value, str) and value in known,
        expected=_text(f"以下之一：{listed}", f"one of {listed}"),
    )


def switch(name: str) -> ViewOption:
    """A setting that is on or off."""
    return ViewOption(
        name=name, accepts=lambda value: isinstance(value, bool), expected=_text("true 或 false", "true or false")
    )


def amount(name: str, low: float, high: float) -> ViewOption:
    """A setting that is a number."""
    return ViewOption(
        name=name,
        accepts=lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high,
        expected=_text(f"{low:g} 到 {high:g} 的数", f"a number from {low:g} to {high:g}"),
    )


def texts(name: str, most: int) -> ViewOption:
    """A setting that is a list of texts."""
    return ViewOption(
        name=name,
        accepts=lambda value: (
            isinstance(value, list | tuple) and len(value) <= most and all(isinstance(one, str) for one in value)
        ),
        expected=_text(f"最多 {most} 个文本的列表", f"a list of at most {most} texts"),
    )


def numbers_by_name(name: str, most: int) -> ViewOption:
    """A setting that maps names to whole numbers."""

    def accepts(value: Any) -> bool:
        return isinstance(value, Mapping) and len(value) <= most and all(_is_count(one) for one in value.values())

    return ViewOption(
        name=name,
        accepts=accepts,
        expected=_text("名称到正整数的对象", "an object of names to whole numbers above zero"),
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000


_COLOUR = _part("color", "颜色", "Colour", CHOICES)
_ZOOMS = ("day", "week", "month", "quarter")

for _kind in (
    ViewKind(name="table", label=_text("表格", "Table"), parts=(_part("parent", "上级", "Parent", LINK, own=True),)),
    ViewKind(
        name="kanban",
        label=_text("看板", "Board"),
        parts=(
            _part("by", "分列字段", "Columns by", CHOICES | PEOPLE | LINK, required=True),
            _part("lane", "泳道", "Lanes by", CHOICES | PEOPLE | LINK),
            _part("sum", "合计字段", "Sum of", NUMBERS),
            _part("cover", "封面", "Cover", IMAGES),
            _COLOUR,
        ),
        options=(numbers_by_name("wip", 200), texts("collapsed", 200), switch("hide_blank")),
    ),
    ViewKind(
        name="calendar",
        label=_text("日历", "Calendar"),
        parts=(
            _part("start", "开始", "Start", DAYS | RANGES, required=True),
            _part("end", "结束", "End", DAYS),
            _COLOUR,
        ),
        options=(one_of("mode", "month", "week", "day", "agenda"), switch("lunar"), one_of("week_start", "mon", "sun")),
    ),
    ViewKind(
        name="gantt",
        label=_text("甘特图", "Gantt"),
        parts=(
            _part("start", "开始", "Start", DAYS | RANGES, required=True),
            _part("end", "结束", "End", DAYS),
            _part("progress", "进度", "Progress", SHARES),
            _part("parent", "上级任务", "Parent task", LINK, own=True, chain=True),
            _part("after", "前置任务", "Follows", frozenset({"link_many"}), own=True),
            _part("group", "分组", "Group by", CHOICES | PEOPLE | LINK),
            _COLOUR,
        ),
        options=(one_of("zoom", *_ZOOMS),),
    ),
    ViewKind(
        name="gallery",
        label=_text("画册", "Gallery"),
        parts=(_part("cover", "封面", "Cover", IMAGES), _COLOUR),
        options=(one_of("size", "s", "m", "l"), one_of("fit", "cover", "contain")),
    ),
    ViewKind(
        name="map",
        label=_text("地图", "Map"),
        parts=(
            _part("place", "定位", "Location", frozenset({"location"})),
            _part("region", "地区", "Region", REGIONS),
            _part("sum", "合计字段", "Sum of", NUMBERS),
            _COLOUR,
        ),
        either=("place", "region"),
    ),
    ViewKind(
        name="tree",
        label=_text("层级", "Hierarchy"),
        parts=(
            _part("parent", "上级", "Parent", LINK, required=True, own=True, chain=True),
            _part("sum", "逐级合计", "Rolled-up total", NUMBERS),
        ),
    ),
    ViewKind(
        name="resource",
        label=_text("资源", "Resources"),
        parts=(
            _part("by", "资源", "Rows by", CHOICES | PEOPLE | LINK, required=True),
            _part("start", "开始", "Start", DAYS | RANGES, required=True),
            _part("end", "结束", "End", DAYS),
            _part("load", "工作量", "Load", NUMBERS),
            _COLOUR,
        ),
        options=(one_of("zoom", "day", "week", "month"), amount("capacity", 0.1, 1_000_000)),
    ),
):
    VIEW_KINDS.register(_kind)
