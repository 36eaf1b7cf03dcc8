"""Files of records. Uploaded before the record is saved, joined to it by saving, readable like its field."""

from __future__ import annotations

from flask import Response, send_file

from engine.fields.base import FIELD_TYPES
from engine.fields.media import FileType
from engine.problems import Forbidden, NotFound
from engine.records import files, thumbnails
from engine.records.around import comments
from engine.records.files import FileStore, StoredFile
from metadata.model import Field
from runtime import query
from runtime.access import Routes
from runtime.context import connection, reading, services, visitor, writing
from runtime.jsonio import answer
from runtime.uploads import uploaded

routes = Routes("files", "/api/v1/files")

INLINE = (
    *("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"),
    *("audio/webm", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav"),
)
"""What a browser may show by itself; everything else (SVG, HTML, office files) is only ever downloaded."""


def _store(f: Field | None = None) -> FileStore:
    config = services().config
    wanted = f.options.get("max_size") if f else None
    limit = min(wanted, config.max_upload) if isinstance(wanted, int) else config.max_upload
    return FileStore(config.files_dir, limit)


@routes.route("", methods=("POST",), body="upload", limit="300/minute")
def upload() -> Response:
    part, form = uploaded("app", "entity", "field")
    with writing(form.get("app", "")) as (store, actor):
        entity, name = form.get("entity", ""), form.get("field", "")
        if not store.snapshot.has_entity(entity):
            raise NotFound(what=entity or "entity")
        access = store.access(actor, entity)
        f = store.snapshot.fields(store.snapshot.entity(entity)).get(name)
        if (
            f is None
            or access.levels.get(f.key, "hidden") == "hidden"
            or not isinstance(kind := FIELD_TYPES.get(f.type), FileType)
        ):
            raise NotFound(what=name or "field")
        if access.levels[f.key] != "write" or not {"create", "update"} & set(access.actions):
            raise Forbidden(what=f.label)
        saved = _store(f).save(
            store.connection,
            part.stream,
            name=part.filename or "",
            actor=actor,
            accept=kind.accepts(f),
            picture=kind.picture(f),
        )
    return answer({"id": saved.id, "name": saved.name, "size": saved.size, "type": saved.type}, 201)


@routes.route("/<file_id>")
def download(file_id: str) -> Response:
    given = query.arguments("inline")
    found = files.get(connection(), file_id)
    if not _readable(found):
        raise NotFound(what=file_id[:8])
    inline = query.switch(given, "inline") and found.type in INLINE
    response = send_file(
        _store().path(file_id), mimetype=found.type, as_attachment=not inline, download_name=found.name, max_age=0
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.route("/<file_id>/thumbnail", limit="3000/minute")
def small(file_id: str) -> Response:
    """The picture no larger than a size, for whoever may see the file itself."""
    given = query.arguments("size")
    size = query.whole(given, "size", thumbnails.SIZES[1], thumbnails.SIZES[0], thumbnails.SIZES[-1])
    found = files.get(connection(), file_id)
    if not found.type.startswith("image/") or not _readable(found):
        raise NotFound(what=file_id[:8])
    drawn = next(one for one in thumbnails.SIZES if size <= one)
    response = send_file(thumbnails.thumbnail(_store().path(file_id), drawn), mimetype="image/webp", max_age=0)
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _readable(found: StoredFile) -> bool:
    """One's own upload that no record has yet, or a file in a field or comment of a record one may read, right now."""
    who = visitor()
    if not found.record_id:
        return found.created_by == who.id
    for app_id in who.roles:
        store, actor = reading(app_id)
        if store.snapshot.has_entity(found.entity_id):
            if found.field_id == comments.FIELD:
                return comments.holds(store, actor, found)
            try:
                f = store.snapshot.field_of(found.entity_id, found.field_id)
                record = store.get(actor, found.entity_id, found.record_id, fields=(f.key,))
            except (KeyError, NotFound):
                return False
            return found.id in (record.values.get(f.key) or ())
    return False
