"""The process that fills in and draws pages, with limits: ``python -m engine.forms.print_child``.

A template is somebody's program. It is run here, without the database, the network or a file of the product: standard
input holds the template and the values it may see, standard output gets the page, or a finding as JSON. Time and
memory are the operating system's to limit; the parent sees a child that ended.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Any

import orjson

from engine.deferred import deferred
from engine.forms.print_render import Failure, filled
from engine.forms.print_sheet import document

try:
    import resource
except ImportError:  # Windows has no resource limits; the parent's clock still holds
    resource = None  # type: ignore[assignment]

MEMORY = 1 << 30
LARGEST = 64 << 20
FILES = 64
drawing = deferred("engine.forms.print_pdf")  # takes most of a second to load, and Pango from the system
picturing = deferred("engine.forms.print_images")


def limit(seconds: int) -> None:
    """Give up processor time beyond ``seconds``, memory beyond a gigabyte, and files to write."""
    if resource is None:
        return
    for what, soft in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (soft, soft + (what == resource.RLIMIT_CPU)))


def made(order: dict[str, Any]) -> bytes:
    """Return the document of an order, or pictures of its pages as JSON. Raises :class:`Failure`."""
    moments = (date.fromisoformat(order["today"]), datetime.fromisoformat(order["now"]))
    pages = [filled(order["html"], record, order["values"], moments) for record in order["records"]]
    about = {"css": order["css"], "page": order["page"], "title": order["title"], "lang": order["values"]["lang"]}
    if order["form"] == "html":
        return document(pages, **about).encode()
    try:
        drawing.load()
    except OSError as error:
        raise Failure("T111") from error
    written: bytes = drawing.pdf(pages, **about)
    return orjson.dumps(picturing.images(written)) if order["form"] == "images" else written


def main() -> int:
    order = orjson.loads(sys.stdin.buffer.read())
    limit(order["seconds"])
    try:
        answer, outcome = made(order), 0
        if len(answer) > LARGEST:
            raise Failure("T109", limit=f"{LARGEST >> 20} MB")
    except Failure as failure:
        answer, outcome = orjson.dumps({"code": failure.code, "params": failure.params}), 3
    except (MemoryError, RecursionError):
        answer, outcome = orjson.dumps({"code": "T109", "params": {"limit": "1 GB"}}), 3
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return outcome


if __name__ == "__main__":
    raise SystemExit(main())
