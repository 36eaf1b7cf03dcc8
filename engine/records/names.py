"""Physical names: made from ids, never from what people see, so a rename touches no table."""

from __future__ import annotations

import hashlib
import re

from engine.fields.base import ColumnSpec, FieldType
from metadata.ids import parse
from metadata.model import App, Entity, Field

IDENTIFIER_LIMIT = 63
"""PostgreSQL cuts longer names without a word."""


def body(identifier: str) -> str:
    """Return the part of a definition id that names it."""
    return parse(identifier)[1]


def record_table(entity: Entity | str) -> str:
    """Name of the table that holds the records of an entity."""
    return "r_" + body(entity if isinstance(entity, str) else entity.id)


def column(field: Field, field_type: FieldType, spec: ColumnSpec) -> str:
    """Name of a column of a field: its id and how its values are stored.

    The storage tag is part of the name, so a field whose type changed has its data in another column and every
    version of the definition alone says which.
    """
    return f"f_{body(field.id)}_{field_type.storage_tag(field)}{spec.suffix}"


def unique_column(field: Field, field_type: FieldType) -> str:
    """Name of the column that holds the normalised key of a unique field."""
    return f"u_{body(field.id)}_{field_type.storage_tag(field)}"


def link_table(field: Field | str) -> str:
    """Name of the table of a field that links to many."""
    return "l_" + body(field if isinstance(field, str) else field.id)


def search_table(entity: Entity | str) -> str:
    """Name of the search index of an entity."""
    return "s_" + body(entity if isinstance(entity, str) else entity.id)


def change_table(entity: str) -> str:
    """Name of the table that notes which rows changed while a publish prepares."""
    return "c_" + body(entity)


def index(table: str, definition: str, *, unique: bool = False) -> str:
    """Name of an index; it changes when the definition does, so names alone tell what is there."""
    return f"{'ux' if unique else 'ix'}_{table[2:42]}_{digest(table + '|' + definition)}"


def view(app: App, entity: Entity) -> str:
    """Name of the readable view of an entity."""
    return fitting(f"v_{_plain(app.key)}_{_plain(entity.key)}", app.id + entity.id)


def fitting(name: str, seed: str) -> str:
    """Return the name, or a shortened one that is still its own, when it is longer than databases allow."""
    if len(name.encode()) <= IDENTIFIER_LIMIT:
        return name
    kept = name.encode()[: IDENTIFIER_LIMIT - 11].decode("utf-8", "ignore")
    return f"{kept}_{digest(seed + name)}"


def digest(text: str) -> str:
    """Return ten characters that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def quoted(name: str) -> str:
    """Return a name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _plain(key: str) -> str:
    return re.sub(r"[^0-9A-Za-z_]", "_", key).lower()
