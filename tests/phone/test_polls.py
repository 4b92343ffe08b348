"""An opinion poll answered on the phone is in the results (A2, A14)."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from backoffice import poll_results, polls
from backoffice.calls import Call, CallLine
from backoffice.poll_results import PollResults
from backoffice.poll_tables import Poll
from backoffice.staff import Staff
from channels.voice.link import Announced, Link
from channels.voice.polling import find_poll
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.backoffice.polls import hold_poll
from tests.phone.fast import calling
from tests.phone.line import CITIZEN, citizens_side, is_quiet


async def results(runtime: Runtime, poll: Poll) -> PollResults:
    async with runtime.database.read() as session:
        return await poll_results.results_of(session, poll.id)


async def test_a_poll_is_answered_by_keys_broken_off_and_gone_on_with(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    poll = await hold_poll(town)
    async with calling(town, recogniser) as call:
        await call.presses("2", "5")
        await call.until(lambda: "赞成请按一" in call.told)
        await call.presses("1")
        await call.until(lambda: "第二题" in call.told)
        await call.hangs_up()
    found = await results(town, poll)
    assert (found.ballots, found.finished, found.questions[0].options[0].count) == (1, 0, 1)
    async with calling(town, recogniser) as call:
        await call.presses("2", "5")
        await call.until(lambda: "三楼以上请按二" in call.told)
        assert "赞成请按一" not in call.told
        await closed(town, poll)
        await call.presses("2")
        await call.until(lambda: "谢谢您的意见" in call.told)
        await call.presses("*", "2", "5")
        await call.until(lambda: "没有正在进行的民意调查" in call.told)
        await call.hangs_up()
        assert not call.engine.heard
    found = await results(town, poll)
    assert (found.ballots, found.finished, found.questions[1].answered) == (1, 0, 0)


async def test_nobody_is_asked_on_in_a_poll_that_has_been_closed(town: Runtime, recogniser: VoskRecogniser) -> None:
    poll = await hold_poll(town)
    async with calling(town, recogniser) as call:
        await call.presses("2", "5")
        await call.until(lambda: "赞成请按一" in call.told)
        await closed(town, poll)
        await call.presses("1")
        await call.until(lambda: "没有正在进行的民意调查" in call.told)
        await call.until(lambda: "还有什么可以帮您" in call.told)
        await call.hangs_up()
    assert "三楼以上" not in call.told


async def closed(runtime: Runtime, poll: Poll) -> None:
    """Whoever holds it closes it this moment."""
    async with runtime.database.write() as session:
        keeper = await session.get_one(Staff, poll.created_by)
        await polls.close_poll(session, keeper, poll.id, runtime.clock.now())


async def test_a_spoken_answer_counts_for_its_number_and_is_neither_recorded_nor_written_down(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    poll = await hold_poll(town)
    async with calling(town, recogniser) as call:
        await call.presses("2", "5")
        await call.until(lambda: "赞成请按一" in call.told)
        await call.waits(4)
        await call.says("第二个", pause=1)
        await call.until(lambda: "第二题" in call.told)
        other = Link(town, call.exchange, Announced(str(uuid.uuid4()), "asterisk", CITIZEN), alone=False)
        paper = (await find_poll(other)).paper  # a second call from the same number
        assert paper is not None
        assert [question.position for question in paper.questions] == [2]
        await call.hangs_up()
    assert [option.count for option in (await results(town, poll)).questions[0].options] == [0, 1, 0]
    async with town.database.read() as session:
        recording = (await session.scalars(select(Call))).one().recording
        speakers = set(await session.scalars(select(CallLine.speaker)))
    assert recording is not None
    assert speakers == {"bot"}
    assert is_quiet(citizens_side((town.settings.media_dir / recording).read_bytes()))
