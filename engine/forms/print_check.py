"""Read a template of a page without running it: what it takes from the record, and everything wrong with it.

Only the syntax tree is looked at (Jinja folds constants when it compiles, not when it parses), so a hostile template
costs no more than its length. Whatever the tree holds beyond texts, values, loops and conditions is refused: there is
no way to include, import or call what is not in ``print_names``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes

import engine.forms.print_messages  # noqa: F401  registers the texts used here
from engine.forms.print_names import (
    BY_NAME,
    FILE_PARTS,
    FILTERS,
    FUNCTIONS,
    GROUP_PARTS,
    LOOP,
    RECORD,
    RELATED,
    SAME_KIND,
    TESTS,
    VALUE_PARTS,
    VALUES,
)
from engine.forms.print_needs import ANY, FILE, FILES, NAMES, VALUE, Names, Need, Shape
from engine.forms.print_needs import LOOP as THE_LOOP
from metadata.findings import Finding
from metadata.snapshot import Snapshot

_PARSER: Final = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)  # parses only, runs nothing
_DEEPEST: Final = 60
_BARRED: Final[tuple[tuple[type[nodes.Node], str], ...]] = (
    (nodes.Include, "include"),
    (nodes.Import, "import"),
    (nodes.FromImport, "from ... import"),
    (nodes.Extends, "extends"),
    (nodes.Block, "block"),
    (nodes.ScopedEvalContextModifier, "autoescape"),
    (nodes.EvalContextModifier, "autoescape"),
    (nodes.CallBlock, "call"),
)
_STYLE_END = re.compile(r"</\s*style", re.IGNORECASE)
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "function": {"zh-CN": "函数", "en": "function"},
    "filter": {"zh-CN": "过滤器", "en": "filter"},
    "test": {"zh-CN": "判断", "en": "test"},
}
_METHODS = {
    "zh-CN": "方法调用（请用过滤器，例如 {{ 值 | upper }}）",
    "en": "a method (use a filter: {{ value | upper }})",
}

Variables = dict[str, Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a template was found to be. ``refs`` are to be saved with it; ``need`` is what it takes."""

    need: Need
    refs: Mapping[str, str]
    findings: tuple[Finding, ...]


def read(snapshot: Snapshot, entity_id: str, html: str, refs: Mapping[str, str], css: str = "") -> Read:
    """Read a template over records of an entity; findings are placed at ``/html`` or ``/css``."""
    names = Names(snapshot, entity_id, refs)
    reading = _Reading(names)
    if _STYLE_END.search(css):
        reading.findings.append(Finding("T110", "/css"))
    try:
        tree = _PARSER.parse(html)
    except TemplateSyntaxError as error:
        reading.report("T101", error.lineno, reason=_reason(str(error.message)))
    except RecursionError:
        reading.report("T101", 1, reason=_DEEP)
    else:
        reading.body(tree.body, {RECORD: Shape("record", names.root)}, 0)
    return Read(need=names.root, refs=dict(sorted(names.refs.items())), findings=tuple(reading.findings))


