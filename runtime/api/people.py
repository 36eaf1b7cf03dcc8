"""The directory, as far as person and department fields need it: names, nothing private."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from engine import org, people
from engine.records.around.colleagues import find_people
from engine.records.sounds import sound
from metadata.findings import in_language
from runtime import query
from runtime.access import Routes
from runtime.context import connection
from runtime.jsonio import answer
from runtime.language import language

routes = Routes("people", "/api/v1")


@routes.route("/users")
def users() -> Response:
    given = query.arguments("q", "limit", "ids")
    limit = query.whole(given, "limit", 20, 1, 200)
    wanted = query.names(given.get("ids", ""))
    if wanted:
        rows = connection().execute(select(org.user.c.id, org.user.c.name).where(org.user.c.id.in_(wanted[:200])))
        found = [(row.id, row.name) for row in rows]
    else:
        text = query.search_text(given.get("q", ""))
        found = [(person.id, person.name) for person in find_people(connection(), text, limit=limit)]
    places = _main_departments([user_id for user_id, _ in found])
    return answer({"users": [{"id": i, "name": name, "department": places.get(i, "")} for i, name in found]})


def _main_departments(ids: list[str]) -> dict[str, str]:
    table = org.membership
    rows = connection().execute(
        select(table.c.user_id, org.department.c.name)
        .join(org.department, org.department.c.id == table.c.department_id)
        .where(table.c.user_id.in_(ids))
        .order_by(table.c.main)
    )
    return {row.user_id: in_language(row.name, language()) for row in rows}


@routes.route("/departments")
def departments() -> Response:
    """The tree of departments; with ``sounds`` also what their names sound like, for whoever types pinyin."""
    given = query.arguments("sounds")
    spoken = query.switch(given, "sounds")
    found = [
        {
            "id": one.id,
            "name": one.name,
            "parent": one.parent_id or None,
            **({"sounds": sound(" ".join(one.name.values()))} if spoken else {}),
        }
        for one in people.departments(connection())
    ]
    return answer({"departments": found})
