"""Who may import whom, and which library belongs to which package. Only the source text is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from engine.graphs import circles

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("metadata", "engine", "runtime", "builder")

BASE = {
    "registry",
    "plugins",
    "events",
    "actor",
    "calendars",
    "problems",
    "database",
    "org",
    "system",
    "people",
    "clock",
    "deferred",
    "failpoints",
    "graphs",
    "sealing",
}
LAYERS = ("metadata", "engine", "engine.expr", "engine.fields", "engine.rules", "engine.jobs", "engine.records")
TOP = ("engine.forms", "engine.flows", "engine.reports")
WHOLE = ("engine.publishing", "engine.templates")  # use every package of the engine
OUTER = ("runtime", "builder")
LONGEST = 400

LIBRARIES = {  # library -> where it may be imported
    "flask": ("runtime", "builder"),
    "flask_login": ("runtime",),
    "flask_wtf": ("runtime",),
    "werkzeug": ("runtime", "builder"),
    "pandas": ("engine.reports", "engine.expr.to_pandas"),
    "pyarrow": ("engine.reports", "engine.expr.to_pandas"),
    "lark": ("engine.expr",),
    "plotly": (),
    "dbos": ("engine.jobs",),
    "sqlalchemy": ("metadata.store", "engine", "runtime", "builder"),
    "networkx": ("metadata", "engine"),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"), str(path))


def layer(module: str) -> str:
    """Layer a module belongs to; modules directly under ``engine`` form one of their own."""
    parts = module.split(".")
    if parts[0] != "engine" or len(parts) == 1:
        return parts[0]
    return "engine" if parts[1] in BASE else f"engine.{parts[1]}"


def allowed(source: str, target: str) -> bool:
    if source == target:
        return True
    if target in OUTER:
        return False
    if source in OUTER:
        return True
    if source in WHOLE:
        return target in (*LAYERS, *TOP, *WHOLE)
    if source in TOP:
        return target in LAYERS
    return target in LAYERS and LAYERS.index(target) < LAYERS.index(source)


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            yield str(node.module), node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("deferred", "import_module"):
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value), node.lineno


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


ALL = dict(modules())
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def test_arrows_point_one_way() -> None:
    wrong = [
        f"{module}:{line} imports {target}"
        for module, tree in ALL.items()
        for target, line in imported(tree)
        if target.split(".")[0] in PACKAGES and target not in PACKAGES and not allowed(layer(module), layer(target))
    ]
    assert not wrong


def test_imports_run_in_no_circle() -> None:
    """Not even for types alone: what is imported for checking only is a circle all the same."""
    needs: dict[str, set[str]] = {}
    for module, tree in ALL.items():
        every = {target for target, _ in imported(tree) if target in ALL}
        needs[module] = {one for one in every if not any(other.startswith(f"{one}.") for other in every)}
    assert not circles(needs)
    names = ((module, name) for module, tree in ALL.items() for name in ast.walk(tree) if isinstance(name, ast.Name))
    assert not [f"{module}:{name.lineno}" for module, name in names if name.id == "TYPE_CHECKING"]


def test_libraries_stay_where_they_belong() -> None:
    wrong = [
        f"{module}:{line} imports {target}"
        for module, tree in ALL.items()
        for target, line in imported(tree)
        if target in LIBRARIES and not any(f"{module}.".startswith(f"{home}.") for home in LIBRARIES[target])
    ]
    assert not wrong


def test_imports_are_at_the_top() -> None:
    wrong = {
        f"{module}:{inner.lineno}"
        for module, tree in ALL.items()
        for outer in ast.walk(tree)
        if isinstance(outer, FUNCTIONS)
        for inner in ast.walk(outer)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    }
    assert not wrong


def test_files_stay_short() -> None:
    long = [
        path for p in PACKAGES for path in (ROOT / p).rglob("*.py") if path.read_text("utf-8").count("\n") > LONGEST
    ]
    assert not long
