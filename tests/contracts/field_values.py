"""Fields of every type with strategies for their canonical values; a plug-in adds its own line to ``FIELDS``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from stdnum import ean
from stdnum.iso7064 import mod_11_2

import engine.fields.builtin  # noqa: F401 - registers the types
from engine.fields.base import FIELD_TYPES, FieldType, InvalidValue
from engine.fields.id_numbers import KINDS
from engine.fields.matrix import SCORE_OPERATORS
from engine.fields.operands import FIRST_INSTANT, LAST_INSTANT
from engine.fields.rich_texts import paragraphs
from engine.sealing import keep_key
from metadata.ids import new_record_id
from metadata.model import Field

keep_key(given="a key for tests")
OPTIONS = [
    {"id": "opt_east", "label": {"zh-CN": "华东", "en": "East"}},
    {"id": "opt_south", "label": {"zh-CN": "华南", "en": "South"}},
    {"id": "opt_north_a", "label": {"zh-CN": "华北（一）", "en": "North, first"}},
    {"id": "opt_north", "label": {"zh-CN": "华北", "en": "North"}},
]
OPTION_IDS = [option["id"] for option in OPTIONS]
TREE = [
    {"id": "opt_cn", "label": {"zh-CN": "中国", "en": "China"}},
    {"id": "opt_east", "label": {"zh-CN": "华东", "en": "East"}, "parent": "opt_cn"},
    {"id": "opt_hz", "label": {"zh-CN": "杭州", "en": "Hangzhou"}, "parent": "opt_east"},
    {"id": "opt_other_cn", "label": {"zh-CN": "其他", "en": "Other/none"}, "parent": "opt_cn"},
    {"id": "opt_abroad", "label": {"zh-CN": "海外", "en": "Abroad"}},
    {"id": "opt_other_abroad", "label": {"zh-CN": "其他", "en": "Other"}, "parent": "opt_abroad"},
]
TREE_IDS = [option["id"] for option in TREE]
ROWS = [
    {"id": "row_service", "label": {"zh-CN": "服务", "en": "Service"}},
    {"id": "row_price", "label": {"zh-CN": "价格", "en": "Price"}},
]
SCALE = [
    {"id": "col_bad", "label": {"zh-CN": "差", "en": "Bad"}, "score": 1},
    {"id": "col_fair", "label": {"zh-CN": "中", "en": "Fair"}, "score": 2},
    {"id": "col_good", "label": {"zh-CN": "好", "en": "Good"}, "score": 4},
]
RECORDS = [new_record_id() for _ in range(6)]
DEPARTMENTS = ["dep_sales", "dep_east", "01jd0001"]
PEOPLE = ["u_chen", "u_li", "system:flow:approve"]


@dataclass(frozen=True)
class Case:
    """A field and the values it can have."""

    field: Field
    values: SearchStrategy[Any]

    @property
    def type(self) -> FieldType:
        return FIELD_TYPES.get(self.field.type)

    def __str__(self) -> str:
        marks = [f"{key}={value}" for key, value in self.field.options.items() if isinstance(value, (str, int))]
        return "-".join([self.field.type, *marks])


def make(type_name: str, **options: Any) -> Field:
    return Field(id=f"fld_{type_name}", key=type_name, type=type_name, label={"en": type_name}, options=options)


def _accepted(field: Field, raw: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Canonical values: what the type makes of the raw ones it accepts."""
    field_type = FIELD_TYPES.get(field.type)

    def canonical(value: Any) -> Any:
        try:
            return field_type.accept(field, value)
        except InvalidValue:
            return field_type.blank(field)

    return raw.map(canonical)


def _decimals(digits: int, scale: int) -> SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        st.integers(-(10**digits) + 1, 10**digits - 1).map(lambda n: Decimal(n).scaleb(-scale)),
        st.integers(-20, 20).map(lambda n: Decimal(n).scaleb(-scale)),
        st.sampled_from(["0", "1", "-1", "0.1"]).map(Decimal),
    )


