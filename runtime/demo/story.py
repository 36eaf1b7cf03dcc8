"""What happens between the demo company and one customer, or one lead that never became one: a list of writes.

Values are as the API takes them. Choices are named by the ids of the CRM template (``opt_...``), people by username.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from runtime.demo.calendar import moment, workday
from runtime.demo.identity import (
    Company,
    address,
    company,
    credit_code,
    email,
    landline,
    mobile,
    person,
    record_id,
)
from runtime.demo.people import SELLERS
from runtime.demo.words import NEEDS, PLANS, TALKS, TITLES

_STAGES = ("qualify", "need", "proposal", "negotiate", "won")
_PASSED = (0.78, 0.76, 0.7, 0.66)
"""Share of opportunities that go on from each stage; together about one in four is won."""

_PROBABILITY = {"qualify": "0.1", "need": "0.3", "proposal": "0.5", "negotiate": "0.75", "won": "1", "lost": "0"}
_STAGE_DAYS = ((3, 20), (7, 30), (7, 35), (5, 30))
_LOSSES = ("price", "competitor", "feature", "budget", "silent")
_SOURCES = (("website", 22), ("search", 18), ("exhibition", 14), ("referral", 20), ("cold_call", 12), ("partner", 8))
_LEVELS = {"a": (6.0, 1.0), "b": (1.5, 0.8), "c": (0.5, 0.7)}
"""Size of a customer's deals: factor and spread."""

WAITING_DAYS = 14
"""Of the contracts younger than this some are still drafts."""

_DEALS = {"a": (0, 3, 5, 4, 3), "b": (2, 6, 4, 2, 1), "c": (4, 5, 2, 0, 0)}
"""How often a customer has none, one, two ... opportunities."""

_TERMS = ("full", "thirds", "monthly", "on_delivery")
_TAGS = ("key", "group", "export", "renewal", "slow_payer")


@dataclass(frozen=True, slots=True)
class Write:
    """One write at one moment. ``id`` is the record; ``values`` of an update are only what changes."""

    at: datetime
    entity: str
    op: Literal["create", "update"]
    id: str
    values: dict[str, Any]


