"""The page every form has without anybody designing one: its sections, fields and sub-tables, in its order.

It is written as a template in the language of templates, so it is also what a designer starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import orjson

from engine.expr.types import ListType
from engine.fields.base import FIELD_TYPES
from metadata.model import Entity, Field, Form, FormItem, Text
from metadata.snapshot import Snapshot

Readable = Callable[[Entity, str], bool]
"""Whether a field (by id) of an entity may be read."""

_WIDE: Final = 6
_COLUMNS: Final = 8
_PICTURE: Final = 40
_NUMBERS: Final = frozenset({"number", "currency", "percent"})
_TITLED: Final = frozenset({"section", "tab", "page"})
_PRINTED: Final[Text] = {"zh-CN": "打印人", "en": "Printed by"}


def default_template(snapshot: Snapshot, entity: Entity, readable: Readable) -> str:
    """Return the template of an entity's default form with the fields its reader may read."""
    return "\n".join(_Writer(snapshot, entity, readable).page(snapshot.default_form(entity))) + "\n"


class _Writer:
    def __init__(self, snapshot: Snapshot, entity: Entity, readable: Readable):
        self._snapshot, self._entity, self._readable = snapshot, entity, readable

    def page(self, form: Form) -> Iterator[str]:
        yield f"<h1>{said(self._entity.label)}</h1>"
        yield '<p class="center">{{ record }}</p>'
        yield from self._parts(form.items)
        yield f'<p class="muted">{said(_PRINTED)} {{{{ printed_by }}}} · {{{{ now() }}}}</p>'

    def _parts(self, items: Iterable[FormItem]) -> Iterator[str]:
        """Fields that stand together make one table; everything else stands on its own."""
        waiting: list[tuple[Field, int]] = []
        for item in items:
            f = self._field(item) if item.kind == "field" else None
            if f is not None and f.type != "subtable":
                waiting.append((f, item.width))
                continue
            if item.kind == "field" and f is None:
                continue
            yield from self._facts(waiting)
            waiting = []
            yield from self._part(item, f)
        yield from self._facts(waiting)

    def _part(self, item: FormItem, f: Field | None) -> Iterator[str]:
        if f is not None:
            yield from self._rows(f)
        elif item.kind == "note" and item.text:
            yield f"<p>{said(item.text)}</p>"
        elif item.kind == "divider":
            yield "<hr>"
        elif item.items:
            inside = list(self._parts(item.items))
            if inside and item.kind in _TITLED and item.label:
                yield f"<h2>{said(item.label)}</h2>"
            yield from inside

    def _field(self, item: FormItem) -> Field | None:
        f = self._snapshot.fields(self._entity).get(item.field)
        return f if f is not None and f.type in FIELD_TYPES and self._readable(self._entity, f.id) else None

    def _facts(self, fields: list[tuple[Field, int]]) -> Iterator[str]:
        if not fields:
            return
        yield '<table class="facts">'
        open_cells = 0
        for at, (f, width) in enumerate(fields):
            alone = width > _WIDE or (open_cells == 0 and (at + 1 == len(fields) or fields[at + 1][1] > _WIDE))
            if alone and open_cells:
                yield '<td colspan="2"></td></tr>'
                open_cells = 0
            head = f"<th>{said(f.label)}</th>"
            value = _value(f"record.{f.key}", f)
            if alone:
                yield f'<tr>{head}<td colspan="3">{value}</td></tr>'
            elif open_cells:
                yield f"{head}<td>{value}</td></tr>"
                open_cells = 0
            else:
                yield f"<tr>{head}<td>{value}</td>"
                open_cells = 1
        yield "</table>"

    def _rows(self, f: Field) -> Iterator[str]:
        target = str(f.options.get("entity", ""))
        if not self._snapshot.has_entity(target):
            return
        child = self._snapshot.entity(target)
        shown = [
            column
            for column in self._snapshot.own_fields(child)
            if column.type in FIELD_TYPES and column.type != "subtable" and self._readable(child, column.id)
        ][:_COLUMNS]
        if not shown:
            return
        yield f"<h2>{said(f.label)}</h2>"
        heads = "".join(f"<th{_class(column)}>{said(column.label)}</th>" for column in shown)
        cells = "".join(f"<td{_class(column)}>{_value(f'row.{column.key}', column)}</td>" for column in shown)
        yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
        yield f"{{% for row in record.{f.key} %}}"
        yield f"<tr>{cells}</tr>"
        yield "{% endfor %}"
        yield "</tbody></table>"


def said(label: Text) -> str:
    """Return a label as a template says it: in the reader's language, never as markup."""
    chinese, english = label.get("zh-CN", ""), label.get("en", "")
    if chinese and english and chinese != english:
        return f"{{{{ words({_literal(chinese)}, {_literal(english)}) }}}}"
    return f"{{{{ {_literal(chinese or english or next(iter(label.values()), ''))} }}}}"


def _literal(text: str) -> str:
    """A text in quotes that cannot end the tag it stands in."""
    return orjson.dumps(text).decode().replace("}}", '}" ~ "}').replace("%}", '%" ~ "}')


def _class(f: Field) -> str:
    return ' class="number"' if f.type in _NUMBERS else ""


def _value(path: str, f: Field) -> str:
    type_: Any = FIELD_TYPES.get(f.type).expr_type(f)
    item = type_.item if isinstance(type_, ListType) else type_
    if item.kind == "file":
        return f"{{{{ image({path}, height={_PICTURE}) }}}} {{{{ {path} }}}}"
    return f"{{{{ {path} }}}}"