LETTERS = st.sampled_from(
    [*"aAbBzZéÉßſıİ%_\\'\"*?[]-.,;|", "华", "为", "股", "①", "Ａ", "ﬁ", " ", "　", "\u0301", "😀", "👨‍👩‍👧"]
)
TEXTS = st.one_of(
    st.none(),
    st.lists(LETTERS, max_size=8).map("".join),
    st.text(max_size=20),
    st.sampled_from(
        ["Acme", "ACME", "acme corp", "华为技术有限公司", "100%", "a_b", "back\\slash", "’", "0012", "12.50"]
    ),
)
INSTANTS = st.one_of(
    st.none(),
    st.datetimes(min_value=FIRST_INSTANT.replace(tzinfo=None), max_value=LAST_INSTANT.replace(tzinfo=None)),
    st.datetimes(min_value=datetime(1986, 1, 1), max_value=datetime(1992, 1, 1)),  # Shanghai had summer time
    st.datetimes(min_value=datetime(2026, 11, 20), max_value=datetime(2026, 11, 23)),
).map(lambda value: value and value.replace(tzinfo=UTC))
DATES = st.one_of(st.none(), st.dates(), st.dates(date(2026, 11, 1), date(2026, 12, 31)))
PHONES = st.one_of(
    st.none(),
    st.integers(0, 10**9 - 1).map(lambda n: f"13{n:09d}"),
    st.sampled_from(
        ["010-65529988", "0755-83765566 转 801", "400-800-1234", "95588", "12345", "+1 650-253-0000", "+852 2123 4567",
         "021 6123 4567-12", "110", "+44 20 7946 0958 ext. 7"]
    ),
)  # fmt: skip
EMAILS = st.one_of(
    st.none(), st.emails(), st.sampled_from(["a@b.cn", "Chen.Jing@Example.com", "用户@例子.中国", "x_y%z@example.com"])
)


REGIONS = ["330106", "330100", "330000", "110101", "441900", "419001", "659001", "810101", "133100", "500103"]
ADDRESSES = st.one_of(
    st.none(),
    st.builds(
        lambda code, detail: {"code": code, "detail": detail},
        st.sampled_from(REGIONS),
        st.one_of(
            st.sampled_from(["", "文三路 90 号", "西湖区文三路", "杭州市", "100% a_b\\", "Room 5"]),
            TEXTS.map(lambda t: t or ""),
        ),
    ),
    st.sampled_from(
        ["浙江杭州西湖区文三路", "北京海淀区", "杭州市西湖区 龙井路1号", "no such place", "上海市 浦东新区"]
    ),
)
_NEAR_DEGREES = st.integers(-60_000, 60_000)
PLACES = st.one_of(
    st.none(),
    st.builds(
        lambda north, east, words: {
            "lat": (30_274_100 + north) / 1e6,
            "lng": (120_155_100 + east) / 1e6,
            "address": words,
        },
        _NEAR_DEGREES,
        _NEAR_DEGREES,
        st.sampled_from(["", "杭州市政府", "Gate 3, 100%"]),
    ),
    st.builds(
        lambda lat, lng: {"lat": lat / 1e6, "lng": lng / 1e6},
        st.integers(-90_000_000, 90_000_000),
        st.integers(-180_000_000, 180_000_000),
    ),
    st.sampled_from(["30.2741,120.1551", "-0.0000001, 180 Fiji", "89.9999999,-180", "91,0", "x"]),
)


def _tuples(items: list[str]) -> SearchStrategy[Any]:
    return st.lists(st.sampled_from(items), unique=True, max_size=4).map(tuple)


def _resident(number: int) -> str:
    """A resident card number of Dongcheng with its check character."""
    body = f"110101{date(1950, 1, 1) + timedelta(days=number % 20_000):%Y%m%d}{number % 1000:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def _article(number: int) -> str:
    body = f"69{number:010d}"
    return body + str(ean.calc_check_digit(body))


URLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["https://example.com", "HTTP://Example.COM:8080/a?b=1#c", "https://例子.中国/路径", "http://[::1]/x",
         "https://example.com/%E5%8D%8E_為'\\", "http://a.b/" + "x" * 700]
    ),
    st.text("abcdef.-_~%/?#&=é华", max_size=12).map(lambda tail: f"https://h.example/{tail}"),
)  # fmt: skip
SPANS_OF_TIME = st.one_of(
    st.none(),
    st.integers(-(10**10), 10**10),
    st.integers(-7200, 90_000),
    st.sampled_from([0, 60, 3600, 86_400]),
)
RICH = st.one_of(
    TEXTS.map(lambda text: None if text is None else paragraphs("".join(filter(str.isprintable, text)))),
    st.sampled_from(
        [
            "<p>Hello <strong>华为</strong></p><ul><li>1 &lt; 2</li></ul>",
            '<p><a href="https://example.com/a?b=1&c=2">link</a></p><script>alert(1)</script>',
            '<img src="/api/v1/files/fil_1" alt="x"><img src="https://evil.example/x.png">',
            "<table><tbody><tr><td>a</td><td>B</td></tr></tbody></table>",
            "<p>&lt;b&gt;not bold&lt;/b&gt;</p>",
            "<p onclick=x>100%_\\</p><svg><p>x</p></svg>",
        ]
    ),
)
PAIRS = st.one_of(st.just(()), st.tuples(DATES, DATES).map(lambda pair: tuple(sorted(filter(None, pair)))))
TIMED_PAIRS = st.one_of(st.just(()), st.tuples(INSTANTS, INSTANTS).map(lambda pair: tuple(sorted(filter(None, pair)))))


def _answers(columns: list[str], many: bool = False) -> SearchStrategy[Any]:
    one: SearchStrategy[Any] = st.sampled_from(columns)
    given = st.lists(one, min_size=1, max_size=3, unique=True) if many else one
    return st.dictionaries(st.sampled_from([row["id"] for row in ROWS]), given)


WORDS = st.lists(
    st.one_of(st.sampled_from(["VIP", "vip", "重点客户", "ｖｉｐ", "a b", "100%", "É"]), st.text(max_size=6)),
    max_size=4,
)


