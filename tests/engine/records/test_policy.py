"""Rights as pure data: what adds up, what does not, and why."""

from __future__ import annotations

from support import application, entity, field, formula, grant, role

from engine.actor import SYSTEM_ROLE
from engine.records.policy import Policy, Source
from engine.records.rights import HIDDEN, MASKED, READ, EntityPolicy
from metadata.model import App, Range
from metadata.snapshot import Snapshot

DEAL = entity(
    "deal", field("name"), field("amount", "currency"), field("cost", "currency"), formula("margin", "amount")
)
SOURCES = {"fld_margin": (Source(path=("fld_amount",)), Source(path=("fld_cost",)))}


def rights(
    app: App, *roles: str, on: str = "ent_deal", sources: dict[str, tuple[Source, ...]] | None = None
) -> EntityPolicy:
    return Policy(Snapshot(app, 1), frozenset(roles), (SOURCES if sources is None else sources).get).entity(on)


def test_no_grant_is_no_right() -> None:
    found = rights(application(DEAL, roles=(role("none"),)), "rol_none")
    assert not any(found.allows(action) for action in ("read", "create", "update", "delete"))
    assert found.readable == {}
    assert rights(application(DEAL), "rol_unknown").readable == {}


def test_a_level_holds_only_in_the_range_that_gives_it() -> None:
    """All rows without amounts plus own rows with amounts is not all amounts."""
    app = application(
        DEAL,
        roles=(
            role("market", grant("m", "deal", "read", "all", name="read")),
            role("sales", grant("s", "deal", "read update", "own", default="write")),
        ),
    )
    found = rights(app, "rol_market", "rol_sales")
    everywhere, own = 0b01, 0b11
    assert found.everywhere("read")
    assert not found.everywhere("update")
    assert found.read_level("fld_name", everywhere) == READ
    assert found.read_level("fld_amount", everywhere) == HIDDEN
    assert found.read_level("fld_amount", own) == READ
    assert not found.may_write("update", "fld_name", everywhere)
    assert found.may_write("update", "fld_name", own)
    assert found.varies


def test_equal_ranges_and_wider_ranges_need_no_case() -> None:
    app = application(
        DEAL,
        roles=(
            role("a", grant("a", "deal", "read", "own", name="read")),
            role("b", grant("b", "deal", "read", "team", default="read")),
            role("c", grant("c", "deal", "read", "own", amount="read")),
        ),
    )
    assert not rights(app, "rol_a", "rol_b").varies, "own rows are rows of the team"
    assert not rights(app, "rol_a", "rol_c").varies


def test_a_computed_field_needs_every_source() -> None:
    app = application(
        DEAL,
        roles=(
            role("all", grant("all", "deal", "read", "all", name="read", amount="read", margin="read")),
            role("own", grant("own", "deal", "read", "own", cost="read")),
        ),
    )
    assert "fld_margin" not in rights(app, "rol_all").readable
    both = rights(app, "rol_all", "rol_own")
    assert both.read_level("fld_margin", 0b01) == HIDDEN
    assert both.read_level("fld_margin", 0b11) == READ


def test_a_public_formula_shows_without_its_sources() -> None:
    public = formula("margin", "amount")
    public = field("margin", "formula", options={**public.options, "public": True})
    app = application(
        entity("deal", field("name"), field("amount", "currency"), public),
        roles=(role("r", grant("r", "deal", "read", "all", margin="read")),),
    )
    assert rights(app, "rol_r").readable["fld_margin"] == ()


def test_a_masked_source_hides_the_formula() -> None:
    app = application(DEAL, roles=(role("r", grant("r", "deal", "read", "all", default="read", cost="masked")),))
    found = rights(app, "rol_r")
    assert found.read_level("fld_cost", 0b1) == MASKED
    assert found.read_level("fld_margin", 0b1) == HIDDEN


def test_sums_over_rows_follow_the_range_of_the_rows() -> None:
    item = entity("item", field("price", "currency"), parent="ent_order")
    order = entity(
        "order", field("items", "subtable", options={"entity": "ent_item"}), formula("total", "SUM(items.price)")
    )
    sources = {"fld_total": (Source(path=("fld_items", "fld_price")),)}
    same = application(
        order,
        item,
        roles=(
            role(
                "r",
                grant("o", "order", "read", "own", default="read"),
                grant("i", "item", "read", "own", default="read"),
            ),
            role("blind", grant("b", "order", "read", "own", default="read"), grant("c", "item", "read", "own")),
            role(
                "wide",
                grant("w", "order", "read", "all", default="read"),
                grant("x", "item", "read", "own", price="read"),
            ),
        ),
    )
    assert rights(same, "rol_r", on="ent_order", sources=sources).readable["fld_total"] == ()
    assert "fld_total" not in rights(same, "rol_blind", on="ent_order", sources=sources).readable
    wide = rights(same, "rol_wide", on="ent_order", sources=sources)
    assert "fld_total" not in wide.readable, "rows of other people's orders are not readable, so no total is"


def test_what_a_link_leads_to_must_be_readable_everywhere() -> None:
    account = entity("account", field("region"))
    deal = entity(
        "deal",
        field("account", "link_one", options={"entity": "ent_account"}),
        formula("where", "account.region", "text"),
    )
    sources = {"fld_where": (Source(path=("fld_account", "fld_region")),)}
    app = application(
        account,
        deal,
        roles=(
            role(
                "a",
                grant("a", "deal", "read", "all", default="read"),
                grant("b", "account", "read", "all", default="read"),
            ),
            role(
                "o",
                grant("c", "deal", "read", "all", default="read"),
                grant("d", "account", "read", "own", default="read"),
            ),
        ),
    )
    assert rights(app, "rol_a", sources=sources).readable["fld_where"] == ()
    assert "fld_where" not in rights(app, "rol_o", sources=sources).readable


def test_formulas_that_read_each_other_over_two_entities_end() -> None:
    one = entity("one", field("two", "link_one", options={"entity": "ent_two"}), formula("x", "1"))
    two = entity("two", field("one", "link_one", options={"entity": "ent_one"}), formula("y", "1"))
    sources = {
        "fld_x": (Source(path=("fld_two", "fld_y")),),
        "fld_y": (Source(path=("fld_one", "fld_x")),),
    }
    app = application(
        one,
        two,
        roles=(role("r", grant("1", "one", "read", default="read"), grant("2", "two", "read", default="read")),),
    )
    assert "fld_x" not in rights(app, "rol_r", on="ent_one", sources=sources).readable


def test_the_system_role_is_compiled_like_any_other() -> None:
    found = rights(application(DEAL), SYSTEM_ROLE)
    assert found.everywhere("delete")
    assert found.readable["fld_margin"] == ()
    assert found.may_write("update", "sys_flow_state", 0)
    (reason,) = found.reasons("read", 0)
    assert (reason.role, reason.range) == (SYSTEM_ROLE, "all")


def test_reasons_name_the_grants_at_work() -> None:
    app = application(
        DEAL,
        roles=(
            role("market", grant("m", "deal", "read", "all", name="read")),
            role("sales", grant("s", "deal", "read update", Range(kind="own"), default="write")),
        ),
    )
    found = rights(app, "rol_market", "rol_sales")
    assert [r.grant for r in found.reasons("read", 0b01)] == ["grt_m"]
    assert [(r.grant, r.range) for r in found.reasons("read", 0b11)] == [("grt_m", "all"), ("grt_s", "own")]
    assert [(r.grant, r.level) for r in found.reasons("read", 0b11, "fld_amount")] == [("grt_s", "write")]
    assert found.reasons("update", 0b01) == ()
