"""What is wrong with a piece of input: where, why, and the way out, in both languages.

A check returns *all* its findings; code that must not go on raises :class:`Refused` with them. Texts live in
catalogues keyed by a stable code; the package that owns a code registers its texts at import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["zh-CN", "en"]
Severity = Literal["error", "warning", "info"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")

_catalogue: dict[str, Mapping[str, str]] = {}


def register_messages(messages: Mapping[str, Mapping[str, str]]) -> None:
    """Add ``{code: {"zh-CN": text, "en": text}}``; texts use ``{name}`` for parameters.

    Raises ``ValueError`` when a code is taken by another text or lacks a language.
    """
    for code, texts in messages.items():
        if set(texts) != set(LANGUAGES):
            raise ValueError(f"message {code} must have exactly the languages {LANGUAGES}")
        if code in _catalogue and _catalogue[code] != texts:
            raise ValueError(f"message {code} is registered twice")
        _catalogue[code] = texts


def message_codes() -> frozenset[str]:
    """Return every registered code (the documentation test walks them)."""
    return frozenset(_catalogue)


def message(code: str, language: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the text of a code in a language (English for any language but Chinese).

    Parameters are inserted as text, never as a format string. A value that is a language map is resolved.
    """
    texts = _catalogue[code]
    chosen = texts["zh-CN" if language.lower().startswith("zh") else "en"]
    for name, value in (params or {}).items():
        chosen = chosen.replace("{" + name + "}", in_language(value, language))
    return chosen


def in_language(value: Any, language: str) -> str:
    """Resolve a language map to one text with fallback; any other value becomes its plain text."""
    if not isinstance(value, Mapping):
        return "" if value is None else str(value)
    wanted = "zh-CN" if language.lower().startswith("zh") else "en"
    return str(value.get(wanted) or next(iter(value.values()), ""))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``place`` is a JSON pointer or a field key path such as ``/contacts/2/phone``.

    ``rule`` is the id of the rule of an application that found it. A ``warning`` with one is accepted with a reason.
    """

    code: str
    place: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "error"
    rule: str = ""

    def text(self, language: str) -> str:
        """Return the sentence for a person, in ``zh-CN`` or ``en``."""
        return message(self.code, language, self.params)


class Refused(Exception):
    """Input that is not accepted; nothing was written. Carries every finding."""

    def __init__(self, findings: Iterable[Finding]):
        self.findings = tuple(findings)
        super().__init__(
            "; ".join(f"{f.place}: {f.text('en')}" if f.place else f.text("en") for f in self.findings[:5])
        )
