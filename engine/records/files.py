"""Uploaded files: stored under generated names outside any web root, joined to a record field when it is saved.

A file belongs to the person who uploaded it until a record takes it; from then on it is readable by whoever may read
that field of that record. The name a person gave is data, never a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, Text, select, update

from engine.actor import Actor
from engine.clock import instant_text
from engine.database import SYSTEM
from engine.fields.media import Picture
from engine.problems import NotFound, TooLarge
from engine.records.sniffing import BLOCKED, check_content
from engine.records.thumbnails import check_picture, without_place
from metadata.findings import Finding, Refused, register_messages

MAX_SIZE = 50 * 1024 * 1024
_CHUNK = 1 << 20

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\:*?\"<>|]")

register_messages(
    {
        "D101": {
            "zh-CN": "不允许上传“.{ending}”文件，因为它可能被直接运行。请压缩成 zip 后再上传。",
            "en": 'A ".{ending}" file could be run directly and is not accepted. Put it into a zip file first.',
        },
        "D103": {"zh-CN": "文件“{name}”是空的。", "en": 'The file "{name}" is empty.'},
        "D104": {
            "zh-CN": "此字段只接受这些类型的文件：{accept}。",
            "en": "This field only takes files of these kinds: {accept}.",
        },
    }
)

file_table = Table(
    "file",
    SYSTEM,
    Column("id", String(43), primary_key=True),  # 256 random bits
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", String(128), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("app_id", String(64), nullable=False, default=""),
    Column("entity_id", String(64), nullable=False, default=""),
    Column("field_id", String(64), nullable=False, default=""),
    Column("record_id", String(32), nullable=False, default=""),
    Column("created_at", String(32), nullable=False),
    Column("created_by", String(64), nullable=False),
)
Index("ix_file_record", file_table.c.record_id)

_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "csv": "text/csv",
    "txt": "text/plain",
    "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "webm": "audio/webm",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """What is known of a file. ``type`` is decided by the ending; the content may only contradict it."""

    id: str
    name: str
    size: int
    type: str
    entity_id: str = ""
    field_id: str = ""
    record_id: str = ""
    created_by: str = ""


class FileStore:
    """Bytes on disk, facts in the database. ``folder`` is created on first use."""

    def __init__(self, folder: Path, max_size: int = MAX_SIZE):
        self.folder, self.max_size = folder, max_size

    def path(self, file_id: str) -> Path:
        """Where the bytes are. The id is ours, so the path cannot leave the folder."""
        digest = hashlib.sha256(file_id.encode()).hexdigest()
        return self.folder / digest[:2] / digest

    def save(
        self,
        connection: Connection,
        stream: IO[bytes],
        *,
        name: str,
        actor: Actor,
        accept: Iterable[str] = (),
        picture: Picture = "",
    ) -> StoredFile:
        """Take an upload. Raises :class:`TooLarge`, or :class:`Refused` for a kind that is not accepted.

        A ``picture`` must be one that can be drawn; ``placeless`` removes where a photo was taken. The bytes are
        written and synced before the row, so a row never points to a missing file.
        """
        name = clean_name(name)
        ending = name.rpartition(".")[2].lower() if "." in name else ""
        accepted = tuple(kind.lstrip(".").lower() for kind in accept)
        if ending in BLOCKED:
            raise Refused([Finding("D101", "/file", {"ending": ending})])
        if accepted and ending not in accepted:
            raise Refused([Finding("D104", "/file", {"accept": ", ".join(accepted)})])
        file_id = secrets.token_urlsafe(32)
        target = self.path(file_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            size, digest = self._write(target, stream, name)
            check_content(target, name, ending)
            if picture:
                check_picture(target, name)
            if picture == "placeless":
                size, digest = _placeless(target, size, digest)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        stored = StoredFile(
            id=file_id, name=name, size=size, type=_TYPES.get(ending, "application/octet-stream"), created_by=actor.id
        )
        connection.execute(
            file_table.insert().values(
                id=file_id,
                name=name,
                size=size,
                type=stored.type,
                sha256=digest,
                created_at=instant_text(),
                created_by=actor.id,
            )
        )
        return stored

    def remove(self, file_id: str) -> None:
        """Delete the bytes and the small pictures made of them; nothing happens when they are gone."""
        path = self.path(file_id)
        for one in (path, *path.parent.glob(f"{path.name}.*")):
            one.unlink(missing_ok=True)

    def _write(self, target: Path, stream: IO[bytes], name: str) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        with target.open("xb") as out:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > self.max_size:
                    raise TooLarge(what=name, limit=f"{self.max_size // (1 << 20)} MB")
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if not size:
            raise Refused([Finding("D103", "/file", {"name": name})])
        return size, digest.hexdigest()


def _placeless(target: Path, size: int, digest: str) -> tuple[int, str]:
    content = target.read_bytes()
    kept = without_place(content)
    if kept == content:
        return size, digest
    with target.open("wb") as out:
        out.write(kept)
        out.flush()
        os.fsync(out.fileno())
    return len(kept), hashlib.sha256(kept).hexdigest()


def clean_name(name: str) -> str:
    """A name safe to show and to offer for download: no path, control or direction characters, at most 200 long."""
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])).strip(" .")
    if not cleaned:
        return "file"
    stem, dot, ending = cleaned.rpartition(".")
    return f"{stem[: 199 - len(ending)]}.{ending}" if dot and len(ending) < 20 else cleaned[:200]


def describe(connection: Connection, ids: Iterable[str]) -> dict[str, StoredFile]:
    """Facts of the files that exist, by id."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    columns = [
        file_table.c[name]
        for name in ("id", "name", "size", "type", "entity_id", "field_id", "record_id", "created_by")
    ]
    rows = connection.execute(select(*columns).where(file_table.c.id.in_(wanted)))
    return {row.id: StoredFile(**row._asdict()) for row in rows}


def unusable(connection: Connection, actor: Actor, ids: Iterable[str], field_id: str, record_id: str) -> set[str]:
    """Of ``ids``, those this actor may not put into this field of this record.

    Usable is what the actor uploaded and nobody took yet, and what is in this very field already. Everything else
    looks like a file that does not exist.
    """
    wanted = set(ids)
    good = {
        f.id
        for f in describe(connection, wanted).values()
        if (f.record_id == "" and f.created_by == actor.id) or (f.record_id == record_id and f.field_id == field_id)
    }
    return wanted - good


def attach(
    connection: Connection, ids: Iterable[str], *, app_id: str, entity_id: str, field_id: str, record_id: str
) -> None:
    """Join files to the record field that now holds them."""
    connection.execute(
        update(file_table)
        .where(file_table.c.id.in_(list(ids)))
        .values(app_id=app_id, entity_id=entity_id, field_id=field_id, record_id=record_id)
    )


def get(connection: Connection, file_id: str) -> StoredFile:
    """Facts of one file. Raises :class:`NotFound`."""
    found = describe(connection, [file_id]).get(file_id)
    if found is None:
        raise NotFound(what=file_id[:8])
    return found


def to_json(files: Mapping[str, StoredFile], ids: Iterable[str]) -> list[dict[str, Any]]:
    """The API form of a file value; a file that is gone keeps its place with a blank name."""
    out = []
    for file_id in ids:
        f = files.get(file_id)
        out.append(
            {"id": file_id, "name": f.name if f else "", "size": f.size if f else 0, "type": f.type if f else ""}
        )
    return out