def _cases() -> Iterator[Case]:
    raw: list[tuple[Field, SearchStrategy[Any]]] = [
        (make("text"), TEXTS),
        (make("text", sort="pinyin", max_length=40), TEXTS),
        (make("textarea"), st.one_of(TEXTS, st.lists(LETTERS | st.just("\n"), max_size=10).map("".join))),
        (make("email"), EMAILS),
        (make("phone"), PHONES),
        (make("number"), _decimals(18, 0)),
        (make("number", scale=12), _decimals(18, 12)),
        (make("number", scale=2, grouping=True), _decimals(18, 2)),
        (make("currency"), _decimals(18, 2)),
        (make("currency", scale=0, currency="JPY"), _decimals(18, 0)),
        (make("currency", currency="CHF"), _decimals(18, 2)),
        (make("percent"), _decimals(18, 4)),
        (make("percent", scale=0), _decimals(18, 2)),
        (make("date"), DATES),
        (make("datetime"), INSTANTS),
        (make("switch"), st.booleans()),
        (make("select", options=OPTIONS), st.sampled_from([None, *OPTION_IDS])),
        (make("multi_select", options=OPTIONS), _tuples(OPTION_IDS)),
        (make("radio", options=OPTIONS, columns=2), st.sampled_from([None, *OPTION_IDS])),
        (make("checkbox_group", options=OPTIONS), _tuples(OPTION_IDS)),
        (make("tags"), WORDS),
        (make("tags", tags=[{"text": "VIP", "color": "warn"}, {"text": "重点客户"}], max=3, fixed=True), WORDS),
        (make("cascader", options=TREE), st.sampled_from([None, *TREE_IDS])),
        (make("cascader", options=TREE, any_level=True), st.sampled_from([None, *TREE_IDS])),
        (make("matrix", rows=ROWS, columns=SCALE), _answers([one["id"] for one in SCALE])),
        (make("matrix", rows=ROWS, columns=SCALE, kind="multi"), _answers([one["id"] for one in SCALE], many=True)),
        (make("matrix", rows=ROWS, columns=SCALE, kind="score"), _answers([one["id"] for one in SCALE])),
        (make("matrix", rows=ROWS, kind="nps"), _answers([str(one) for one in range(11)])),
        (make("matrix", rows=ROWS, kind="csat", all_rows=True), _answers([str(one) for one in range(1, 6)])),
        (make("user"), st.sampled_from([None, *PEOPLE])),
        (make("users"), _tuples(PEOPLE)),
        (make("dept"), st.sampled_from([None, *DEPARTMENTS])),
        (make("depts"), _tuples(DEPARTMENTS)),
        (make("address"), ADDRESSES),
        (make("address", level="province", detail=False), ADDRESSES),
        (make("location"), PLACES),
        (make("location", range={"lat": 30.2741, "lng": 120.1551, "m": 5000, "label": "总部"}), PLACES),
        (make("link_one", entity="ent_other"), st.sampled_from([None, *RECORDS])),
        (make("link_many", entity="ent_other"), _tuples(RECORDS)),
        (make("subtable", entity="ent_child"), st.just(())),
        (make("file"), _tuples(["file_a", "file_b", "01jd0000"])),
        (make("image"), _tuples(["file_a", "file_b", "01jd0000"])),
        (make("signature"), st.sampled_from([(), ("file_a",)])),
        (make("audio", max_files=3), _tuples(["file_a", "file_b", "01jd0000"])),
        (make("formula", expr={"src": "1"}, result="number", currency="CNY"), _decimals(18, 2)),
        (make("url"), URLS),
        (make("id_number"), st.one_of(st.none(), st.integers(0, 10**6).map(_resident))),
        (
            make("id_number", kinds=list(KINDS)),
            st.one_of(
                st.integers(0, 10**6).map(_resident),
                st.sampled_from(
                    [
                        None,
                        "91110000600037341L",
                        "E12345678",
                        "ea1234567",
                        "H12345678",
                        "12345678",
                        "AB 1234567",
                        "CHN110000010112",
                        "911 124 19891111 0011",
                    ]
                ),
            ),
        ),
        (make("barcode"), TEXTS),
        (make("barcode", symbology="code128"), st.text(st.characters(max_codepoint=127), max_size=20)),
        (make("barcode", symbology="ean13"), st.one_of(st.none(), st.integers(0, 10**10 - 1).map(_article))),
        (make("rating"), st.sampled_from([None, *map(str, range(6))])),
        (make("rating", max=10, half=True), st.sampled_from([None, "0.5", "1.5", "9.5", "10", "0"])),
        (make("progress"), st.integers(0, 100).map(lambda n: Decimal(n).scaleb(-2))),
        (make("progress", step=5), st.sampled_from([None, "0", "0.05", "0.5", "1"])),
        (make("duration"), SPANS_OF_TIME),
        (make("duration", units=["d", "h", "s"]), SPANS_OF_TIME),
        (make("duration", units=["m"]), SPANS_OF_TIME),
        (make("time"), st.one_of(st.none(), st.integers(0, 1439).map(lambda n: timedelta(minutes=n)))),
        (make("time", seconds=True), st.one_of(st.none(), st.integers(0, 86_399).map(lambda n: timedelta(seconds=n)))),
        (make("rich_text"), RICH),
        (make("secret"), TEXTS),
        (make("lookup", via="fld_a", field="fld_b", result="text"), TEXTS),
        (make("lookup", via="fld_a", field="fld_b", result="number", scale=2), _decimals(18, 2)),
        (make("rollup", via="fld_a", fn="count", result="number", scale=0), _decimals(18, 0)),
        (make("rollup", via="fld_a", fn="sum", field="fld_b", result="duration"), SPANS_OF_TIME),
        (make("query", columns=["fld_a"], **{"from": "ent_other"}), st.none()),
        (make("date_range"), PAIRS),
        (make("date_range", time=True), TIMED_PAIRS),
        (make("serial", pattern="HT-{date:%Y%m}-{seq:4}", reset="month"), st.sampled_from([None, "HT-202611-0001"])),
        *(
            (make("formula", expr={"src": "1"}, result=result, scale=scale), values)
            for result, scale, values in (
                ("text", 0, TEXTS),
                ("number", 6, _decimals(18, 6)),
                ("boolean", 0, st.booleans()),
                ("date", 0, DATES),
                ("datetime", 0, INSTANTS),
            )
        ),
    ]
    for field, values in raw:
        yield Case(field, _accepted(field, values))


