"""What becomes of one invented order, step by step: a walk through the table of moves in office hours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from backoffice.demo_material import Material, MatterTemplate, kind_of, split_result
from backoffice.kinds import Kind
from backoffice.notices import Answer
from backoffice.order_changes import BOT, CITIZEN, SYSTEM
from backoffice.routing import Decision
from backoffice.workflow import Action
from core.calendar import WorkCalendar

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
    area_code: str
    """Of the city's telephone numbers, with the 0."""
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


_SEND_BACK_REASONS = (
    "经核实，该事项不属于本单位职责，建议转主管部门办理。",
    "反映地点不在本辖区，建议按属地转办。",
    "该设施由权属企业管护，建议转有关企业办理。",
)
_REFUSALS = (
    "该纠纷已进入诉讼程序，请以法院裁判为准。",
    "反映事项属于个人之间的民事纠纷，建议协商或通过诉讼解决。",
    "反映的地点不在本市，请向当地12345热线反映。",
)
_URGES = ("请尽快处理。", "已经过了好几天，没有人联系我。", "问题还在，麻烦催一下。")
_SUPPLEMENTS = ("补充一下：晚上九点以后最严重。", "已经拍了照片，可以随时提供。", "补充：附近几户都有同样情况。")
_DISSATISFIED = ("来电人表示问题没有解决。", "回访时市民不满意，现场没有变化。")


class Story:
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
