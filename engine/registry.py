"""A named set of parts of one kind: field types, flow nodes, charts, transforms, functions.

Built-in parts and plug-ins register the same way; the set is frozen before the first request is served.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Parts by name, in order of registration."""

    def __init__(self, kind: str):
        self.kind = kind
        self._parts: dict[str, T] = {}
        self._sources: dict[str, str] = {}
        self._frozen = False

    def register(self, part: T, source: str = "dougong") -> T:
        """Add a part. Raises ``ValueError`` for a taken name (naming both sources) or a frozen registry."""
        if self._frozen:
            raise ValueError(f"{self.kind} registry is frozen; register {part.name!r} at start")
        if part.name in self._parts:
            raise ValueError(f"{self.kind} {part.name!r} comes from both {self._sources[part.name]!r} and {source!r}")
        self._parts[part.name] = part
        self._sources[part.name] = source
        return part

    def get(self, name: str) -> T:
        """Return the part. Raises ``KeyError`` when this install does not have it."""
        return self._parts[name]

    def find(self, name: str) -> T | None:
        """Return the part, or None when this install does not have it."""
        return self._parts.get(name)

    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def freeze(self) -> None:
        self._frozen = True

    def __iter__(self) -> Iterator[T]:
        return iter(self._parts.values())

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __len__(self) -> int:
        return len(self._parts)
