"""Drafts, versions, the live pointer and the publish lock, on both databases."""

from __future__ import annotations

import dataclasses

import pytest

from engine.database import Database
from metadata.model import App, Entity, Field
from metadata.store import MetadataStore, PublishRuns, SnapshotCache, StaleDraft

APP = App(
    id="app_a",
    key="a",
    name={"zh-CN": "甲", "en": "A"},
    entities=(Entity(id="ent_a", key="a", label={}, fields=(Field(id="fld_a", key="a", type="text", label={}),)),),
)


def test_versions_and_live_pointer(db: Database) -> None:
    with db.write() as connection:
        store = MetadataStore(connection)
        assert store.add_version(APP, "u1", "first") == 1
        with pytest.raises(KeyError):
            store.live("a")
        store.set_live("app_a", 1)
        renamed = dataclasses.replace(APP, key="b", name={"en": "B"})
        assert store.add_version(renamed, "u2") == 2
    with db.read() as connection:
        store = MetadataStore(connection)
        assert store.live("a") == store.live("app_a") == (1, APP)
        assert [(v.version, v.note, v.author) for v in store.versions("a")] == [(2, "", "u2"), (1, "first", "u1")]
    with db.write() as connection:
        MetadataStore(connection).set_live("app_a", 2)
    with db.read() as connection:
        store = MetadataStore(connection)
        assert store.live_version("b") == 2
        with pytest.raises(KeyError):
            store.live_version("a")
        with pytest.raises(KeyError):
            store.version("b", 3)
    with db.write() as connection:
        MetadataStore(connection).set_live("app_a", 1)  # back to the older one
    with db.read() as connection:
        assert MetadataStore(connection).live("a") == (1, APP)


def test_draft_is_locked_optimistically(db: Database) -> None:
    with db.write() as connection:
        store = MetadataStore(connection)
        assert store.save_draft("app_a", APP, 0, "u1") == 1
        assert store.save_draft("app_a", dataclasses.replace(APP, icon="x"), 1, "u2") == 2
    with db.write() as connection:
        store = MetadataStore(connection)
        for base in (0, 1, 3):
            with pytest.raises(StaleDraft) as caught:
                store.save_draft("app_a", APP, base, "u1")
            assert caught.value.rev == 2
        draft = store.draft("a")
        assert draft is not None and (draft.rev, draft.author, draft.app.icon) == (2, "u2", "x")
        store.drop_draft("a")
        assert store.draft("a") is None


def test_publish_lock_expires(db: Database) -> None:
    with db.write() as connection:
        token = MetadataStore(connection).lock("app_a", "first")
    with db.write() as connection:
        store = MetadataStore(connection)
        with pytest.raises(PublishRuns):
            store.lock("app_a", "second")
        store.lock("app_b", "second")
        assert store.renew("app_a", token, seconds=-1)
    with db.write() as connection:
        store = MetadataStore(connection)
        taken = store.lock("app_a", "second")
        assert not store.renew("app_a", token)
        store.unlock("app_a", token)  # lost: nothing happens
        assert store.renew("app_a", taken)
        store.unlock("app_a", taken)
        store.lock("app_a", "third")


def test_origins_and_template(db: Database) -> None:
    with db.write() as connection:
        store = MetadataStore(connection)
        store.add_version(APP, "u1")
        assert store.origins("a") == {} and store.template("a") is None
        store.set_origins("a", {"ent_t": "ent_a", "fld_t": "fld_a"})
        store.set_origins("a", {"ent_t": "ent_b"})
        store.set_template("a", APP)
        assert store.origins("a") == {"ent_t": "ent_b"}
        assert store.template("a") == APP


def test_snapshot_cache_follows_the_pointer_and_forgets_what_was_rolled_back(db: Database) -> None:
    cache = SnapshotCache(size=2)
    with db.write() as connection:
        store = MetadataStore(connection)
        store.add_version(APP, "u1")
        store.set_live("a", 1)
    with db.read() as connection:
        first = cache.get(connection, "a")
        assert cache.get(connection, "app_a") is first
        with pytest.raises(KeyError):
            cache.get(connection, "nothing")
    other = dataclasses.replace(APP, icon="x")

    class Abort(Exception):
        pass

    with pytest.raises(Abort), db.write() as connection:
        store = MetadataStore(connection)
        store.add_version(other, "u1")
        store.set_live("a", 2)
        assert cache.get(connection, "a").app.icon == "x"
        raise Abort
    with db.read() as connection:
        assert cache.get(connection, "a") is first
    with db.write() as connection:
        store = MetadataStore(connection)
        store.add_version(dataclasses.replace(APP, icon="y"), "u1")
        store.set_live("a", 2)
    with db.read() as connection:
        assert cache.get(connection, "a").app.icon == "y"
        assert cache.pinned(connection, "app_a", 1).app == APP
