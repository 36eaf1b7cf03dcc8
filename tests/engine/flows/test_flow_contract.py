"""The contract approval of the CRM, as its people live it."""

from __future__ import annotations

import pytest
from flow_world import World

from engine.problems import Conflict, NotFound
from metadata.findings import Refused


def contract(crm: World, amount: str, name: str = "chen") -> tuple[str, str]:
    account = crm.create(name, "account", {"name": f"Acme {amount}"})
    record = crm.create(name, "contract", {"name": "Deal", "account": account, "amount": amount})
    return account, record


def test_small_contract_needs_the_manager_only(crm: World) -> None:
    account, record = contract(crm, "1000.00")
    result = crm.start("chen", "contract_approval", record)
    assert (result["status"], result["result"]) == ("running", "")
    assert crm.value("contract", record, "status") == "opt_contract_approving"
    assert crm.value("contract", record, "flow_state") == "running"
    assert [task["node"]["id"] for task in crm.open("wang")] == ["nod_manager"]
    result = crm.act("wang", "approve")
    assert (result["status"], result["result"]) == ("ended", "approved")
    assert crm.value("contract", record, "status") == "opt_contract_approved"
    assert crm.value("contract", record, "flow_state") == "approved"
    assert crm.value("account", account, "stage") == "opt_account_won"
    assert crm.open("wang") == []


def test_large_contract_needs_manager_then_director_and_finance(crm: World) -> None:
    account, record = contract(crm, "600000.00")
    crm.start("chen", "contract_approval", record)
    assert [task["node"]["id"] for task in crm.open("wang")] == ["nod_manager_large"]
    assert crm.open("zhao") == []
    crm.act("wang", "approve", comment="fine")
    assert len(crm.open("zhao")) == len(crm.open("qian")) == 1
    assert crm.act("zhao", "approve")["status"] == "running"
    assert crm.value("account", account, "stage") != "opt_account_won"
    assert crm.act("qian", "approve")["result"] == "approved"
    assert crm.value("account", account, "stage") == "opt_account_won"
    kinds = crm.kinds("contract", record)
    assert kinds[0] == "started"
    assert kinds.count("approved") == 3
    assert kinds[-1] == "ended"
    story = crm.story("chen", "contract", record)
    assert [step["state"] for step in story["steps"]] == ["done", "done"]
    assert [one["name"] for one in story["steps"][1]["people"]] == ["Zhao", "Qian"]


def test_threshold_is_inclusive(crm: World) -> None:
    _, record = contract(crm, "500000.00")
    crm.start("chen", "contract_approval", record)
    assert [task["node"]["id"] for task in crm.open("wang")] == ["nod_manager_large"]


def test_rejection_gives_back_and_resubmitting_walks_again(crm: World) -> None:
    _, record = contract(crm, "600000.00")
    crm.start("chen", "contract_approval", record)
    crm.act("wang", "approve")
    left = crm.open("zhao")[0]["id"]
    result = crm.act("qian", "reject", comment="too dear")
    assert result["status"] == "returned"
    assert crm.value("contract", record, "status") == "opt_contract_rejected"
    assert crm.value("contract", record, "flow_state") == "returned"
    assert crm.open("zhao") == []
    with pytest.raises(Conflict) as caught:
        crm.act("zhao", "approve", left)
    assert caught.value.code == "L301"
    crm.update("chen", "contract", record, {"amount": "1000.00"})
    assert crm.act("chen", "resubmit")["status"] == "running"
    assert [task["node"]["id"] for task in crm.open("wang")] == ["nod_manager"]
    assert crm.act("wang", "approve")["result"] == "approved"


def test_initiator_may_withdraw_until_somebody_decided(crm: World) -> None:
    _, record = contract(crm, "600000.00")
    started = crm.start("chen", "contract_approval", record)
    assert crm.story("chen", "contract", record)["can_withdraw"]
    with pytest.raises(NotFound):
        crm.told("wang", "withdraw", started["instance"], "w1")
    result = crm.told("chen", "withdraw", started["instance"], "w2", "changed my mind")
    assert result["result"] == "withdrawn"
    assert crm.value("contract", record, "status") == "opt_contract_draft"
    assert crm.value("contract", record, "flow_state") == "withdrawn"
    assert crm.open("wang") == []
    again = crm.start("chen", "contract_approval", record)
    crm.act("wang", "approve")
    with pytest.raises(Conflict) as caught:
        crm.told("chen", "withdraw", again["instance"], "w3")
    assert caught.value.code == "L309"


