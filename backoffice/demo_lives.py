"""Invents the lives of past orders: what came in, when, and what became of it. Pure and deterministic by its seed.

Every life is a walk through the table of moves with times in office hours; what would happen after ``now`` has not
happened yet, so the youngest orders are still open, and a few old ones are late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from backoffice.demo_material import Material, MatterTemplate, kind_of
from backoffice.demo_story import District, Step, Story, World
from backoffice.kinds import Kind
from backoffice.routing import Decision
from core.calendar import WorkCalendar
from core.clock import CHINA


@dataclass(frozen=True)
class Life:
    """An order and all that happened to it."""

    kind: Kind
    category: str
    area: str
    channel: str
    content: str
    address: str
    target: str | None
    reporter_name: str | None
    reporter_phone: str | None
    confidential: bool
    routing: Decision
    steps: tuple[Step, ...]


_CHANNELS = ("webchat", "phone", "sms", "visit", "letter")
_CHANNEL_SHARES = (45, 35, 12, 5, 3)
_HOURS = (1, 1, 1, 1, 1, 2, 5, 12, 30, 44, 42, 30, 18, 22, 36, 38, 32, 24, 20, 22, 20, 14, 7, 3)
"""How many come in by the hour, from midnight on."""
_REST_DAY_SHARE = 0.55
_TWO_MATTERS = 0.15
"""Share of orders in which a citizen tells of two things at once: many of those wait for a dispatcher."""
_WAITING = 6
"""The latest so many are such as routing doubts, for the dispatcher's desk not to be empty …"""
_DRAWS = 100
"""… if one is found in so many draws."""
_ALSO = "另外，"


def lives(world: World, now: datetime, seed: int, count: int) -> Iterator[Life]:
    """``count`` lives begun in the year before ``now``, oldest first."""
    random = Random(seed)  # noqa: S311  # invents stories, guards nothing
    beginnings = sorted(_beginnings(random, world.calendar, now, count))
    settled = max(count - _WAITING, 0)
    for created_at in beginnings[:settled]:
        yield _life(random, world, created_at, now)
    for created_at in beginnings[settled:]:
        yield _just_come_in(random, world, created_at, now)


def _beginnings(random: Random, calendar: WorkCalendar, now: datetime, count: int) -> list[datetime]:
    today = now.astimezone(CHINA).date()
    days = [today - timedelta(days=back) for back in range(365)]
    weights = [1.0 if calendar.is_workday(day) else _REST_DAY_SHARE for day in days]
    found: list[datetime] = []
    while len(found) < count:
        moment = _moment(random, random.choices(days, weights)[0])
        if moment < now:
            found.append(moment)
    return found


def _moment(random: Random, day: date) -> datetime:
    hour = random.choices(range(24), _HOURS)[0]
    return datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), tzinfo=CHINA)


def _life(random: Random, world: World, created_at: datetime, now: datetime) -> Life:
    matter = _matter(random, world.material.matters, created_at.month)
    district = random.choice(world.districts)
    words = _words(random, world.material, matter, district)
    kind = kind_of(matter)
    content = random.choice(matter.templates).format_map(words)
    if random.random() < _TWO_MATTERS:
        other = random.choice(_matter(random, world.material.matters, created_at.month).templates)
        content = f"{content}{_ALSO}{other.format_map(words)}"
    target = matter.target.format_map(words) if matter.target else None
    address = f"{district.name}{words['road']}{random.randrange(1, 300)}号{words['estate']}"
    right = world.route(matter.category, district.code, created_at.time())
    routing = world.doubt(content, target, address, created_at) or right
    anonymous = random.random() < 0.12
    return Life(
        kind=kind,
        category=matter.category,
        area=district.code,
        channel=random.choices(_CHANNELS, _CHANNEL_SHARES)[0],
        content=content,
        address=address,
        target=target,
        reporter_name=None if anonymous else _name(random, world.material),
        reporter_phone=f"{world.area_code}-8{random.randrange(10**6):06d}",
        confidential=kind is Kind.REPORT and random.random() < 0.35,
        routing=routing,
        steps=tuple(Story(random, world, matter, right.department, routing.sure, created_at).told_until(now)),
    )


def _just_come_in(random: Random, world: World, created_at: datetime, now: datetime) -> Life:
    """One of the latest: if routing doubts, nobody has looked at it yet."""
    life = _life(random, world, created_at, now)
    for _ in range(_DRAWS):
        if not life.routing.sure:
            return replace(life, steps=life.steps[:1])
        life = _life(random, world, created_at, now)
    return life


def _matter(random: Random, matters: Sequence[MatterTemplate], month: int) -> MatterTemplate:
    """In its months a matter comes up twice as often, out of them not at all."""
    weights = [
        matter.weight * (2 if matter.months else 1) if not matter.months or month in matter.months else 0
        for matter in matters
    ]
    return random.choices(matters, weights)[0]


def _words(random: Random, material: Material, matter: MatterTemplate, district: District) -> dict[str, str]:
    companies = material.company_kinds.get(matter.company or "", material.companies)
    return {
        "district": district.name,
        "road": random.choice(district.roads),
        "estate": random.choice(district.estates),
        "landmark": random.choice(district.landmarks),
        "company": random.choice(companies),
        "when": random.choice(material.when),
        "howlong": random.choice(material.howlong),
    }


def _name(random: Random, material: Material) -> str:
    return random.choice(material.surnames) + random.choice(material.given)
