"""What led here: the flows that are writing a record right now, outermost first.

A flow's write may trigger other flows in the same transaction. The chain stops circles: a flow does not start itself
on the same record, and no chain grows beyond a depth. It is kept with an instance, so that a step taken weeks later
still knows where its instance came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEPTH = 8

Link = tuple[str, str]
"""(flow id, record id)"""

_current: ContextVar[tuple[Link, ...]] = ContextVar("dougong_flow_chain", default=())


def current() -> tuple[Link, ...]:
    """Return the chain of the write that is going on; empty outside of flows."""
    return _current.get()


@contextmanager
def writing(chain: tuple[Link, ...]) -> Iterator[None]:
    """Say on whose behalf records are written inside the block."""
    token = _current.set(chain)
    try:
        yield
    finally:
        _current.reset(token)


def too_deep() -> bool:
    """Say whether so many flows led here that no other may begin."""
    return len(current()) >= DEPTH


def may_start(flow_id: str, record_id: str) -> bool:
    """Say whether a flow may begin on a record as a consequence of the present write."""
    return not too_deep() and (flow_id, record_id) not in current()
