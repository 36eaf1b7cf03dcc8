"""Things the source must not contain, wherever they would work."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.test_layers import ALL

FORBIDDEN_CALLS = {
    "eval": "code from text",
    "exec": "code from text",
    "compile": "code from text",
    "__import__": "imports by name go through engine.deferred and engine.plugins",
}
CODE_FROM_NODES = "engine.expr.to_bytecode"
"""The one module that compiles, and only what it built from nodes of :mod:`ast`."""
FORBIDDEN_MODULES = (
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "xml.etree",
    "xml.dom",
    "xml.sax",
    "yaml",
    "telnetlib",
    "ftplib",
)
SHELL = {"system", "popen", "getoutput", "getstatusoutput"}
RECORD_TABLES_HOMES = ("engine.records", "engine.fields")


def nodes() -> Iterator[tuple[str, ast.AST]]:
    return ((f"{module}:{getattr(node, 'lineno', 0)}", node) for module, tree in ALL.items() for node in ast.walk(tree))


def calls() -> Iterator[tuple[str, ast.Call]]:
    return ((place, node) for place, node in nodes() if isinstance(node, ast.Call))


def test_no_code_from_text() -> None:
    wrong = [
        f"{place} {call.func.id}: {FORBIDDEN_CALLS[call.func.id]}"
        for place, call in calls()
        if isinstance(call.func, ast.Name) and call.func.id in FORBIDDEN_CALLS and not _compiles_nodes(place, call)
    ]
    assert not wrong


def _compiles_nodes(place: str, call: ast.Call) -> bool:
    """Say whether a call compiles what the same function made as a module of nodes."""
    if not place.startswith(f"{CODE_FROM_NODES}:") or not isinstance(call.args[0], ast.Name):
        return False
    made = call.args[0].id
    assigned = [
        node.value
        for node in ast.walk(ALL[CODE_FROM_NODES])
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == made for one in node.targets)
    ]
    return bool(assigned) and all(
        ast.unparse(value).startswith("ast.fix_missing_locations(ast.Module(") for value in assigned
    )


def test_no_unsafe_module() -> None:
    wrong = [
        f"{place} {name}"
        for place, node in nodes()
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.startswith(FORBIDDEN_MODULES)
    ]
    assert not wrong


def test_no_shell() -> None:
    for place, call in calls():
        assert not any(keyword.arg == "shell" for keyword in call.keywords), place
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            assert not (call.func.value.id in ("os", "subprocess") and call.func.attr in SHELL), place


def test_record_tables_only_behind_the_store() -> None:
    """Rows of applications are read and written through RecordStore; nobody else asks for their tables."""
    wrong = [
        place
        for place, node in nodes()
        if isinstance(node, ast.ImportFrom)
        and not place.startswith(RECORD_TABLES_HOMES)
        and (node.module == "engine.records.tables" or "tables_for" in {alias.name for alias in node.names})
    ]
    assert not wrong


def test_no_html_from_text() -> None:
    wrong = [
        place
        for place, call in calls()
        if isinstance(call.func, ast.Name)
        and call.func.id == "Markup"
        and not place.startswith("runtime.assets:")  # tags of our own manifest
        and not place.startswith("engine.forms.print_")  # parts of a printed page; what is joined in is escaped
    ]
    assert not wrong
