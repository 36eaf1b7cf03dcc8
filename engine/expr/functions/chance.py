"""What is new each time (only for default values), and distances."""

from __future__ import annotations

import math
import secrets
import uuid
from decimal import Decimal

from sqlalchemy import Double, Numeric, and_, case, cast, func, literal, null

from engine.expr.functions.base import Binder, Column, Function, Param, entries
from engine.expr.numbers import KEPT, ONE, round_half
from engine.expr.sql_numbers import numeric
from engine.expr.syntax import Invoke
from engine.expr.tree import Node, const
from engine.expr.types import NUMBER, TEXT
from engine.expr.values import NUM, Env, Fault, Value

_CHANCE = frozenset({"CHANCE"})
_WHY = "default values are computed by the application"
_DIGITS = 10**KEPT
_EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""

_define = entries("misc")
_new = entries("misc", uses=_CHANCE, volatile=True, fold=False, postgresql=_WHY, sqlite=_WHY)


def _random(env: Env) -> Value:
    return Decimal(secrets.randbelow(_DIGITS)).scaleb(-KEPT)


def _identifier(env: Env) -> Value:
    return str(uuid.uuid4())


def _next(env: Env, counter: str) -> Value:
    return Decimal(env.outside.next_number(counter))


def _bind_next(binder: Binder, function: Function, call: Invoke) -> Node:
    """The counter belongs to the entity; several are told apart by a name."""
    name = ""
    for arg in call.args:
        made = binder.bind_argument(arg, function.params[0], function.name)
        name = str(getattr(made, "value", "") or "")
    counter = f"{binder.scope.entity_id}:{name}"
    return binder.call(function.name, [const(counter, TEXT, (call.start, call.end))], (call.start, call.end))


def distance(north: Decimal, east: Decimal, to_north: Decimal, to_east: Decimal) -> Decimal:
    """DISTANCE in metres along the surface of the earth, to centimetres. Raises NUM for what is no place."""
    if max(north.copy_abs(), to_north.copy_abs()) > 90 or max(east.copy_abs(), to_east.copy_abs()) > 180:
        raise Fault(NUM)
    first, second = math.radians(float(north)), math.radians(float(to_north))
    up = math.sin((second - first) / 2) ** 2
    over = math.sin(math.radians(float(to_east) - float(east)) / 2) ** 2
    part = min(1.0, up + math.cos(first) * math.cos(second) * over)
    return round_half(Decimal(repr(2 * _EARTH * math.asin(math.sqrt(part)))), Decimal(2))


def _distance_sql(north: Column, east: Column, to_north: Column, to_east: Column) -> Column:
    placed = and_(func.abs(north) <= 90, func.abs(to_north) <= 90, func.abs(east) <= 180, func.abs(to_east) <= 180)

    def inside(degrees: Column, most: int) -> Column:
        return cast(func.least(func.greatest(degrees, -most), most), Double)

    first, second = func.radians(inside(north, 90)), func.radians(inside(to_north, 90))
    up = func.power(func.sin((second - first) / 2), 2)
    over = func.power(func.sin(func.radians(inside(to_east, 180) - inside(east, 180)) / 2), 2)
    part = func.least(literal(1.0, Double), up + func.cos(first) * func.cos(second) * over)
    metres = literal(2 * _EARTH, Double) * func.asin(func.sqrt(part))
    return case((placed, numeric(func.round(cast(metres, Numeric), 2))), else_=null())


_new(
    "UUID",
    "新的唯一标识，只能用于默认值。",
    "A new unique identifier; only in default values.",
    (("LEN(UUID())", "36"),),
    (),
    TEXT,
    _identifier,
)
_new(
    "RAND",
    "0 到 1 之间的随机数（不含 1），只能用于默认值。",
    "A random number from 0 up to 1; only in default values.",
    (("RAND() < 1", "TRUE"),),
    (),
    NUMBER,
    _random,
    numbers=lambda args: (KEPT, ONE),
)
_new(
    "SEQ",
    "本对象的下一个序号，只能用于默认值；同一对象可用名称区分多个计数器。",
    "The next number of a counter of the entity; only in default values. A name tells several counters apart.",
    (("SEQ()", "1"),),
    (Param("name", "text", optional=True, literal=True),),
    NUMBER,
    _next,
    bind=_bind_next,
    numbers=lambda args: (0, Decimal(10) ** 18),
    browser="counters are kept by the server",
)
_define(
    "DISTANCE",
    "两点（纬度、经度，度）之间的地表距离，米，精确到厘米。",
    "Metres along the surface between two places given as latitude and longitude in degrees, to centimetres.",
    (("DISTANCE(39.9042, 116.4074, 31.2304, 121.4737)", "1067311.65"), ("DISTANCE(91, 0, 0, 0)", "#NUM!")),
    tuple(Param(name, "number") for name in ("latitude", "longitude", "to_latitude", "to_longitude")),
    NUMBER,
    distance,
    _distance_sql,
    errors=("NUM",),
    numbers=lambda args: (2, Decimal(10) ** 8),
)
