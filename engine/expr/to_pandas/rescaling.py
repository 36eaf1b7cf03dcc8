"""Decimals at another scale: by way of 64-bit integers where every value fits in one, else by Arrow."""

from __future__ import annotations

from typing import Any, Final

from engine.expr.to_pandas.columns import Array, np, number_type, pa, pc, typed

HALF: Final = "half_towards_infinity"
"""Arrow's name for: halves away from zero."""
_LARGEST: Final = 2**62


def at_scale(top: int, scale: int, to: int) -> int:
    """Return a bound at another scale, rounded up."""
    step: int = 10 ** abs(to - scale)
    return top * step if to >= scale else -(-top // step)


def raised(values: Array, top: int, scale: int) -> Array:
    """Return decimals with more decimals than they have."""
    step = 10 ** (scale - values.type.scale)
    wanted = number_type(top * step, scale)
    if top * step < _LARGEST and wanted.bit_width == 128 and _is_plain(values):
        return _decimals(_integers(values) * step, values, wanted)
    return pc.cast(typed(values, top), wanted)


def cut(values: Array, top: int, places: int, mode: str) -> tuple[Array, int]:
    """Return decimals rounded to fewer decimals (negative: tens, hundreds ...), and their bound."""
    scale = values.type.scale
    room = top + 10 ** (scale - places)
    kept = max(places, 0)
    bound = at_scale(room, scale, kept)
    if room < _LARGEST and places >= 0 and _is_plain(values):
        return _decimals(
            _divided(_integers(values), 10 ** (scale - places), mode), values, number_type(bound, kept)
        ), bound
    rounded = pc.round(typed(values, room), ndigits=places, round_mode=mode)
    return pc.cast(rounded, number_type(bound, kept)), bound


def _divided(integers: Any, step: int, mode: str) -> Any:
    if mode == "down":
        return np.floor_divide(integers, step)
    extra = {HALF: step // 2, "towards_zero": 0, "towards_infinity": step - 1}[mode]
    magnitudes = (np.abs(integers) + extra) // step
    return np.where(integers < 0, -magnitudes, magnitudes)


def _is_plain(values: Array) -> bool:
    return not isinstance(values, pa.Scalar) and values.type.bit_width == 128 and values.offset == 0


def _integers(values: Array) -> Any:
    """Return the low words of decimals, which are their unscaled values when these fit in 64 bits."""
    return np.frombuffer(values.buffers()[1], dtype=np.int64)[: 2 * len(values) : 2]


def _decimals(integers: Any, like: Array, type_: Any) -> Array:
    """Return unscaled values as decimals, blank where another array is."""
    words = np.empty((len(integers), 2), dtype=np.int64)
    words[:, 0] = integers
    np.right_shift(words[:, 0], 63, out=words[:, 1])
    return pa.Array.from_buffers(type_, len(integers), [like.buffers()[0], pa.py_buffer(words)])
