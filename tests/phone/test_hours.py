"""When people answer the hotline: spans of the city's working days, holidays and make-up days included (A6)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from channels.voice.hours import Hours, in_words, read_hours
from channels.voice.phone_plan import load_phone_plan
from core.calendar import DayKind, WorkCalendar, set_day
from core.clock import CHINA, FrozenClock
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.phone.fast import calling

DAYS = WorkCalendar(
    holidays=[date(2026, 10, 1), date(2026, 10, 2)], workdays=[date(2026, 10, 10)], half_days=[date(2026, 10, 9)]
)
DAYTIME = read_hours({"spans": ["08:30-12:00", "14:00-20:00"]})
EVERY_DAY = read_hours({"spans": ["08:00-22:00"], "every_day": True})


@pytest.mark.parametrize(
    ("hours", "now", "told"),
    [
        (read_hours("always"), "10-03 03:00", None),
        (DAYTIME, "09-30 09:00", None),
        (DAYTIME, "09-30 12:00", "今天14点"),
        (DAYTIME, "09-30 20:00", "10月5日8点30分"),  # two holidays and a weekend
        (DAYTIME, "10-08 20:00", "明天8点30分"),
        (DAYTIME, "10-09 13:00", "明天8点30分"),  # a half day, and then a Saturday that is worked
        (DAYTIME, "10-10 15:00", None),
        (DAYTIME, "10-10 21:00", "后天8点30分"),
        (EVERY_DAY, "10-01 09:00", None),
        (EVERY_DAY, "10-01 22:00", "明天8点"),
        (EVERY_DAY, "10-01 07:59", "今天8点"),
    ],
)
def test_people_are_back_at_the_next_span_of_a_day_that_is_worked(hours: Hours, now: str, told: str | None) -> None:
    at = datetime.strptime(f"2026-{now}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
    opens = hours.opens(DAYS, at)
    assert (in_words(opens, at) if opens else None) == told


async def test_who_asks_for_a_person_on_a_holiday_is_told_when_one_is_there_again(
    runtime: Runtime, clock: FrozenClock, recogniser: VoskRecogniser, tmp_path: Path
) -> None:
    (tmp_path / "phone.yml").write_text("hours: {spans: ['08:30-17:30']}\n")
    async with runtime.database.write() as session:  # today, a Monday
        await set_day(session, date(2026, 11, 16), DayKind.HOLIDAY, "市庆", actor="test", now=clock.now())
    async with calling(runtime, recogniser, plan=load_phone_plan(tmp_path)) as call:
        await call.presses("0")
        await call.until(lambda: "现在是下班时间，话务员明天八点三十分上班。" in call.told)
