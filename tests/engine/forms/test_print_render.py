"""Templates of pages: what they can do, what they cannot reach, and where a mistake is said to be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms import print_child
from engine.forms.print_render import Failure, filled
from engine.forms.print_sheet import document
from engine.forms.printing import Order, draw
from metadata.findings import Finding, Refused

MOMENTS = (date(2026, 11, 22), datetime(2026, 11, 22, 9, 30))


def value(text: str, kind: str = "text", raw: Any = "", **more: Any) -> dict[str, Any]:
    return {"k": kind, "t": text, "r": text if raw == "" else raw, **more}


def record(title: str = "Deal", **fields: Any) -> dict[str, Any]:
    return {"k": "record", "t": title, "f": fields}


DEAL = record(
    name=value("<b>斗拱</b> & co"),
    amount=value("¥600,000.00", "number", "600000.00"),
    nothing={"k": "number", "t": "", "r": None},
    due=value("2026-12-01", "date", "2026-12-01"),
    stage=value("赢单", raw="opt_won", n=["opt_won", "赢单", "Won"]),
    tags={"k": "many", "t": "A、B", "m": [value("A", raw="a", n=["a", "A"]), value("B", raw="b", n=["b", "B"])]},
    lines=[
        record(qty=value("2", "number", "2"), kind=value("x")),
        record(qty=value("10", "number", "10"), kind=value("y")),
        record(qty=value("3", "number", "3"), kind=value("x")),
    ],
    note=value("one\ntwo"),
    photo=[{"k": "file", "name": "a.png", "size": 3, "type": "image/png", "data": "data:image/png;base64,AA=="}],
)


def fill(template: str, lang: str = "zh-CN") -> str:
    return filled(template, DEAL, {"lang": lang, "company": "斗拱公司"}, MOMENTS)


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{ record }} {{ record.amount }}", "Deal ¥600,000.00"),
        ("{{ record.name }}", "&lt;b&gt;斗拱&lt;/b&gt; &amp; co"),
        ("{{ record.note }}", "one<br>two"),
        ("{% if record.amount > 500000 %}big{% endif %}", "big"),
        ("{{ (record.amount * 1.06)|money }}", "¥636,000.00"),
        ("{{ record.amount + record.nothing }}", "600000.00"),
        ("{{ record.lines|sum(attribute='qty') }}", "15"),
        ("{% for l in record.lines|sort(attribute='qty') %}{{ loop.index }}:{{ l.qty }} {% endfor %}", "1:2 2:3 3:10 "),
        ("{% for g in record.lines|groupby('kind') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "x2y1"),
        ("{{ record.lines|map(attribute='qty')|join('+') }}", "2+10+3"),
        ("{% if record.stage == 'Won' and record.stage == '赢单' and record.stage == 'opt_won' %}y{% endif %}", "y"),
        ("{% if 'A' in record.tags and 'C' not in record.tags %}y{% endif %}", "y"),
        ("{{ record.due - today() }}", "9"),
        ("{{ record.due|date('%Y年%m月%d日') }}", "2026年12月01日"),
        ("{{ record.amount|rmbcap }}", "陆拾万元整"),
        ("{{ rmbcap(1234.5) }}", "壹仟贰佰叁拾肆元伍角"),
        (
            "{% if record.nothing is blank and not record.nothing %}{{ record.nothing|default('-', true) }}{% endif %}",
            "-",
        ),
        ("{{ words('甲', 'A') }}{{ company }}", "甲斗拱公司"),
        (
            "{% set s = namespace(n=0) %}{% for l in record.lines %}{% set s.n = s.n + l.qty %}{% endfor %}{{ s.n }}",
            "15",
        ),
        ("{{ record.lines[0].qty }}{{ record['lines']|length }}", "23"),
        ("{{ record.tags }}", "A、B"),
    ],
)
def test_values_show_as_text_and_compare_as_values(template: str, made: str) -> None:
    assert fill(template) == made


def test_codes_and_pictures_are_pictures_inside_the_page() -> None:
    made = fill("{{ qr('https://example.com/' ~ record) }}{{ barcode('HT-1') }}{{ image(record.photo, height=20) }}")
    assert made.count("<img") == 3
    assert made.count("data:image/svg+xml;base64,") == 2
    assert 'src="data:image/png;base64,AA=="' in made
    assert fill("{{ qr(record.nothing) }}") == ""


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("\n{{ record.__class__ }}", 2),
        ("\n\n{{ ''.__class__.__mro__ }}", 3),
        ("{{ record.amount.raw.__class__ }}", 1),
        ("{{ 'a'.join(['b']) }}", 1),
        ("{{ record.lines.count }}", 1),
        ("{{ [].append(1) }}", 1),
        ("{{ ({}).update }}", 1),
        ("{{ lipsum() }}", 1),
        ("{{ cycler }}", 1),
        ("{{ self._TemplateReference__context }}", 1),
        ("{{ namespace()._Namespace__attrs }}", 1),
        ("{{ '{0.__class__}'.format(record) }}", 1),
        ("\n{{ '%s' % record }}", 2),
        ("{{ 'a' * 1000000000 }}", 1),
        ("{{ 2 ** 100000000 }}", 1),
        ("{{ range(10000000) }}", 1),
        ("{{ 1 / record.nothing }}", 1),
        ("{{ record.name * 2 }}", 1),
        ("{% for a in %}", 1),
    ],
)
def test_nothing_else_is_within_reach_and_the_line_is_told(template: str, line: int) -> None:
    with pytest.raises(Failure) as refused:
        fill(template)
    assert refused.value.params["line"] == line, refused.value.params


@pytest.mark.parametrize(
    "template", ["{{ record|attr('f') }}", "{{ record|safe }}", "{{ record|tojson }}", "{{ 1 is callable }}"]
)
def test_filters_and_tests_beyond_the_list_are_not_there(template: str) -> None:
    with pytest.raises(Failure):
        fill(template)


@given(st.text(max_size=60))
def test_no_value_becomes_markup(text: str) -> None:
    shown = filled("{{ record.x }}", record(x=value(text)), {"lang": "en"}, MOMENTS)
    assert "<" not in shown.replace("<br>", "")


def _order(html: str, *, css: str = "", size: str = "A4", records: int = 1) -> Order:
    return Order(
        html=html,
        css=css,
        page={"size": size},
        title="T",
        records=(DEAL,) * records,
        values={"lang": "zh-CN"},
        today="2026-11-22",
        now="2026-11-22T09:30:00+08:00",
    )


def test_a_child_process_makes_the_page_and_the_file() -> None:
    page = draw(_order("<h1>{{ record }}</h1>", css=".x { color: red }", records=2), "html").decode()
    assert page.count("<h1>Deal</h1>") == 2
    assert ".x { color: red }" in page
    made = draw(_order("<h1>合同 {{ record.amount|rmbcap }}</h1>", records=2), "pdf")
    assert made.startswith(b"%PDF-")
    assert draw(_order("{{ record }}", size="80mm"), "pdf").startswith(b"%PDF-")


def test_nothing_is_fetched_for_a_file(tmp_path: Any) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("h1 { content: 'read' }")
    order = _order(
        f'<link rel="stylesheet" href="file://{secret}"><img src="file:///etc/hostname"><img src="http://127.0.0.1:9/x">',
        css=f"@import url('file://{secret}'); body {{ background: url(http://127.0.0.1:9/y) }}",
    )
    made = draw(order, "pdf")
    assert made.startswith(b"%PDF-")
    assert b"secret" not in made


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{% for a in range(20000) %}{% for b in range(20000) %}{% endfor %}{% endfor %}", "T108"),
        ("{% for a in range(20000) %}{% for b in range(20000) %}abcdefgh{% endfor %}{% endfor %}", "T109"),
        ("{% set x = [1] %}{% for a in range(64) %}{% set x = x %}{% endfor %}\n{{ record.name + 1 }}", "T107"),
    ],
)
def test_what_costs_too_much_is_stopped(html: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if code == "T108":  # the others end on their own
        monkeypatch.setattr("engine.forms.printing.SECONDS", 1)
    with pytest.raises(Refused) as refused:
        draw(_order(html), "html")
    finding: Finding = refused.value.findings[0]
    assert finding.code == code
    assert finding.text("zh-CN")
    assert finding.text("en")


def test_a_machine_without_pango_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def load(self) -> None:
            raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(print_child, "drawing", Missing())
    order = _order("x")
    sent = {
        name: getattr(order, name) for name in ("html", "css", "page", "title", "records", "values", "today", "now")
    }
    with pytest.raises(Failure) as failed:
        print_child.made(orjson.loads(orjson.dumps({**sent, "form": "pdf"})))
    assert failed.value.code == "T111"


def test_paper_is_what_was_asked_for() -> None:
    made = document(["x"], css="", page={"size": "A5", "landscape": True, "margin": 5}, title="<t>", lang="en")
    assert "size: 210mm 148mm; margin: 5mm" in made
    assert "counter(page)" in made
    assert "counter(page)" not in document(["x"], css="", page={"numbers": False}, title="", lang="en")
    assert "&lt;t&gt;" in made