class Story:
    """Collects the writes about one company, up to today."""

    def __init__(self, r: Random, number: int, day: date, today: date, zone: ZoneInfo):
        self.r, self.day, self.today, self.zone = r, day, today, zone
        self.company: Company = company(number, r)
        self.writes: list[Write] = []
        sellers = [p for p in SELLERS if self.company.city.region in p.regions]
        self.owner = r.choices(sellers, [p.share for p in sellers])[0].username
        self.source = r.choices(*zip(*_SOURCES, strict=True))[0]
        self.contacts: list[tuple[str, str]] = []

    # -- what both kinds begin with -----------------------------------------------------------------------------

    def lead(self, *, converts: bool) -> str:
        """A lead comes in, is contacted, qualified or dropped. Returns its id."""
        r, at_company = self.r, self.company
        product = r.choice(at_company.trade.products)
        name = person(r)
        lead = self.create(
            "lead",
            self.day,
            company=at_company.name,
            contact_name=name,
            phone=mobile(r),
            email=email(r, name, at_company.domain),
            source=f"opt_lead_source_{self.source}",
            region=f"opt_lead_region_{at_company.city.region}",
            status="opt_lead_new",
            rating="opt_rating_" + r.choices(("hot", "warm", "cold"), (2, 4, 3) if not converts else (5, 4, 1))[0],
            note=r.choice(NEEDS).replace("{product}", product),
        )
        if not converts and r.random() < 0.12:
            return lead  # nobody called
        self.wait(0, 4)
        self.update("lead", lead, status="opt_lead_contacted")
        self.wait(1, 12)
        if converts or r.random() < 0.35:
            self.update("lead", lead, status="opt_lead_qualified")
        elif r.random() < 0.7:
            self.update("lead", lead, status="opt_lead_invalid")
        return lead

    def customer(self) -> None:
        """A customer with its contacts, opportunities, activities and contracts."""
        r = self.r
        recent = self.day > self.today - timedelta(days=60)  # its lead would not have had the time
        lead = self.lead(converts=True) if r.random() < 0.5 and not recent else ""
        if lead:
            self.wait(1, 8)
        account = self.account()
        if lead:
            self.update("lead", lead, status="opt_lead_converted", account=account)
        self.activities(account, "", r.choices((0, 1, 2), (2, 5, 3))[0])
        level = r.choices((0, 1, 2, 3, 4), _DEALS[self.level])[0]
        won = lost = 0
        for number in range(level):
            if number:
                self.wait(60, 320)
            outcome = self.opportunity(account, number, following=not number, won=bool(won))
            won += outcome == "won"
            lost += outcome == "lost"
        if level and lost == level and r.random() < 0.5:
            self.wait(20, 90)
            self.update("account", account, stage="opt_account_lost")

    def scene(self, seller: str, amount: int, closes: date, *, approved: bool) -> None:
        """A deal made up beforehand: ``seller`` wins ``amount`` on ``closes``; the contract is approved, or a draft."""
        self.owner, self.source = seller, "referral"
        account = self.account(level="a")
        product, start = self.company.trade.products[0], self.day
        self.activities(account, "", 1)
        opportunity = self.opening(account, product, Decimal(amount), 0, planned=closes)
        self.update("account", account, stage="opt_account_following")
        for step, stage in enumerate(_STAGES[1:], 1):
            if step < len(_STAGES) - 1:
                self.activities(account, opportunity, 1)
            self.day = max(self.day, start + (closes - start) * step // (len(_STAGES) - 1))
            values = {"stage": f"opt_opportunity_{stage}", "probability": _PROBABILITY[stage]}
            if stage == "won":
                self.day = closes
                values["closed_date"] = closes.isoformat()
            self.update("opportunity", opportunity, **values)
        contract = self.paper(account, opportunity, product, Decimal(amount), "0")
        if approved:
            self.approve(account, contract)

    # -- parts --------------------------------------------------------------------------------------------------

    def account(self, level: str = "") -> str:
        r, at_company = self.r, self.company
        self.level = level or r.choices(("a", "b", "c"), (15, 50, 35))[0]
        factor = {"a": 9, "b": 2, "c": 0.4}[self.level]
        revenue = Decimal(round(r.lognormvariate(0, 0.8) * factor * 3_000)) * 10_000
        values: dict[str, Any] = {
            "name": at_company.name,
            "short_name": at_company.short,
            "level": f"opt_level_{self.level}",
            "industry": f"opt_industry_{at_company.trade.industry}",
            "region": f"opt_region_{at_company.city.region}",
            "source": f"opt_source_{self.source}",
            "stage": "opt_account_potential",
            "phone": landline(r, at_company.city),
            "address": address(r, at_company.city),
            "tags": [f"opt_tag_{tag}" for tag in _TAGS if r.random() < (0.3 if self.level == "a" else 0.08)],
        }
        if r.random() < 0.8:
            values["annual_revenue"] = str(revenue)
        if r.random() < 0.7:
            values["credit_code"] = credit_code(r, at_company.city)
        if r.random() < 0.6:
            values["email"] = f"info@{at_company.domain}.example"
            values["website"] = f"www.{at_company.domain}.example"
        account = self.create("account", self.day, **values)
        for position in range(r.choices((1, 2, 3, 4), (4, 4, 2, 1))[0]):
            name = person(r)
            title = r.choices(*zip(*TITLES, strict=True))[0]
            contact: dict[str, Any] = {
                "parent": account,
                "name": name,
                "title": f"opt_title_{title}",
                "phone": mobile(r),
                "is_decision_maker": title in ("ceo", "chairman", "vp") or (not position and r.random() < 0.3),
            }
            if r.random() < 0.7:
                contact["email"] = email(r, name, at_company.domain)
            if r.random() < 0.25:
                contact["birthday"] = date(r.randrange(1968, 2000), r.randrange(1, 13), r.randrange(1, 29)).isoformat()
            self.contacts.append((self.create("contact", self.day, **contact), name))
        return account

    def opportunity(self, account: str, number: int, *, following: bool, won: bool) -> str:
        """One opportunity from first talk to its end, or as far as it has come. Returns the stage it is in."""
        r = self.r
        factor, spread = _LEVELS[self.level]
        amount = Decimal(round(r.lognormvariate(11.2, spread) * factor / 1000) * 1000 + 3000)
        product = r.choice(self.company.trade.products)
        opportunity = self.opening(
            account, product, amount, number, planned=self.day + timedelta(days=r.randint(45, 150))
        )
        if following and not won:
            self.update("account", account, stage="opt_account_following")
        for step, passed in enumerate(_PASSED):
            self.activities(account, opportunity, r.choices((0, 1, 2), (3, 5, 2))[0])
            self.wait(*_STAGE_DAYS[step])
            # a good customer, a referral and a former buyer are easier
            chance = (
                passed + (0.08 if self.level == "a" else 0) + (0.05 if self.source == "referral" else 0) + 0.1 * won
            )
            if r.random() > chance:
                reason = "silent" if step == 0 else r.choices(_LOSSES, (30, 26, 14, 16, 14))[0]
                closed = {"closed_date": self.day.isoformat(), "loss_reason": f"opt_loss_{reason}"}
                self.update("opportunity", opportunity, stage="opt_opportunity_lost", probability="0", **closed)
                return "lost" if self.day <= self.today else _STAGES[step]
            stage = _STAGES[step + 1]
            values: dict[str, Any] = {"stage": f"opt_opportunity_{stage}", "probability": _PROBABILITY[stage]}
            if stage == "won":
                values["closed_date"] = self.day.isoformat()
            elif r.random() < 0.3:
                amount = (amount * Decimal(r.choice(("0.9", "0.95", "1.1", "1.2"))) / 1000).quantize(Decimal(1)) * 1000
                values["amount"] = str(amount)
            self.update("opportunity", opportunity, **values)
        if self.day > self.today:
            return "negotiate"
        self.contract(account, opportunity, product, amount)
        return "won"

    def opening(self, account: str, product: str, amount: Decimal, number: int, *, planned: date) -> str:
        """A new opportunity in its first stage. Returns its id."""
        r = self.r
        return self.create(
            "opportunity",
            self.day,
            name=f"{self.company.short}{product}{r.choice(('续约', '扩容', '二期', '增购')) if number else '采购'}",
            account=account,
            contact=r.choice(self.contacts)[0],
            stage="opt_opportunity_qualify",
            amount=str(amount),
            probability=_PROBABILITY["qualify"],
            expected_close=workday(planned).isoformat(),
            participants=[contact for contact, _ in self.contacts[: r.randint(0, 2)]],
        )

    def contract(self, account: str, opportunity: str, product: str, amount: Decimal) -> None:
        """The contract of a won opportunity; it is approved some days later, recent ones may wait."""
        r = self.r
        self.wait(0, 6)
        signed = self.day
        discount = r.choices(("0", "0.02", "0.05", "0.08", "0.1"), (40, 15, 25, 10, 10))[0]
        contract = self.paper(account, opportunity, product, amount, discount)
        if signed > self.today - timedelta(days=WAITING_DAYS) and r.random() < 0.3:
            return
        if r.random() < 0.04:
            self.wait(1, 4)
            self.update("contract", contract, status="opt_contract_rejected")
            return
        self.wait(1, 5)
        self.approve(account, contract)
        self.activities(account, opportunity, r.choices((0, 1), (2, 1))[0])

    def approve(self, account: str, contract: str) -> None:
        self.update("contract", contract, status="opt_contract_approved", signed_on=self.day.isoformat())
        self.update("account", account, stage="opt_account_won")

    def paper(self, account: str, opportunity: str, product: str, amount: Decimal, discount: str) -> str:
        """A draft contract with its lines. Returns its id."""
        r = self.r
        lines = _lines(r, product, self.company.trade.products, amount)
        total = sum((Decimal(line["qty"]) * Decimal(line["price"]) for line in lines), Decimal(0))
        signed = self.day
        start = workday(signed + timedelta(days=r.randint(3, 20)))
        terms = r.choices(_TERMS, (30, 40, 15, 15))[0]
        values = {
            "name": f"{self.company.short}{product}合同",
            "account": account,
            "opportunity": opportunity,
            "amount": str((total * (1 - Decimal(discount))).quantize(Decimal("0.01"))),
            "discount": discount,
            "status": "opt_contract_draft",
            "start_on": start.isoformat(),
            "end_on": (start + timedelta(days=r.choice((364, 364, 729, 1094)))).isoformat(),
            "payment_terms": f"opt_payment_{terms}",
            "items": lines,
        }
        return self.create("contract", signed, **values)

    def activities(self, account: str, opportunity: str, count: int) -> None:
        """Talks with the customer, each with what comes next."""
        r = self.r
        for _ in range(count):
            self.wait(1, 9)
            kind = r.choices(tuple(TALKS), (34, 16, 24, 12, 14))[0]
            subject, content = r.choice(TALKS[kind])
            words = {
                "{product}": r.choice(self.company.trade.products),
                "{contact}": r.choice(self.contacts)[1],
                "{n}": str(r.randint(2, 6)),
            }
            for word, text in words.items():
                subject, content = subject.replace(word, text), content.replace(word, text)
            at = moment(r, self.day, self.zone)
            values: dict[str, Any] = {
                "subject": subject,
                "kind": f"opt_activity_{kind}",
                "account": account,
                "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "content": content,
            }
            if opportunity:
                values["opportunity"] = opportunity
            if r.random() < 0.65:
                values["next_plan"] = r.choice(PLANS)
                values["next_date"] = workday(self.day + timedelta(days=r.randint(2, 12))).isoformat()
            self.add(at, "activity", "create", record_id(r, at), {**values, "owner": self.owner})

    # -- writing it down ----------------------------------------------------------------------------------------

    def wait(self, least: int, most: int) -> None:
        """Let some days pass; the next thing happens on a working day."""
        self.day = workday(self.day + timedelta(days=self.r.randint(least, most)))

    def create(self, entity: str, day: date, **values: Any) -> str:
        at = moment(self.r, day, self.zone)
        if self.writes and at <= self.writes[-1].at:
            at = self.writes[-1].at + timedelta(seconds=self.r.randint(1, 90))
        identifier = record_id(self.r, at)
        self.add(at, entity, "create", identifier, {**values, "owner": self.owner})
        return identifier

    def update(self, entity: str, identifier: str, **values: Any) -> None:
        self.add(moment(self.r, self.day, self.zone), entity, "update", identifier, values)

    def add(
        self, at: datetime, entity: str, op: Literal["create", "update"], identifier: str, values: dict[str, Any]
    ) -> None:
        """Keep a write in its order; what would be after today has not happened."""
        if self.writes and at <= self.writes[-1].at:
            at = self.writes[-1].at + timedelta(seconds=self.r.randint(1, 90))
        if self.day < self.today or (self.day == self.today and entity != "activity"):
            self.writes.append(Write(at, entity, op, identifier, values))


def _lines(r: Random, product: str, products: tuple[str, ...], amount: Decimal) -> list[dict[str, Any]]:
    """Split an amount over one to three lines; quantities times prices give exactly the amount."""
    names = [product, *(name for name in products if name != product)][: r.choices((1, 2, 3), (5, 4, 2))[0]]
    left, lines = amount, []
    for position, name in enumerate(names):
        qty = r.choice((1, 1, 2, 3, 5, 10)) if position else 1
        if position == len(names) - 1:
            qty, price = 1, left
        else:
            share = Decimal(r.randint(30, 60)) / 100
            price = (left * share / qty / 100).quantize(Decimal(1)) * 100
        if price <= 0:
            continue
        lines.append({"product": name, "qty": str(qty), "price": str(price)})
        left -= price * qty
    return lines