def test_second_start_is_refused_with_the_reason(crm: World) -> None:
    _, record = contract(crm, "1.00")
    crm.start("chen", "contract_approval", record)
    with pytest.raises(Refused) as caught:
        crm.start("chen", "contract_approval", record)
    assert caught.value.findings[0].code == "L310"
    assert "already running" in caught.value.findings[0].text("en")
    assert "已有同一流程在进行" in caught.value.findings[0].text("zh-CN")


def test_only_the_holder_sees_and_decides_a_task(crm: World) -> None:
    _, record = contract(crm, "1.00")
    crm.start("chen", "contract_approval", record)
    seat = crm.open("wang")[0]["id"]
    for name in ("li", "chen", "sun", "zhao"):
        with pytest.raises(NotFound):
            crm.act(name, "approve", seat)
        with pytest.raises(NotFound), crm.database.read() as connection:
            crm.flows.task(connection, crm.actor(name), seat)
    with pytest.raises(NotFound):
        crm.act("wang", "approve", "no-such-seat")


def test_record_is_locked_while_it_is_being_approved(crm: World) -> None:
    _, record = contract(crm, "1.00")
    crm.start("chen", "contract_approval", record)
    for name in ("chen", "admin"):
        with pytest.raises(Refused) as caught:
            crm.update(name, "contract", record, {"amount": "2.00"})
        assert caught.value.findings[0].code == "L311"
    with pytest.raises(Refused), crm.workspace.write("crm") as store:
        store.delete(crm.actor("admin"), "contract", record)
    crm.act("wang", "reject")
    with pytest.raises(Refused):
        crm.update("admin", "contract", record, {"amount": "3.00"})
    crm.update("chen", "contract", record, {"amount": "2.00"})
    crm.act("chen", "withdraw")
    crm.update("admin", "contract", record, {"amount": "3.00"})


def test_card_shows_what_its_reader_may_see(crm: World) -> None:
    _, record = contract(crm, "600000.00")
    crm.start("chen", "contract_approval", record)
    (card,) = crm.open("wang")
    assert (card["app"], card["entity"], card["record_id"]) == ("crm", "contract", record)
    assert card["title"]
    assert card["initiator"] == {"id": "u_chen", "name": "Chen"}
    texts = {line["label"]: line["text"] for line in card["summary"]}
    assert any("600,000" in value for value in texts.values())
    assert any(value.startswith("Acme") for value in texts.values())
    with crm.database.read() as connection:
        task = crm.flows.task(connection, crm.actor("wang"), card["id"])
    assert task["actions"] == ["approve", "reject", "return", "reassign"]
    assert task["record"].values["name"] == "Deal"
    assert set(task["levels"].values()) == {"read"}
    assert task["timeline"]["steps"][0]["state"] == "current"
    assert [step["state"] for step in task["timeline"]["steps"]] == ["current", "waiting"]


def test_command_id_makes_a_double_click_harmless(crm: World) -> None:
    _, record = contract(crm, "600000.00")
    first = crm.start("chen", "contract_approval", record, "click")
    assert crm.start("chen", "contract_approval", record, "click") == first
    seat = crm.open("wang")[0]["id"]
    done = crm.act("wang", "approve", seat, command_id="click")
    assert crm.act("wang", "approve", seat, command_id="click") == done
    assert crm.kinds("contract", record).count("approved") == 1
    with pytest.raises(Refused) as caught:
        crm.act("wang", "reject", seat, command_id="click")
    assert caught.value.findings[0].code == "L312"


def test_limits_and_notices_are_jobs(crm: World) -> None:
    _, record = contract(crm, "1.00")
    crm.start("chen", "contract_approval", record)
    (job,) = crm.jobs().values()
    assert job.kind == "flow.remind"
    assert crm.open("wang")[0]["due_at"] is not None
    crm.run_jobs()
    with crm.database.read() as connection:
        notices = crm.notices(connection, "wang")
    assert notices["unread"] == 1
    assert "Deal" in notices["notices"][0]["text"] or notices["notices"][0]["text"]
    crm.act("wang", "approve")
    crm.run_jobs()
    with crm.database.read() as connection:
        (told,) = crm.notices(connection, "chen")["notices"]
    assert "已通过审批" in told["text"]
    assert told["record_id"] == record


def test_reminder_of_a_decided_task_is_silent(crm: World) -> None:
    _, record = contract(crm, "1.00")
    crm.start("chen", "contract_approval", record)
    crm.act("wang", "approve")
    crm.run_jobs()
    with crm.database.read() as connection:
        assert crm.notices(connection, "wang")["notices"] == []
