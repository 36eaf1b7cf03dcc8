"""Older files, brought to the present format by an ordered list of pure steps and one loop.

A step takes a file that its own schema has accepted, so it needs no doubt inside; it changes nothing it was given.
A new format adds one module with one :class:`Step` and one line in :data:`STEPS`; old steps are never edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from metadata.findings import Finding
from metadata.model import FORMAT, Json
from metadata.schema_findings import finding
from metadata.upgrade import format_0, format_1


@dataclass(frozen=True, slots=True)
class Step:
    """From format ``number`` to the next. ``schema`` says what a file of that format may look like."""

    number: int
    schema: Mapping[str, Any]
    apply: Callable[[Mapping[str, Json]], dict[str, Json]]


STEPS: tuple[Step, ...] = (
    Step(0, format_0.SCHEMA, format_0.upgrade),
    Step(1, format_1.SCHEMA, format_1.upgrade),
)

_MAX_FINDINGS = 100


def upgrade(data: Mapping[str, Json]) -> tuple[dict[str, Json], list[Finding]]:
    """Return the file in the present format, or findings when it does not keep to the format it states.

    ``data["format"]`` must be a number from 0 to ``FORMAT``.
    """
    current = dict(data)
    for step in STEPS[current["format"] :]:
        validator = jsonschema_rs.Draft202012Validator(dict(step.schema), offline=True)
        found = [one for error in validator.iter_errors(current) for one in finding(current, error)]
        if found:
            return {}, found[:_MAX_FINDINGS]
        current = step.apply(current)
    return current, []


if [step.number for step in STEPS] != list(range(FORMAT)):
    raise RuntimeError("upgrade steps must run from format 0 to the present one without a gap")
