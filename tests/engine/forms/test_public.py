"""Public links: what one may do, what it never can, and when it takes no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from engine import people
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.fields import builtin  # noqa: F401  registers the field types
from engine.forms import public_links as links
from engine.forms import public_tables as tables
from engine.forms.public_answers import Answered, FormClosed, Visit, choices, rights_now, take
from engine.forms.public_links import Link
from engine.forms.public_principal import allowed, asked_for, checked, maker_of, principal
from engine.forms.public_settings import LinkSettings, contrast_with_white, read_settings, stored_settings
from engine.problems import Forbidden, NotFound, Problem
from engine.records import audit, present
from engine.records.spec import AggregateSpec, BulkRow, QuerySpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Expr
from tests.engine.records.support import application, entity, field, grant, role, workspace

SECRET = b"s" * 32
ROBOT = system_actor("test")
FIELDS = ["name", "amount", "region", "lines"]


def app() -> App:
    region = entity(
        "region",
        replace(field("region_name"), key="name"),
        field("open", "switch"),
        field("budget", "currency"),
        title="fld_region_name",
    )
    lead = entity(
        "lead",
        field("name", required=True),
        field("amount", "currency"),
        field("score", "number"),
        field("secret"),
        field("handler", "user"),
        field("region", "link_one", options={"entity": "ent_region", "on_delete": "clear"}),
        field("papers", "file"),
        field("lines", "subtable", options={"entity": "ent_line"}),
        title="fld_name",
    )
    line = entity("line", field("product"), field("price", "currency"), title="fld_product", parent="ent_lead")
    every = "create read update delete print share bulk history export"
    full = tuple(grant(f"full_{one}", one, every, "all", default="write") for one in ("lead", "region", "line"))
    partly = (
        grant("part_lead", "lead", "create read share", "own", default="write", score="hidden"),
        grant("part_region", "region", "read", "own", default="read"),
        grant("part_line", "line", "create read", "own", default="read", product="write"),
    )
    plain = (grant("plain_lead", "lead", "create read", "all", default="write"),)
    return application(lead, line, region, roles=(role("full", *full), role("part", *partly), role("plain", *plain)))


@pytest.fixture
def space(db: Database) -> Workspace:
    made = workspace(db, app())
    with db.write() as connection:
        tables.link.metadata.create_all(connection)
        for user, name in (("u_ann", "rol_full"), ("u_bob", "rol_part"), ("u_eve", "rol_plain")):
            people.add_role(connection, user, name, "app_test")
    return made


def _maker(store: RecordStore, user: str) -> Actor:
    return people.actor_for(store.connection, user, "app_test")


def _link(space: Workspace, user: str = "u_ann", **settings: Any) -> Link:
    with space.write("app_test") as store:
        wanted = read_settings({"fields": FIELDS, "pick": {"region": "open"}, **settings})
        kept = checked(store, _maker(store, user), store.snapshot.entity("lead"), wanted)
        return links.make(
            store.connection,
            SECRET,
            app_id="app_test",
            entity_id="ent_lead",
            maker_id=user,
            label="Site",
            settings=kept,
        )


def _regions(space: Workspace) -> dict[str, str]:
    with space.write("app_test") as store:
        return {
            name: store.create(ROBOT, "region", {"name": name, "open": name != "closed", "budget": "9"}).id
            for name in ("east", "west", "closed")
        }


def _answer(space: Workspace, link: Link, values: dict[str, Any], key: str = "k1", **visit: Any) -> str:
    with space.write("app_test") as store:
        return take(store, link.id, visit.pop("ticket", None), Visit(key=key, **visit), values)


def _record(space: Workspace, record_id: str) -> dict[str, Any]:
    with space.read("app_test") as store:
        shown = present.record_json(store.get(ROBOT, "lead", record_id), store, ROBOT)
        return dict(shown["record"]["values"])


def test_an_answer_is_an_ordinary_record_of_the_maker(space: Workspace) -> None:
    regions = _regions(space)
    link = _link(space)
    made = _answer(
        space,
        link,
        {"name": "斗拱", "amount": "5", "region": regions["east"], "lines": [{"product": "梁", "price": "2"}]},
    )
    values = _record(space, made)
    assert (values["name"], values["amount"], values["region"]) == ("斗拱", "5.00", regions["east"])
    assert [(row["product"], row["price"]) for row in values["lines"]] == [("梁", "2.00")]
    assert values["owner"] == "u_ann"
    with space.read("app_test") as store:
        row = store.connection.execute(select(audit.audit_event).where(audit.audit_event.c.record_id == made)).first()
        assert (row.actor_kind, row.actor_id, row.on_behalf_of) == ("link", f"link:{link.id}", "u_ann")
        assert links.by_id(store.connection, link.id).answers == 1


@pytest.mark.parametrize(
    "name", ["score", "secret", "papers", "handler", "owner", "id", "created_by", "flow_state", "x", ""]
)
def test_a_field_outside_the_form_does_not_exist(space: Workspace, name: str) -> None:
    with pytest.raises(Refused) as refused:
        _answer(space, _link(space), {"name": "a", name: "1"})
    assert [one.code for one in refused.value.findings] == ["R301"]


def test_rows_and_choices_stay_inside_what_was_allowed(space: Workspace) -> None:
    regions = _regions(space)
    link = _link(space)
    for wrong in (
        {"region": regions["closed"]},
        {"region": "0" * 16},
        {"lines": [{"id": "0" * 16, "product": "x"}]},
        {"lines": [{"parent": "x"}]},
        {"lines": [{"owner": "u_bob"}]},
    ):
        with pytest.raises(Refused):
            _answer(space, link, {"name": "a", **wrong})
    with space.read("app_test") as store:
        _, now = rights_now(store, link)
        found = choices(store, link, now, "fld_region", "", 20)
        assert sorted(one["title"] for one in found) == ["east", "west"]
        with pytest.raises(NotFound):
            choices(store, link, now, "fld_lines", "", 20)
        assert links.by_id(store.connection, link.id).answers == 0


def test_a_link_can_do_nothing_else(space: Workspace) -> None:
    """Every other door of the record store, tried with the link's own actor; the answers tell nothing."""
    regions = _regions(space)
    link = _link(space)
    made = _answer(space, link, {"name": "a", "lines": [{"product": "p"}]})
    with space.write("app_test") as store:
        _, now = rights_now(store, link)
        actor = principal(store, link, now)
        child = store.list(ROBOT, QuerySpec(entity="line")).records[0].id
        doors: list[Callable[[], Any]] = [
            lambda: store.get(actor, "lead", made),
            lambda: store.update(actor, "lead", made, {"name": "b"}, None),
            lambda: store.delete(actor, "lead", made),
            lambda: store.restore(actor, "lead", made),
            lambda: store.history(actor, "lead", made),
            lambda: store.bulk(actor, "lead", [BulkRow(op="create", values={"name": "x"})]),
            lambda: store.create(actor, "lead", {"name": "x", "owner": "u_bob"}),
            lambda: store.create(actor, "lead", {"name": "x", "score": "1"}),
            lambda: store.create(actor, "region", {"name": "x"}),
            lambda: store.create(actor, "line", {"product": "x", "parent": made}),
            lambda: store.get(actor, "line", child),
            lambda: store.update(actor, "line", child, {"product": "x"}, None),
            lambda: store.update(actor, "region", regions["east"], {"name": "x"}, None),
            lambda: store.delete(actor, "region", regions["east"]),
            lambda: store.history(actor, "region", regions["east"]),
            lambda: store.get(actor, "region", regions["closed"]),
            lambda: store.list(actor, QuerySpec(entity="region", fields=("budget",))),
            lambda: store.list(actor, QuerySpec(entity="region", filter=[">", "budget", "1"])),
            lambda: store.list(actor, QuerySpec(entity="region", filter=["expr", "budget > 1"])),
        ]
        for door in doors:
            with pytest.raises((Problem, Refused)):
                door()
        assert store.list(actor, QuerySpec(entity="lead")).records == ()
        assert store.list(actor, QuerySpec(entity="line", count="exact")).count == 0
        assert store.count(actor, QuerySpec(entity="lead")) == 0
        assert not any(
            row["count"] for row in store.aggregate(actor, AggregateSpec(entity="region")) if "budget" in row
        )
        assert store.record_actions(actor, "lead", made) == frozenset()
        seen = store.list(actor, QuerySpec(entity="region"))
        assert {key for one in seen.records for key in one.values} <= {"id", "name", "rev"}


