"""What is wrong with the rules of a definition beyond their expressions: circles, targets, options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import engine.rules.messages  # noqa: F401 - registers the sentences
from engine.fields.choices import choices_of
from engine.graphs import circles
from engine.records.formulas import Formulas
from engine.records.rulebook import Rulebook, candidate_type, forms_of, settable
from engine.rules.compiling import fields_within
from engine.rules.order import CONDITION, FIELD
from metadata.findings import LANGUAGES, Finding, in_language
from metadata.model import App, Entity, Rule, Text
from metadata.snapshot import Snapshot


def check_rules(app: App) -> Iterator[Finding]:
    """Yield findings about rules whose expressions are all right."""
    if not any(entity.rules for entity in app.entities) and not any(item.when for f in app.forms for item in f.walk()):
        return
    snapshot = Snapshot(app, 0)
    for at, entity in enumerate(app.entities):
        for number, rule in enumerate(entity.rules if not entity.trashed else ()):
            if not rule.off:
                yield from _targets(snapshot, entity, rule, f"/entities/{at}/rules/{number}")
    yield from _circles(snapshot, Rulebook(Formulas(snapshot)))


def _targets(snapshot: Snapshot, entity: Entity, rule: Rule, place: str) -> Iterator[Finding]:
    for name in rule.values:
        if name in snapshot.fields(entity) and not settable(snapshot, entity, name):
            yield Finding("R335", f"{place}/values/{name}", {"label": snapshot.field_of(entity, name).label})
    if rule.kind != "choose":
        return
    within = fields_within(forms_of(snapshot, entity))
    first = None
    for at, name in enumerate(rule.fields):
        for field_id in within.get(name, (name,)):
            if field_id not in snapshot.fields(entity):
                continue
            f = snapshot.field_of(entity, field_id)
            candidate = candidate_type(snapshot, entity, field_id)
            options = {str(one["id"]) for one in choices_of(f)}
            missing = [one for one in rule.options if one not in options]
            if (rule.filter is not None and candidate is None) or (rule.options and not options):
                yield Finding("R336", f"{place}/fields/{at}", {"label": f.label})
            elif missing:
                yield Finding("R337", f"{place}/options", {"label": f.label, "option": missing[0]})
            elif rule.filter is not None and first is not None and candidate != first:
                yield Finding("R338", f"{place}/fields/{at}", {"label": f.label})
            first = first or candidate


def _circles(snapshot: Snapshot, book: Rulebook) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    formed = [form.id for form in snapshot.app.forms if snapshot.has_entity(form.entity)]
    for form in ("", *formed):
        for circle in circles(book.graph(form)):
            steps = frozenset(circle)
            if steps in seen or all(step.removeprefix(FIELD) in book.formulas.by_field for step in steps):
                continue
            seen.add(steps)
            yield Finding("R334", _place(snapshot, circle), {"path": _path(snapshot, circle)})


def _path(snapshot: Snapshot, circle: tuple[str, ...]) -> Text:
    names = [_name(snapshot, step) for step in (*circle, circle[0])]
    return {language: " → ".join(in_language(name, language) for name in names) for language in LANGUAGES}


def _name(snapshot: Snapshot, step: str) -> Mapping[str, str]:
    name = step.removeprefix(FIELD).removeprefix(CONDITION)
    if step.startswith(FIELD):
        return snapshot.field(name).label
    for entity in snapshot.entities:
        for rule in entity.rules:
            if rule.id == name and rule.label:
                return rule.label
    labels = (item.label for form in snapshot.app.forms for item in form.walk() if item.id == name and item.label)
    return next(labels, {"zh-CN": name, "en": name})


def _place(snapshot: Snapshot, circle: tuple[str, ...]) -> str:
    """Return where to look: a rule in the circle, or the part of a form whose condition is in it."""
    names = {step.removeprefix(FIELD).removeprefix(CONDITION) for step in circle}
    for at, entity in enumerate(snapshot.app.entities):
        for number, rule in enumerate(entity.rules):
            if not rule.off and (rule.id in names or names & {*rule.values, *rule.fields}):
                return f"/entities/{at}/rules/{number}"
    for at, form in enumerate(snapshot.app.forms):
        if any(item.id in names for item in form.walk()):
            return f"/forms/{at}"
    return ""
