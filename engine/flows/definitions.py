"""Versions of flows: a running instance stays on the version it began with, found again by the hash of its logic.

Layout is not logic, so moving a box makes no new version. Expressions are bound to the application as it is now (the
ids they name survive renames); one that no longer binds counts as an error where it is used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

import engine.flows.builtin
import engine.flows.messages  # noqa: F401 - registers the sentences
from engine.clock import instant_text
from engine.expr.compile import bind
from engine.expr.to_bytecode import evaluator
from engine.expr.types import BOOLEAN
from engine.expr.values import Env, Value
from engine.flows import tables
from engine.flows.graph import Graph, compile_graph
from engine.flows.node import gates, human_types
from engine.jobs.table import insert_new
from engine.records.catalog import Catalog
from engine.records.formulas import formulas_of, leaving
from engine.records.schema import scope_of
from metadata.codec import canonical, from_json, to_json
from metadata.findings import Refused
from metadata.model import Expr, Flow

log = logging.getLogger("dougong.flows")

KEPT = 256


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bound expression: what it reads of the record and of the environment, and the function; broken ones have
    ``problem`` instead."""

    paths: tuple[tuple[str, ...], ...] = ()
    uses: frozenset[str] = frozenset()
    compute: Callable[[Env], Value] | None = None
    problem: str = ""


class Definitions:
    """Compiled flows and expressions, kept per process. Both are pure functions of what they are keyed by."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[str, Graph] = OrderedDict()
        self._expressions: OrderedDict[tuple[Any, ...], Compiled] = OrderedDict()
        self._hashes: OrderedDict[int, tuple[Flow, str]] = OrderedDict()
        self._lock = threading.Lock()

    def hash_of(self, flow: Flow) -> str:
        """Return the hash of a flow's logic."""
        with self._lock:
            found = self._hashes.get(id(flow))
        if found is not None and found[0] is flow:
            return found[1]
        digest = hashlib.sha256(canonical(to_json(replace(flow, layout={})))).hexdigest()
        self._keep(self._hashes, id(flow), (flow, digest))
        return digest

    def pin(self, connection: Connection, app_id: str, flow: Flow) -> str:
        """Keep this version for the instances that begin with it; return its hash."""
        digest = self.hash_of(flow)
        known = connection.execute(select(tables.definition.c.hash).where(tables.definition.c.hash == digest)).first()
        if known is None:
            body = to_json(replace(flow, layout={}))
            row = {"hash": digest, "app_id": app_id, "flow_id": flow.id, "body": body, "created_at": instant_text()}
            insert_new(connection, tables.definition, row)
        return digest

    def graph(self, connection: Connection, digest: str) -> Graph:
        """Return a pinned version, compiled. Raises ``KeyError`` for an unknown hash."""
        with self._lock:
            found = self._graphs.get(digest)
        if found is not None:
            return found
        query = select(tables.definition.c.body).where(tables.definition.c.hash == digest)
        body = connection.execute(query).scalar()
        if body is None:
            raise KeyError(digest)
        graph = compile_graph(from_json(Flow, body), gates(), human_types())
        self._keep(self._graphs, digest, graph)
        return graph

    def expression(
        self, catalog: Catalog, entity_id: str, expr: Expr, *, boolean: bool = False, old: bool = False
    ) -> Compiled:
        """Return a bound expression about a record of ``entity_id``; ``USER`` in it is the initiator."""
        refs = json.dumps(dict(expr.refs), sort_keys=True)
        snapshot = catalog.snapshot
        key = (snapshot.app.id, snapshot.version, entity_id, expr.src, refs, expr.blank_as_zero, boolean, old)
        with self._lock:
            found = self._expressions.get(key)
        if found is None:
            found = self._bind(catalog, entity_id, expr, boolean, old)
            self._keep(self._expressions, key, found)
        return found

    def _bind(self, catalog: Catalog, entity_id: str, expr: Expr, boolean: bool, old: bool) -> Compiled:
        roots = frozenset({"USER", "OLD"}) if old else frozenset({"USER"})
        try:
            scope = scope_of(formulas_of(catalog).schema, catalog.snapshot.entity(entity_id), roots)
            tree = bind(expr, scope, BOOLEAN if boolean else None)
        except (Refused, KeyError) as error:
            log.warning("flow expression cannot be bound", extra={"source": expr.src, "problem": str(error)})
            return Compiled(problem=str(error))
        paths = leaving(catalog.snapshot, entity_id, tree.deps)
        return Compiled(paths=paths, uses=tree.facts.uses, compute=evaluator(tree))

    def _keep(self, cache: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        with self._lock:
            cache[key] = value
            while len(cache) > KEPT:
                cache.popitem(last=False)


def expr_of(data: Mapping[str, Any]) -> Expr:
    """Return the expression of its JSON inside a configuration."""
    return from_json(Expr, data)
