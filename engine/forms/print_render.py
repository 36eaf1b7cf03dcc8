"""Fill in a template of a page: Jinja, reduced to values, in the child process.

Nothing has attributes here but the values of ``print_values``: no method of a text, no class, no module. What is
written is escaped; only what these functions make (pictures, codes, line breaks, cleaned rich text) is markup.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import barcode  # type: ignore[import-untyped]
import segno
from barcode.writer import SVGWriter  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.exceptions import TemplateError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup, escape

from engine.expr.functions.chinese import rmb_capital
from engine.forms.print_names import FILTERS, GROUP_PARTS, LOOP, TESTS
from engine.forms.print_values import Image, NoPart, Row, Rows, Shown, as_number, built, raw

MOST_TEXT = 5_000_000
"""Characters one record may fill; the next one stops the page."""
MOST_STEPS = 20_000
_CODES = {"code128": "code128", "code39": "code39", "ean13": "ean13"}
_POWER = 100


class Failure(Exception):
    """Carries the code and params of the finding."""

    def __init__(self, code: str, **params: Any):
        self.code, self.params = code, params
        super().__init__(code)


class PageEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with nothing to reach for: attributes are the parts of values, calls are the functions given."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.filters = {name: made for name, made in self.filters.items() if name in FILTERS}
        self.tests = {name: made for name, made in self.tests.items() if name in TESTS}
        self.tests["blank"] = is_blank
        self.globals = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Shown | Row):
            try:
                return obj.part(attribute)
            except NoPart:
                return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, Namespace) and not attribute.startswith("_"):
            return getattr(obj, attribute, None)
        if isinstance(obj, tuple) and not isinstance(obj, Rows) and attribute in GROUP_PARTS:
            return obj[0 if attribute == "grouper" else 1]
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, tuple | list) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(obj=obj, name=str(argument))
        return self.undefined(obj=obj, name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        left, right = raw(left), raw(right)
        if isinstance(left, date) and isinstance(right, date) and operator == "-":
            return Decimal((_day(left) - _day(right)).days)
        if isinstance(left, str) or isinstance(right, str):
            raise Failure("T107", reason=_TEXTS)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple) and operator == "+":
            return [*left, *right]
        first, second = as_number(left) or Decimal(0), as_number(right) or Decimal(0)
        match operator:
            case "+":
                return first + second
            case "-":
                return first - second
            case "*":
                return first * second
            case "**":
                if abs(second) > _POWER:
                    raise Failure("T107", reason=_LARGE)
                return first**second
        if not second:
            raise Failure("T107", reason=_ZERO)
        return first / second if operator == "/" else first // second if operator == "//" else first % second


_TEXTS = {"zh-CN": "文字之间用 ~ 连接，不能加减乘除", "en": "texts are joined with ~, not added or multiplied"}
_LARGE = {"zh-CN": "乘方太大", "en": "the power is too large"}
_ZERO = {"zh-CN": "除数为零", "en": "division by zero"}
_NUMBER = {"zh-CN": "这里需要数字", "en": "a number is needed here"}
_STEPS = {"zh-CN": f"range 最多 {MOST_STEPS} 步", "en": f"range has at most {MOST_STEPS} steps"}


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def is_blank(value: Any) -> bool:
    """Say whether there is nothing: the test ``is blank``."""
    plain = raw(value)
    return plain is None or plain == "" or plain == () or (isinstance(value, Row) and not value)


def number(value: Any, scale: int | None = None) -> str:
    """Write a number with thousands separated, with ``scale`` decimals if given."""
    found = as_number(value)
    if found is None:
        return ""
    shown = found if scale is None else found.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return f"{shown:,f}"


def money(value: Any, symbol: str = "¥", scale: int = 2) -> str:
    """Write an amount with its currency sign."""
    shown = number(value, scale)
    return shown and (f"-{symbol}{shown[1:]}" if shown.startswith("-") else f"{symbol}{shown}")


def percent(value: Any, scale: int = 0) -> str:
    """Write a share as a percentage."""
    found = as_number(value)
    return "" if found is None else f"{number(found * 100, scale)}%"


def capital(value: Any) -> str:
    """Write an amount in capital Chinese numerals."""
    found = as_number(value)
    return "" if found is None else rmb_capital(found)


def lines(value: Any) -> Markup:
    """Keep the line breaks of a text."""
    return Markup("<br>").join(escape(line) for line in str(value).split("\n"))


def day(value: Any, pattern: str = "%Y-%m-%d") -> str:
    """Write a date; ``%Y年%m月%d日`` and the like."""
    plain = raw(value)
    return plain.strftime(pattern) if isinstance(plain, date) else "" if is_blank(value) else str(value)


def qr(value: Any, size: float = 25, level: str = "m") -> Markup:
    """Draw a QR code, ``size`` millimetres wide."""
    text = str(value)
    if not text:
        return Markup("")
    out = io.BytesIO()
    made = segno.make(text, error=level if level in "lmqh" else "m", micro=False)
    made.save(out, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True)
    return _drawn(out.getvalue(), size, size, text)


def bars(value: Any, kind: str = "code128", width: float = 50, height: float = 15) -> Markup:
    """Draw a barcode: ``code128``, ``code39`` or ``ean13``."""
    text = str(value)
    if not text:
        return Markup("")
    out = io.BytesIO()
    try:
        made = barcode.get(_CODES.get(kind, "code128"), text, writer=SVGWriter())
        made.write(out, {"write_text": False, "quiet_zone": 1})
    except (barcode.errors.BarcodeError, KeyError) as error:
        raise Failure("T107", reason={"zh-CN": f"“{text}”不能写成条形码", "en": f'"{text}" is no barcode'}) from error
    return _drawn(out.getvalue(), width, height, text)


def _drawn(svg: bytes, width: float, height: float, text: str) -> Markup:
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    return _picture(address, f"width:{float(width):g}mm;height:{float(height):g}mm", text)


def image(value: Any, width: float = 0, height: float = 0) -> Markup:
    """Show the pictures of a field, ``width`` and ``height`` in millimetres."""
    found = value if isinstance(value, Rows) else (value,)
    sides = (("width", width), ("height", height))
    style = ";".join(f"{side}:{float(size):g}mm" for side, size in sides if size)
    return Markup("").join(
        _picture(one.address, style, str(one)) for one in found if isinstance(one, Image) and one.address
    )


def _picture(address: str, style: str, text: str) -> Markup:
    return Markup('<img class="picture" src="{}" style="{}" alt="{}">').format(address, style, text)


def steps(*bounds: int) -> range:
    made = range(*(int(bound) for bound in bounds))
    if len(made) > MOST_STEPS:
        raise Failure("T107", reason=_STEPS)
    return made


def filled(source: str, record: Any, values: Mapping[str, str], moments: tuple[date, datetime]) -> str:
    """Return a template filled in over one record (a node of ``print_data``). Raises :class:`Failure`."""
    environment = PageEnvironment()
    chinese = values.get("lang", "zh-CN") == "zh-CN"
    names: dict[str, Any] = {
        **values,
        "record": built(record),
        "today": lambda: Shown(moments[0].isoformat(), moments[0]),
        "now": lambda: Shown(moments[1].strftime("%Y-%m-%d %H:%M"), moments[1]),
        "words": lambda zh, en: zh if chinese else en,
        "range": steps,
        "namespace": Namespace,
        **_HELPERS,
    }
    environment.filters |= _FILTERS
    try:
        template = environment.from_string(source)
        return _limited(template.generate(names))
    except Failure as failure:
        raise Failure(failure.code, line=_line(failure), **failure.params) from failure
    except TemplateSyntaxError as error:
        raise Failure("T101", line=error.lineno, reason=str(error.message)) from error
    except InvalidOperation as error:
        raise Failure("T107", line=_line(error), reason=_NUMBER) from error
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise Failure("T107", line=_line(error), reason=str(error)[:200]) from error


_HELPERS: Mapping[str, Callable[..., Any]] = {
    "qr": qr,
    "barcode": bars,
    "rmbcap": capital,
    "image": image,
    "number": number,
    "money": money,
    "percent": percent,
    "date": day,
}
_FILTERS: Mapping[str, Callable[..., Any]] = {
    "rmbcap": capital,
    "number": number,
    "money": money,
    "percent": percent,
    "date": day,
    "lines": lines,
}


def _limited(pieces: Iterator[str]) -> str:
    made: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_TEXT:
            raise Failure("T109", limit=f"{MOST_TEXT // 1_000_000} MB")
        made.append(piece)
    return "".join(made)


def _line(error: BaseException) -> int:
    """Return the line of the template an error came from; the compiled template keeps them in its traceback."""
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line
