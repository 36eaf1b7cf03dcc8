"""From how many rows on a change is too large to be made while others wait."""

from __future__ import annotations

INLINE_ROWS = 2_000
"""Up to so many rows, data moves inside the switch itself; above, beside the live version in batches."""

INLINE_INDEX_ROWS = 20_000
"""Up to so many rows, indexes are built inside the switch."""

BATCH = 2_000
"""Rows moved in one short transaction."""
