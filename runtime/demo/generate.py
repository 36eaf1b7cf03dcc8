"""The whole history of the demo company as one stream of writes in order of time; the same seed, the same stream."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from runtime.demo.calendar import spread
from runtime.demo.story import Story, Write

SEED = 7
YEARS = 3
LEADS_PER_CUSTOMER = 0.9
"""Leads that came to nothing, for each customer; about half the customers were a lead as well."""

_ZONE = ZoneInfo("Asia/Shanghai")


def generate(rows: int, today: date, *, seed: int = SEED, zone: ZoneInfo = _ZONE) -> Iterator[Write]:
    """Yield what happened with ``rows`` customers over the three years up to ``today``.

    Only the stories under way are in memory, so a million customers need no more than a thousand.
    """
    first = today - timedelta(days=365 * YEARS)
    day_at = spread(first, today)
    leads = round(rows * LEADS_PER_CUSTOMER)
    starts = heapq.merge(
        ((day_at((number + 0.5) / rows), number, True) for number in range(rows)),
        ((day_at((number + 0.5) / leads), rows + number, False) for number in range(leads)),
    )
    open_stories: list[tuple[float, int, int, Write]] = []
    for day, number, converts in starts:
        while open_stories and open_stories[0][3].at.astimezone(zone).date() < day:
            yield heapq.heappop(open_stories)[3]
        story = Story(Random(f"{seed}/{number}"), number, day, today, zone)
        if converts:
            story.customer()
        else:
            story.lead(converts=False)
        for position, write in enumerate(story.writes):
            heapq.heappush(open_stories, (write.at.timestamp(), number, position, write))
    while open_stories:
        yield heapq.heappop(open_stories)[3]