FIELDS: list[Case] = list(_cases())
FILTERABLE = [case for case in FIELDS if case.type.operators(case.field)]

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
SPANS = st.one_of(
    st.sampled_from([{"this": unit} for unit in ("day", "week", "month", "quarter", "year")]),
    st.builds(
        lambda kind, count, unit, complete: {kind: count, "unit": unit, "complete": complete},
        st.sampled_from(["last", "next"]),
        st.integers(1, 10_000),
        st.sampled_from(["day", "week", "month", "quarter", "year"]),
        st.booleans(),
    ),
    st.builds(
        lambda start, days: {"from": start.isoformat(), "to": (start + timedelta(days=days)).isoformat()},
        st.dates(date(2026, 11, 1), date(2026, 12, 1)),
        st.integers(0, 40),
    ),
)


def raw_operand(case: Case, operator: str, draw: Any) -> Any:
    """Draw a right side for an operator in its JSON form."""
    field, field_type = case.field, case.type
    if operator in ("blank", "not_blank"):
        return None
    if field.type == "date_range" and draw(st.booleans()):
        return draw(SPANS | st.dates(date(2026, 11, 20), date(2026, 11, 24)).map(date.isoformat))
    if field.type == "date_range":
        return _one(case, draw(case.values))
    if field.type == "matrix" and operator in SCORE_OPERATORS:
        score = st.sampled_from(["0", "1", "1.5", "2.33", "3.005", "7", "-1"])
        return [draw(score), draw(score)] if operator == "between" else draw(score)
    if operator == "near":
        around = st.sampled_from([(30.2741, 120.1551), (30.28, 120.2), (0, 179.9999), (89.99, 0), (-45.5, -180)])
        lat, lng = draw(around)
        return {"lat": lat, "lng": lng, "m": draw(st.sampled_from([1, 500, 5_000, 60_000, 500_000]))}
    if operator == "under" and field.type == "address":
        return draw(st.sampled_from(REGIONS) | st.lists(st.sampled_from(REGIONS), max_size=3))
    if operator == "under" and field.type in ("dept", "depts"):
        return draw(st.lists(st.sampled_from([*DEPARTMENTS, "@my_department"]), max_size=3))
    if operator == "under":
        return draw(st.sampled_from(TREE_IDS) | st.lists(st.sampled_from(TREE_IDS), max_size=3))
    dated = field_type.columns(field) and field_type.columns(field)[0].kind in ("date", "instant")
    if operator == "within":
        return draw(SPANS)
    if operator in ("has_any", "has_all", "has_none"):
        return field_type.to_json(field, draw(case.values))
    if operator in ("in", "not_in"):
        return [_one(case, value) for value in draw(st.lists(case.values, max_size=4)) if value is not None]
    if operator == "between":
        values = [value for value in draw(st.lists(case.values, min_size=6, max_size=12)) if value is not None]
        if len(values) < 2:
            return None
        return [_one(case, value) for value in sorted(values[:2])]
    if operator in ("contains", "not_contains", "starts_with", "ends_with"):
        text = draw(case.values) or "a"
        start = draw(st.integers(0, max(0, len(text) - 1)))
        return text[start : start + draw(st.integers(1, 4))]
    if dated and draw(st.booleans()):
        return draw(SPANS | st.dates(date(2026, 11, 20), date(2026, 11, 24)).map(date.isoformat))
    if field_type.columns(field) and field_type.columns(field)[0].kind == "int64" and draw(st.booleans()):
        return draw(
            st.sampled_from(["0.5", "-0.5", 1e18, "1" + "0" * 30, "-1" + "0" * 30, "0." + "9" * 40, 0, "1.005"])
        )
    return _one(case, draw(case.values))


def _one(case: Case, value: Any) -> Any:
    if case.field.type in ("address", "location"):  # compared as text
        return value
    return case.type.to_json(case.field, value)
