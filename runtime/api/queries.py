"""What query fields show: records of another entity that meet a condition over this record, as the asker sees both."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine.records import present, queries
from engine.records.foresight import drafted
from engine.records.spec import OFFSET_LIMIT, Manner
from runtime import jsonio, query
from runtime.access import Routes
from runtime.api import rules
from runtime.context import reading
from runtime.jsonio import answer

routes = Routes("queries", "/api/v1/apps/<app>")


@routes.route("/<entity>/queries/<field>", methods=("POST",), who="member", limit="600/minute")
def look(app: str, entity: str, field: str) -> Response:
    """Show what a query field finds: for a stored record by its ``id``, for one on a form with its ``values`` as well.

    ``row`` names a row of a sub-table sent, where the field is one of the rows'.
    """
    body = jsonio.body(allowed=("id", "form", "values", "row", "cursor", "offset"))
    store, actor = reading(app)
    record_id, part = rules.text_of(body, "id"), _part(body)
    if "values" not in body and record_id and "row" not in body:
        found = queries.of_record(store, actor, entity, record_id, field, part)
    else:
        writing = store.preview(actor, entity, Manner(form=rules.text_of(body, "form")))
        values = rules.values_of({"values": {}, **body})
        draft, _ = drafted(writing, values, record_id)
        found = queries.of_draft(writing, rules.row_of(draft, body.get("row")), field, part)
    shown = present.page_json(found.page, store)
    entity_key = store.catalog.entity(found.entity).entity.key
    return answer({"entity": entity_key, "columns": list(found.columns), "asked": found.asked, **shown})


def _part(body: dict[str, Any]) -> queries.Part:
    offset = body.get("offset", 0)
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= OFFSET_LIMIT:
        raise query.bad("offset", f"0 到 {OFFSET_LIMIT}", f"0 to {OFFSET_LIMIT}")
    return queries.Part(cursor=rules.text_of(body, "cursor"), offset=offset)
