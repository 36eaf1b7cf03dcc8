"""What pictures are drawn small, what is cut out of photos, and what is no picture at all."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from engine.problems import NotFound, TooLarge
from engine.records.sniffing import check_content
from engine.records.thumbnails import check_picture, thumbnail, without_place
from metadata.findings import Refused

GPS = 0x8825
ORIENTATION = 0x0112


def photo(size: tuple[int, int] = (640, 320), *, turned: int = 1, place: bool = True) -> bytes:
    """A JPEG as a phone makes it, red on its left half."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    notes = Image.Exif()
    notes[ORIENTATION] = turned
    if place:
        notes[GPS] = {1: "N", 2: (30.0, 16.0, 26.8), 3: "E", 4: (120.0, 9.0, 18.4)}
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=notes.tobytes())
    return out.getvalue()


def kept(folder: Path, content: bytes) -> Path:
    path = folder / "picture"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("page.jpg", b"<html>"),
        ("drawing.gif", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("text.webp", b"just words"),
        ("photo.png", b"\xff\xd8\xff\xe0"),
        ("report.pdf", b"<html>%PD"),
        ("voice.mp3", b"MZ\x90\x00"),
        ("voice.webm", b"<html>"),
        ("voice.m4a", b"OggS"),
        ("book.xlsx", b"<html>"),
    ],
)
def test_content_must_be_what_the_name_says(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Refused):
        check_content(kept(tmp_path, content), name, name.rpartition(".")[2])


def test_good_content_passes(tmp_path: Path) -> None:
    check_content(kept(tmp_path, photo()), "a.jpeg", "jpeg")
    check_content(kept(tmp_path, b"RIFF\x00\x00\x00\x00WAVEfmt "), "a.wav", "wav")
    check_content(kept(tmp_path, b"\x00\x00\x00\x20ftypM4A "), "a.m4a", "m4a")
    check_content(kept(tmp_path, b"anything at all"), "a.txt", "txt")


def test_a_photo_loses_its_place_and_nothing_else() -> None:
    before = photo(turned=6)
    after = without_place(before)
    notes = Image.open(io.BytesIO(after)).getexif()
    assert GPS in Image.open(io.BytesIO(before)).getexif()
    assert GPS not in notes
    assert notes[ORIENTATION] == 6
    assert Image.open(io.BytesIO(after)).tobytes() == Image.open(io.BytesIO(before)).tobytes()
    assert without_place(photo(place=False)) == photo(place=False)
    assert without_place(b"\x89PNG no photo") == b"\x89PNG no photo"


@pytest.mark.parametrize("cut", [3, 10, 40, 200])
def test_a_broken_photo_is_only_passed_on(cut: int) -> None:
    assert isinstance(without_place(photo()[:cut]), bytes)


def test_a_small_picture_stands_upright(tmp_path: Path) -> None:
    with Image.open(thumbnail(kept(tmp_path, photo((640, 320), turned=6)), 96)) as small:
        assert small.format == "WEBP"
        assert small.size == (48, 96)
        top, bottom = small.convert("RGB").getpixel((24, 10)), small.convert("RGB").getpixel((24, 85))
        assert isinstance(top, tuple) and isinstance(bottom, tuple)
        assert top[0] > 200 and bottom[2] > 200
        assert not small.getexif()


def test_small_pictures_are_made_once_and_never_larger(tmp_path: Path) -> None:
    path = kept(tmp_path, photo((120, 60)))
    first = thumbnail(path, 1280)
    with Image.open(first) as small:
        assert small.size == (120, 60)
    made = first.stat().st_mtime_ns
    assert thumbnail(path, 1280).stat().st_mtime_ns == made
    assert sorted(one.name for one in tmp_path.iterdir()) == ["picture", "picture.1280.webp"]


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(TooLarge):
        check_picture(kept(tmp_path, bomb), "bomb.png")
    with pytest.raises(NotFound):
        thumbnail(kept(tmp_path, bomb), 96)


def test_what_cannot_be_drawn_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        check_picture(kept(tmp_path, b"\x89PNG\r\n\x1a\nbroken"), "a.png")
    with pytest.raises(NotFound):
        thumbnail(kept(tmp_path, b"%PDF-1.7"), 320)
