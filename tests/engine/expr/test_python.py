"""The rules of numbers (N), blanks (B), errors (E), text and dates on the Python back end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.expr.compile import check
from engine.expr.messages import ERROR_MESSAGES
from engine.expr.schema import Scope
from engine.expr.to_python import closure, decide
from engine.expr.tree import Node
from engine.expr.values import CurrentUser, Env, ErrorValue, zone_of
from metadata.findings import message
from tests.engine.expr.world import DEALS, SCOPE, WorldSchema

NOW = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
USER = CurrentUser("u1", frozenset({"rol_sales"}), fields={"usr_name": "陈静"})


def env(record: dict[str, Any] | None = None, **more: Any) -> Env:
    return Env(record or {}, user=USER, now=NOW, **more)


def bound(source: str, scope: Scope = SCOPE, **flags: Any) -> Node:
    checked = check(source, scope, **flags)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    return checked.tree


def value(source: str, record: dict[str, Any] | None = None, **more: Any) -> Any:
    return closure(bound(source))(env(record, **more))


def code(source: str, record: dict[str, Any] | None = None) -> Any:
    got = value(source, record)
    return got.code if isinstance(got, ErrorValue) else got


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3 = 1", True),
        ("INT(1 / 9 * 9)", 1),
        ("1 / 3", "0.333333333333"),
        ("2 / 3", "0.666666666667"),
        ("0.0000000000005 * 1", "0.000000000001"),
        ("-0.0000000000005 * 1", "-0.000000000001"),
        ("MOD(-7, 3)", 2),
        ("MOD(7, -3)", -2),
        ("INT(-8.9)", -9),
        ("TRUNC(-8.9)", -8),
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(1.005, 2)", "1.01"),
        ("21.9 / 0.2", "109.5"),
        ("2 ^ 10", 1024),
        ("4 ^ 0.5", 2),
        ("(-8) ^ (1 / 3)", "NUM"),
        ("0 ^ -1", "DIV0"),
        ("0 ^ 0", 1),
        ("9 ^ 9 ^ 9", "NUM"),
        ("2 ^ 100000", "NUM"),
        ("999999999999999999 + 1", "NUM"),
        ("999999999999999999 * 10 / 10", "NUM"),
        ("1e17 * 10 - 1", "NUM"),
        ("ROUND(999999999999999999.9, 0)", "NUM"),
        ("0.1 ^ 1000", 0),
        ("1e-12 * 1e-12 = 0", True),
        ("50%", "0.5"),
        ('-0 & ""', "0"),
        ('1.50 & ""', "1.5"),
    ],
)
def test_numbers(source: str, expected: Any) -> None:
    got = code(source)
    assert got == (Decimal(expected) if isinstance(got, Decimal) else expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('ISBLANK("")', True),
        ('name = ""', True),
        ('"" = NULL', True),
        ('LEFT("abc", 0)', None),
        ("amount + 1", None),
        ("1 - amount", None),
        ("ROUND(amount, 2)", None),
        ("due + 1", None),
        ("YEAR(due)", None),
        ("LEN(name)", 0),
        ("UPPER(name)", None),
        ('"a" & name & "b"', "ab"),
        ("name & code", None),
        ('CONTAINS("abc", name)', True),
        ("NULL = NULL", True),
        ("amount = NULL", True),
        ("amount = 0", False),
        ("amount <> 0", True),
        ('stage <> "won"', True),
        ("amount < 1", None),
        ("amount >= NULL", None),
        ("FALSE AND NULL", False),
        ("TRUE AND NULL", None),
        ("TRUE OR NULL", True),
        ("FALSE OR NULL", None),
        ("NOT NULL", None),
        ("IF(NULL, 1, 2)", 2),
        ("IFS(amount > 1, 1, TRUE, 2)", 2),
        ("COUNT(FILTER(items, it.price > 1))", 0),
        ("hot", False),
        ("NOT hot", True),
        ("account.region", None),
        ("owner.department.manager.name", None),
        ("SUM(items.price)", 0),
        ("COUNT(items)", 0),
        ("AVERAGE(items.price)", None),
        ("MIN(items.price)", None),
        ("SUM(1, NULL, 2)", 3),
        ("MAX(NULL, -1)", -1),
        ('COALESCE(NULL, "", "x")', "x"),
        ("1 IN []", False),
        ("NULL IN [1, NULL]", True),
        ("ISBLANK(items)", True),
        ("ISBLANK(tags)", True),
    ],
)
def test_blanks(source: str, expected: Any) -> None:
    got = value(source)
    assert got == expected and type(got) is (
        Decimal if isinstance(expected, int) and expected is not True and expected is not False else type(expected)
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0", "DIV0"),
        ("1 / 0 + NULL", "DIV0"),
        ("NULL / 0", None),
        ("NULL + 1 / 0", "DIV0"),
        ("1 / 0 = 1", "DIV0"),
        ("NULL < 1 / 0", "DIV0"),
        ("IF(1 / 0 > 1, 1, 2)", "DIV0"),
        ("IF(TRUE, 1, 1 / 0)", 1),
        ("COALESCE(5, 1 / 0)", 5),
        ("COALESCE(NULL, 1 / 0)", "DIV0"),
        ("SWITCH(1, 1, 5, 1 / 0, 7)", 5),
        ("SWITCH(1, 1 / 0, 7, 1, 5)", "DIV0"),
        ("FALSE AND 1 / 0 = 1", False),
        ("1 / 0 = 1 AND FALSE", False),
        ("1 / 0 = 1 OR TRUE", True),
        ("1 / 0 = 1 AND TRUE", "DIV0"),
        ("1 / 0 = 1 OR NULL", "DIV0"),
        ("NOT(1 / 0 = 1)", "DIV0"),
        ("ISBLANK(1 / 0)", "DIV0"),
        ("IFERROR(1 / 0, 7)", 7),
        ("IFERROR(1 / 0, SQRT(-1))", "NUM"),
        ("ISERROR(1 / 0)", True),
        ("ISERROR(NULL)", False),
        ('VALUE("abc")', "VALUE"),
        ('LEFT("abc", -1)', "VALUE"),
        ('FIND("z", "abc")', "VALUE"),
        ("DATE(10000, 1, 1)", "NUM"),
        ("DATE(9999, 12, 31) + 1", "NUM"),
        ("EDATE(DATE(1, 1, 31), -1)", "NUM"),
        ("SUM([1, 0], x -> 1 / x)", "DIV0"),
        ("EXISTS([1, 0], x -> 1 / x > 0)", True),
        ("EXISTS([0, 1], x -> 1 / x > 5)", "DIV0"),
        ("ALL([0, 1], x -> 1 / x > 5)", False),
        ("ALL([0, 1], x -> 1 / x > 0)", "DIV0"),
        ("FILTER([1, 0], x -> 1 / x > 0)", "DIV0"),
    ],
)
def test_errors(source: str, expected: Any) -> None:
    assert code(source) == expected


def test_error_values_have_sentences() -> None:
    assert str(ErrorValue("DIV0")) == "#DIV/0!" and str(ErrorValue("NUM")) == "#NUM!"
    for identifier in ERROR_MESSAGES.values():
        assert message(identifier, "zh-CN") and message(identifier, "en")


def test_decisions_read_blank_and_errors_as_no() -> None:
    for source in ("NULL", "amount > 1", "1 / 0 = 1", "FALSE"):
        assert decide(closure(bound(source)), env()) is False
    assert decide(closure(bound("TRUE OR 1 / 0 = 1")), env()) is True


def test_blank_as_zero_is_a_rewrite_of_number_fields_in_arithmetic() -> None:
    tree = bound("amount + rate * 2", blank_as_zero=True)
    assert closure(tree)(env({"fld_amount": Decimal(3)})) == 3
    assert closure(bound("amount", blank_as_zero=True))(env()) is None
    assert closure(bound("amount < 1", blank_as_zero=True))(env()) is None
    assert closure(bound("SUM(items.price * items.qty)", blank_as_zero=True))(env(DEALS[0])) == 20
    assert closure(bound("-amount", blank_as_zero=True))(env()) == 0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('LEN("é😀")', 2),
        ('LEFT("😀a", 1)', "😀"),
        ('"B" < "a"', True),
        ('"😀" > "豈"', True),
        ('"a" = "A"', False),
        ('UPPER("straße")', "STRASSE"),
        ('SUBSTITUTE("aaa", "a", "b", 2)', "aba"),
        ('TEXT(1234.5, "#,##0.00")', "1,234.50"),
        ('TEXT(-0.5, "0%")', "-50%"),
        ('TEXT(DATE(2024, 3, 5), "yyyy年mm月dd日")', "2024年03月05日"),
    ],
)
def test_text(source: str, expected: Any) -> None:
    assert value(source) == expected


def test_dates_use_the_application_zone() -> None:
    assert value("TODAY()") == date(2024, 6, 2)
    assert value("TODAY()", zone="America/New_York") == date(2024, 6, 1)
    assert value("HOUR(NOW())") == 4
    assert value("DATE(NOW())") == date(2024, 6, 2)
    record = {"fld_at": datetime(2024, 1, 31, 16, 30, tzinfo=UTC)}
    assert value('at & ""', record) == "2024-02-01 00:30:00"
    assert value('DATEADD(at, 1, "month")', record) == datetime(2024, 2, 29, 16, 30, tzinfo=UTC)
    assert value("at - DATE(2024, 2, 1)", record) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (datetime(2024, 3, 9, 2, 30), datetime(2024, 3, 10, 7, 30, tzinfo=UTC)),  # skipped by the change of clocks
        (datetime(2024, 11, 2, 1, 30), datetime(2024, 11, 3, 6, 30, tzinfo=UTC)),  # happens twice
    ],
)
def test_changes_of_clocks(wall: datetime, expected: datetime) -> None:
    zone = zone_of("America/New_York")
    record = {"fld_at": wall.replace(tzinfo=zone).astimezone(UTC)}
    assert value('DATEADD(at, 1, "day")', record, zone=zone) == expected


def test_paths_lists_and_variables() -> None:
    record = DEALS[0]
    assert value("account.title", record) == "北京远景"
    assert value("SUM(items.price * items.qty)", record) == 20
    assert value("SUM(items, x -> x.price * x.qty)", record) == 20
    assert value("items.product", record) == ["x", "y", None]
    assert value("FILTER(items, it.price > 5).product", record) == ["x"]
    assert value("SUM(items.customer.contacts.weight)", record) == 4
    assert value("FIRST(items).product", record) == "x"
    assert value("LET(t, amount * 2, u, t + 1, u - t)", record) == 1
    assert value("LET(rows, FILTER(items, it.qty > 1), SUM(rows.price))", record) == 10
    assert value("owner = USER", record) is True
    assert value("USER.name", record) == "陈静"
    assert value('"vip" IN tags', record) is True
    assert value("OLD.amount <> amount", record, old=DEALS[1]) is True
    assert value("account.name_of" if False else "COUNT(items)", record) == 3


def test_a_link_that_was_not_loaded_is_a_fault_of_the_caller() -> None:
    with pytest.raises(LookupError):
        value("account.region", {"fld_account": "a1"})
    assert value("ISBLANK(account)", {"fld_account": "a1"}) is False


def test_work_is_bounded() -> None:
    rows = [{"fld_price": Decimal(1)}] * 400
    assert code("SUM(items, x -> COUNT(FILTER(items, y -> y.price >= x.price)))", {"fld_items": rows}) == "LIMIT"
    assert value("COUNT(FILTER(items, it.price > 0))", {"fld_items": rows}) == 400


def test_facts_of_a_tree() -> None:
    tree = bound('IF(amount > 100000 AND stage = "won", ROUND(amount * rate, 2), 0)')
    assert tree.deps == {("fld_amount",), ("fld_stage",), ("fld_rate",)}
    assert not tree.volatile
    tree = bound("DAYS(TODAY(), due) > 7 AND SUM(items.price) > account.credit")
    assert tree.volatile and tree.may_error
    assert tree.deps == {("fld_due",), ("fld_items",), ("fld_items", "fld_price"), ("fld_account", "fld_credit")}
    assert not bound("amount + rate").may_error, "two stored numbers cannot reach 19 digits"
    assert bound("amount * score").may_error
    assert bound("OLD.amount > 1").pushable == frozenset()
    assert bound("OLD.amount > 1").facts.old == {("fld_amount",)}
    assert bound('TEXT(amount, "0")').pushable == {"sqlite"}
    assert not bound("ISBLANK(amount)").nullable
    assert bound('HASROLE("x")').facts.uses == {"USER"}


def test_roles_are_checked_when_they_are_known() -> None:
    scope = Scope(WorldSchema(), "ent_deal", frozenset({"USER"}), roles={"sales": "rol_sales", "销售": "rol_sales"})
    assert closure(bound('HASROLE("销售")', scope))(env()) is True
    wrong = check('HASROLE("sale")', scope).findings
    assert [finding.code for finding in wrong] == ["X210"]
    assert wrong[0].fixes[0].apply('HASROLE("sale")') == 'HASROLE("sales")'
