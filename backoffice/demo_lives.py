"""Invents the lives of past orders: what came in, when, and what became of it. Pure and deterministic by its seed.

Every life is a walk through the table of moves with times in office hours; what would happen after ``now`` has not
happened yet, so the youngest orders are still open, and a few old ones are late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from backoffice.demo_material import Material, MatterTemplate, kind_of, split_result
from backoffice.kinds import Kind
from backoffice.notices import Answer
from backoffice.order_changes import BOT, CITIZEN, SYSTEM
from backoffice.routing import Decision
from backoffice.workflow import Action
from core.calendar import WorkCalendar
from core.clock import CHINA

DISPATCHER, HANDLER = "dispatcher", "handler"
"""Who took a step, where it was a person; the loader knows which."""


@dataclass(frozen=True)
class Step:
    """One step of a life."""

    at: datetime
    action: Action
    who: str
    department: str
    """Code of the department that has the order afterwards."""
    remark: str | None = None
    answer: Answer | None = None
    why: str | None = None


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


@dataclass(frozen=True)
class District:
    """A district and the names in it."""

    code: str
    name: str
    roads: tuple[str, ...]
    estates: tuple[str, ...]
    landmarks: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """The city the lives are lived in."""

    material: Material
    districts: tuple[District, ...]
    calendar: WorkCalendar
    desk: str
    """Code of the default department."""
    names: dict[str, str]
    """Departments' names by code."""
    route: Callable[[str, str, time], Decision]
    """Category, area and time of day → where it goes."""
    doubt: Callable[[str, str | None, str, datetime], Decision | None]
    """Content, target, address and instant → why routing would have left it to a person; None: it was sure."""
    terms: Mapping[Kind, float]
    """Working days there are for an answer."""


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
_SEND_BACK_REASONS = (
    "经核实，该事项不属于本单位职责，建议转主管部门办理。",
    "反映地点不在本辖区，建议按属地转办。",
    "该设施由权属企业管护，建议转有关企业办理。",
)
_REFUSALS = (
    "该纠纷已进入诉讼程序，请以法院裁判为准。",
    "反映事项属于个人之间的民事纠纷，建议协商或通过诉讼解决。",
    "反映的地点不在云州市，请向当地12345热线反映。",
)
_URGES = ("请尽快处理。", "已经过了好几天，没有人联系我。", "问题还在，麻烦催一下。")
_SUPPLEMENTS = ("补充一下：晚上九点以后最严重。", "已经拍了照片，可以随时提供。", "补充：附近几户都有同样情况。")
_DISSATISFIED = ("来电人表示问题没有解决。", "回访时市民不满意，现场没有变化。")


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
        reporter_phone=f"0837-8{random.randrange(10**6):06d}",
        confidential=kind is Kind.REPORT and random.random() < 0.35,
        routing=routing,
        steps=tuple(_Story(random, world, matter, right.department, routing.sure, created_at).told_until(now)),
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


