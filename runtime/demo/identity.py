"""Names, numbers and codes that follow the rules real ones follow, drawn from a seeded source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import TypeVar

from runtime.demo.places import BUILDINGS, CITIES, STREETS, City
from runtime.demo.words import FIRST, GIVEN, KNOWN, LEGAL_FORMS, SECOND, SURNAMES, TRADES, Trade, words

T = TypeVar("T")

_MOBILE = words(
    "134 135 136 137 138 139 150 151 152 157 158 159 182 183 184 187 188 198 "
    "130 131 132 155 156 166 185 186 133 153 177 180 181 189 191 199"
)
_MAILS = ("163.com", "126.com", "qq.com", "outlook.com")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID = "0123456789abcdefghjkmnpqrstvwxyz"
_STEP = 1_000_003  # primes: counting in steps of one visits every brand (every place) before one comes again
_STRIDE = 443


@dataclass(frozen=True, slots=True)
class Company:
    """A made-up company. No two numbers give the same name."""

    name: str
    short: str
    domain: str
    city: City
    trade: Trade


def company(number: int, r: Random) -> Company:
    """Return company ``number``. Brand, city and trade follow from the number alone; the legal form is drawn."""
    brands = _brands()
    lap, index = divmod(number, len(brands))
    index = index * _STEP % len(brands)
    brand, domain = brands[index]
    first = Random(f"place/{index}")
    place = CITIES.index(weighted(first, CITIES)) + len(CITIES) * TRADES.index(weighted(first, TRADES))
    # a brand that comes again (all were used) goes to another city or trade each time
    place = (place + lap * _STRIDE) % (len(CITIES) * len(TRADES))
    city, trade = CITIES[place % len(CITIES)], TRADES[place // len(CITIES)]
    name = f"{city.name}{brand}{trade.word}{r.choice(LEGAL_FORMS)}"
    return Company(name, brand + trade.word[:2], f"{domain}{lap or ''}", city, trade)


@cache
def _brands() -> tuple[tuple[str, str], ...]:
    pairs = ((a + b, FIRST[a] + SECOND[b]) for a in FIRST for b in SECOND if a != b)
    return tuple(pair for pair in pairs if pair[0] not in KNOWN)


def weighted(r: Random, choices: Sequence[T]) -> T:
    """Draw by the ``weight`` of each choice."""
    return r.choices(choices, _weights(choices))[0]


@cache
def _weights(choices: tuple[T, ...]) -> tuple[int, ...]:
    return tuple(choice.weight for choice in choices)  # type: ignore[attr-defined]


def person(r: Random) -> str:
    """Return a personal name."""
    return r.choice(SURNAMES) + r.choice(GIVEN)


def mobile(r: Random) -> str:
    """Return a mobile number with a prefix in use."""
    return f"{r.choice(_MOBILE)}{r.randrange(10**8):08d}"


def landline(r: Random, city: City) -> str:
    """Return a fixed-line number: eight digits where the area has them."""
    digits = 8 if len(city.area) == 3 or city.area in _EIGHT_DIGITS else 7
    return f"{city.area}-{r.randrange(2, 9)}{r.randrange(10 ** (digits - 1)):0{digits - 1}d}"


_EIGHT_DIGITS = frozenset(
    words("0571 0574 0512 0510 0551 0532 0531 0755 0769 0757 0311 0731 0371 0791 0411 0431 0451 0871")
)


def email(r: Random, name: str, domain: str) -> str:
    """Return an address at the company, or now and then at a free provider."""
    if r.random() < 0.15:
        return f"{r.choice('abcdefghklmnpqrstwxyz')}{r.randrange(10**6, 10**8)}@{r.choice(_MAILS)}"
    local = f"{r.choice('abcdefghklmnpqrstwxyz')}.{r.choice(('wang', 'li', 'zhang', 'chen', 'liu', 'yang', 'zhao'))}"
    return f"{local}{r.randrange(1, 99)}@{domain}.example"


def address(r: Random, city: City) -> str:
    """Return a street address with province, city and district."""
    start = city.province if city.province.startswith(city.name) else f"{city.province}{city.name}市"
    floor = r.randrange(2, 29)
    return (
        f"{start}{r.choice(city.districts)}{r.choice(STREETS)}{r.randrange(1, 999)}号"
        f"{r.choice(BUILDINGS)}{r.randrange(1, 12)}号楼{floor}{r.randrange(1, 20):02d}室"
    )


def credit_code(r: Random, city: City) -> str:
    """Return a unified social credit code of an enterprise, both check characters included (GB 32100, GB 11714)."""
    body = "MA" + "".join(r.choice(_CREDIT) for _ in range(6))
    return with_check(f"91{city.code}{body}{organisation_check(body)}")


def with_check(code: str) -> str:
    """Add the check character to the 17 characters of a unified social credit code."""
    total = sum(_CREDIT.index(char) * weight for char, weight in zip(code, _CREDIT_WEIGHTS, strict=True))
    return code + _CREDIT[-total % 31]


def organisation_check(body: str) -> str:
    """Return the check character of an eight-character organisation code."""
    values = (int(char, 36) for char in body)
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def record_id(r: Random, at: datetime) -> str:
    """Return a record id of a given moment: later records sort later, as with real ones."""
    number = int(at.timestamp() * 1000) << 35 | r.getrandbits(34)
    return "".join(_ID[number >> shift & 31] for shift in range(75, -1, -5))
