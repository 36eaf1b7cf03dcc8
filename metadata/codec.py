"""Definitions to JSON and back, driven by the type hints of ``metadata.model``.

Attributes at their default are left out, so that a file says only what its author meant and two equal definitions
have equal bytes. A new attribute of a definition needs no line here.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

from metadata.model import App, Json

T = TypeVar("T")
_Convert = Callable[[Any], Any]


class Malformed(ValueError):
    """JSON that is not of the asked class; ``place`` is a JSON pointer. ``validate`` says the same to people."""

    def __init__(self, place: str, reason: str):
        self.place, self.reason = place, reason
        super().__init__(f"{place or '/'}: {reason}")


def to_json(definition: Any) -> dict[str, Any]:
    """Return the JSON form of a definition; attributes at their default are left out."""
    result: dict[str, Any] = {}
    for part in _parts(type(definition)):
        value = getattr(definition, part.name)
        if part.required or value != part.default():
            result[part.name] = part.encode(value)
    return result


def from_json(cls: type[T], data: Json) -> T:
    """Build a definition of a class. Raises :class:`Malformed` for a wrong type, a missing or an unknown key."""
    if not isinstance(data, Mapping):
        raise Malformed("", f"expected an object, got {type(data).__name__}")
    parts = _parts(cls)
    values: dict[str, Any] = {}
    for part in parts:
        if part.name in data:
            try:
                values[part.name] = part.decode(data[part.name])
            except Malformed as error:
                raise Malformed(f"/{part.name}{error.place}", error.reason) from None
        elif part.required:
            raise Malformed("", f"{part.name!r} is missing")
    if len(values) != len(data):
        known = {part.name for part in parts}
        raise Malformed("", f"unknown key {next(key for key in data if key not in known)!r}")
    return cls(**values)


def canonical(data: Json) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no white space, UTF-8."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def content_hash(app: App) -> str:
    """Return the SHA-256 (hex) of what an application does: where boxes lie on a flow canvas does not count."""
    data = to_json(app)
    for flow in data.get("flows", ()):
        flow.pop("layout", None)
    return hashlib.sha256(canonical(data)).hexdigest()


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    required: bool
    default: Callable[[], Any]
    encode: _Convert
    decode: _Convert


_known_parts: dict[type[Any], tuple[_Part, ...]] = {}


def _parts(cls: type[Any]) -> tuple[_Part, ...]:
    found = _known_parts.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = _known_parts[cls] = tuple(_part(item, hints[item.name]) for item in fields(cls))
    return found


def _part(item: Field[Any], hint: Any) -> _Part:
    factory = item.default_factory
    default: Callable[[], Any]
    if factory is not MISSING:
        default = factory
    else:
        value = item.default

        def default() -> Any:
            return value

    required = factory is MISSING and item.default is MISSING
    return _Part(item.name, required, default, _encoder(hint), _decoder(hint))


def _same(value: Any) -> Any:
    return value


def _encoder(hint: Any) -> _Convert:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return to_json
    if origin is tuple:
        item = _encoder(arguments[0])
        return lambda value: [item(one) for one in value]
    if origin in (Union, types.UnionType):
        inner = _encoder(_inner(arguments))
        return lambda value: None if value is None else inner(value)
    if origin is not None and issubclass(_class(origin), Mapping):
        return _mapped(arguments[1])
    return _same


def _mapped(hint: Any) -> _Convert:
    if not is_dataclass(hint):
        return dict
    return lambda value: {key: to_json(one) for key, one in value.items()}


def _decoder(hint: Any) -> _Convert:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return _same
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: from_json(hint, value)
    if origin is tuple:
        return _sequence(_decoder(arguments[0]))
    if origin in (Union, types.UnionType):
        inner = _decoder(_inner(arguments))
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return _choice(arguments)
    if origin is not None and issubclass(_class(origin), Mapping):
        return _mapping(_decoder(arguments[1]))
    return _scalar(hint)


def _inner(arguments: tuple[Any, ...]) -> Any:
    return next(argument for argument in arguments if argument is not type(None))


def _class(origin: Any) -> type[Any]:
    return origin if isinstance(origin, type) else object


def _sequence(item: _Convert) -> _Convert:
    def decode(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise Malformed("", f"expected a list, got {type(value).__name__}")
        result = []
        for position, one in enumerate(value):
            try:
                result.append(item(one))
            except Malformed as error:
                raise Malformed(f"/{position}{error.place}", error.reason) from None
        return tuple(result)

    return decode


def _mapping(item: _Convert) -> _Convert:
    def decode(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Malformed("", f"expected an object, got {type(value).__name__}")
        result = {}
        for key, one in value.items():
            try:
                result[key] = item(one)
            except Malformed as error:
                raise Malformed(f"/{key}{error.place}", error.reason) from None
        return result

    return decode


def _choice(allowed: tuple[Any, ...]) -> _Convert:
    def decode(value: Any) -> Any:
        # `True in (1,)` is true in Python; a choice is of the same type as the value
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise Malformed("", f"{value!r} is none of {', '.join(map(repr, allowed))}")
        return value

    return decode


def _scalar(kind: type[Any]) -> _Convert:
    def decode(value: Any) -> Any:
        if type(value) is not kind:
            raise Malformed("", f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    return decode
