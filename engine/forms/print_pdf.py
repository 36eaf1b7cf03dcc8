"""Pages to PDF with WeasyPrint, in the child process: one document a record, so that each counts its own pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

from engine.forms.print_sheet import LONGEST, ROLLS, document, paper

_PIXELS_A_MM = 96 / 25.4
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # what a style sheet lacks is no news for a log


def pdf(pages: Sequence[str], *, css: str, page: Mapping[str, Any], title: str, lang: str) -> bytes:
    """Return one PDF of pages filled in. Nothing is fetched: pictures travel inside the page."""
    fonts = FontConfiguration()
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    drawn: list[Any] = []
    for one in pages:
        made = _document(one, css, page, title, lang, 0, fetcher, fonts)
        if str(page.get("size")) in ROLLS:
            _, _, margin = paper(page)
            needed = min(LONGEST, _bottom(made.pages[0]) / _PIXELS_A_MM + margin)
            made = _document(one, css, page, title, lang, needed, fetcher, fonts)
        drawn.append(made)
    every = [sheet for made in drawn for sheet in made.pages]
    written: bytes = drawn[0].copy(every).write_pdf()
    return written


def _document(
    one: str,
    css: str,
    page: Mapping[str, Any],
    title: str,
    lang: str,
    height: float,
    fetcher: URLFetcher,
    fonts: FontConfiguration,
) -> Any:
    tall = height or (LONGEST if str(page.get("size")) in ROLLS else 0)
    text = document([one], css=css, page=page, title=title, lang=lang, height=tall)
    return HTML(string=text, url_fetcher=fetcher).render(font_config=fonts)


def _bottom(sheet: Any) -> float:
    """Return where the last box of a page ends, in pixels."""
    body = sheet._page_box.children[0]  # the page's root box holds the body's; margin boxes follow it
    inner = body.children[0] if body.children else body
    return float(inner.position_y + inner.margin_height())