def test_two_worlds_look_the_same_to_a_link(space: Workspace) -> None:
    """What lies beyond the link changes; every answer it gets stays the same, byte for byte."""
    regions = _regions(space)
    link = _link(space)

    def look() -> bytes:
        with space.read("app_test") as store:
            _, now = rights_now(store, link)
            actor = principal(store, link, now)
            asked: list[Any] = [
                choices(store, link, now, "fld_region", text, 20) for text in ("", "east", "closed", "9")
            ]
            for name in ("lead", "line", "region"):
                for question in (
                    QuerySpec(entity=name),
                    QuerySpec(entity=name, count="exact"),
                    QuerySpec(entity=name, search="secret"),
                    QuerySpec(entity=name, filter=["=", "secret", "x"]),
                    QuerySpec(entity=name, filter=[">", "budget", "5"]),
                ):
                    try:
                        page = present.page_json(store.list(actor, question), store)
                        for record in page["records"]:  # its revision tells of any change, and no route gives it out
                            del record["rev"], record["values"]["rev"]
                        asked.append(page)
                    except (Problem, Refused) as error:
                        asked.append(str(error))
                access = store.access(actor, name)
                asked.append([sorted(access.actions), dict(access.levels)])
            return orjson.dumps(asked)

    before = look()
    with space.write("app_test") as store:
        for number in range(5):
            store.create(ROBOT, "lead", {"name": f"hidden {number}", "secret": "x", "lines": [{"product": "secret"}]})
        store.update(ROBOT, "region", regions["east"], {"budget": "77"}, None)
        store.update(ROBOT, "region", regions["closed"], {"name": "renamed", "budget": "1"}, None)
        store.create(ROBOT, "region", {"name": "other", "open": False, "budget": "4"})
    assert look() == before


