"""What one formula may cost; refused while checking wherever that is possible."""

from __future__ import annotations

SOURCE = 4_000
"""Characters of a source text."""
NESTING = 40
"""Levels of brackets, and of the tree."""
NODES = 500
"""Nodes of the bound tree after inlining and desugaring."""
HOPS = 5
TO_MANY_HOPS = 2
LAMBDAS = 2
LIST_ITEMS = 10_000
TEXT = 64_000
STEPS = 100_000
"""Rows and items looked at while evaluating one formula for one record."""
TEXT_STEP = 64
"""Characters of a text in a list that count as one more item."""
SECONDS = 0.8
"""Time for one formula and one record: a batch of bombs is stopped within two seconds."""
EXPONENT = 1_000
SQL_DEPTH = 130
"""Levels of a compiled database expression."""
SQL_ELEMENTS = 6_000
"""Parts of a compiled database expression: about 32 kB of SQL."""
