"""Bar codes and QR codes: the text in them, which a scanner fills in and a print draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.deferred import deferred
from engine.fields.base import InvalidValue, Value
from engine.fields.texts import PART_OPERATORS, TextType
from metadata.model import Field

article_number: Any = deferred("stdnum.ean")

SYMBOLOGIES = ("qr", "code128", "ean13", "ean8", "upca")
_DIGITS = {"ean13": 13, "ean8": 8, "upca": 12}


class BarcodeType(TextType):
    """What a code says. Option ``symbology`` is how it is drawn: a QR code unless something else is asked for.

    Article numbers (EAN, UPC) are digits with the right check digit; Code 128 holds ASCII only.
    """

    name = "barcode"
    label = {"zh-CN": "条码/二维码", "en": "Bar or QR code"}
    default_length = 500
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"symbology": {"enum": list(SYMBOLOGIES)}, "search": {"type": "boolean"}},
    }

    def symbology(self, f: Field) -> str:
        """Return how the code is drawn."""
        return str(f.options.get("symbology", "qr"))

    def max_length(self, f: Field) -> int:
        return 80 if self.symbology(f) == "code128" else self.default_length

    def storage_tag(self, f: Field) -> str:
        return "code" + self.symbology(f)

    def accept(self, f: Field, raw: Any) -> Value:
        text = super().accept(f, raw)
        if text is None:
            return None
        symbology = self.symbology(f)
        digits = _DIGITS.get(symbology)
        if digits is None:
            if symbology == "code128" and not text.isascii():
                raise InvalidValue("F114")
            return text
        plain = text.replace(" ", "").replace("-", "")
        if len(plain) != digits or not plain.isascii() or not plain.isdigit() or not article_number.is_valid(plain):
            raise InvalidValue("F113", value=text[:64], digits=digits)
        return plain

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        text = super().accept_one_operand(f, operator, raw)
        return text if operator in PART_OPERATORS else self.accept(f, text)
