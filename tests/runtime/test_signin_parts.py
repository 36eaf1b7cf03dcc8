"""Sessions, throttling and one-time links against both databases."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select, update

from engine import people
from engine.database import Database
from runtime import links, tables, throttle
from runtime.refusals import LinkDead
from runtime.sessions import Sessions


@pytest.fixture
def person(db: Database) -> str:
    with db.write() as c:
        user = people.create_user(c, username="ann", name="Ann")
        people.add_role(c, user, "rol_sales", "app_crm")
        people.add_role(c, user, "rol_more", "app_crm")
        people.add_role(c, user, "rol_other", "app_other")
        people.add_member(c, user, people.create_department(c, name={"en": "B"}, department_id="zz"), main=True)
        people.add_member(c, user, people.create_department(c, name={"en": "A"}, department_id="aa"))
    return user


@pytest.fixture
def sessions(db: Database) -> Sessions:
    return Sessions(db, idle=3600, absolute=86400)


def begin(db: Database, sessions: Sessions, user: str) -> str:
    with db.write() as c:
        return sessions.begin(c, user, address="10.0.0.1", agent="Test")


def load(db: Database, sessions: Sessions, token: str) -> object:
    with db.read() as c:
        return sessions.load(c, token)


def test_a_token_is_a_person_with_roles_and_departments(db: Database, sessions: Sessions, person: str) -> None:
    token = begin(db, sessions, person)
    with db.read() as c:
        visitor = sessions.load(c, token, address="a", request_id="r")
        stored = c.execute(select(tables.session)).one()
    assert visitor is not None
    assert visitor.get_id() == token
    assert token not in str(stored)
    actor = visitor.actor("app_crm")
    assert actor.roles == {"rol_sales", "rol_more"}
    assert actor.departments == ("zz", "aa")
    assert (actor.id, actor.session_id, actor.request_id) == (person, stored.id, "r")
    assert visitor.actor("app_none").roles == frozenset()


def test_ending_ends(db: Database, sessions: Sessions, person: str) -> None:
    first, second, third = (begin(db, sessions, person) for _ in range(3))
    with db.write() as c:
        sessions.end_token(c, first)
        keep = sessions.load(c, third)
        assert keep is not None
        sessions.end_all(c, person, but=keep.session_id)
    assert load(db, sessions, first) is None
    assert load(db, sessions, second) is None
    assert load(db, sessions, third) is not None
    with db.write() as c:
        assert not sessions.end(c, keep.session_id, "someone else")
        assert sessions.end(c, keep.session_id, person)
    assert load(db, sessions, third) is None


def test_a_disabled_person_is_out_at_once(db: Database, sessions: Sessions, person: str) -> None:
    token = begin(db, sessions, person)
    with db.write() as c:
        people.set_active(c, person, False)
    assert load(db, sessions, token) is None


@pytest.mark.parametrize(("column", "age"), [("last_seen", 3601), ("created_at", 86401)])
def test_idle_and_absolute_expiry(db: Database, sessions: Sessions, person: str, column: str, age: int) -> None:
    token = begin(db, sessions, person)
    with db.write() as c:
        c.execute(update(tables.session).values({column: int(time.time()) - age}))
    assert load(db, sessions, token) is None
    with db.write() as c:
        assert sessions.sweep(c) == 1


def test_last_seen_is_written_back_seldom(db: Database, sessions: Sessions, person: str) -> None:
    token = begin(db, sessions, person)
    old = int(time.time()) - 600
    with db.write() as c:
        c.execute(update(tables.session).values(last_seen=old))

    def stored() -> int:
        with db.read() as c:
            return int(c.execute(select(tables.session.c.last_seen)).scalar_one())

    load(db, sessions, token)
    assert stored() == old
    sessions.write_back()
    written = stored()
    assert written > old
    with db.write() as c:
        c.execute(update(tables.session).values(last_seen=old))
    load(db, sessions, token)
    sessions.write_back()
    assert stored() == old, "at most once a minute"
    with db.read() as c:
        assert sessions.of(c, person)[0].last_seen > old


def fail(db: Database, user: str, address: str, times: int, device: str = "") -> None:
    for _ in range(times):
        with db.write() as c:
            throttle.failed(c, throttle.counters(user, address, device))


def wait(db: Database, user: str, address: str, device: str = "") -> int:
    with db.read() as c:
        return throttle.wait(c, throttle.counters(user, address, device))


def test_five_wrong_tries_slow_the_pair_only(db: Database) -> None:
    fail(db, "ann", "10.0.0.1", 4)
    assert wait(db, "ann", "10.0.0.1") == 0
    fail(db, "ann", "10.0.0.1", 1)
    assert 25 <= wait(db, "ann", "10.0.0.1") <= 30
    assert wait(db, "ann", "10.0.0.2") == 0
    assert wait(db, "bob", "10.0.0.1") == 0
    fail(db, "ann", "10.0.0.1", 1)
    assert 55 <= wait(db, "ann", "10.0.0.1") <= 60
    fail(db, "ann", "10.0.0.1", 12)
    assert wait(db, "ann", "10.0.0.1") <= throttle.LONGEST_WAIT


def test_an_attack_from_many_places_does_not_lock_the_owner_out(db: Database) -> None:
    for number in range(13):
        fail(db, "ann", f"10.0.1.{number}", 4)
    assert wait(db, "ann", "10.0.0.9") > 0
    assert wait(db, "ann", "10.0.0.9", "her own browser") == 0


def test_one_address_that_tries_many_accounts_is_slowed(db: Database) -> None:
    for number in range(31):
        fail(db, f"user{number}", "10.0.0.1", 1)
    assert wait(db, "somebody", "10.0.0.1") > 0
    assert wait(db, "somebody", "10.0.0.2") == 0


def test_success_forgets_and_time_forgives(db: Database) -> None:
    fail(db, "ann", "10.0.0.1", 4)
    with db.write() as c:
        throttle.succeeded(c, throttle.counters("ann", "10.0.0.1"))
    fail(db, "ann", "10.0.0.1", 4)
    assert wait(db, "ann", "10.0.0.1") == 0
    with db.write() as c:
        c.execute(update(tables.attempt).values(last_at=int(time.time()) - throttle.FORGET_AFTER - 1))
    fail(db, "ann", "10.0.0.1", 1)
    assert wait(db, "ann", "10.0.0.1") == 0
    with db.write() as c:
        c.execute(update(tables.attempt).values(last_at=0))
        throttle.sweep(c)
        assert c.execute(select(tables.attempt)).first() is None


def test_a_link_works_once_and_not_for_ever(db: Database) -> None:
    with db.write() as c:
        token = links.make(c)
        assert token not in str(c.execute(select(tables.link)).all())
        assert links.alive(c, token)
        assert not links.alive(c, "another")
        links.use(c, token)
        assert not links.alive(c, token)
        with pytest.raises(LinkDead):
            links.use(c, token)
        earlier = links.make(c)
        newer = links.make(c)
        assert not links.alive(c, earlier)
        c.execute(update(tables.link).values(expires_at=int(time.time()) - 1))
        with pytest.raises(LinkDead):
            links.use(c, newer)
        links.sweep(c)
        assert c.execute(select(tables.link)).first() is None
