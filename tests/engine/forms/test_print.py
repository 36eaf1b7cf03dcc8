"""Printing records: what a reader may see is what is printed, and a template means its fields by id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.actor import Actor, system_actor
from engine.database import Database
from engine.fields import builtin  # noqa: F401  registers the field types
from engine.forms.print_check import Read, read
from engine.forms.print_data import Reading
from engine.forms.print_default import default_template
from engine.forms.print_publish import check_prints
from engine.forms.print_render import filled
from engine.forms.printing import AUTO, MOST_RECORDS, Order, draw, offered, offered_for_all, order
from engine.problems import Conflict, Forbidden, NotFound
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Expr, Print
from metadata.snapshot import Snapshot
from tests.engine.records.support import application, entity, field, grant, person, role, text, workspace

STAGES = {
    "options": [
        {"id": "opt_open", "label": {"zh-CN": "洽谈", "en": "Open"}},
        {"id": "opt_won", "label": {"zh-CN": "赢单", "en": "Won"}},
    ]
}
ROBOT = system_actor("test")
QUOTE = Print(
    id="prt_quote",
    entity="ent_deal",
    label=text("Quote"),
    html="<h1>{{ record.name }}</h1>{{ record.amount }}|{{ record.account.name }}|{{ record.account.phone }}"
    "{% for line in record.lines %}[{{ line.product }} {{ line.price }}]{% endfor %}"
    "{% if record.amount > 100 %}big{% endif %}",
    when=Expr(src='stage = "opt_won"'),
    default=True,
)


def app(*pages: Print) -> App:
    account = entity(
        "account",
        replace(field("account_name"), key="name"),
        replace(field("account_phone", "phone"), key="phone"),
        title="fld_account_name",
    )
    deal = entity(
        "deal",
        field("name"),
        field("amount", "currency"),
        field("stage", "select", options=STAGES),
        field("account", "link_one", options={"entity": "ent_account", "on_delete": "clear"}),
        field("lines", "subtable", options={"entity": "ent_line"}),
        title="fld_name",
    )
    line = entity("line", field("product"), field("price", "currency"), title="fld_product", parent="ent_deal")
    everything = tuple(
        grant(f"all_{one}", one, "create read update print", "all", default="write")
        for one in ("account", "deal", "line")
    )
    masked = (
        grant("m_account", "account", "read", "all", default="read", account_phone="masked"),
        grant("m_deal", "deal", "read print", "own", default="read", amount="hidden"),
        grant("m_line", "line", "read print", "own", default="read", price="hidden"),
    )
    silent = (grant("s_deal", "deal", "read", "all", default="read"),)
    roles = (role("all", *everything), role("masked", *masked), role("silent", *silent))
    return replace(application(account, deal, line, roles=roles), prints=pages)


ANN, BOB, EVE = person("u_ann", "rol_all"), person("u_bob", "rol_masked"), person("u_eve", "rol_silent")


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app(QUOTE))


def _deal(space: Workspace, owner: str = "u_bob", stage: str = "opt_won", name: str = "大桥") -> str:
    with space.write("app_test") as store:
        account = store.create(ROBOT, "account", {"name": "甲公司", "phone": "13812345678"})
        made = store.create(
            ROBOT,
            "deal",
            {
                "name": name,
                "amount": "1234.5",
                "stage": stage,
                "account": account.id,
                "owner": owner,
                "lines": [{"product": "梁", "price": "5"}, {"product": "柱", "price": "7"}],
            },
        )
        return made.id


def _page(wanted: Order) -> str:
    return " ".join(
        filled(wanted.html, one, {**wanted.values, "lang": "zh-CN"}, (None, None))  # type: ignore[arg-type]
        for one in wanted.records
    )


def _order(store: RecordStore, actor: Actor, *ids: str, template: str = "") -> Order:
    return order(store, actor, "deal", ids, template, language="zh-CN")


def test_a_page_shows_fields_rows_and_linked_records(space: Workspace) -> None:
    deal = _deal(space)
    with space.read("app_test") as store:
        page = _page(_order(store, ANN, deal))
    assert page == "<h1>大桥</h1>¥1,234.50|甲公司|138 1234 5678[梁 ¥5.00][柱 ¥7.00]big"


def test_hidden_fields_are_blank_and_masked_ones_stay_masked(space: Workspace) -> None:
    deal = _deal(space)
    with space.read("app_test") as store:
        page = _page(_order(store, BOB, deal, template="prt_quote"))
        automatic = _order(store, BOB, deal, template=AUTO)
    assert "1,234" not in page
    assert "big" not in page
    assert "5.00" not in page
    assert "13812345678" not in page
    assert "1234 5678" not in page
    assert "[梁 ]" in page
    assert "amount" not in automatic.html
    assert "price" not in automatic.html


def test_printing_needs_the_right_and_the_record(space: Workspace) -> None:
    deal, other = _deal(space), _deal(space, owner="u_ann")
    with space.read("app_test") as store:
        with pytest.raises(Forbidden):
            _order(store, EVE, deal)
        with pytest.raises(NotFound):
            _order(store, BOB, other)
        with pytest.raises(NotFound):
            _order(store, BOB, deal, other)
        with pytest.raises(NotFound):
            _order(store, ANN, deal, template="prt_other")
        with pytest.raises(Refused):
            _order(store, ANN, *(f"{n:016d}" for n in range(MOST_RECORDS + 1)))
        with pytest.raises(Refused):
            _order(store, ANN)


def test_a_template_is_offered_while_its_condition_holds(space: Workspace) -> None:
    won, open_ = _deal(space), _deal(space, stage="opt_open")
    with space.read("app_test") as store:
        assert [page.id for page in offered(store, ANN, "deal", won)] == ["prt_quote", AUTO]
        assert [page.id for page in offered(store, ANN, "deal", open_)] == [AUTO]
        with pytest.raises(Conflict):
            _order(store, ANN, open_, template="prt_quote")
        assert "大桥" in _page_of_form(_order(store, ANN, won, open_))
        both = offered_for_all(store, ANN, "deal", [open_, won])
        assert [(page.id, fits) for page, fits in both] == [("prt_quote", (won,)), (AUTO, (open_, won))]
        assert [page.id for page, _ in offered_for_all(store, ANN, "deal", [open_])] == [AUTO]


def _page_of_form(wanted: Order) -> str:
    return draw(wanted, "html").decode()


def test_the_page_made_from_the_form_is_a_good_template(space: Workspace) -> None:
    deal = _deal(space)
    with space.read("app_test") as store:
        source = default_template(store.snapshot, store.snapshot.entity("deal"), lambda _entity, _field: True)
        assert not read(store.snapshot, "ent_deal", source, {}).findings
        page = _page_of_form(_order(store, ANN, deal, template=AUTO))
    for shown in ("大桥", "¥1,234.50", "赢单", "甲公司", "柱", "u_ann"):
        assert shown in page


def test_labels_cannot_break_the_page_made_from_the_form() -> None:
    nasty = {"zh-CN": "}}{% raw %}\"'</td>", "en": "%}{{ record.name }}"}
    made = entity("deal", replace(field("name"), label=nasty), title="fld_name")
    snapshot = Snapshot(application(replace(made, label=nasty)), 1)
    source = default_template(snapshot, snapshot.entity("deal"), lambda _entity, _field: True)
    assert not read(snapshot, "ent_deal", source, {}).findings
    record = {"k": "record", "t": "T", "f": {"name": {"k": "text", "t": "N", "r": "N"}}}
    page = filled(source.replace("now()", "''"), record, {"lang": "zh-CN", "printed_by": "x"}, (None, None))  # type: ignore[arg-type]
    assert "}}{% raw %}&#34;&#39;&lt;/td&gt;" in page


def test_related_records_are_those_that_may_be_read(space: Workspace) -> None:
    deal = _deal(space)
    with space.read("app_test") as store:
        account = store.get(ROBOT, "deal", deal).values["account"]
        template = "{% for d in record.related.deal %}{{ d.name }}:{{ d.amount }}{% endfor %}"
        found = read(store.snapshot, "ent_account", template, {})
        assert not found.findings
        assert found.refs == {
            "related.deal": "fld_account",
            "ent_deal.name": "fld_name",
            "ent_deal.amount": "fld_amount",
        }
        from_reader = _read_as(store, ANN, found, account)
        nobody = _read_as(store, person("u_lead", "rol_masked"), found, account)
        masked = _read_as(store, BOB, found, account)
    assert [one["f"]["amount"]["t"] for one in from_reader] == ["¥1,234.50"]
    assert nobody == []
    assert [one["f"]["amount"]["t"] for one in masked] == [""]


def _read_as(store: RecordStore, actor: Actor, found: Read, record: str) -> Any:
    from_store = Reading(store, actor, "zh-CN", pictures=False)
    return from_store.records(found.need, [record])[record]["f"]["related.deal"]


def test_a_renamed_field_is_printed_under_the_name_the_template_knows() -> None:
    snapshot = Snapshot(app(), 1)
    kept = read(snapshot, "ent_deal", "{{ record.amount }}{{ record.account.name }}", {}).refs
    assert kept == {"amount": "fld_amount", "account": "fld_account", "ent_account.name": "fld_account_name"}
    renamed = app()
    deal = renamed.entities[1]
    fields = tuple(replace(f, key="total") if f.id == "fld_amount" else f for f in deal.fields)
    renamed = replace(renamed, entities=(renamed.entities[0], replace(deal, fields=fields), renamed.entities[2]))
    found = read(Snapshot(renamed, 2), "ent_deal", "{{ record.amount }}", kept)
    assert not found.findings
    assert found.need.parts["amount"].field == "fld_amount"
    assert read(Snapshot(renamed, 2), "ent_deal", "{{ record.amount }}", {}).findings


@pytest.mark.parametrize(
    ("html", "codes"),
    [
        ("{{ record.nam }}", ["T102"]),
        ("{{ thing }}", ["T103"]),
        ("{{ record.name|safe }}", ["T104"]),
        ("{{ record.name is callable }}", ["T104"]),
        ("{{ cycler() }}", ["T104"]),
        ("{% include 'x' %}", ["T105"]),
        ("{% extends 'x' %}", ["T105"]),
        ("{{ record.name.upper() }}", ["T105"]),
        ("{% set record = 1 %}", ["T105"]),
        ("{{ record.__class__ }}", ["T102"]),
        ("{{ record.lines.price }}", ["T106"]),
        ("{{ record.name.first }}", ["T106"]),
        ("{{ record.lines|sum(attribute='prize') }}", ["T102"]),
        ("{{ record.related.line }}", ["T102"]),
        ("{% for l in record.lines %}{{ l.prize }}{% endfor %}", ["T102"]),
        ("{% for l in record.lines %}", ["T101"]),
        ("{{ record.name", ["T101"]),
        ("{{" + "(" * 5000, ["T101"]),
        ("{% if 1 %}" * 80 + "{% endif %}" * 80, ["T101"]),
        ("{{ record.lines|map('safe')|join }}", ["T104"]),
        ("{{ record.lines|groupby('product')|first }}", []),
        (
            "{% for p, rows in record.lines|groupby('product') %}{{ p }}{{ rows|sum(attribute='price') }}{% endfor %}",
            [],
        ),
        ("{% for row in record.lines|batch(2) %}{% for l in row %}{{ l.price }}{% endfor %}{% endfor %}", []),
        ("{% macro cell(x) %}<td>{{ x }}</td>{% endmacro %}{{ cell(record.name) }}", []),
        ("{% set a = record.account %}{{ a.name }}{{ record.owner.department.name }}", []),
        ("{% for l in record.lines if l.price > 3 %}{{ loop.cycle('a', 'b') }}{{ loop.previtem }}{% endfor %}", []),
        ("{{ (record.account or record).name }}", []),
    ],
)
def test_a_template_is_checked_before_it_is_published(html: str, codes: list[str]) -> None:
    found = list(check_prints(app(Print(id="prt_x", entity="ent_deal", label=text("X"), html="\n" + html))))
    assert [one.code for one in found] == codes
    for one in found:
        assert one.place == "/prints/0/html"
        assert one.params["line"] == 2 or codes == ["T101"]
        assert one.text("zh-CN")
        assert one.text("en")


def test_conditions_and_style_sheets_are_checked_too() -> None:
    page = Print(id="prt_x", entity="ent_deal", label=text("X"), css="</STYLE>", when=Expr(src="amout > 1"))
    found = list(check_prints(app(page)))
    assert [one.place for one in found][:2] == ["/prints/0/css", "/prints/0/when"]