class _Story:
    """Tells one life step by step."""

    def __init__(
        self, random: Random, world: World, matter: MatterTemplate, right: str, sure: bool, created_at: datetime
    ) -> None:
        self._random = random
        self._world = world
        self._matter = matter
        self._kind = kind_of(matter)
        self._right = right
        self._sure = sure
        self._at = created_at
        self._department = world.desk

    def told_until(self, now: datetime) -> list[Step]:
        """The steps up to ``now``."""
        return [step for step in self._steps() if step.at <= now]

    def _steps(self) -> Iterator[Step]:
        yield self._step(Action.FILE, BOT.label)
        if not self._sure and self._random.random() < 0.3:
            self._pass(hours=(0.2, 3))
            yield self._step(Action.REFUSE, DISPATCHER, remark=self._random.choice(_REFUSALS))
            return
        yield from self._to_department()
        fate = self._random.random()
        if fate < 0.02:
            self._pass(hours=(0.5, 20))
            yield self._step(Action.WITHDRAW, CITIZEN.label)
            return
        if fate < 0.06:
            yield from self._sent_back()
        yield from self._handled()

    def _to_department(self) -> Iterator[Step]:
        if self._sure:
            yield self._step(Action.DISPATCH, SYSTEM.label, department=self._right, why="rule")
        else:
            self._pass(hours=(0.1, 4.5))
            yield self._step(Action.DISPATCH, DISPATCHER, department=self._right, why="person")

    def _sent_back(self) -> Iterator[Step]:
        self._pass(hours=(0.5, 9))
        reason = self._random.choice(_SEND_BACK_REASONS)
        yield self._step(Action.SEND_BACK, HANDLER, department=self._world.desk, remark=reason)
        self._pass(hours=(0.2, 5))
        yield self._step(Action.DISPATCH, DISPATCHER, department=self._right, why="person")

    def _handled(self) -> Iterator[Step]:
        self._pass(hours=(0.1, 7) if self._random.random() < 0.95 else (9, 20))
        yield self._step(Action.SIGN, HANDLER)
        answer_after, answered_late = self._time_to_answer()
        yield from self._citizen_in_between(answer_after, impatient=answered_late)
        self._pass_time(answer_after)
        yield self._answer()
        if self._random.random() < 0.03:
            self._pass(hours=(3, 20))
            yield self._step(Action.REOPEN, DISPATCHER, remark=self._random.choice(_DISSATISFIED))
            self._pass(hours=(4, 20))
            yield self._answer()
        self._pass(hours=(8, 38))
        yield self._step(Action.CLOSE, SYSTEM.label)

    def _time_to_answer(self) -> tuple[timedelta, bool]:
        """How long after signing the answer comes, and whether that is late: some wait to the end, few beyond it."""
        day = self._world.calendar.day_length
        term = self._world.terms[self._kind] - 1
        luck = self._random.random()
        if luck < 0.005:
            return day * (term + self._random.uniform(10, 40)), True
        if luck < 0.06:
            return day * (term + self._random.uniform(0.6, 8)), True
        if luck < 0.35:
            return day * term * self._random.uniform(0.8, 0.99), False
        return day * term * min(self._random.betavariate(1.6, 2.6) + 0.02, 0.95), False

    def _citizen_in_between(self, answer_after: timedelta, *, impatient: bool) -> Iterator[Step]:
        begun = self._at
        if self._random.random() < 0.04:
            self._pass_time(min(answer_after * 0.2, self._world.calendar.day_length * 3))
            yield self._step(Action.SUPPLEMENT, CITIZEN.label, remark=self._random.choice(_SUPPLEMENTS))
        self._at = begun
        if self._random.random() < (0.6 if impatient else 0.03):
            self._pass_time(min(answer_after * 0.7, self._world.calendar.day_length * 16))
            yield self._step(Action.URGE, CITIZEN.label, remark=self._random.choice(_URGES))
        self._at = begun

    def _answer(self) -> Step:
        situation, result = split_result(self._random.choice(self._matter.results))
        unit = self._world.names[self._department]
        return self._step(Action.ANSWER, HANDLER, answer=Answer(unit, self._at.date(), situation, result))

    def _pass(self, *, hours: tuple[float, float]) -> None:
        self._pass_time(timedelta(hours=self._random.uniform(*hours)))

    def _pass_time(self, office_time: timedelta) -> None:
        whole_seconds = timedelta(seconds=int(office_time.total_seconds()))
        self._at = self._world.calendar.add_working_time(self._at, whole_seconds)

    def _step(
        self,
        action: Action,
        who: str,
        *,
        department: str | None = None,
        remark: str | None = None,
        answer: Answer | None = None,
        why: str | None = None,
    ) -> Step:
        self._department = department or self._department
        return Step(self._at, action, who, self._department, remark, answer, why)
