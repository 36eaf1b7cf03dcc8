"""The demo company's history: the same every time, in order, believable in numbers, correct in codes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from metadata.ids import is_record_id
from metadata.snapshot import Snapshot
from metadata.validate import load
from runtime.demo.calendar import activity, spread, workday
from runtime.demo.generate import generate
from runtime.demo.identity import company, credit_code, organisation_check, record_id, with_check
from runtime.demo.people import DEPARTMENTS, PEOPLE, SELLERS, STAFF
from runtime.demo.places import CITIES
from runtime.demo.story import WAITING_DAYS

TODAY = date(2026, 11, 21)
ZONE = ZoneInfo("Asia/Shanghai")
ROWS = 600
WRITES = list(generate(ROWS, TODAY))
CRM = Snapshot(load((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()), 1)


def final() -> dict[str, dict[str, dict[str, Any]]]:
    """The last state of every record: {entity: {id: values}}."""
    state: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for write in WRITES:
        state[write.entity].setdefault(write.id, {}).update(write.values)
    return state


STATE = final()


def test_the_same_seed_gives_the_same_stream() -> None:
    assert list(generate(ROWS, TODAY)) == WRITES
    assert list(generate(50, TODAY, seed=8)) != list(generate(50, TODAY))


def test_it_is_in_order_and_ends_today() -> None:
    assert all(one.at <= other.at for one, other in pairwise(WRITES))
    assert max(write.at for write in WRITES).astimezone(ZONE).date() <= TODAY
    assert min(write.at for write in WRITES) > datetime(2023, 11, 1, tzinfo=UTC)
    assert all(write.at.tzinfo is UTC for write in WRITES)


def test_there_are_as_many_customers_as_asked_for_and_each_name_once() -> None:
    accounts = [values["name"] for values in STATE["account"].values()]
    assert len(accounts) == len(set(accounts)) == ROWS
    names = {company(number, Random(number)).name for number in range(60_000)}
    assert len(names) == 60_000


def test_records_exist_before_they_are_named() -> None:
    made: set[str] = set()
    for write in WRITES:
        if write.op == "create":
            assert is_record_id(write.id) and write.id not in made
            made.add(write.id)
        else:
            assert write.id in made
        for key in ("account", "contact", "opportunity", "parent"):
            if key in write.values and write.entity != key:
                assert write.values[key] in made
        assert set(write.values.get("participants", ())) <= made


def test_record_ids_sort_by_time() -> None:
    r = Random(1)
    moments = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(200)]
    ids = [record_id(r, at) for at in moments]
    assert ids == sorted(ids)


def test_every_key_and_option_is_of_the_template() -> None:
    for write in WRITES:
        fields = CRM.fields(write.entity)
        for key, value in write.values.items():
            assert key in fields, (write.entity, key)
            if fields[key].type in ("select", "multi_select"):
                allowed = {option["id"] for option in fields[key].options["options"]}
                assert set(value if isinstance(value, list) else [value]) <= allowed


@pytest.mark.parametrize("code", ["914403001922038216", "91330100799655058B", "9144030071526726XG"])
def test_the_check_rule_agrees_with_real_codes(code: str) -> None:
    assert with_check(code[:17]) == code
    assert organisation_check(code[8:16]) == code[16]


def test_codes_numbers_and_addresses_follow_their_rules() -> None:
    pattern = re.compile(CRM.field_of("account", "credit_code").options["pattern"])
    codes = [values["credit_code"] for values in STATE["account"].values() if "credit_code" in values]
    assert len(codes) == len(set(codes)) > ROWS / 2
    assert all(pattern.match(code) and with_check(code[:17]) == code for code in codes)
    assert all(code[2:8] in {city.code for city in CITIES} for code in codes)
    assert credit_code(Random(1), CITIES[0]).startswith("91310115")
    phones = {values["phone"] for kind in ("account", "contact", "lead") for values in STATE[kind].values()}
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN")) for phone in phones)
    assert all(values["email"].endswith((".example", ".com")) for values in STATE["lead"].values())


def test_business_follows_the_calendar() -> None:
    days = Counter(write.at.astimezone(ZONE).date() for write in WRITES if write.entity in ("lead", "activity"))
    by_weekday = Counter[int]()
    for day, count in days.items():
        by_weekday[day.weekday()] += count
    assert by_weekday[5] + by_weekday[6] < 0.05 * by_weekday.total()
    holidays = [date(2025, 10, 1) + timedelta(days=n) for n in range(7)] + [date(2025, 1, 29), date(2026, 2, 17)]
    assert not any(days[day] for day in holidays)
    assert activity(date(2026, 12, 15)) > activity(date(2026, 2, 3)) > 0
    assert workday(date(2026, 10, 1)) == date(2026, 10, 8)
    day_at = spread(date(2024, 1, 1), date(2026, 12, 31))
    assert day_at(0.0001) < day_at(0.5) < day_at(0.9999) <= date(2026, 12, 31)
    assert day_at(0.5) > date(2025, 7, 1)  # growth: the later half has more than half
    years = Counter(write.at.year for write in WRITES if write.entity == "account" and write.op == "create")
    assert years[2025] > years[2024]


def test_the_funnel_gets_narrower() -> None:
    reached: dict[str, set[str]] = defaultdict(set)
    for write in WRITES:
        if write.entity == "opportunity" and "stage" in write.values:
            reached[write.values["stage"].removeprefix("opt_opportunity_")].add(write.id)
    sizes = [len(reached[stage]) for stage in ("qualify", "need", "proposal", "negotiate", "won")]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 5
    assert 0.15 < sizes[-1] / sizes[0] < 0.45
    stages = Counter(values["stage"] for values in STATE["opportunity"].values())
    assert set(stages) == {option["id"] for option in CRM.field_of("opportunity", "stage").options["options"]}
    probability = {
        option["id"]: option["probability"] for option in CRM.field_of("opportunity", "stage").options["options"]
    }
    for values in STATE["opportunity"].values():
        assert Decimal(values["probability"]) * 100 == probability[values["stage"]]
        assert ("closed_date" in values) == (values["stage"] in ("opt_opportunity_won", "opt_opportunity_lost"))
        assert ("loss_reason" in values) == (values["stage"] == "opt_opportunity_lost")


def test_amounts_are_spread_and_add_up() -> None:
    amounts = sorted(Decimal(values["amount"]) for values in STATE["contract"].values())
    assert amounts[-1] > 8 * median(amounts) and amounts[0] > 0
    assert any(amount >= 500_000 for amount in amounts) and median(amounts) < 500_000
    for values in STATE["contract"].values():
        total = sum(Decimal(line["qty"]) * Decimal(line["price"]) for line in values["items"])
        assert abs(total * (1 - Decimal(values["discount"])) - Decimal(values["amount"])) <= Decimal("0.01")
        assert values["start_on"] <= values["end_on"]
        assert ("signed_on" in values) == (values["status"] == "opt_contract_approved")


def test_only_young_contracts_wait_for_approval() -> None:
    drafts = {i for i, values in STATE["contract"].items() if values["status"] == "opt_contract_draft"}
    made = {w.id: w.at.astimezone(ZONE).date() for w in WRITES if w.entity == "contract" and w.op == "create"}
    assert drafts and all(made[i] > TODAY - timedelta(days=WAITING_DAYS) for i in drafts)


@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 2), date(2027, 2, 20), date(2027, 10, 5)])
def test_the_boards_have_something_to_show_on_any_day(today: date) -> None:
    contracts: dict[str, dict[str, Any]] = defaultdict(dict)
    for write in generate(400, today):
        if write.entity == "contract":
            contracts[write.id].update(write.values)
    signed = [values for values in contracts.values() if "signed_on" in values]
    months = Counter(values["signed_on"][:7] for values in signed)
    last = [(today.year * 12 + today.month - 1 - back) for back in range(12)]
    assert all(months[f"{month // 12}-{month % 12 + 1:02d}"] for month in last)
    this_year = [values for values in signed if values["signed_on"][:4] == str(today.year)]
    assert len({values["owner"] for values in this_year}) >= 5
    waiting = [v for v in contracts.values() if v["status"] == "opt_contract_draft" and v["owner"] == "chen.jing"]
    amounts = sorted(Decimal(values["amount"]) for values in waiting)
    assert len(amounts) >= 4 and amounts[0] < 500_000 <= amounts[-2]


def test_customers_with_a_live_contract_are_won() -> None:
    for values in STATE["contract"].values():
        if values["status"] == "opt_contract_approved":
            assert STATE["account"][values["account"]]["stage"] == "opt_account_won"


def test_owners_are_sellers_of_the_region_and_all_have_work() -> None:
    regions = {person.username: person.regions for person in SELLERS}
    for values in STATE["account"].values():
        assert values["region"].removeprefix("opt_region_") in regions[values["owner"]]
    assert {values["owner"] for values in STATE["account"].values()} == set(regions)


def test_a_big_stream_is_lazy() -> None:
    stream = generate(1_000_000, TODAY)
    assert [next(stream).entity for _ in range(50)]


def test_the_company_hangs_together() -> None:
    usernames = {person.username for person in STAFF}
    assert [person.username for person in PEOPLE] == [
        "chen.jing", "li.lei", "wang.fang", "zhao.min", "sun.yue", "qian.wei", "admin",
    ]  # fmt: skip
    assert {person.manager for person in STAFF} - {""} <= usernames
    assert {person.role for person in STAFF} <= {role.key for role in CRM.app.roles}
    keys = {department.key for department in DEPARTMENTS}
    assert {department.parent for department in DEPARTMENTS} - {""} <= keys
    assert {person.department for person in STAFF} <= keys
    assert {department.head for department in DEPARTMENTS} - {""} <= usernames
