"""How fast expressions are in the browser's evaluator (in Node), as ratios to BigInt JavaScript written by hand.

    python -m benchmarks.bench_browser_expr [--check]

E1 to E5 are the five expressions of the specification, microseconds an evaluation: ``browser`` with the values of the
record read beforehand, as a form keeps them, ``sent`` with values as the API sends them, ``build`` making the closures
from the tree. Bar: 3 µs for E1. ``--check`` ends with an error when it is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.bench_expr import ENV, EXPRESSIONS, RECORD, SCOPE
from engine.expr.compile import check
from engine.expr.to_json import encode
from engine.expr.tree import Node
from tests.engine.expr.browser import node_command, raw, surroundings

SCRIPT = Path(__file__).with_suffix(".mjs")
BAR = 3.0


def bound(source: str) -> Node:
    checked = check(source, SCOPE)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    return checked.tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    sent = {
        "trees": {name: encode(bound(source)) for name, source in EXPRESSIONS.items()},
        "record": raw(RECORD),
        "around": {**surroundings(ENV), "today": ENV.today.isoformat()},
    }
    done = subprocess.run(
        [*node_command(), str(SCRIPT)], input=json.dumps(sent), capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)["results"]
    print(f"{'':4} {'hand':>8} {'browser':>8} {'sent':>8} {'build':>8} {'× hand':>8}   µs")
    for name, times in found.items():
        shown = " ".join(f"{times[key]:8.3f}" for key in ("hand", "browser", "sent", "build"))
        print(f"{name:4} {shown} {times['browser'] / times['hand']:8.1f}")
    ratio = statistics.geometric_mean([times["browser"] / times["hand"] for times in found.values()])
    print(f"geometric mean: {ratio:.1f} × hand; E1 {found['E1']['browser']:.2f} µs (bar {BAR} µs)")
    return int(options.check and found["E1"]["browser"] > BAR)


if __name__ == "__main__":
    sys.exit(main())
