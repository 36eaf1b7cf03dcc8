"""People, departments and reporting lines: closure tables that always tell the truth."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from engine import org, people
from engine.database import Database
from engine.problems import NotFound
from metadata.findings import Refused


def add(db: Database, *names: str, **more: str) -> list[str]:
    with db.write() as c:
        return [people.create_user(c, username=name, name=name.title(), **more) for name in names]


def closure(db: Database, table: object, above: str, below: str) -> set[tuple[str, str, int]]:
    with db.read() as c:
        return {(getattr(r, above), getattr(r, below), r.depth) for r in c.execute(select(table))}


def expected(parents: dict[str, str]) -> set[tuple[str, str, int]]:
    found = set()
    for node in parents:
        above, depth = node, 0
        while above:
            found.add((above, node, depth))
            above, depth = parents[above], depth + 1
    return found


def test_user_names_are_one_in_every_writing(db: Database) -> None:
    add(db, "Chen.Jing")
    with db.read() as c:
        assert people.user_by_name(c, " ｃHEN.jing ").name == "Chen.Jing"  # type: ignore[union-attr]
    with pytest.raises(Refused) as refused:
        add(db, "chen.jing")
    assert [(f.code, f.place) for f in refused.value.findings] == [("O102", "/username")]


def test_every_problem_of_a_new_person_is_told_at_once(db: Database) -> None:
    with db.write() as c, pytest.raises(Refused) as refused:
        people.create_user(c, username="a b", name=" ", locale="fr", zone="Mars/Olympus", duties=["king"])
    assert {f.place for f in refused.value.findings} == {"/username", "/name", "/locale", "/zone", "/duties/0"}


def test_managers_keep_the_closure(db: Database) -> None:
    ids = add(db, *(f"p{n}" for n in range(7)))
    parents = dict.fromkeys(ids, "")
    dice = random.Random(7)
    for _ in range(40):
        person, lead = dice.choice(ids), dice.choice([*ids, ""])
        try:
            with db.write() as c:
                people.set_manager(c, person, lead)
            parents[person] = lead
        except Refused as refused:
            assert refused.findings[0].code == "O103"
        assert closure(db, org.reporting, "lead_id", "member_id") == expected(parents)


def test_departments_keep_the_closure(db: Database) -> None:
    with db.write() as c:
        ids = [people.create_department(c, name={"en": f"D{n}"}) for n in range(6)]
        parents = dict.fromkeys(ids, "")
        dice = random.Random(11)
        for _ in range(30):
            one, parent = dice.choice(ids), dice.choice([*ids, ""])
            try:
                with c.begin_nested():
                    people.move_department(c, one, parent)
                parents[one] = parent
            except Refused:
                pass
    assert closure(db, org.department_closure, "ancestor_id", "descendant_id") == expected(parents)


def test_actor_has_todays_roles_and_a_disabled_person_none(db: Database) -> None:
    (user,) = add(db, "ann")
    with db.write() as c:
        main = people.create_department(c, name={"en": "Sales"})
        side = people.create_department(c, name={"en": "Aid"})
        people.add_member(c, user, side)
        people.add_member(c, user, main, main=True)
        people.add_role(c, user, "rol_sales", "app_crm")
        people.add_role(c, user, "rol_x", "app_other")
        people.update_user(c, user, duties=["builder"])
    with db.write() as c:
        actor = people.actor_for(c, user, "app_crm", request_id="r1")
        assert (actor.roles, actor.departments) == (frozenset({"rol_sales"}), (main, side))
        assert (actor.duties, actor.request_id) == (frozenset({"builder"}), "r1")
        people.remove_role(c, user, "rol_sales")
        assert not people.actor_for(c, user, "app_crm").roles
        people.set_active(c, user, False)
        disabled = people.actor_for(c, user, "app_other")
    assert (disabled.roles, disabled.departments, disabled.duties) == (frozenset(), (), frozenset())


def test_search_takes_text_literally(db: Database) -> None:
    add(db, "li.lei", "liu_xin", "wang.li")
    with db.read() as c:
        assert [p.username for p in people.find_users(c, "li")] == ["li.lei", "liu_xin", "wang.li"]
        assert [p.username for p in people.find_users(c, "_")] == ["liu_xin"]
        assert people.find_users(c, "%") == []
        with pytest.raises(NotFound):
            people.get_user(c, "nobody")
