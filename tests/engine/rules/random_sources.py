"""Random expressions of a wanted kind about the records of a random application, as source texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.expr.types import ListType, Type
from engine.fields.base import FIELD_TYPES
from metadata.model import Field

Pick = Callable[[Sequence[Any]], Any]
"""Draws one of several."""

LITERALS: Mapping[str, Sequence[str]] = {
    "number": ("0", "1", "-2", "0.5", "3", "10", "1 / 3", "100000000000", "1 / 0", "NULL"),
    "text": ('"a"', '"A"', '"华为"', '""', '"a b"', '"x\ny"', '"13812345678"', "NULL"),
    "boolean": ("TRUE", "FALSE", "NULL", "1 / 0 > 1"),
    "date": ("DATE(2026, 11, 22)", "TODAY()", "DATE(1, 1, 1)", "DATE(2027, 2, 29)", "NULL"),
    "datetime": ("NOW()", "DATETIME(2026, 11, 22, 0, 0, 0)", "NULL"),
    "duration": ("HOURS(1)", "MINUTES(-90)", "NULL"),
    "choice": ('"A"', '"B"', '"C"', "NULL"),
    "person": ("CURRENTUSER()", "NULL"),
    "record": ("NULL",),
    "department": ("NULL",),
}


def kind_of(f: Field) -> str:
    """Return the kind of value a field has in expressions; ``[kind]`` for a list, "" where it has none."""
    kind = FIELD_TYPES.get(f.type)
    return _name(kind.expr_type(f)) if kind.in_expressions else ""


def _name(type_: Type) -> str:
    return f"[{type_.item.kind}]" if isinstance(type_, ListType) else type_.kind


class Scope:
    """What expressions may read: names by kind. ``far`` are those that leave the records written together."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}

    def add(self, fields: Sequence[Field], prefix: str = "", many: bool = False) -> None:
        """Let expressions name fields under a prefix; through a list of rows each is a list."""
        for f in fields:
            kind = kind_of(f)
            if many and (kind.startswith("[") or not kind):
                continue
            self.names.setdefault(f"[{kind}]" if many else kind, []).append(prefix + f.key)

    def of(self, *kinds: str) -> list[str]:
        return [name for kind in kinds for name in self.names.get(kind, ())]


class Sources:
    """Writes expressions from drawn choices."""

    def __init__(self, pick: Pick, scope: Scope):
        self._pick, self.scope = pick, scope

    def value(self, kind: str, depth: int = 2) -> str:
        """Return an expression of a kind."""
        names = self.scope.of(kind)
        if depth <= 0 or kind not in _FORMS or self._pick((True, False, False)):
            pool = names if names and self._pick((True, True, False)) else LITERALS.get(kind, ("NULL",))
            return str(self._pick(pool))
        return str(self._pick(_FORMS[kind])(self, depth - 1))

    def condition(self, depth: int = 2) -> str:
        """Return a condition that reads something where there is anything to read."""
        return str(self._pick(_FORMS["boolean"])(self, depth))

    def number(self, depth: int) -> str:
        return self.value("number", depth)

    def text(self, depth: int) -> str:
        return self.value("text", depth)

    # -- forms ----------------------------------------------------------------------------------------------------

    def arithmetic(self, depth: int) -> str:
        return f"({self.number(depth)} {self._pick('+-*/')} {self.number(depth)})"

    def rounded(self, depth: int) -> str:
        return f"ROUND({self.number(depth)}, {self._pick('012')})"

    def length(self, depth: int) -> str:
        return f"LEN({self.text(depth)})"

    def total(self, depth: int) -> str:
        lists = self.scope.of("[number]")
        return f"{self._pick(('SUM', 'MAX', 'AVERAGE'))}({self._pick(lists)})" if lists else self.arithmetic(depth)

    def counted(self, depth: int) -> str:
        lists = [name for kind, names in self.scope.names.items() if kind.startswith("[") for name in names]
        return f"COUNT({self._pick(lists)})" if lists else self.length(depth)

    def days(self, depth: int) -> str:
        return f"DAYS({self.value('date', depth)}, {self.value('date', depth)})"

    def choice_of(self, kind: str) -> Callable[[int], str]:
        return lambda depth: f"IF({self.condition(0)}, {self.value(kind, depth)}, {self.value(kind, depth)})"

    def joined(self, depth: int) -> str:
        kind = self._pick(("text", "number", "text", "choice", "date"))
        return f"({self.text(depth)} & {self.value(kind, depth)})"

    def changed_text(self, depth: int) -> str:
        inner = self.text(depth)
        return str(self._pick((f"UPPER({inner})", f"LEFT({inner}, 2)", f"TRIM({inner})", f"COALESCE({inner}, 'none')")))

    def compared(self, depth: int) -> str:
        kind = self._pick(("number", "number", "text", "date", "choice", "person", "datetime", "duration"))
        operator = self._pick(("=", "<>") if kind in ("choice", "person") else ("=", "<>", "<", ">="))
        left = self.scope.of(kind)
        return f"({self._pick(left) if left else self.value(kind, depth)} {operator} {self.value(kind, depth)})"

    def blank(self, depth: int) -> str:
        names = [name for kind, names in self.scope.names.items() if kind for name in names]
        return f"ISBLANK({self._pick(names)})" if names else self.compared(depth)

    def switched(self, depth: int) -> str:
        names = self.scope.of("boolean")
        return str(self._pick(names)) if names else self.blank(depth)

    def within(self, depth: int) -> str:
        lists = self.scope.of("[choice]")
        return f'("A" IN {self._pick(lists)})' if lists else self.compared(depth)

    def both(self, depth: int) -> str:
        return (
            f"({self.condition(depth - 1)} {self._pick(('AND', 'OR'))} {self.condition(depth - 1)})"
            if depth > 0
            else self.compared(0)
        )

    def not_(self, depth: int) -> str:
        return f"NOT({self.compared(depth)})"

    def asker(self, depth: int) -> str:
        return str(self._pick(('HASROLE("all")', 'USER.name = "Ann"', "ISNEW()")))

    def changed(self, depth: int) -> str:
        names = [
            one
            for kind in ("number", "text", "choice", "boolean", "date")
            for one in self.scope.of(kind)
            if "." not in one
        ]
        if not names:
            return self.compared(depth)
        name = self._pick(names)
        return str(self._pick((f"ISCHANGED({name})", f"(OLD.{name} = {name})")))

    def later(self, depth: int) -> str:
        return f"EDATE({self.value('date', depth)}, {self._pick(('1', '-1', '12'))})"


_NUMBERS: Sequence[Any] = (
    Sources.arithmetic, Sources.arithmetic, Sources.rounded, Sources.length, Sources.total, Sources.total,
    Sources.counted, Sources.days, lambda s, d: s.choice_of("number")(d),
)  # fmt: skip
_FORMS: Mapping[str, Sequence[Any]] = {
    "number": _NUMBERS,
    "text": (Sources.joined, Sources.joined, Sources.changed_text, lambda s, d: s.choice_of("text")(d)),
    "boolean": (
        Sources.compared, Sources.compared, Sources.compared, Sources.blank, Sources.switched, Sources.within,
        Sources.both, Sources.not_, Sources.asker, Sources.changed,
    ),
    "date": (Sources.later, lambda s, d: s.choice_of("date")(d)),
    "choice": (lambda s, d: s.choice_of("choice")(d),),
    "person": (lambda s, d: s.choice_of("person")(d),),
}  # fmt: skip
