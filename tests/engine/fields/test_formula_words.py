"""Results of a text formula with words and colours; amounts that are worked out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.fields.base import FIELD_TYPES
from engine.fields.choices import choices_of
from metadata.model import Field

WORDS = [
    {"value": "A", "label": {"zh-CN": "A 核心", "en": "A core"}, "color": "bad"},
    {"value": "D", "label": {"zh-CN": "D 待培育", "en": "D to develop"}},
]


def formula(**options: Any) -> Field:
    return Field(id="fld_grade", key="grade", type="formula", label={"en": "Grade"}, options=options)


def test_results_are_shown_in_the_words_they_have() -> None:
    kind, f = FIELD_TYPES.get("formula"), formula(expr={"src": '"A"'}, result="text", words=WORDS)
    assert not kind.check_options(f)
    assert [kind.format(f, "A", locale) for locale in ("zh-CN", "en")] == ["A 核心", "A core"]
    assert kind.format(f, "B", "en") == "B"
    assert choices_of(f)[0] == {"id": "A", "label": WORDS[0]["label"], "color": "bad"}
    assert choices_of(formula(expr={"src": "1"}, result="number")) == []


def test_an_amount_is_money() -> None:
    kind, f = FIELD_TYPES.get("formula"), formula(expr={"src": "1"}, result="number", currency="CNY")
    assert kind.format(f, Decimal("1234.50"), "zh-CN") == "¥1,234.50"
    assert kind.expr_type(f) == FIELD_TYPES.get("currency").expr_type(f)
