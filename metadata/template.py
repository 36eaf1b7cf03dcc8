"""Application templates as files: readable, stable to the byte, with ids that become local on import.

An id of a template stays as it is when nothing here has it yet, else the definition gets a fresh local id; the
``origins`` (template id to local id) lead back, so that an export says again what the author wrote and a later
template version meets the right definitions.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from metadata.codec import from_json, to_json
from metadata.ids import new_id, parse
from metadata.merge import Merge, merge
from metadata.model import App, Json
from metadata.refs import defined, remap
from metadata.validate import load

SCHEMA = "urn:dougong:schema:app:2"

_WIDTH = 120
_KEY_LENGTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A newer template brought into an edited copy: the merge, the ids it uses, and the template as it now is."""

    merge: Merge
    origins: Mapping[str, str]
    template: App


def import_template(
    data: Json | bytes,
    existing_ids: Collection[str] = (),
    *,
    taken_keys: Collection[str] = (),
    samples: bool = True,
) -> tuple[App, dict[str, str]]:
    """Return the application of a template with local ids, and its origins (template id to local id).

    ``existing_ids`` are the ids in use here (``MetadataStore.taken_ids``), ``taken_keys`` the keys of the other
    applications; a taken key gets a number. Raises :class:`metadata.findings.Refused` with every finding.
    """
    template = load(data)
    if not samples:
        template = replace(template, samples=())
    origins = _local_ids(template, {}, existing_ids)
    app = localise(template, origins)
    return replace(app, key=_free_key(app.key, taken_keys)), origins


def export_template(app: App, origins: Mapping[str, str], *, samples: bool = True) -> bytes:
    """Return the file of an application; the same definition always gives the same bytes.

    What is in the trash stays here. Raises ``ValueError`` when two definitions would get the same id.
    """
    kept = without_trash(app if samples else replace(app, samples=()))
    back = {local: template for template, local in origins.items()}
    data = to_json(kept)
    ids = [back.get(local, local) for local, _ in defined(data)]
    if len(set(ids)) != len(ids):
        raise ValueError("origins map two definitions to one id")
    return render({**remap(data, back), "$schema": SCHEMA, "format": app.format})


def update_from_template(
    data: Json | bytes, installed: App, ours: App, origins: Mapping[str, str], existing_ids: Collection[str] = ()
) -> Update:
    """Merge a newer template into the edited copy ``ours``; ``installed`` is the template it came from.

    Local edits win and are listed (``Update.merge.conflicts``). Raises :class:`metadata.findings.Refused` when the
    new template itself is not sound.
    """
    template = load(data)
    known = _local_ids(template, origins, existing_ids)
    base, theirs = localise(installed, known), localise(template, known)
    theirs = replace(theirs, key=ours.key) if base.key == theirs.key else theirs
    return Update(merge=merge(replace(base, key=theirs.key), ours, theirs), origins=known, template=template)


def localise(template: App, origins: Mapping[str, str]) -> App:
    """Return a template with every id replaced by its local one, in references of every form too."""
    return from_json(App, remap(to_json(template), origins))


def without_trash(app: App) -> App:
    """Return an application without what is in the trash, and without what only served it."""
    gone = {entity.id for entity in app.entities if entity.trashed}
    entities = tuple(
        replace(entity, fields=tuple(f for f in entity.fields if not f.trashed))
        for entity in app.entities
        if not entity.trashed
    )
    return replace(
        app,
        entities=entities,
        forms=tuple(form for form in app.forms if form.entity not in gone),
        views=tuple(view for view in app.views if view.entity not in gone),
        flows=tuple(flow for flow in app.flows if flow.entity not in gone),
        roles=tuple(replace(r, grants=tuple(g for g in r.grants if g.entity not in gone)) for r in app.roles),
    )


def render(data: Json) -> bytes:
    """Return the file form of a JSON value: sorted keys, one line for what fits, else one line an item."""
    return (_lines(data, 0, 0) + "\n").encode()


def _local_ids(template: App, known: Mapping[str, str], existing_ids: Collection[str]) -> dict[str, str]:
    origins = dict(known)
    taken = {*existing_ids, *origins.values()}
    for identifier, _ in defined(to_json(template)):
        if identifier not in origins:
            origins[identifier] = new_id(parse(identifier)[0]) if identifier in taken else identifier
            taken.add(origins[identifier])
    return origins


def _free_key(key: str, taken: Collection[str]) -> str:
    number, free = 2, key
    while free in taken:
        free = f"{key[: _KEY_LENGTH - 1 - len(str(number))]}_{number}"
        number += 1
    return free


def _lines(value: Json, indent: int, used: int) -> str:
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(flat) + indent + used <= _WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        names = [(json.dumps(key, ensure_ascii=False) + ": ", value[key]) for key in sorted(value)]
        items = [name + _lines(item, inner, len(name) + 1) for name, item in names]
    else:
        items = [_lines(item, inner, 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pad = " " * inner
    body = (",\n" + pad).join(items)
    return f"{opening}\n{pad}{body}\n{' ' * indent}{closing}"
