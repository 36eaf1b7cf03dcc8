"""What an evaluation may spend: rows and items looked at, and time."""

from __future__ import annotations

from time import perf_counter, thread_time

from engine.expr import limits
from engine.expr.values import LIMIT, Env, Fault


def spend(env: Env, steps: int) -> None:
    """Count rows or items looked at. Raises LIMIT when one evaluation looks at too many, or takes too long."""
    before = env.steps
    env.steps = before + steps
    if env.steps > limits.STEPS:
        raise Fault(LIMIT)
    now = perf_counter()
    if not before:
        env.until, env.busy = now + limits.SECONDS / 2, -1.0
    elif now > env.until:
        _late(env, now)


def spend_text(env: Env, text: str | None) -> None:
    """Count a text that is kept in a list, by its length."""
    if text is not None and len(text) >= limits.TEXT_STEP:
        spend(env, len(text) // limits.TEXT_STEP)


def _late(env: Env, now: float) -> None:
    """Give an evaluation its second half, unless the machine was busy with it all the time."""
    busy = thread_time()
    if env.busy >= 0 and busy - env.busy > limits.SECONDS / 8:
        raise Fault(LIMIT)
    env.until, env.busy = now + limits.SECONDS / 4, busy
