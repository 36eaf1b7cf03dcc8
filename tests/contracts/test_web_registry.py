"""The browser knows exactly the field types the server has, and says the same about what is computed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import engine.fields.builtin  # noqa: F401 - registers the types
from engine.fields.base import FIELD_TYPES

FIELDS = Path(__file__).parents[2] / "web" / "src" / "fields"
MODULES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FIELDS / "types").glob("*.ts"))}
TYPE = re.compile(r'^\s*type: "(\w+)",$', re.MULTILINE)


def declared() -> dict[str, str]:
    """Type name by module; a helper module declares none."""
    return {stem: found[1] for stem, text in MODULES.items() if (found := TYPE.search(text))}


def registered() -> list[str]:
    """Modules the browser's registry imports, as type names."""
    text = (FIELDS / "registry.ts").read_text(encoding="utf-8")
    modules = re.findall(r'^import \{ \w+ \} from "\./types/(\w+)";$', text, re.MULTILINE)
    return [declared()[module] for module in modules]


def test_every_module_is_in_the_registry_once() -> None:
    assert sorted(registered()) == sorted(declared().values())
    assert len(set(registered())) == len(registered())


def test_browser_and_server_have_the_same_types() -> None:
    assert set(registered()) == set(FIELD_TYPES.names())


@pytest.mark.parametrize("name", sorted(FIELD_TYPES.names()))
def test_a_computed_type_is_computed_on_both_sides(name: str) -> None:
    module = next((stem for stem, kind in declared().items() if kind == name), None)
    assert module is not None, f"add web/src/fields/types for {name} and a line in the registry"
    assert ("computed: true" in MODULES[module]) == (
        FIELD_TYPES.get(name).storage in ("computed", "none") or name == "serial"
    )
