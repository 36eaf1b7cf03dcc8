"""Documentation that can fail: links lead somewhere, every part and every message is accounted for."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import engine
import engine.fields.builtin
import engine.flows.builtin
import metadata
import runtime
from engine.fields.base import FIELD_TYPES
from engine.flows.node import FLOW_NODES
from engine.reports.charts import CHARTS
from engine.reports.transforms import TRANSFORMS
from metadata.findings import LANGUAGES, message, message_codes

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_PARAM = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module", autouse=True)
def everything_loaded() -> None:
    for package in (metadata, engine, runtime):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [t for t in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_the_readme_names_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in (ROOT / "docs").glob("*.md") if f"docs/{p.name}" not in readme] == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("fields.md", FIELD_TYPES.names()),
        ("flows.md", FLOW_NODES.names()),
        ("reports.md", (*CHARTS.names(), *TRANSFORMS.names())),
    ],
)
def test_every_registered_part_is_documented(page: str, names: tuple[str, ...]) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_message_says_the_same_in_both_languages() -> None:
    different = {
        code
        for code in message_codes()
        if len({frozenset(_PARAM.findall(message(code, language))) for language in LANGUAGES}) > 1
    }
    assert different == set()
    assert len(message_codes()) > 100
