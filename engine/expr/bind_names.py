"""Names to field ids: fields by key or label, paths through relations, lists, variables and roots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.expr import limits
from engine.expr.bind_base import Origin
from engine.expr.bind_types import TypeRules
from engine.expr.describe import type_name
from engine.expr.functions.base import find_function
from engine.expr.messages import Fix, error
from engine.expr.schema import ROOTS, Symbol
from engine.expr.suggest import nearest
from engine.expr.syntax import Dot, Name, Syntax
from engine.expr.tree import Call, Const, Ids, Lambda, Let, Node, Path, Span, const, function, is_rows, rebuild
from engine.expr.tree import path as path_node
from engine.expr.types import PERSON, TEXT, ListType, RecordType

Hop = tuple[str, int, int]
_KEEPING = frozenset({"FILTER", "SORTBY", "DISTINCT"})
_SCALARS = frozenset({"text", "number", "boolean", "date", "datetime", "duration", "choice"})
_KINDS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "choice"}),
    "moment": frozenset({"date", "datetime"}),
    "scalar": _SCALARS,
    "any": _SCALARS | {"list", "file"},
}
"""Kinds of value that serve where a kind of parameter is wanted; others serve only themselves."""


def hops_of(node: Syntax) -> tuple[Syntax, list[Hop]]:
    """Split ``a.b.c`` into its base and the names that follow, with their places."""
    hops: list[Hop] = []
    while isinstance(node, Dot):
        hops.append((node.name, node.at, node.until))
        node = node.base
    return node, hops[::-1]


class NameRules(TypeRules):
    """The part of the binder that resolves names."""

    locals: dict[str, Node]
    origins: dict[int, Origin | None]
    row_by_row: tuple[Origin, int] | None

    # -- fields ----------------------------------------------------------------------------------------------------

    def symbol(self, entity_id: str, name: str, start: int, end: int) -> Symbol | None:
        """Return the field a name means in an entity, or report what it could have meant."""
        fields = self.scope.fields(entity_id)
        key = name if entity_id == self.scope.entity_id else f"{entity_id}.{name}"
        kept = self.refs.get(key)
        if kept is not None:
            found = next((symbol for symbol in fields.values() if symbol.id == kept), None)
            if found is None:
                self.report(error("X601", start, end, name=self._lost_name(kept, name)))
                return None
        else:
            found = fields.get(name) or self._by_label(fields, name, start, end)
            if found is None:
                return None
        self.names[key] = found.id
        self.uses.append((start, end, found.id))
        return found

    def _lost_name(self, identifier: str, name: str) -> str | Mapping[str, str]:
        try:
            return self.scope.schema.by_id(identifier).label
        except KeyError:
            return name

    def _by_label(self, fields: Mapping[str, Symbol], name: str, start: int, end: int) -> Symbol | None:
        found = [symbol for symbol in fields.values() if name in symbol.label.values()]
        if len(found) == 1:
            return found[0]
        if found:
            keys = [symbol.key for symbol in found]
            fixes = [Fix(start, end, key) for key in keys]
            self.report(error("X207", start, end, *fixes, name=name, options="、".join(keys)))
            return None
        self._unknown(fields, name, start, end)
        return None

    def _unknown(self, fields: Mapping[str, Symbol], name: str, start: int, end: int) -> None:
        symbols = {symbol.key: symbol for symbol in fields.values()}
        for symbol in fields.values():
            for label in symbol.label.values():
                symbols.setdefault(label, symbol)
        functions = [found.name] if (found := find_function(name)) is not None and not found.least else []
        ranked = [*(f"{one}()" for one in functions), *nearest(name, [*symbols, *self.locals], 6, self._fits(symbols))]
        seen: dict[str, str] = {}  # a field whose key and label are both near is one suggestion
        for guess in ranked:
            seen.setdefault(symbols[guess].id if guess in symbols else guess, guess)
        near = list(seen.values())[:3]
        if near:
            fixes = [Fix(start, end, guess if guess.endswith("()") else written(guess)) for guess in near]
            self.report(error("X201", start, end, *fixes, name=name, guess=near[0]))
        else:
            self.report(error("X202", start, end, name=name))

    def _fits(self, symbols: Mapping[str, Symbol]) -> Callable[[str], bool]:
        """Say of a name whether its value is what the place wants."""
        kinds = _KINDS.get(self.wanted, frozenset({self.wanted}))

        def fit(name: str) -> bool:
            type_ = symbols[name].type if name in symbols else self.locals[name].type
            return not self.wanted or type_.kind in kinds or isinstance(type_, RecordType)

        return fit

    # -- paths -----------------------------------------------------------------------------------------------------

    def bind_path(self, node: Syntax) -> Node:
        """Bind a name or a dotted path."""
        base, hops = hops_of(node)
        span = (node.start, node.end)
        if isinstance(base, Name):
            return self._bind_named(base, hops, span)
        return self.follow(self.bind(base), hops, span)

    def _bind_named(self, base: Name, hops: list[Hop], span: Span) -> Node:
        name = base.text
        if name in self.locals:
            found = replace(self.locals[name], span=(base.start, base.end))
            return self.follow(self._row(found), hops, span)
        if name in ROOTS:
            return self._bind_root(base, hops, span)
        records = None if self._is_field(name) else self._entity(base)
        if records is not None:
            return self.follow(records, hops, span)
        symbol = self.symbol(self.scope.entity_id, name, base.at, base.until)
        if symbol is None:
            return self.poison_node(span)
        return self.follow(self._step("", (), symbol, True, (base.start, base.end)), hops, span)

    def bind_source(self, node: Syntax) -> Node:
        """Bind what should be a list; a name of a field and of an entity is the entity where the field is no list."""
        base, hops = hops_of(node)
        if not isinstance(base, Name) or base.text in self.locals or not self._is_field(base.text):
            return self.bind(node)
        reported, names, uses = list(self.findings), dict(self.names), list(self.uses)
        bound = self.bind(node)
        if isinstance(bound.type, ListType):
            return bound
        kept = self.findings, self.names, self.uses
        self.findings, self.names, self.uses = reported, names, uses
        records = self._entity(base)
        if records is None:
            self.findings, self.names, self.uses = kept
            return bound
        return self.follow(records, hops, (node.start, node.end))

    def _is_field(self, name: str) -> bool:
        fields = self.scope.fields(self.scope.entity_id)
        return name in self.refs or name in fields or any(name in one.label.values() for one in fields.values())

    def _entity(self, base: Name) -> Node | None:
        """Return the records of the entity a name means, if it means one."""
        name = base.text
        found = self.refs.get(f"@{name}") or self.scope.schema.entities().get(name)
        if found is None:
            return None
        span = (base.start, base.end)
        self.names[f"@{name}"] = found
        self.uses.append((base.at, base.until, found))
        try:
            self.scope.fields(found)
        except KeyError:
            self.report(error("X601", *span, name=name))
            return self.poison_node(span)
        return self.call("RECORDS", [const(found, TEXT, span)], span)

    def _bind_root(self, base: Name, hops: list[Hop], span: Span) -> Node:
        name, here = base.text, (base.start, base.end)
        if name not in self.scope.roots:
            self.report(error("X209", *here, name=name))
            return self.poison_node(span)
        if name == "USER":
            return self.follow(path_node("USER", (), PERSON, here), hops, span)
        if not hops:
            self.report(error("X109", base.end, base.end))
            return self.poison_node(span)
        (first, start, end), rest = hops[0], hops[1:]
        if name == "OLD":
            symbol = self.symbol(self.scope.entity_id, first, start, end)
        else:
            known = self.scope.params if name == "PARAM" else self.scope.app
            symbol = known.get(first)
            if symbol is None:
                self._unknown(known, first, start, end)
        if symbol is None:
            return self.poison_node(span)
        return self.follow(self._step(name, (), symbol, True, (base.start, end)), rest, span)

    def follow(self, node: Node, hops: Sequence[Hop], span: Span) -> Node:
        """Follow names from a record (null-safe) or from each item of a list of records."""
        for at, (name, start, end) in enumerate(hops):
            if is_rows(node):
                return self._map_hops(node, hops[at:], span)
            if isinstance(node, Call) and node.name in ("FIRST", "LAST") and isinstance(node.type, RecordType):
                mapped = self._map_hops(node.args[0], hops[at:], span)
                return self.call(node.name, [mapped], span)
            if not isinstance(node.type, RecordType) or not isinstance(node, Path):
                if node.type.kind != "null":
                    self.report(error("X310", start, end, got=type_name(node.type), name=name))
                return self.poison_node(span)
            symbol = self.symbol(node.type.entity, name, start, end)
            if symbol is None:
                return self.poison_node(span)
            node = self._step(node.root, node.ids, symbol, node.nullable, (node.span[0], end))
        return node

    def step(self, node: Path, symbol: Symbol, span: Span) -> Node:
        """Return the path one field further on from a record."""
        return self._step(node.root, node.ids, symbol, node.nullable, span)

    def _step(self, root: str | int, ids: Ids, symbol: Symbol, nullable: bool, span: Span) -> Node:
        """Return the path one field further on."""
        way = (*ids, symbol.id)
        if len(way) > limits.HOPS:
            self.report(error("X504", *span, limit=limits.HOPS))
            return self.poison_node(span)
        if symbol.inline is not None and root != "OLD":
            return self._inlined(symbol.inline, root, ids, span)
        blank = symbol.nullable or (nullable and bool(ids))
        deps, scans = self._reads(root, way)
        node = path_node(root, way, symbol.type, span, nullable=blank, deps=deps, scans=scans)
        return self._row(node)

    def _row(self, node: Node) -> Node:
        """Inside row-by-row arithmetic the list itself stands for its current row."""
        if self.row_by_row is not None and isinstance(node, Path) and isinstance(node.type, ListType):
            origin, slot = self.row_by_row
            if (node.root, node.ids) == origin:
                return path_node(slot, (), node.type.item, node.span, deps=node.deps)
        return node

    def _reads(self, root: str | int, ids: Ids) -> tuple[frozenset[Ids] | None, frozenset[tuple[str, Ids]]]:
        """Return what a path reads of the record, and of records that were looked up."""
        if isinstance(root, str):
            return None, frozenset()
        while isinstance(root, int):
            origin = self.origins.get(root)
            if origin is None:
                return frozenset(), frozenset()
            root, ids = origin[0], (*origin[1], *ids)
        if root.startswith("@"):
            return frozenset(), frozenset({(root[1:], ids)})
        return frozenset({ids}) if root == "" else frozenset(), frozenset()

    def _map_hops(self, node: Node, hops: Sequence[Hop], span: Span) -> Node:
        """Return the list of what the hops give for each record; a list on the way flattens one level."""
        lists = sum(1 for part in node.walk() if isinstance(part, Path) and isinstance(part.type, ListType))
        if lists > limits.TO_MANY_HOPS:
            self.report(error("X504", *span, limit=limits.TO_MANY_HOPS))
            return self.poison_node(span)
        slot = self.variable(node)
        item = node.type.item if isinstance(node.type, ListType) else node.type
        body = self.follow(path_node(slot, (), item, node.span, deps=node.deps), hops, span)
        if body.type.kind == "null":
            return self.poison_node(span)
        return self.call("MAP", [node, function(slot, body, span)], span)

    # -- variables -------------------------------------------------------------------------------------------------

    def variable(self, source: Node) -> int:
        """Return a new slot for an item of a list."""
        slot = self.new_slot()
        self.origins[slot] = self.origin(source)
        return slot

    def origin(self, node: Node) -> Origin | None:
        """Return the path a list's records come from, if they come from one."""
        if isinstance(node, Path):
            return node.root, node.ids
        if isinstance(node, Let):
            return self.origin(node.body)
        if isinstance(node, Call) and node.name == "RECORDS" and isinstance(node.args[0], Const):
            return f"@{node.args[0].value}", ()
        if isinstance(node, Call) and node.name in _KEEPING:
            return self.origin(node.args[0])
        if isinstance(node, Call) and node.name == "MAP":
            outer, made = self.origin(node.args[0]), node.args[1]
            body = self.origin(made.body) if isinstance(made, Lambda) else None
            if outer is not None and body is not None and isinstance(made, Lambda) and body[0] == made.slot:
                return outer[0], (*outer[1], *body[1])
        return None

    def _inlined(self, tree: Node, root: str | int, prefix: Ids, span: Span) -> Node:
        """Return the formula of a computed field that is not stored, as seen from the record it belongs to."""
        slots = {part.slot: self.new_slot() for part in tree.walk() if isinstance(part, Lambda | Let)}

        def moved(node: Node) -> Node:
            if isinstance(node, Path):
                if node.root == "":
                    ids = (*prefix, *node.ids)
                    deps, scans = self._reads(root, ids)
                    made = path_node(root, ids, node.type, span, nullable=True, deps=deps, scans=scans)
                    return replace(made, facts=replace(made.facts, nullable=node.nullable or bool(prefix)))
                if isinstance(node.root, int):
                    return replace(node, root=slots[node.root], span=span)
                return replace(node, span=span)
            if isinstance(node, Lambda | Let):
                node = replace(node, slot=slots[node.slot])
            return self.refreshed(replace(rebuild(node, moved), span=span))

        return moved(tree)

    def refreshed(self, node: Node) -> Node:
        """Return a rebuilt node with facts computed anew."""
        return self.call(node.name, node.args, node.span) if isinstance(node, Call) else node


def written(name: str) -> str:
    """Return a name as it must be written: in braces when it is more than letters, digits and underscores."""
    plain = name.isidentifier() and name.upper() not in ("AND", "OR", "NOT", "IN", "TRUE", "FALSE", "NULL")
    return name if plain else "{" + name.replace("{", "").replace("}", "") + "}"
