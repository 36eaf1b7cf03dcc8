"""Makes ``support`` of the record layer and the helpers beside it importable."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "records"), str(HERE.parent / "expr"), str(HERE.parent / "flows")]
