"""Small pictures of uploaded ones, made when first asked for and kept beside the file; and photos without their place.

A picture is drawn upright (cameras only note how they were held), never larger than it was, as WebP without any of the
notes in the original. The size of what is drawn is judged from the header, before a single row is unpacked.
"""

from __future__ import annotations

import secrets
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.problems import NotFound, TooLarge
from metadata.findings import Finding, Refused, register_messages

SIZES: Final = (96, 320, 1280)
"""Longest sides: list cells, cards and rows of pictures, looking at one."""
MAX_PIXELS: Final = 60_000_000
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_GPS: Final = 0x8825
_EXIF: Final = b"Exif\x00\x00"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/"

register_messages(
    {
        "D105": {
            "zh-CN": "图片“{name}”打不开，它可能已损坏。请重新导出后再上传。",
            "en": 'The picture "{name}" cannot be opened; it may be damaged. Export it again.',
        },
    }
)


def check_picture(path: Path, name: str) -> None:
    """Refuse a picture that cannot be opened (:class:`Refused`) or has too many pixels (:class:`TooLarge`)."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            width, height = picture.size
            picture.verify()
    except Image.DecompressionBombError as error:
        raise TooLarge(what=name, limit=f"{MAX_PIXELS // 1_000_000} MP") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused([Finding("D105", "/file", {"name": name})]) from error
    if width * height > MAX_PIXELS:
        raise TooLarge(what=name, limit=f"{MAX_PIXELS // 1_000_000} MP")


def thumbnail(path: Path, size: int) -> Path:
    """Return the small picture of a stored file. Raises :class:`NotFound` for what is no picture that can be drawn."""
    kept = path.with_name(f"{path.name}.{size}.webp")
    if kept.exists():
        return kept
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NotFound(what=path.name[:8])
            picture.draft("RGB", (size, size))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((size, size), Image.Resampling.LANCZOS)
            clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
            upright.convert("RGBA" if clear else "RGB").save(made, "WEBP", quality=80)
        made.replace(kept)
    except (Image.DecompressionBombError, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotFound(what=path.name[:8]) from error
    finally:
        made.unlink(missing_ok=True)
    return kept


def without_place(content: bytes) -> bytes:
    """Return a JPEG without the position where it was taken; the picture itself is not touched.

    Other formats come back as they are: cameras of phones write JPEG.
    """
    if not content.startswith(b"\xff\xd8"):
        return content
    kept = [content[:2]]
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] not in (0xDA, 0xD9):
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at:end]
        if content[at + 1] == 0xE1 and segment[4:].startswith(_EXIF):
            segment = _exif(segment)
        elif content[at + 1] == 0xE1 and segment[4:].startswith(_XMP) and b"GPS" in segment:
            segment = b""
        kept.append(segment)
        at = end
    return b"".join([*kept, content[at:]])


def _exif(segment: bytes) -> bytes:
    notes = Image.Exif()
    try:
        with warnings.catch_warnings(action="error"):  # Pillow only warns about notes it cannot read
            notes.load(segment[4:])
        if _GPS not in notes:
            return segment
        del notes[_GPS]
        body = notes.tobytes()
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, Warning):
        return b""  # notes nobody can read may hold anything
    body = body if body.startswith(_EXIF) else _EXIF + body
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body if len(body) < 65_000 else b""
