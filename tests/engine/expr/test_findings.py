"""What a person reads when a formula is wrong: place, sentence in both languages, and edits that help."""

from __future__ import annotations

import pytest

from engine.expr.compile import Checked, check
from engine.expr.messages import MESSAGES
from engine.expr.types import NUMBER, TEXT
from tests.engine.expr.world import SCOPE


def findings(source: str) -> Checked:
    return check(source, SCOPE)


@pytest.mark.parametrize(
    ("source", "code", "marked", "fixed"),
    [
        ('IF(amout > 100000, "big", "small")', "X201", "amout", 'IF(amount > 100000, "big", "small")'),
        ("UPPER(amount)", "X302", "amount", 'UPPER(TEXT(amount, "0"))'),
        ('amount > "100"', "X304", '"100"', "amount > 100"),
        ("IF(amount, 1, 2)", "X307", "amount", "IF(amount <> 0, 1, 2)"),
        ("IF(name, 1, 2)", "X307", "name", "IF(NOT(ISBLANK(name)), 1, 2)"),
        ('stage = "wone"', "X205", '"wone"', 'stage = "won"'),
        ('stage = "nothing like it"', "X206", '"nothing like it"', None),
        ("SUMM(amount)", "X203", "SUMM", "SUM(amount)"),
        ("QWERTY(amount)", "X204", "QWERTY", None),
        ("LEFT()", "X401", "LEFT", None),
        ("LEN(name, name)", "X402", "name", None),
        ("at + 2", "X306", "2", "at + HOURS(2)"),
        ('name + "!"', "X305", 'name + "!"', 'name & "!"'),
        ('IF(hot, 1, "a")', "X308", '"a"', None),
        ("items.price > 1", "X311", "items.price", None),
        ("SUM(items.price * account.contacts.weight)", "X312", "items.price * account.contacts.weight", None),
        ("FILTER(items, x -> x.prise > 1)", "X201", "prise", "FILTER(items, x -> x.price > 1)"),
        ("account.regoin", "X201", "regoin", "account.region"),
        ("amount.x", "X310", "x", None),
        ("LET(amount, 1, 2)", "X208", "amount", None),
        ("PARAM.x", "X209", "PARAM", None),
        ('DATEADD(due, 1, "month" & "s")', "X314", '"month" & "s"', None),
        ('DATEADD(due, 1, "months")', "X314", '"months"', 'DATEADD(due, 1, "month")'),
        ("DATEADD(due, 1, name)", "X313", "name", None),
        ("1e18", "X506", "1e18", None),
        ("9e9999999999999999999999999999", "X506", "9e9999999999999999999999999999", None),
        ("amount = due", "X303", "amount = due", None),
        ("stage < 1", "X303", "stage < 1", None),
        ("x -> 1", "X316", "->", None),
        ("account.contacts.phone.x", "X310", "x", None),
        ('COUNTIF(items.qty, ">x")', "X317", '">x"', None),
        ("金 额", "X105", "额", None),
        ("金额x", "X201", "金额x", "金额"),
        ("je > 5", "X201", "je", "金额 > 5"),
        ("jine > 5", "X201", "jine", "金额 > 5"),
        ("account.khmc", "X201", "khmc", "account.客户名称"),
        ("金鹅 > 5", "X201", "金鹅", "金额 > 5"),
        ('stage = "yd"', "X205", '"yd"', 'stage = "赢单"'),
        ("TODAY > due", "X201", "TODAY", "TODAY() > due"),
        ("summ(amount)", "X203", "summ", "SUM(amount)"),
        ("amount => 5", "X111", "=>", "amount >= 5"),
        ("FILTER(items, x => x.price > 1)", "X111", "=>", "FILTER(items, x -> x.price > 1)"),
        ("amount =< 5", "X111", "=<", "amount <= 5"),
        ("amount 》 5", "X108", "》", "amount > 5"),
        ("amount > 5 且 hot", "X105", "且", "amount > 5 AND hot"),
        ("{amount > 5", "X108", "{", "{amount} > 5"),
        ('IF(hot; "a;b"; "c")', "X112", ";", 'IF(hot, "a;b", "c")'),
        ("1 < amount < 3", "X107", "<", "1 < amount AND amount < 3"),
        ("SUM(items.price))", "X106", ")", "SUM(items.price)"),
        ("IF(hot,,1)", "X104", ",", "IF(hot,1)"),
        ("2(score)", "X105", "(", "2 * (score)"),
        ('UPPER("abc)', "X103", '"abc)', 'UPPER("abc")'),
    ],
)
def test_one_mistake_gives_one_finding(source: str, code: str, marked: str, fixed: str | None) -> None:
    checked = findings(source)
    assert checked.tree is None
    assert [finding.code for finding in checked.findings] == [code]
    found = checked.findings[0]
    assert source[found.start : found.end] == marked
    assert len(found.fixes) <= 3
    if fixed is not None:
        assert fixed in [fix.apply(source) for fix in found.fixes]