def test_the_makers_rights_are_the_ceiling_each_time(space: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        _link(space, "u_bob", fields=["name", "score"], pick={})
    assert [one.code for one in refused.value.findings] == ["T201"]
    with pytest.raises(Refused) as refused:
        _link(space, "u_bob", fields=["name", "region"])
    assert [one.code for one in refused.value.findings] == ["T204"]
    with pytest.raises(Forbidden):
        _link(space, "u_eve", fields=["name"], pick={})
    link = _link(space, "u_bob", fields=["name", "lines"], pick={})
    with pytest.raises(Refused):
        _answer(space, link, {"name": "a", "lines": [{"price": "2"}]})
    _answer(space, link, {"name": "a", "lines": [{"product": "2"}]})
    with space.database.write() as connection:
        people.remove_role(connection, "u_bob", "rol_part")
    with pytest.raises(FormClosed):
        _answer(space, link, {"name": "a"}, key="k2")
    with space.database.write() as connection:
        people.add_role(connection, "u_bob", "rol_full", "app_test")
        people.set_active(connection, "u_bob", False)
    with pytest.raises(FormClosed):
        _answer(space, link, {"name": "a"}, key="k3")


def test_one_send_makes_one_record(space: Workspace) -> None:
    link = _link(space)
    first, again = (_answer(space, link, {"name": "a"}) for _ in range(2))
    assert first == again
    assert _answer(space, link, {"name": "a"}, key="k2") != first
    with space.read("app_test") as store:
        assert store.count(ROBOT, QuerySpec(entity="lead")) == 2
        assert links.by_id(store.connection, link.id).answers == 2


def test_times_numbers_and_pauses_close_a_form(space: Workspace) -> None:
    late = _link(space, opens_at="2099-01-01T00:00:00Z")
    over = _link(space, closes_at="2001-01-01T00:00:00Z")
    few = _link(space, quota=1)
    once = _link(space, per_visitor=1)
    for link, code in ((late, "T211"), (over, "T212")):
        with pytest.raises(FormClosed) as closed:
            _answer(space, link, {"name": "a"})
        assert closed.value.code == code
    _answer(space, few, {"name": "a"})
    with pytest.raises(FormClosed) as closed:
        _answer(space, few, {"name": "b"}, key="k2")
    assert closed.value.code == "T213"
    assert _answer(space, few, {"name": "a"}), "what was acknowledged stays acknowledged"
    _answer(space, once, {"name": "a"}, visitor="v1")
    with pytest.raises(Answered):
        _answer(space, once, {"name": "a"}, key="k2", visitor="v1")
    _answer(space, once, {"name": "a"}, key="k3", visitor="v2")
    with space.write("app_test") as store:
        links.change(store.connection, once, state=links.PAUSED)
    with pytest.raises(FormClosed):
        _answer(space, once, {"name": "a"}, key="k4", visitor="v3")


def test_fixed_and_locked_values_win_over_what_is_sent(space: Workspace) -> None:
    regions = _regions(space)
    link = _link(
        space,
        fields=["name", "amount"],
        pick={},
        prefill={"region": {"mode": "fixed", "value": regions["closed"]}, "amount": {"mode": "locked"}},
    )
    made = _answer(space, link, {"name": "a", "amount": "1"}, locked={"fld_amount": "99", "fld_secret": "no"})
    values = _record(space, made)
    assert (values["amount"], values["region"], values["secret"]) == ("99.00", regions["closed"], None)
    with pytest.raises(Refused):
        _answer(space, link, {"name": "a", "region": regions["east"]}, key="k2")


def test_a_link_names_only_what_its_maker_may_see(space: Workspace) -> None:
    regions = _regions(space)
    fixed = {"region": {"mode": "fixed", "value": regions["east"]}}
    with pytest.raises(Refused) as refused:
        _link(space, "u_bob", fields=["name"], pick={}, prefill=fixed)
    assert [(one.code, one.place) for one in refused.value.findings] == [("R306", "/settings/prefill/region")]
    with pytest.raises(Refused) as refused:
        _link(space, fields=["name"], pick={}, prefill={"amount": {"mode": "fixed", "value": "many"}})
    assert [one.place for one in refused.value.findings] == ["/settings/prefill/amount"]
    link = _link(space, fields=["name"], pick={}, prefill=fixed)
    assert _record(space, _answer(space, link, {"name": "a"}))["region"] == regions["east"]
    with space.write("app_test") as store:
        store.connection.execute(update(tables.link).values(maker_id="u_bob"))  # as if he had made it and lost sight
    with pytest.raises(FormClosed):
        _answer(space, link, {"name": "b"}, key="k2")


def test_an_invitation_is_about_one_record_and_works_once(space: Workspace) -> None:
    regions = _regions(space)
    link = _link(space, fields=["name"], pick={}, bind="region")
    with space.write("app_test") as store:
        tokens = links.invite(store.connection, SECRET, link, [regions["closed"]])
        assert links.invite(store.connection, SECRET, link, [regions["closed"]]) == tokens
        found = links.by_token(store.connection, tokens[regions["closed"]])
        assert found is not None
        ticket = found[1]
        assert links.invitations(store.connection, link) == (1, 0)
    made = _answer(space, link, {"name": "9/10"}, ticket=ticket)
    assert _record(space, made)["region"] == regions["closed"]
    with pytest.raises(Answered):
        _answer(space, link, {"name": "1/10"}, key="k2", ticket=ticket)
    with space.write("app_test") as store:
        assert links.invitations(store.connection, link) == (1, 1)
        assert links.invite(store.connection, SECRET, link, [regions["closed"]]) != tokens


def test_an_address_is_kept_as_a_hash_and_can_be_made_anew(space: Workspace) -> None:
    link = _link(space)
    with space.write("app_test") as store:
        token = links.address(SECRET, link)
        assert len(token) >= 43
        row = store.connection.execute(select(tables.link)).first()
        assert token not in repr(row)
        assert links.by_token(store.connection, token)[0].id == link.id  # type: ignore[index]
        turned = links.renew(store.connection, SECRET, link)
        assert links.by_token(store.connection, token) is None
        fresh = links.address(SECRET, turned)
        assert links.by_token(store.connection, fresh) is not None
        links.remove(store.connection, turned)
        assert links.by_token(store.connection, fresh) is None
        assert links.of_entity(store.connection, "app_test", "ent_lead") == []
        links.restore(store.connection, turned)
        assert links.by_token(store.connection, fresh) is not None
        assert links.address(b"other" * 8, turned) != fresh


def test_a_required_field_cannot_be_left_out(space: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        _link(space, fields=["amount"], pick={})
    assert [one.code for one in refused.value.findings] == ["T202"]
    _link(space, fields=["amount"], pick={}, prefill={"name": {"mode": "fixed", "value": "Web"}})


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"redirect": "http://example.com"}, "redirect"),
        ({"redirect": "https://user@example.com"}, "redirect"),
        ({"redirect": "javascript:alert(1)"}, "redirect"),
        ({"embed": ["http://example.com"]}, "embed"),
        ({"embed": ["https://example.com/path"]}, "embed"),
        ({"embed": ["*"]}, "embed"),
        ({"accent": "#ffee00"}, "accent"),
        ({"accent": "red"}, "accent"),
        ({"logo": "data:image/svg+xml;base64,PHN2Zy8+"}, "logo"),
        ({"logo": "https://example.com/x.png"}, "logo"),
        ({"quota": -1}, "quota"),
        ({"min_seconds": True}, "min_seconds"),
        ({"opens_at": "2026-01-02T00:00:00Z", "closes_at": "2026-01-01T00:00:00Z"}, "closes_at"),
        ({"opens_at": "2026-01-02"}, "opens_at"),
        ({"title": {"fr": "x"}}, "title"),
        ({"prefill": {"name": {"mode": "x"}}}, "prefill"),
        ({"pick": {"region": 1}}, "pick"),
        ({"fields": "name"}, "fields"),
        ({"language": "fr"}, "language"),
        ({"more": 1}, "more"),
    ],
)
def test_settings_say_what_is_wrong_with_them(settings: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings(settings)
    assert [one.place for one in refused.value.findings] == [f"/settings/{place}"]
    assert refused.value.findings[0].text("zh-CN") != refused.value.findings[0].text("en")


def test_settings_are_stored_as_they_were_read() -> None:
    made = read_settings(
        {
            "fields": ["a", "b"],
            "pick": {"a": {"src": "open", "refs": {"open": "fld_open"}}},
            "prefill": {"b": {"mode": "fixed", "value": [1]}},
            "embed": ["https://*.example.com:8443"],
            "opens_at": "2026-01-02T08:00:00+08:00",
            "title": {"en": "T"},
        }
    )
    assert made.opens_at == "2026-01-02T00:00:00Z"
    assert stored_settings(orjson.loads(orjson.dumps(made.json()))) == made
    assert stored_settings({}) == LinkSettings()
    assert contrast_with_white("#ffffff") == pytest.approx(1)


def test_a_condition_of_a_picker_is_checked_and_follows_names(space: Workspace) -> None:
    for source, code in (("opn", "T207"), ("budget", "T207")):
        with pytest.raises(Refused) as refused:
            _link(space, pick={"region": source})
        assert [one.code for one in refused.value.findings] == [code]
    link = _link(space)
    assert link.settings.pick == {"fld_region": Expr(src="open", refs={"open": "fld_open"})}
    with space.read("app_test") as store:
        maker = maker_of(store.connection, link)
        now = allowed(store, maker, store.snapshot.entity("lead"), link.settings)
        assert asked_for(link, now) == ("fld_name", "fld_amount", "fld_region", "fld_lines")
