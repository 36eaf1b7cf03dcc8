"""Steps of a plan as values: what is done, how long it takes, what it means for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any, Literal

from metadata.findings import in_language

StepKind = Literal["instant", "slow", "trash"]
Phase = Literal["prepare", "switch", "finish"]
Op = Literal[
    "create_entity",
    "create_links",
    "create_search",
    "add_columns",
    "add_field",
    "restore_entity",
    "restore_field",
    "convert",
    "fill_keys",
    "fill_sort",
    "fill_default",
    "recompute",
    "create_index",
    "drop_index",
    "reindex",
    "drop_search",
    "trash_field",
    "trash_entity",
    "views",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``phase`` says when: ``prepare`` beside the live version, ``switch`` in the transaction that moves the
    live pointer, ``finish`` after it. ``rows`` is an upper estimate of what is touched, ``loss`` warns that values may
    not survive (they are kept in the trash). ``payload`` is JSON: enough to go on after a restart."""

    op: Op
    kind: StepKind
    phase: Phase
    text: Mapping[str, str]
    entity: str = ""
    field: str = ""
    rows: int = 0
    loss: bool = False
    statements: tuple[str, ...] = ()
    payload: Mapping[str, Any] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ordered steps from one version to another on one database.

    ``empty`` are the tables in use without rows: the plan does nothing about rows there and holds while that is so.
    """

    dialect: str
    steps: tuple[Step, ...] = ()
    empty: tuple[str, ...] = ()

    def of(self, phase: Phase) -> tuple[Step, ...]:
        """Return the steps of a phase, in order."""
        return tuple(step for step in self.steps if step.phase == phase)

    @property
    def loss(self) -> bool:
        return any(step.loss for step in self.steps)


def said(zh: str, en: str, *values: object) -> dict[str, str]:
    """Return a sentence in both languages; ``{0}`` is a value, a language map in the language at hand."""
    return {"zh-CN": _filled(zh, "zh-CN", values), "en": _filled(en, "en", values)}


def _filled(text: str, language: str, values: tuple[object, ...]) -> str:
    for number, value in enumerate(values):
        text = text.replace("{" + str(number) + "}", in_language(value, language))
    return text
