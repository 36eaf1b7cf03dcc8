"""Why a computed field is blank: the error code of its formula, kept beside the row in the column ``extra``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_KEY: Final = "errors"

Errors = dict[str, str]
"""Error codes by field id."""


def errors_of(extra: Mapping[str, Any] | None) -> Errors:
    """Return the error codes kept with a row."""
    return dict(extra.get(_KEY, {})) if extra else {}


def with_errors(extra: Mapping[str, Any] | None, errors: Errors) -> dict[str, Any] | None:
    """Return what to keep with a row whose formulas have these errors; nothing when there is nothing to keep."""
    kept = {name: value for name, value in (extra or {}).items() if name != _KEY}
    return {**kept, _KEY: errors} if errors else kept or None


def note(errors: Errors, field_id: str, code: str) -> None:
    """Take down the error of a field; a blank code takes it away."""
    if code:
        errors[field_id] = code
    else:
        errors.pop(field_id, None)