class _Reading:
    """One walk over a template."""

    def __init__(self, names: Names):
        self.names = names
        self.findings: list[Finding] = []
        self._macros: set[str] = set()

    def report(self, code: str, line: int, **params: Any) -> None:
        found = Finding(code, "/html", {"line": line, **params})
        if found not in self.findings:
            self.findings.append(found)

    # -- statements ---------------------------------------------------------------------------------------------

    def body(self, parts: list[nodes.Node], known: Variables, depth: int) -> None:
        for node in parts:
            self.statement(node, known, depth)

    def statement(self, node: nodes.Node, known: Variables, depth: int) -> None:
        if depth > _DEEPEST:
            self.report("T101", node.lineno, reason=_DEEP)
            return
        for barred, name in _BARRED:
            if isinstance(node, barred):
                self.report("T105", node.lineno, name=name)
                return
        match node:
            case nodes.For():
                self._loop(node, known, depth)
            case nodes.If():
                self.shape(node.test, known)
                for part in (*node.body, *node.elif_, *node.else_):
                    self.statement(part, known, depth + 1)
            case nodes.Assign():
                self._assign(node.target, self.shape(node.node, known), known)
            case nodes.AssignBlock():
                self.body(node.body, known, depth + 1)
                self._assign(node.target, VALUE, known)
            case nodes.With():
                inner = dict(known)
                for target, value in zip(node.targets, node.values, strict=True):
                    self._assign(target, self.shape(value, known), inner)
                self.body(node.body, inner, depth + 1)
            case nodes.Macro():
                self._macros.add(node.name)
                inner = {**known, **{arg.name: ANY for arg in node.args}}
                self.body(node.body, inner, depth + 1)
            case nodes.FilterBlock():
                self.shape(node.filter, known)
                self.body(node.body, known, depth + 1)
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self.shape(part, known)
            case nodes.Expr():
                self.shape(node, known)
            case nodes.ExprStmt():
                self.shape(node.node, known)
            case _:
                self.report("T105", node.lineno, name=type(node).__name__)

    def _loop(self, node: nodes.For, known: Variables, depth: int) -> None:
        over = self.shape(node.iter, known)
        inner = {**known, "loop": THE_LOOP}
        self._assign(node.target, _one_of(over), inner)
        if node.test is not None:
            self.shape(node.test, inner)
        self.body(node.body, inner, depth + 1)
        self.body(node.else_, known, depth + 1)

    def _assign(self, target: nodes.Node, shape: Shape, known: Variables) -> None:
        match target:
            case nodes.Name():
                if target.name in (RECORD, *VALUES, *FUNCTIONS):
                    self.report("T105", target.lineno, name=f"{target.name} =")
                known[target.name] = shape
            case nodes.Tuple():
                shapes = [VALUE, Shape("many", shape.need)] if shape.kind == "group" else []
                for at, one in enumerate(target.items):
                    self._assign(one, shapes[at] if at < len(shapes) else ANY, known)
            case nodes.NSRef():
                if target.name not in known:
                    self.report("T103", target.lineno, name=target.name)

    # -- expressions --------------------------------------------------------------------------------------------

    def shape(self, node: nodes.Node, known: Variables) -> Shape:
        """Return what an expression stands for, noting everything it asks of records."""
        match node:
            case nodes.Name():
                return self._name(node, known)
            case nodes.Getattr():
                return self._attribute(self.shape(node.node, known), node.attr, node)
            case nodes.Getitem():
                return self._item(node, known)
            case nodes.Filter():
                return self._filter(node, known)
            case nodes.Test():
                if node.name not in TESTS:
                    self._unknown("test", node.name, TESTS, node)
                return self._rest(node, known)
            case nodes.Call():
                return self._call(node, known)
            case nodes.CondExpr():
                self.shape(node.test, known)
                chosen = self.shape(node.expr1, known)
                other = self.shape(node.expr2, known) if node.expr2 is not None else chosen
                return chosen if chosen.need is other.need else _plainer(chosen, other)
            case nodes.And() | nodes.Or():
                left, right = self.shape(node.left, known), self.shape(node.right, known)
                return right if left.kind == "value" else left
        return self._rest(node, known)

    def _rest(self, node: nodes.Node, known: Variables) -> Shape:
        for child in node.iter_child_nodes():
            self.shape(child, known)
        return VALUE

    def _name(self, node: nodes.Name, known: Variables) -> Shape:
        if node.name in known:
            return known[node.name]
        if node.name not in VALUES and node.name not in self._macros and node.name not in FUNCTIONS:
            self.report("T103", node.lineno, name=node.name)
            return ANY
        return VALUE

    def _attribute(self, owner: Shape, name: str, node: nodes.Node) -> Shape:
        need = owner.need
        if owner.kind == "record" and need is not None:
            if name == RELATED and self.names.part(need, name) is None:
                return Shape("related", need)
            return self._known(self.names.part(need, name), need, name, node)
        if owner.kind == "related" and need is not None:
            return self._known(self.names.related(need, name), need, f"{RELATED}.{name}", node)
        if owner.kind == "group" and name in GROUP_PARTS:
            return VALUE if name == "grouper" else Shape("many", need)
        if owner.kind == "loop" and name in LOOP:
            return VALUE if name not in ("previtem", "nextitem") else ANY
        if (owner.kind == "file" and name in FILE_PARTS) or (owner.kind == "value" and name in VALUE_PARTS):
            return VALUE
        if owner.kind == "any" and name in VALUE_PARTS | FILE_PARTS:
            return VALUE
        if owner.kind != "names":
            self.report("T106", node.lineno, name=name)
        return ANY

    def _known(self, found: Shape | None, need: Need, name: str, node: nodes.Node) -> Shape:
        if found is not None:
            return found
        self.report("T102", node.lineno, owner=self.names.label(need), name=name, hint=self.names.hint(need, name))
        return ANY

    def _item(self, node: nodes.Getitem, known: Variables) -> Shape:
        owner = self.shape(node.node, known)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._attribute(owner, node.arg.value, node)
        self.shape(node.arg, known)
        if isinstance(node.arg, nodes.Slice):
            return owner
        if owner.kind == "record":
            self.report("T105", node.lineno, name="record[...]")
        return _one_of(owner)

    def _filter(self, node: nodes.Filter, known: Variables) -> Shape:
        if node.name not in FILTERS:
            self._unknown("filter", node.name, FILTERS, node)
        owner = self.shape(node.node, known) if node.node is not None else VALUE
        for part in (*node.args, *(pair.value for pair in node.kwargs)):
            self.shape(part, known)
        named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        if node.name in BY_NAME and node.args:
            named.append(node.args[0])
        if node.name == "map" and node.args:
            self._test_or_filter(node.args[0], "filter", FILTERS)
        if node.name in ("select", "reject", "selectattr", "rejectattr"):
            at = 1 if node.name in BY_NAME else 0
            for part in node.args[at : at + 1]:
                self._test_or_filter(part, "test", TESTS)
        reached = VALUE
        for one in named:
            reached = self._path(owner, one)
        match node.name:
            case "first" | "last" | "max" | "min":
                return _one_of(owner)
            case "groupby":
                return Shape("groups", owner.need)
            case "batch" | "slice":
                return Shape("lists", owner.need)
            case "map" if named:
                return reached if reached.need is None else Shape("many", reached.need)
            case "default" | "d":
                return owner
        return owner if node.name in SAME_KIND else VALUE

    def _test_or_filter(self, node: nodes.Node, what: str, known: frozenset[str]) -> None:
        if not isinstance(node, nodes.Const) or node.value not in known:
            self._unknown(what, str(getattr(node, "value", "…")), known, node)

    def _path(self, owner: Shape, node: nodes.Node) -> Shape:
        """Follow the name of a field given as a text (``sum(attribute="price")``)."""
        if not isinstance(node, nodes.Const) or not isinstance(node.value, str):
            self.report("T105", node.lineno, name="attribute=…")
            return ANY
        current = _one_of(owner)
        for name in node.value.split("."):
            current = self._attribute(current, name, node)
        return current

    def _call(self, node: nodes.Call, known: Variables) -> Shape:
        called = node.node
        for part in (*node.args, *(pair.value for pair in node.kwargs)):
            self.shape(part, known)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.report("T105", node.lineno, name="*args")
        if isinstance(called, nodes.Getattr) and self.shape(called.node, known) is THE_LOOP:
            return VALUE
        if not isinstance(called, nodes.Name):
            self.report("T105", node.lineno, name=_METHODS)
        elif called.name not in FUNCTIONS and called.name not in self._macros:
            self._unknown("function", called.name, FUNCTIONS, node)
        elif called.name == "namespace":
            return NAMES
        return VALUE

    def _unknown(self, what: str, name: str, known: frozenset[str], node: nodes.Node) -> None:
        words = "、".join(sorted(one for one in known if one.isalpha() and len(one) > 1))
        self.report("T104", node.lineno, what=_WORDS[what], name=name, known=words)


