"""Every reference in a definition: which id is named where, and by whom.

Ids are looked for in the JSON form, in typed attributes and in free bags (options, node config, datasets, filters)
alike: a string that is an id or a dotted path of ids, a mapping key that is one, and ids inside text literals of an
expression's source. Text for people is never searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.codec import to_json
from metadata.findings import LANGUAGES
from metadata.ids import PREFIXES, is_id
from metadata.model import SYSTEM_FIELDS, SYSTEM_PARENT, App, Json
from metadata.places import pointer

SYSTEM_IDS = frozenset(f.id for f in (*SYSTEM_FIELDS, SYSTEM_PARENT))

_ONE = rf"(?:(?:{'|'.join(PREFIXES)})_[a-z0-9][a-z0-9_]{{0,39}}|sys_[a-z_]+)"
_PATH = re.compile(rf"^{_ONE}(?:\.{_ONE})*$")
_LITERAL = re.compile(rf"""(?<=")({_ONE})(?=")|(?<=')({_ONE})(?=')""")
_LANGUAGE = re.compile(r"^[a-z]{2}(?:-[A-Z]{2})?$")
_LOOSE = frozenset({"default", "samples", "value", "src"})
"""Keys below which a text may look like an id by chance (``"opt_in"``); there only known ids are references."""
_REFS = "refs"
"""Keys of this mapping are names as written in an expression, below what they belong to: ``amount``,
``ent_account.region``, ``fld_stage="opt_won"``. Only the owner and the literal may be ids there."""
_OWNER = re.compile(rf"^{_ONE}(?=[.=])")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """``source`` (a definition id) names ``target`` at ``place`` (a JSON pointer into the application).

    ``loose`` marks a place where the text may be no reference at all.
    """

    source: str
    target: str
    place: str
    loose: bool = False


def references(app: App | Json) -> tuple[Reference, ...]:
    """Return every reference in an application (or in its JSON form), in document order."""
    data = to_json(app) if isinstance(app, App) else app
    return tuple(_references(data, (), "", False))


def used_by(app: App, identifier: str) -> tuple[Reference, ...]:
    """Return where a definition is used, itself and what is inside it left out."""
    data = to_json(app)
    inside = {found for found, place in defined(_find(data, identifier))} | {identifier}
    return tuple(r for r in _references(data, (), "", False) if r.target == identifier and r.source not in inside)


def defined(data: Json) -> Iterator[tuple[str, Path]]:
    """Yield every definition id with the path of the object that has it, in document order."""
    if isinstance(data, dict):
        if is_id(data.get("id")):
            yield data["id"], ()
        for key, value in data.items():
            for found, path in defined(value):
                yield found, (key, *path)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            for found, path in defined(value):
                yield found, (position, *path)


def remap(data: Json, mapping: Mapping[str, str]) -> Json:
    """Return a copy in which every id that is a key of ``mapping`` is replaced, wherever it is named."""
    return _rebuild(data, lambda found: mapping.get(found, found))


def is_text(value: Json) -> bool:
    """Say whether a value is a language map, which is for people and never searched for ids."""
    return (
        isinstance(value, dict)
        and any(language in value for language in LANGUAGES)
        and all(isinstance(key, str) and _LANGUAGE.match(key) for key in value)
    )


def split_path(text: str) -> tuple[str, ...]:
    """Return the ids of a dotted path of ids (one for a plain id), or () for any other text."""
    return tuple(text.split(".")) if _PATH.match(text) else ()


def _references(value: Json, path: Path, source: str, loose: bool) -> Iterator[Reference]:
    if isinstance(value, str):
        is_source = bool(path) and path[-1] == "src"
        yield from _named(_literals(value) if is_source else split_path(value), path, source, loose)
    elif isinstance(value, dict):
        if is_text(value):
            return
        own = value.get("id")
        inner = own if isinstance(own, str) and is_id(own) else source
        for key, item in value.items():
            if key == "id" and inner is not source:
                continue
            if path and path[-1] == _REFS:
                yield from _named(_in_name(key), (*path, key), inner, True)
            else:
                yield from _named(split_path(key), (*path, key), inner, loose or not key.startswith("fld_"))
            yield from _references(item, (*path, key), inner, loose or key in _LOOSE)
    elif isinstance(value, list):
        condition = _is_condition(value)
        for position, item in enumerate(value):
            yield from _references(item, (*path, position), source, loose or (condition and position >= 2))


def _literals(source: str) -> tuple[str, ...]:
    return tuple(match[0] for match in _LITERAL.finditer(source))


def _in_name(name: str) -> tuple[str, ...]:
    owner = _OWNER.match(name)
    return (*((owner[0],) if owner else ()), *_literals(name))


def _named(found: Iterable[str], path: Path, source: str, loose: bool) -> Iterator[Reference]:
    for target in found:
        if target not in SYSTEM_IDS:
            yield Reference(source, target, pointer(path), loose)


def _is_condition(value: list[Any]) -> bool:
    """``[operator, path, operand]``: the operand may be any text."""
    return len(value) == 3 and all(isinstance(item, str) for item in value[:2]) and not split_path(value[0])


def _rebuild(value: Json, swap: Callable[[str], str], key: str = "") -> Json:
    if isinstance(value, str):
        if key == "src":
            return _LITERAL.sub(lambda match: swap(match[0]), value)
        found = split_path(value)
        return ".".join(swap(one) for one in found) if found else value
    if isinstance(value, dict):
        if is_text(value):
            return value
        rename = _rename if key == _REFS else _rebuild
        return {rename(name, swap): _rebuild(item, swap, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_rebuild(item, swap) for item in value]
    return value


def _rename(name: str, swap: Callable[[str], str]) -> str:
    """Swap the ids in a name of an expression."""
    return _LITERAL.sub(lambda match: swap(match[0]), _OWNER.sub(lambda match: swap(match[0]), name))


def _find(data: Json, identifier: str) -> Json:
    current = data
    for found, path in defined(data):
        if found == identifier:
            for step in path:
                current = current[step]
            return current
    return None
