"""Formulas while they are written: check one, try it on a record, choose names and functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

import builder.messages  # noqa: F401  registers the texts used here
from builder.expressions import (
    Definition,
    Definitions,
    Question,
    checked,
    functions_json,
    names_json,
    outcome,
    value_json,
)
from builder.host import DUTY, Host, Routes
from engine.expr.check_app import RESULTS
from engine.expr.schema import ROOTS
from engine.expr.tree import Tree
from engine.expr.types import Type
from engine.problems import NotFound
from engine.records.sample import NoPreview, environment, environment_of_inputs
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused, in_language, message

KEYS = ("entity", "src", "refs", "expected", "roots", "draft", "blank_as_zero", "making", "sample")
OFTEN = "900/minute"
"""One person types in one editor: a check for every pause between keys, with room to spare."""


def add(host: Host, routes: Routes) -> None:
    """Add the routes."""
    definitions = Definitions()

    def opened(app: str) -> RecordStore:
        try:
            return host.workspace.store(host.connection(), app)
        except KeyError:
            raise NotFound(what=app[:100]) from None

    @routes.route("/apps/<app>/expressions/check", methods=("POST",), who="duty", duty=DUTY, limit=OFTEN)
    def check_expression(app: str) -> Response:
        body = host.body(allowed=KEYS, required=("entity", "src"))
        store, language = opened(app), host.language()
        definition = definitions.of(host.connection(), store, draft=_flag(body, "draft"))
        question = _question(body, definition)
        found = checked(definition, question, language)
        answer = outcome(definition, found, language)
        sample = body.get("sample")
        if sample is not None:
            answer["result"] = None if found.tree is None else _tried(host, store, question.entity, found.tree, sample)
        return host.answer(answer)

    @routes.route("/apps/<app>/expressions/names", who="duty", duty=DUTY)
    def names(app: str) -> Response:
        asked = host.arguments("entity", "draft")
        store = opened(app)
        definition = definitions.of(host.connection(), store, draft=asked.get("draft") == "1")
        return host.answer(names_json(definition, asked.get("entity", "")))

    @routes.route("/expressions/functions", who="duty", duty=DUTY)
    def functions() -> Response:
        host.arguments()
        return host.answer(functions_json())


def _tried(host: Host, store: RecordStore, entity: str, tree: Tree, sample: Any) -> dict[str, Any]:
    """Return the value for a sample: the id of a record, or values by field key under ``inputs``."""
    actor, language = host.actor(store.snapshot.app.id), host.language()
    try:
        if isinstance(sample, str):
            env = environment(store, actor, entity, sample, tree)
        elif isinstance(sample, Mapping) and isinstance(sample.get("inputs"), Mapping) and len(sample) == 1:
            env = environment_of_inputs(store, actor, entity, sample["inputs"], tree)
        else:
            raise _wrong("sample", "记录编号，或 {inputs: {字段: 值}}", "a record id, or {inputs: {field: value}}")
        return value_json(tree, env, store, actor, language)
    except NoPreview as reason:
        names = "、".join(in_language(label, language) for label in reason.labels)
        return {"unavailable": reason.why, "text": message(_WHY[reason.why], language, {"fields": names})}


_WHY = {"hidden": "B109", "unpublished": "B110", "size": "B111", "elsewhere": "B112"}


def _question(body: Mapping[str, Any], definition: Definition) -> Question:
    entity, src = body["entity"], body["src"]
    if not isinstance(entity, str):
        raise _wrong("entity", "表单的标识", "the key of an entity")
    if not isinstance(src, str):
        raise _wrong("src", "文本", "a text")
    refs = body.get("refs") or {}
    if not isinstance(refs, Mapping) or not all(isinstance(value, str) for value in refs.values()):
        raise _wrong("refs", "{名称: 字段编号}", "{name: field id}")
    roots = body.get("roots") or []
    if not isinstance(roots, list) or not all(isinstance(one, str) and one in ROOTS for one in roots):
        raise _wrong("roots", "、".join(sorted(ROOTS)), ", ".join(sorted(ROOTS)))
    return Question(
        entity=entity,
        src=src,
        wanted=_wanted(body.get("expected"), entity, definition),
        roots=frozenset(roots),
        refs=dict(refs),
        blank_as_zero=_flag(body, "blank_as_zero"),
        making=_flag(body, "making"),
    )


def _wanted(expected: Any, entity: str, definition: Definition) -> Type | None:
    """Return the type a place needs: a name of a result type, or ``{"field": key}`` for that of a field."""
    if expected is None:
        return None
    if isinstance(expected, str) and expected in RESULTS:
        return RESULTS[expected]
    key = expected.get("field") if isinstance(expected, Mapping) else None
    if isinstance(key, str) and definition.snapshot.has_entity(entity):
        fields = definition.schema.fields(definition.snapshot.entity(entity).id)
        if key in fields:
            return fields[key].type
    raise _wrong("expected", "、".join(RESULTS), ", ".join(RESULTS))


def _flag(body: Mapping[str, Any], key: str) -> bool:
    value = body.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(key, "true 或 false", "true or false")
    return value


def _wrong(key: str, zh: str, en: str) -> Refused:
    return Refused([Finding("B107", f"/{key}", {"key": key, "expected": {"zh-CN": zh, "en": en}})])
