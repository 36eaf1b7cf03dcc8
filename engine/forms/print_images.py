"""Pages of a PDF as pictures, in the child process: what a designer looks at while a template is written.

Only pictures of pages leave the process, so nothing of a template can run where they are shown.
"""

from __future__ import annotations

import base64
import io
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]

MOST_PAGES: Final = 8
"""Pages shown of a long document."""
_DOTS: Final = 144
_TALLEST: Final = 8_000
"""Pixels of one picture: a roll of two metres is drawn smaller."""
_POINTS: Final = 72


def images(pdf: bytes) -> dict[str, Any]:
    """Return ``{"count", "pages": [{"png", "width", "height"}]}``: PNG in base64, sizes in millimetres."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        count = len(document)
        return {"count": count, "pages": [_image(document[at]) for at in range(min(count, MOST_PAGES))]}
    finally:
        document.close()


def _image(page: Any) -> dict[str, Any]:
    width, height = page.get_size()
    bitmap = page.render(scale=min(_DOTS / _POINTS, _TALLEST / height))
    out = io.BytesIO()
    bitmap.to_pil().save(out, "PNG", compress_level=4)
    bitmap.close()
    page.close()
    millimetres = [round(side / _POINTS * 25.4, 1) for side in (width, height)]
    return {"png": base64.b64encode(out.getvalue()).decode(), "width": millimetres[0], "height": millimetres[1]}
