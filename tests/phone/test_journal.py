"""What a call leaves is kept also where its end cannot be stored, or does not come: once, and by nobody else's hand."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from backoffice.calls import Call, CallLine
from channels.exchange import Exchange
from channels.voice import call as leading
from channels.voice import journals, put_downs
from channels.voice.journal import Journal, folder_of
from channels.voice.journals import Journals
from channels.voice.leaving import End, store
from channels.voice.link import Announced, Link
from channels.voice.put_downs import PutDown
from core.clock import FrozenClock
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.phone.fast import FastCall, calling
from tests.phone.line import CITIZEN
from tests.phone.test_hang_ups import answered, greeted, leaving_a_message

WORDS = "我要投诉"


@contextmanager
def database_away() -> Iterator[None]:
    """No end of a call can be stored."""

    async def away(*_: object) -> None:
        raise OSError("away")

    with patch.object(leading, "store", away):
        yield


@asynccontextmanager
async def a_call_left_behind(town: Runtime, recogniser: VoskRecogniser) -> AsyncIterator[FastCall]:
    """A call that has ended, and stands in its journal alone."""
    async with calling(town, recogniser) as call:
        await greeted(call)
        with database_away():
            await call.hangs_up()
        yield call


def journals_in(runtime: Runtime) -> list[Path]:
    folder = folder_of(runtime.settings)
    return sorted(folder.iterdir()) if folder.exists() else []


def taking_over(call: FastCall) -> Journals:
    """What the next process does at its start."""
    return Journals(call.call.link.runtime, call.exchange, call.call.house.left_behind)


async def record_of(runtime: Runtime) -> Call:
    async with runtime.database.read() as session:
        return (await session.scalars(select(Call))).one()


async def lines_in(runtime: Runtime) -> list[tuple[str, str]]:
    async with runtime.database.read() as session:
        return [(line.speaker, line.text) for line in await session.scalars(select(CallLine).order_by(CallLine.seq))]


async def test_an_end_the_database_does_not_take_is_stored_later_once_with_all_its_words(
    town: Runtime, recogniser: VoskRecogniser, tmp_path: Path
) -> None:
    async with calling(town, recogniser) as call:
        await answered(call)
        with database_away():
            await call.hangs_up()
        assert call.call.house.left_behind.is_set()
        assert (await record_of(town)).ended_at is None
        [journal] = journals_in(town)
        assert journal.stat().st_mode & 0o077 == 0
        assert WORDS.encode() not in journal.read_bytes()
        copy = shutil.copy(journal, tmp_path / "copy")
        await taking_over(call).take_over()
        assert journals_in(town) == []
        told = await lines_in(town)
        assert told == [(line.speaker, line.text) for line in call.call.transcript.lines]
        assert ("citizen", WORDS) in told
        kept = await record_of(town)
        assert (kept.ending, kept.seconds) == ("hung_up", call.call.transcript.seconds)
        assert len(kept.measures["turns"]) == 1
        shutil.copy(copy, journal)  # the process was killed when all was stored and the file still there
        await taking_over(call).take_over()
        assert journals_in(town) == []
    assert await lines_in(town) == told
    assert len((await record_of(town)).measures["turns"]) == 1


async def test_a_message_left_while_the_database_is_away_is_listened_to(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    async with calling(town, recogniser) as call:
        await leaving_a_message(call)
        with database_away():
            await call.hangs_up()
        await taking_over(call).take_over()
    assert (await record_of(town)).follow_up == "voicemail"


async def test_a_call_whose_service_was_killed_has_its_words_and_waits_for_the_pbx_to_tell_its_end(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    async with calling(town, recogniser) as call:
        await answered(call)
        await taking_over(call).take_over()
        [journal] = journals_in(town)  # whoever writes it lives
        assert await lines_in(town) == []
        killed = journal.read_bytes()
        with database_away():
            await call.hangs_up()
        journal.write_bytes(killed + killed[:40])  # killed in the middle of a line
        call_id = call.call.link.call.id
        await taking_over(call).take_over()
        kept = await record_of(town)
        assert (kept.ending, kept.follow_up) == ("failed", None)
        assert kept.seconds == call.call.transcript.seconds
        assert ("citizen", WORDS) in await lines_in(town)
        async with town.database.write() as session:
            await put_downs.keep(session, PutDown(call_id, town.clock.now(), waited=True, answered=False))
        kept = await record_of(town)
        assert (kept.ending, kept.follow_up) == ("unanswered", "missed")


@pytest.mark.parametrize(
    ("line", "caller", "follow_up"),
    [("stream", CITIZEN, "missed"), ("stream", None, None), ("asterisk", CITIZEN, None)],
)
async def test_a_cut_call_is_a_missed_one_where_no_pbx_goes_on_with_it_and_can_be_called_back(
    runtime: Runtime, line: str, caller: str | None, follow_up: str | None
) -> None:
    exchange = Exchange(runtime, ScriptedEngine())
    link = Link(runtime, exchange, Announced(str(uuid.uuid4()), line, caller), alone=True)
    await link.open(None)
    journal = Journal(link.call.id)
    journal.note("line", [0, "bot", 0, 900, "您好", []])
    journal.open(folder_of(runtime.settings), runtime.keyring, link.kept(None))
    journal.leave()
    await Journals(runtime, exchange, asyncio.Event()).take_over()
    kept = await record_of(runtime)
    assert (kept.ending, kept.follow_up) == ("failed", follow_up)
    assert await lines_in(runtime) == [("bot", "您好")]


async def test_a_journal_that_cannot_be_read_stays_and_holds_up_no_other(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    async with a_call_left_behind(town, recogniser) as call:
        broken = folder_of(town.settings) / "0.journal"
        broken.write_bytes(b"nonsense\n")
        with capture_logs() as told:
            await taking_over(call).take_over()
            await taking_over(call).take_over()
    assert [entry["journal"] for entry in told if entry["log_level"] == "error"] == ["0"]
    assert [path.name for path in journals_in(town)] == ["0.unreadable"]
    assert await lines_in(town)


async def test_where_no_journal_can_be_written_the_end_is_stored_again_until_it_is(
    town: Runtime, recogniser: VoskRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(town.settings).write_text("not a folder")
    times = 0

    async def away_twice(link: Link, end: End) -> None:
        nonlocal times
        times += 1
        if times < 3:
            raise OSError("away")
        await store(link, end)

    monkeypatch.setattr(leading, "store", away_twice)
    monkeypatch.setattr(leading, "_STORE_AGAIN", (0.01, 0.01))
    async with calling(town, recogniser) as call:
        await answered(call)
        await call.hangs_up()
    assert ("citizen", WORDS) in await lines_in(town)
    assert (await record_of(town)).ending == "hung_up"


async def test_a_journal_whose_call_is_not_there_is_set_aside_and_told_once(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    async with a_call_left_behind(town, recogniser) as call:
        async with town.database.write() as session:
            await session.delete(await session.get_one(Call, call.call.link.call.id))
        with capture_logs() as told:
            await taking_over(call).take_over()
            await taking_over(call).take_over()
    assert [entry["log_level"] for entry in told] == ["error"]
    assert [path.suffix for path in journals_in(town)] == [".unstored"]


async def test_a_journal_nobody_takes_over_for_a_week_is_set_aside(
    town: Runtime, recogniser: VoskRecogniser, clock: FrozenClock
) -> None:
    async with a_call_left_behind(town, recogniser) as call:
        [journal] = journals_in(town)
        with patch.object(journals, "store", side_effect=OSError("away")):
            for age, suffix in ((timedelta(days=6), ".journal"), (timedelta(days=8), ".unstored")):
                ended = (clock.now() - age).timestamp()
                os.utime(journal, (ended, ended))
                await taking_over(call).take_over()
                assert [path.suffix for path in journals_in(town)] == [suffix]


async def test_a_put_down_does_not_wait_for_ever_for_a_journal_that_cannot_be_taken_over(
    town: Runtime, recogniser: VoskRecogniser, clock: FrozenClock
) -> None:
    async with a_call_left_behind(town, recogniser) as call:
        [journal] = journals_in(town)
        with patch.object(journals, "store", side_effect=OSError("away")):
            for age, is_waited_for in ((timedelta(minutes=50), True), (timedelta(minutes=70), False)):
                ended = (clock.now() - age).timestamp()
                os.utime(journal, (ended, ended))
                assert await taking_over(call).has_end(call.call.link.call.id) is not is_waited_for
        assert journals_in(town) == [journal]


async def test_a_journal_whose_service_was_killed_before_it_had_its_name_is_taken_over_too(
    town: Runtime, recogniser: VoskRecogniser, clock: FrozenClock
) -> None:
    async with calling(town, recogniser) as call:
        await answered(call)
        with database_away():
            await call.hangs_up()
        [journal] = journals_in(town)
        begun, empty = journal.rename(journal.with_suffix("")), journal.with_name("0.00000000")
        empty.touch()
        for age, left in ((0, [empty.name, begun.name]), (61, ["0.00000000.unreadable"])):
            last = clock.now().timestamp() - age
            for path in (begun, empty):
                os.utime(path, (last, last))
            await taking_over(call).take_over()
            assert [path.name for path in journals_in(town)] == left
    assert ("citizen", WORDS) in await lines_in(town)
