"""The whole history of the demo company as one stream of writes in order of time; the same seed, the same stream."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from runtime.demo.calendar import spread
from runtime.demo.identity import company
from runtime.demo.people import SELLERS
from runtime.demo.story import Story, Write

SEED = 7
YEARS = 3
LEADS_PER_CUSTOMER = 0.9
"""Leads that came to nothing, for each customer; about half the customers were a lead as well."""

SCENES_FROM = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A deal of the last days: drafts to hand in for approval, and wins that open the month for each seller."""

    seller: str
    amount: int
    days_ago: int
    approved: bool

    def closes(self, today: date) -> date:
        """The day of the win; an approved one counts for this year even in its first days."""
        day = today - timedelta(days=self.days_ago)
        return max(day, date(today.year, 1, 1)) if self.approved else day


SCENES = (
    Scene("chen.jing", 186_000, 1, False),
    Scene("chen.jing", 268_000, 2, False),
    Scene("chen.jing", 620_000, 2, False),
    Scene("chen.jing", 860_000, 3, False),
    Scene("chen.jing", 158_000, 0, True),
    Scene("li.lei", 96_000, 2, True),
    Scene("zhou.ting", 88_000, 1, True),
    Scene("he.jun", 132_000, 0, True),
    Scene("xu.lu", 224_000, 1, True),
)
_SCENES_BEGIN = 0.85
"""How far in the stream the customers of scenes begin: some months ago."""

_ZONE = ZoneInfo("Asia/Shanghai")


def generate(rows: int, today: date, *, seed: int = SEED, zone: ZoneInfo = _ZONE) -> Iterator[Write]:
    """Yield what happened with ``rows`` customers over the three years up to ``today``.

    Only the stories under way are in memory, so a million customers need no more than a thousand. From
    :data:`SCENES_FROM` customers on, some deals of the last days are given, so that every screen has something to show.
    """
    scenes = _scenes(rows) if rows >= SCENES_FROM else {}
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
        if number in scenes:
            scene = scenes[number]
            story.scene(scene.seller, scene.amount, scene.closes(today), approved=scene.approved)
        elif converts:
            story.customer()
        else:
            story.lead(converts=False)
        for position, write in enumerate(story.writes):
            heapq.heappush(open_stories, (write.at.timestamp(), number, position, write))
    while open_stories:
        yield heapq.heappop(open_stories)[3]


def _scenes(rows: int) -> dict[int, Scene]:
    """Give each scene a customer of its seller's regions that begins early enough."""
    regions = {person.username: person.regions for person in SELLERS}
    given: dict[int, Scene] = {}
    for scene in SCENES:
        for number in range(int(rows * _SCENES_BEGIN), 0, -1):
            if number not in given and company(number, Random(number)).city.region in regions[scene.seller]:
                given[number] = scene
                break
    return given
