"""People are found by what their names sound like."""

from __future__ import annotations

import pytest

from engine import people
from engine.database import Database
from engine.fields.pinyin import syllables
from engine.records.around.colleagues import find_people

STAFF = {"zhao.min": "赵敏", "wang.fang": "王芳", "u3": "欧阳锋", "u4": "Ann Lee"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zm", ["赵敏"]),
        ("ZhaoMin", ["赵敏"]),
        ("ouy", ["欧阳锋"]),
        ("oyf", ["欧阳锋"]),
        ("yf", ["欧阳锋"]),
        ("王", ["王芳"]),
        ("ann", ["Ann Lee"]),
        ("zz", []),
        ("yang", []),
    ],
)
def test_people_by_sound(db: Database, text: str, found: list[str]) -> None:
    with db.write() as connection:
        for username, name in STAFF.items():
            people.create_user(connection, username=username, name=name)
    with db.read() as connection:
        assert [person.name for person in find_people(connection, text)] == found


def test_syllables_follow_the_usual_reading() -> None:
    assert syllables("北京A公司") == ["bei", "jing", "gong", "si"]
    assert syllables("Acme") == []
