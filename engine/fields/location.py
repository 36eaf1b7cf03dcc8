"""A place on the earth: latitude and longitude in WGS-84, as browsers and satellites give them, with words for it.

Chinese maps draw in GCJ-02, up to 700 m off; whoever shows a place on one converts it there, what is kept is the true
place. The value is ``30.274100,120.155100 杭州市政府``: six decimals, a tenth of a metre.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Float, and_, case, cast

from engine.fields.base import APP_ZONE, BLANK_OPERATORS, ColumnSpec, InvalidValue, Value, present_and
from engine.fields.texts import TextType, clean
from metadata.model import Field

EARTH = 6_371_008.8
"""Mean radius in metres."""
MAX_METRES = 500_000
_MICRO = Decimal("0.000001")
_WRITTEN = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*[,，]\s*(-?\d{1,3}(?:\.\d{1,15})?)(?:\s+(\S.*))?\s*", re.DOTALL)
_NUMBER: dict[str, Any] = {"type": "number"}


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within ``metres`` of a point given in millionths of a degree."""

    lat: int
    lng: int
    metres: float

    @property
    def reach(self) -> int:
        """Millionths of a degree of latitude that are surely further than the edge."""
        return math.ceil(math.degrees(self.metres / EARTH) * 1e6) + 1


class LocationType(TextType):
    """Input is ``{"lat", "lng", "address"}`` or text. ``range`` refuses places too far from a point; filters know
    ``near`` with ``{"lat", "lng", "m"}``."""

    name = "location"
    label = {"zh-CN": "定位", "en": "Location"}
    default_length = 300
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "range": {
                "type": "object",
                "required": ["lat", "lng", "m"],
                "additionalProperties": False,
                "properties": {
                    "lat": {**_NUMBER, "minimum": -90, "maximum": 90},
                    "lng": {**_NUMBER, "minimum": -180, "maximum": 180},
                    "m": {**_NUMBER, "minimum": 1, "maximum": MAX_METRES},
                    "label": {"type": "string", "maxLength": 60},
                },
            },
            "manual": {"type": "boolean"},
            "search": {"type": "boolean"},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        properties = {
            "lat": {**_NUMBER, "minimum": -90, "maximum": 90},
            "lng": {**_NUMBER, "minimum": -180, "maximum": 180},
            "address": {"type": "string", "maxLength": self.default_length},
        }
        return {"type": ["object", "null"], "required": ["lat", "lng"], "properties": properties}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"), ColumnSpec("int64", "lat"), ColumnSpec("int64", "lng"))

    def storage_tag(self, f: Field) -> str:
        return "location"

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (None, None, None) if value is None else (value, *point(value))

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return row[0]

    def accept(self, f: Field, raw: Any) -> Value:
        if isinstance(raw, Mapping):
            address = raw.get("address") or ""
            if not isinstance(address, str):
                raise InvalidValue("F513", value=str(address)[:64])
            return self._made(f, _degrees(raw.get("lat"), 90), _degrees(raw.get("lng"), 180), address)
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str):
            raise InvalidValue("F513", value=str(raw)[:64])
        if not raw.strip():
            return None
        found = _WRITTEN.fullmatch(raw)
        if found is None:
            raise InvalidValue("F513", value=raw.strip()[:64])
        return self._made(f, _degrees(found[1], 90), _degrees(found[2], 180), found[3] or "")

    def _made(self, f: Field, lat: Decimal, lng: Decimal, address: str) -> str:
        words = " ".join(clean(address, line_breaks=True).split())
        text = f"{lat:f},{lng:f}" + (f" {words}" if words else "")
        if len(text) > self.default_length:
            raise InvalidValue("F102", length=len(text), limit=self.default_length)
        allowed = f.options.get("range")
        if allowed:
            away = distance((float(lat), float(lng)), (float(allowed["lat"]), float(allowed["lng"])))
            if away > float(allowed["m"]):
                place = allowed.get("label") or f"{allowed['lat']},{allowed['lng']}"
                raise InvalidValue("F514", place=place, distance=round(away), limit=allowed["m"])
        return text

    def to_json(self, f: Field, value: Value) -> Any:
        if value is None:
            return None
        lat, lng = point(value)
        return {"lat": lat / 1e6, "lng": lng / 1e6, "address": value.partition(" ")[2]}

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text)

    def check_options(self, f: Field) -> tuple[()]:
        return ()

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("near", "contains", "not_contains", *BLANK_OPERATORS)

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if operator != "near":
            return super().accept_operand(f, operator, raw)
        metres = raw.get("m") if isinstance(raw, Mapping) and set(raw) == {"lat", "lng", "m"} else None
        if isinstance(metres, bool) or not isinstance(metres, int | float) or not 1 <= metres <= MAX_METRES:
            raise InvalidValue("F808")
        lat, lng = _degrees(raw["lat"], 90), _degrees(raw["lng"], 180)
        return Circle(int(lat.scaleb(6)), int(lng.scaleb(6)), float(metres))

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        if operator != "near":
            return super().condition(f, columns, operator, operand, dialect)
        lat, lng = columns[1], columns[2]
        east = cast(lng - operand.lng, Float(53)) * 1e-6
        around = case((east > 180.0, east - 360.0), (east < -180.0, east + 360.0), else_=east)
        square = _square(cast(lat - operand.lat, Float(53)) * 1e-6, around, operand)
        band = lat.between(operand.lat - operand.reach, operand.lat + operand.reach)
        return present_and(lat, and_(band, square <= operand.metres * operand.metres))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator != "near":
            return super().matches(f, value, operator, operand)
        if value is None:
            return False
        lat, lng = point(value)
        east = float(lng - operand.lng) * 1e-6
        around = east - 360.0 if east > 180.0 else east + 360.0 if east < -180.0 else east
        square = _square(float(lat - operand.lat) * 1e-6, around, operand)
        return bool(abs(lat - operand.lat) <= operand.reach and square <= operand.metres * operand.metres)

    def sortable(self, f: Field) -> bool:
        return False

    def groupable(self, f: Field) -> bool:
        return False

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count",)


def _square(north: Any, east: Any, circle: Circle) -> Any:
    """Square of the distance in metres, from degrees north and east of the middle; numbers and SQL alike.

    An equirectangular map about the latitude half-way, its cosine by the first terms of the series: exact to a
    thousandth at the largest circles, and the same sums in the same order in every database.
    """
    middle = math.radians(circle.lat / 1e6)
    half = north * (math.pi / 360.0)
    turn = half * half
    cosine = math.cos(middle) * (1.0 - turn * 0.5) - math.sin(middle) * (half * (1.0 - turn * (1.0 / 6.0)))
    along, across = north * (math.pi / 180.0), east * (math.pi / 180.0) * cosine
    return (along * along + across * across) * (EARTH * EARTH)


def point(value: str) -> tuple[int, int]:
    """Return the millionths of a degree of a canonical value."""
    lat, _, lng = value.partition(" ")[0].partition(",")
    return int(Decimal(lat).scaleb(6)), int(Decimal(lng).scaleb(6))


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two points given as latitude and longitude in degrees (great circle)."""
    (lat, lng), (lat2, lng2) = ([math.radians(part) for part in place] for place in (one, other))
    h = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lng2 - lng) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


def _degrees(raw: Any, limit: int) -> Decimal:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
            raise InvalidOperation
        value = Decimal(str(raw))
        if not value.is_finite() or abs(value) > limit:
            raise InvalidOperation
        return value.quantize(_MICRO, rounding=ROUND_HALF_EVEN) + 0
    except InvalidOperation as error:
        raise InvalidValue("F513", value=str(raw)[:64]) from error
