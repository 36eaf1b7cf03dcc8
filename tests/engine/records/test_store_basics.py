"""Create, read, change, delete: the life of a record on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from support import crm, person, workspace

from engine.database import Database
from engine.problems import Conflict, Forbidden, NotFound
from engine.records.spec import AggregateSpec, GroupSpec, MeasureSpec, QuerySpec, SortSpec
from engine.records.workspace import Workspace
from metadata.findings import Refused


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, crm())


ANN = person("u_ann", "rol_sales")
BOB = person("u_bob", "rol_sales")
LEAD = person("u_lead", "rol_manager")
MARKET = person("u_eve", "rol_marketing")
FINANCE = person("u_eve", "rol_finance")
ADMIN = person("u_boss", "rol_admin")


def codes(error: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(finding.code, finding.place) for finding in error.value.findings}


def test_a_record_comes_back_as_it_was_written(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(
            ANN,
            "account",
            {
                "name": "Huawei",
                "annual_revenue": "1000.50",
                "tags": ["opt_tag_key"],
                "contacts": [{"name": "Zhang", "phone": "13800138000"}, {"name": "Li", "is_decision_maker": True}],
            },
        )
    with space.read("crm") as store:
        found = store.get(ANN, "account", made.id)
    assert found == made
    assert found.rev == 1
    assert found.values["annual_revenue"] == Decimal("1000.50")
    assert found.values["tags"] == ("opt_tag_key",)
    assert found.values["owner"] == found.values["created_by"] == "u_ann"
    assert found.values["created_at"] == datetime(2026, 11, 21, 8, 0, 1, tzinfo=UTC)
    assert found.values["stage"] == "opt_account_potential"
    assert [row.values["name"] for row in found.values["contacts"]] == ["Zhang", "Li"]
    assert [row.values["is_decision_maker"] for row in found.values["contacts"]] == [False, True]


def test_ranges_of_roles(space: Workspace) -> None:
    with space.write("crm") as store:
        mine = store.create(ANN, "account", {"name": "A"})
        store.create(BOB, "account", {"name": "B"})
    with space.read("crm") as store:
        seen = {
            who.id + "/" + next(iter(who.roles)): [
                r.values["name"]
                for r in store.list(who, QuerySpec(entity="account", sort=(SortSpec(path="name"),))).records
            ]
            for who in (ANN, BOB, LEAD, MARKET, ADMIN)
        }
        with pytest.raises(NotFound):
            store.get(BOB, "account", mine.id)
        with pytest.raises(NotFound):
            store.get(person("u_eve"), "account", mine.id)
    assert seen == {
        "u_ann/rol_sales": ["A"],
        "u_bob/rol_sales": ["B"],
        "u_lead/rol_manager": ["A", "B"],
        "u_eve/rol_marketing": ["A", "B"],
        "u_boss/rol_admin": ["A", "B"],
    }


def test_an_update_needs_the_revision_it_started_from(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(ANN, "account", {"name": "A", "phone": "13800138000"})
        again = store.update(ANN, "account", made.id, {"phone": "13800138001"}, 1)
        assert (again.rev, again.values["phone"]) == (2, "13800138001")
        with pytest.raises(Conflict) as error:
            store.update(ANN, "account", made.id, {"phone": "13800138002"}, 1)
        assert error.value.rev == 2
        assert error.value.fields == {"phone": {"mine": "13800138002", "theirs": "13800138001", "base": "13800138000"}}
        with pytest.raises(Conflict) as error:
            store.update(ANN, "account", made.id, {"short_name": "a"}, 1)
        assert error.value.fields == {}, "the two changes do not touch"


def test_what_may_not_be_written_is_refused_not_ignored(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(ANN, "contract", {"name": "C", "amount": 1, "account": _account(store)})
        with pytest.raises(Refused) as error:
            store.update(
                ANN,
                "contract",
                made.id,
                {
                    "nope": 1,
                    "id": "x",
                    "number": "n",
                    "status": "opt_contract_approved",
                    "owner": "u_bob",
                    "amount": "x",
                },
                made.rev,
            )
        assert codes(error) == {
            ("R301", "/nope"),
            ("R302", "/id"),
            ("R302", "/number"),
            ("R303", "/status"),
            ("R303", "/owner"),
            ("F201", "/amount"),
        }
        with pytest.raises(Forbidden):
            store.update(MARKET, "contract", made.id, {"name": "D"}, made.rev)
        with pytest.raises(Forbidden):
            store.create(MARKET, "contract", {"name": "D"})


def _account(store: object) -> str:
    made = store.create(ANN, "account", {"name": "Acme"})  # type: ignore[attr-defined]
    return str(made.id)


def test_hidden_and_unknown_are_one_answer(space: Workspace) -> None:
    with space.write("crm") as store:
        _account(store)
        answers = []
        for name in ("annual_revenue", "nonsense", "fld_account_annual_revenue"):
            for spec in (
                QuerySpec(entity="account", filter=[">", name, 1]),
                QuerySpec(entity="account", sort=(SortSpec(path=name),)),
                QuerySpec(entity="account", fields=(name,)),
            ):
                with pytest.raises(Refused) as error:
                    store.list(MARKET, spec)
                answers.append([(f.code, f.place) for f in error.value.findings])
            with pytest.raises(Refused) as error:
                store.aggregate(
                    MARKET,
                    AggregateSpec(entity="account", measures=(MeasureSpec(id="s", aggregate="sum", path=name),)),
                )
            answers.append([(f.code, f.place) for f in error.value.findings])
        assert answers[:4] == answers[4:8] == answers[8:]
        assert all("annual_revenue" not in r.values for r in store.list(MARKET, QuerySpec(entity="account")).records)


def test_computed_fields_hide_with_what_they_read(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(
            ANN, "opportunity", {"name": "O", "account": _account(store), "amount": 200, "probability": "0.5"}
        )
        assert made.values["expected_amount"] == Decimal("100.00")
        changed = store.update(ANN, "opportunity", made.id, {"probability": "0.25"}, made.rev)
        assert changed.values["expected_amount"] == Decimal("50.00")
        assert "expected_amount" not in store.get(MARKET, "opportunity", made.id).values
        assert "probability" in store.get(MARKET, "opportunity", made.id).values


def test_masked_fields_show_but_cannot_be_asked_about(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(ANN, "account", {"name": "A", "contacts": [{"name": "Z", "phone": "13800138000"}]})
        (row,) = store.get(FINANCE, "account", made.id).values["contacts"]
        assert row.masked == {"phone"}
        assert row.values["phone"] not in (None, "13800138000")
        with pytest.raises(Refused) as error:
            store.list(FINANCE, QuerySpec(entity="contact", filter=["=", "phone", "13800138000"]))
        assert codes(error) == {("R204", "/filter/1")}


def test_totals_by_group(space: Workspace) -> None:
    with space.write("crm") as store:
        account = _account(store)
        for amount in ("100.10", "200.20", "300.30"):
            store.create(ANN, "contract", {"name": "C", "amount": amount, "account": account})
        spec = AggregateSpec(
            entity="contract",
            groups=(GroupSpec(id="who", path="account.name"), GroupSpec(id="month", path="created_at", grain="month")),
            measures=(
                MeasureSpec(id="n", aggregate="count"),
                MeasureSpec(id="sum", aggregate="sum", path="amount"),
                MeasureSpec(id="avg", aggregate="avg", path="amount"),
                MeasureSpec(id="big", aggregate="sum", path="amount", where=[">", "amount", 150]),
                MeasureSpec(id="top", aggregate="max", path="amount"),
            ),
        )
        rows = store.aggregate(ANN, spec)
        assert rows == [
            {
                "who": "Acme",
                "month": datetime(2026, 11, 1).date(),
                "n": 3,
                "sum": Decimal("600.60"),
                "avg": Decimal("200.20"),
                "big": Decimal("500.50"),
                "top": Decimal("300.30"),
            }
        ]
        assert store.aggregate(BOB, spec) == []


def test_delete_and_restore_take_the_rows_along(space: Workspace) -> None:
    with space.write("crm") as store:
        made = store.create(ADMIN, "account", {"name": "A", "contacts": [{"name": "Z"}]})
        store.delete(ADMIN, "account", made.id, made.rev)
        with pytest.raises(NotFound):
            store.get(ADMIN, "account", made.id)
        assert store.count(ADMIN, QuerySpec(entity="contact")) == 0
        trashed = store.list(ADMIN, QuerySpec(entity="account", trashed=True)).records
        assert [record.id for record in trashed] == [made.id]
        back = store.restore(ADMIN, "account", made.id)
        assert (back.rev, len(back.values["contacts"])) == (3, 1)
        with pytest.raises(Forbidden):
            store.delete(ANN, "account", store.create(ANN, "account", {"name": "B"}).id)
