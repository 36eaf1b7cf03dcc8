"""Exports: the list as the person sees it, as CSV or XLSX."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Response, send_file

from engine.deferred import deferred
from engine.problems import NotFound
from metadata.findings import in_language
from runtime import query
from runtime.access import Routes
from runtime.context import reading, services
from runtime.language import language

routes = Routes("exports", "/api/v1/apps/<app>/<entity>/records")

exporter = deferred("engine.records.transfer.exporter")  # brings the spreadsheet writer along

_NAMES = ("fields", "filter", "sort", "search", "format")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@routes.route("/export", who="member", limit="20/minute")
def export(app: str, entity: str) -> Response:
    given = query.arguments(*_NAMES)
    form = given.get("format", "csv")
    if form not in _TYPES:
        raise query.bad("format", "csv 或 xlsx", "csv or xlsx")
    store, actor = reading(app)
    if not store.snapshot.has_entity(entity):
        raise NotFound(what=entity)
    made = exporter.Exporter(store, actor, query.query_spec(entity, given))
    folder = services().config.data_dir / "tmp"
    folder.mkdir(exist_ok=True)
    # The whole file is made inside the read transaction: it is one state of the data, and only then sent.
    out = tempfile.NamedTemporaryFile(dir=folder, suffix=f".{form}")  # noqa: SIM115  closed when it was sent
    if form == "csv":
        for chunk in made.csv():
            out.write(chunk)
    else:
        made.xlsx(Path(out.name))
    out.seek(0)
    name = f"{in_language(store.snapshot.entity(entity).label, language())}.{form}"
    return send_file(out, mimetype=_TYPES[form], as_attachment=True, download_name=name, max_age=0)
