"""Damaged templates: whatever is done to the bytes or the values, the gate answers with findings, and quickly."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.check import check
from metadata.codec import Malformed, from_json
from metadata.findings import Refused
from metadata.model import App
from metadata.validate import load, validate

ROOT = Path(__file__).parents[2]
RAW = (ROOT / "apps" / "crm_template.json").read_bytes()
OLD = (ROOT / "tests" / "golden" / "app_format_0.json").read_bytes()
SECONDS = 10.0
"""Of processor time; an answer takes milliseconds, but a process full of tests may collect garbage in it."""

seeds = st.integers(min_value=0, max_value=2**32 - 1)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def answer(data: Any) -> None:
    """Load, and judge the answer: an application, or findings that can be read in both languages."""
    started = time.process_time()
    try:
        load(data)
    except Refused as refused:
        assert refused.findings
        for finding in refused.findings:
            for language in ("zh-CN", "en"):
                assert 0 < len(finding.text(language)) < 2_000
    assert time.process_time() - started < SECONDS


def spots(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a value."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items):
        yield data, key
        yield from spots(value)


def damage(raw: bytes, r: random.Random) -> bytes:
    kind = r.choice(("cut", "flip", "insert", "repeat", "swap"))
    at, end = sorted((r.randrange(len(raw)), r.randrange(len(raw))))
    if kind == "cut":
        return raw[:at] + raw[at + r.randint(1, 400) :]
    if kind == "flip":
        return raw[:at] + bytes([raw[at] ^ (1 << r.randrange(8))]) + raw[at + 1 :]
    if kind == "insert":
        return raw[:at] + r.choice((b"\x00", b'"', b"{", b"]", b"9" * 400, b"\xff", b"null", b'"a":1,')) + raw[at:]
    if kind == "repeat":
        return raw[:end] + raw[at:end][:5_000] + raw[end:]
    return raw[:at] + raw[at:end][::-1] + raw[end:]


def spoil(data: Any, r: random.Random) -> None:
    places = list(spots(data))
    container, key = r.choice(places)
    other, other_key = r.choice(places)
    kind = r.choice(("drop", "type", "copy", "huge", "rename", "null", "deep", "id"))
    if kind == "drop":
        del container[key]
    elif kind == "type":
        container[key] = r.choice((1, "x", [], {}, True, 1.5, [[]], {"en": 1}))
    elif kind == "copy":
        container[key] = copy.deepcopy(other[other_key]) if other_key in _keys(other) else 0
    elif kind == "huge":
        container[key] = r.choice((2**63, -(10**40), 1e308, "x" * 100_000, [0] * 10_000))
    elif kind == "rename" and isinstance(container, dict):
        container[r.choice(("", "__proto__", "id", "$ref", "名", "x" * 500))] = container.pop(key)
    elif kind == "null":
        container[key] = None
    elif kind == "deep":
        value: Any = container[key]
        for _ in range(r.choice((5, 100))):
            value = [value] if r.random() < 0.5 else {"a": value}
        container[key] = value
    else:
        container[key] = r.choice(("ent_account", "fld_account_name", "rol_system", "fld_nothing", "opt_level_a"))


def _keys(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_damaged_bytes(seed: int) -> None:
    r = random.Random(seed)
    raw = r.choice((RAW, RAW, OLD))
    for _ in range(r.randint(1, 3)):
        raw = damage(raw, r)
    answer(raw)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_spoiled_values(seed: int) -> None:
    r = random.Random(seed)
    data = orjson.loads(r.choice((RAW, RAW, OLD)))
    for _ in range(r.randint(1, 4)):
        spoil(data, r)
    answer(data)


@settings(max_examples=150, deadline=None)
@given(junk)
def test_junk(data: Any) -> None:
    answer(data)
    answer({"format": 1, "id": "app_a", "key": "a", "name": {"en": "A"}, "entities": data, "samples": [data]})
    answer({"format": 0, "id": "app_a", "key": "a", "name": "A", "entities": data, "rules": data})


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_classes_take_what_the_schema_lets_through(seed: int) -> None:
    """Schema and classes agree: a value without schema findings is never malformed for the codec or the checks."""
    r = random.Random(seed)
    data = orjson.loads(RAW)
    spoil(data, r)
    if validate(data):
        return
    data.pop("$schema", None)
    try:
        app = from_json(App, data)
    except Malformed as error:
        pytest.fail(f"the schema lets {error} through")
    check(app)


@pytest.mark.parametrize("size", [2_000, 6_000])
def test_circles_and_duplicates_at_size(size: int) -> None:
    entity = {"label": {"en": "A"}}
    entities = [{**entity, "id": f"ent_{n}", "key": f"k{n}", "parent": f"ent_{(n + 1) % 400}"} for n in range(400)]
    answer({"format": 1, "id": "app_a", "key": "a", "name": {"en": "A"}, "entities": entities})
    twice = [{**entity, "id": "ent_a", "key": "k"} for _ in range(400)]
    answer({"format": 1, "id": "app_a", "key": "a", "name": {"en": "A"}, "entities": twice})
    fields = [{"id": "fld_a", "key": "k", "type": "text", "label": {"en": "A"}}] * min(size, 500)
    answer({"format": 1, "id": "app_a", "key": "a", "name": {"en": "A"}, "entities": [{**twice[0], "fields": fields}]})
    answer({"format": 1, "id": "app_a", "key": "a", "name": {"en": "A"}, "views": [{}] * size})
