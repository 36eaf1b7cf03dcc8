"""Is the content of a file what its name says: a page called ``photo.png`` is refused before anybody is shown it."""

from __future__ import annotations

from pathlib import Path

import puremagic

from metadata.findings import Finding, Refused, register_messages

BLOCKED = frozenset(
    {"exe", "dll", "bat", "cmd", "com", "msi", "scr", "ps1", "vbs", "js", "jar", "html", "htm", "xhtml", "svg", "hta"}
)
"""Endings a browser or a desktop would run. They are refused, not renamed: the person learns why."""

register_messages(
    {
        "D102": {
            "zh-CN": "文件“{name}”的内容与扩展名不符（内容像 {found}）。请用正确的扩展名保存后再上传。",
            "en": 'The content of "{name}" looks like {found}, not like its ending. Save it with the right one.',
        },
    }
)

_HEAD = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BEGINS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    **dict.fromkeys(("zip", "docx", "xlsx", "pptx"), _ZIP),
    "webm": (b"\x1a\x45\xdf\xa3",),
    "ogg": (b"OggS",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3"),
}
"""How a file with an ending that browsers show or play must begin."""
_RIFF = {"webp": b"WEBP", "wav": b"WAVE"}
_PAGES = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml", b"<body", b"<head", b"<iframe")


def check_content(path: Path, name: str, ending: str) -> None:
    """Refuse (:class:`Refused`) a file whose content is not of the kind its ending promises.

    What browsers show or play must begin as its format does. Of other endings nothing is promised, so there a known
    signature may only not be another one's.
    """
    with path.open("rb") as content:
        head = content.read(_HEAD)
    if not _begins(head, ending):
        raise Refused([Finding("D102", "/file", {"name": name, "found": _looks_like(path, head)})])


def _begins(head: bytes, ending: str) -> bool:
    if ending in _BEGINS:
        return head.startswith(_BEGINS[ending])
    if ending in _RIFF:
        return head.startswith(b"RIFF") and head[8:12] == _RIFF[ending]
    if ending == "m4a":
        return head[4:8] == b"ftyp"
    if ending == "pdf":
        return b"%PDF-" in head
    return True


def _looks_like(path: Path, head: bytes) -> str:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "html"
    try:
        return puremagic.from_file(str(path)).lstrip(".").lower() or "?"
    except (puremagic.PureError, ValueError):
        return "?"