def _one_of(shape: Shape) -> Shape:
    match shape.kind:
        case "many":
            return Shape("record", shape.need)
        case "groups":
            return Shape("group", shape.need)
        case "lists":
            return Shape("many", shape.need)
    if shape is FILES:
        return FILE
    return VALUE if shape.kind == "value" else ANY


def _plainer(one: Shape, other: Shape) -> Shape:
    """Of two things that may stand in one place: the record, when the other is but a text."""
    return other if one.kind == "value" else one if other.kind == "value" else ANY


_DEEP = {"zh-CN": "嵌套太深", "en": "it is nested too deeply"}
_REASONS: Final[tuple[tuple[str, str], ...]] = (
    (r"unexpected '(.+)'", "多余的“{0}”"),
    (r"Unexpected end of template\..*", "缺少 endif、endfor 或其他结束标记"),
    (r"unexpected end of template.*", "写到一半就结束了"),
    (r"Encountered unknown tag '(\w+)'.*", "不认识的标记“{0}”"),
    (r"expected token 'end of (?:print|statement).*', got '(.+)'", "“{0}”处写法不完整，或缺少 }}}} 或 %}}"),
    (r"expected token '(.+)', got '(.+)'", "此处应为“{0}”，实际是“{1}”"),
    (r"unexpected char '(.+)' at \d+", "不能识别的字符“{0}”"),
    (r"Missing end of (?:comment|raw).*", "注释没有结束"),
)


def _reason(text: str) -> Mapping[str, str]:
    """Say in Chinese too what the parser has to say."""
    for pattern, chinese in _REASONS:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return {"zh-CN": chinese.format(*found.groups()), "en": text}
    return {"zh-CN": text, "en": text}
