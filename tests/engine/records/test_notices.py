"""Notices: words with names in braces, put into a sentence for whoever reads them."""

from __future__ import annotations

from support import application, entity, field, grant, person, role, text, workspace

from engine import people
from engine.database import Database
from engine.records.around import notices


def test_what_a_title_says_in_braces_stays_as_it_is(db: Database) -> None:
    every = grant("b", "box", "create read", default="write")
    app = application(entity("box", field("label"), title="fld_label"), roles=(role("all", every),))
    space = workspace(db, app)
    ann = person("u_ann", "rol_all")
    with space.write("test") as store:
        people.add_role(store.connection, "u_ann", "rol_all", "app_test")
        box = store.create(ann, "box", {"label": "{flow} {x}"}).id
        words = {"title": text("{title}: {flow} {y}"), "flow": text("Approval")}
        told = {"key": "k", "users": ["u_ann"], "kind": "notify", "app_id": "app_test", "entity_id": "ent_box"}
        notices.tell(store.connection, **told, record_id=box, words=words)  # type: ignore[arg-type]
        (found,) = notices.listed(space, store.connection, ann, 10, "")["notices"]
    assert found["text"] == "{flow} {x}: Approval {y}"
