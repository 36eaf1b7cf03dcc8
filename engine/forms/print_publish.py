"""What is checked of the pages of an application before it is published: fields, syntax, conditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.expr.compile import check
from engine.expr.types import BOOLEAN
from engine.forms.print_check import read
from engine.records.schema import SnapshotSchema, scope_of
from metadata.findings import Finding
from metadata.model import App
from metadata.snapshot import Snapshot


def check_prints(app: App) -> Iterable[Finding]:
    """Yield everything wrong with the print templates of an application."""
    snapshot = Snapshot(app, 0)
    schema = SnapshotSchema(snapshot)
    for number, page in enumerate(app.prints):
        if not snapshot.has_entity(page.entity):
            continue
        for finding in read(snapshot, page.entity, page.html, page.refs, page.css).findings:
            yield replace(finding, place=f"/prints/{number}{finding.place}")
        if page.when is not None:
            scope = scope_of(schema, snapshot.entity(page.entity), frozenset({"USER"}))
            checked = check(page.when.src, scope, BOOLEAN, refs=dict(page.when.refs))
            for found in checked.findings:
                if found.severity == "error":
                    yield found.at(f"/prints/{number}/when")