def test_all_mistakes_are_reported_at_once() -> None:
    checked = findings('IF(amout > 1, UPPER(score), LEFT(name, code)) & (stage = "wonn")')
    assert [finding.code for finding in checked.findings] == ["X201", "X302", "X302", "X205"]


@pytest.mark.parametrize(
    ("source", "marked", "kind", "zh", "en", "fixed"),
    [
        (
            'IF(amout > 100000, "big", "small")',
            "amout",
            "NAME",
            "没有名为“amout”的字段，是否想用“amount”？",
            'No field "amout". Did you mean "amount"?',
            'IF(amount > 100000, "big", "small")',
        ),
        (
            'IF(amount > 100000, "big" "small")',
            "",
            "SYNTAX",
            "这里缺少逗号。",
            "A comma is missing here.",
            'IF(amount > 100000, "big", "small")',
        ),
        (
            "UPPER(amount)",
            "amount",
            "TYPE",
            'UPPER 需要文本，这里是数字。可写 TEXT(amount, "0")。',
            'UPPER needs text, this is a number. Write TEXT(amount, "0").',
            'UPPER(TEXT(amount, "0"))',
        ),
        (
            'amount > "100"',
            '"100"',
            "TYPE",
            "数字不能与文本比较，去掉引号？",
            "A number cannot be compared with text. Remove the quotes?",
            "amount > 100",
        ),
        (
            "SUM(items.price",
            "",
            "SYNTAX",
            "第 4 个字符的“(”没有闭合。",
            'The "(" at 4 is not closed.',
            "SUM(items.price)",
        ),
    ],
)
def test_samples_of_the_specification(source: str, marked: str, kind: str, zh: str, en: str, fixed: str) -> None:
    (found,) = findings(source).findings
    assert (source[found.start : found.end], found.kind) == (marked, kind)
    assert (found.text("zh-CN"), found.text("en")) == (zh, en)
    assert [fix.apply(source) for fix in found.fixes] == [fixed]
    assert not findings(fixed).findings


def test_what_fits_the_place_is_suggested_first() -> None:
    assert findings("UPPER(nate)").findings[0].params["guess"] == "name"
    assert findings("ROUND(nate, 1)").findings[0].params["guess"] == "rate"
    assert findings("DAYS(TODAY(), dat)").findings[0].params["guess"] == "at"


def test_operators_of_other_languages_are_told_once() -> None:
    source = 'amount == 5 && !hot || name != "&&"'
    checked = findings(source)
    assert checked.tree is not None
    (told,) = checked.findings
    assert (told.code, told.severity, source[told.start : told.end]) == ("X701", "warning", "==")
    (fix,) = told.fixes
    assert fix.apply(source) == 'amount = 5 AND NOT hot OR name <> "&&"'
    assert findings(fix.apply(source)).tree == checked.tree
    assert not findings('name = "a == b" // x != y').findings


def test_fields_are_found_in_the_text_even_when_it_is_wrong() -> None:
    source = "IF(账户 > amount, account.region, 金额)"
    assert [(source[start:end], found) for start, end, found in findings(source).uses] == [
        ("amount", "fld_amount"),
        ("account", "fld_account"),
        ("region", "fld_region"),
        ("金额", "fld_amount"),
    ]


def test_warnings_do_not_stop() -> None:
    checked = findings("-amount ^ 2")
    assert checked.tree is not None
    assert [(found.code, found.severity) for found in checked.findings] == [("X702", "warning")]
    assert checked.findings[0].fixes[0].apply("-amount ^ 2") == "(-amount) ^ 2"


def test_the_wanted_result() -> None:
    assert check("amount", SCOPE, NUMBER).tree is not None
    wrong = check("amount", SCOPE, TEXT).findings
    assert [found.code for found in wrong] == ["X309"]
    assert check("NULL", SCOPE, TEXT).tree is not None
    assert check("stage", SCOPE, TEXT).tree is not None, "an option turns into its label"


def test_limits() -> None:
    terms = "+".join(["amount"] * 501)
    assert [found.code for found in findings(terms).findings] == ["X503"]
    assert [found.code for found in findings("owner" + ".manager" * 5).findings] == ["X504"]
    nested = "EXISTS(items, a -> EXISTS(items, b -> EXISTS(items, c -> TRUE)))"
    assert [found.code for found in findings(nested).findings] == ["X505"]
    assert findings("*".join(["amount"] * 200)).findings[0].code == "X502"


def test_every_message_has_both_languages_and_its_parameters() -> None:
    for code, texts in MESSAGES.items():
        assert set(texts) == {"zh-CN", "en"}, code
        assert _names(texts["zh-CN"]) == _names(texts["en"]), code


def _names(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
