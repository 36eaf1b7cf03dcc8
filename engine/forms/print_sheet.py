"""A whole HTML document around pages filled in: paper, base style, the designer's style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import escape

SIZES: Final[Mapping[str, tuple[float, float]]] = {
    "A3": (297, 420),
    "A4": (210, 297),
    "A5": (148, 210),
    "A6": (105, 148),
    "B5": (176, 250),
    "letter": (215.9, 279.4),
    "80mm": (80, 297),
    "58mm": (58, 297),
}
"""Millimetres; the two rolls are cut below what is printed."""
ROLLS: Final = frozenset({"80mm", "58mm"})
LONGEST: Final = 2_000
_MARGIN: Final = 15

BASE: Final = """
html { font-family: "Inter", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif;
  font-size: 10.5pt; line-height: 1.5; color: #16181d; text-autospace: normal; }
body { margin: 0; }
.sheet + .sheet { break-before: page; }
h1 { font-size: 17pt; line-height: 1.3; margin: 0 0 4mm; text-align: center; }
h2 { font-size: 12pt; margin: 6mm 0 2mm; break-after: avoid; }
p { margin: 0 0 2mm; }
table { border-collapse: collapse; width: 100%; margin: 0 0 4mm; }
th, td { border: 0.25mm solid #9aa1ad; padding: 1.2mm 2mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f1f3f6; font-weight: 600; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.number, td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.center { text-align: center; }
.muted { color: #5b6270; }
.keep { break-inside: avoid; }
.break { break-before: page; }
.facts th { width: 22%; }
.picture { max-width: 100%; object-fit: contain; vertical-align: middle; }
.signatures { display: flex; gap: 12mm; margin-top: 10mm; break-inside: avoid; }
.signatures > * { flex: 1; }
.header { position: running(header); }
.footer { position: running(footer); }
"""

_SCREEN: Final = """
@media screen {
  html { background: #e8eaee; }
  body { padding: 6mm; }
  .sheet { box-sizing: border-box; width: WIDTHmm; max-width: 100%; min-height: HEIGHTmm; margin: 0 auto 6mm;
    padding: MARGINmm; background: #fff; box-shadow: 0 1px 4px rgb(0 0 0 / 25%); overflow: hidden; }
}
"""


def paper(page: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return width, height and margin in millimetres."""
    size = str(page.get("size", "A4"))
    width, height = SIZES[size]
    if page.get("landscape") and size not in ROLLS:
        width, height = height, width
    margin = page.get("margin")
    return width, height, float(_MARGIN if margin is None else margin) if size not in ROLLS or margin else 3.0


def document(
    pages: Sequence[str], *, css: str, page: Mapping[str, Any], title: str, lang: str, height: float = 0
) -> str:
    """Return the HTML document. ``height`` overrides that of the paper (a roll cut to its content)."""
    width, tall, margin = paper(page)
    chinese = lang == "zh-CN"
    numbers = ('"第 " counter(page) " / " counter(pages) " 页"', 'counter(page) " / " counter(pages)')[not chinese]
    foot = f"@bottom-center {{ content: {numbers}; font-size: 8pt; color: #5b6270; }}"
    marks = "@top-left { content: element(header); width: 100%; } @bottom-left { content: element(footer); }"
    if page.get("numbers") is not False:
        marks = f"{marks} {foot}"
    if str(page.get("size")) in ROLLS:
        marks = ""
    sheet = f"@page {{ size: {width:g}mm {height or tall:g}mm; margin: {margin:g}mm; {marks} }}"
    screen = _SCREEN.replace("WIDTH", f"{width:g}").replace("HEIGHT", f"{tall:g}").replace("MARGIN", f"{margin:g}")
    if str(page.get("size")) in ROLLS:
        screen = screen.replace(f"min-height: {tall:g}mm;", "")
    body = "\n".join(f'<article class="sheet">{one}</article>' for one in pages)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head>{head}<style>{BASE}{sheet}{screen}\n{css}</style></head>'
        f"<body>{body}</body></html>"
    )
