"""What the script of a call wants done, done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from backoffice.calls import Ending, FollowUp
from backoffice.poll_papers import Offer
from channels.voice import script_words as s
from channels.voice.polling import find_poll, vote
from channels.words import Refused
from core.messages import Reply

if TYPE_CHECKING:
    from channels.voice.call import LiveCall

Result = TypeVar("Result")


class Doing:
    """The hands of one call."""

    def __init__(self, call: LiveCall) -> None:
        """``call``: its parts are used."""
        self._call = call

    async def do(self, command: s.Command) -> None:
        """Carries out one command; what fails sends the citizen to people."""
        await _DEEDS[type(command)](self, command)

    async def _speak(self, command: s.Speak) -> None:
        self._call.patience.rest()
        self._call.mouth.speaker.say(command)

    async def _hush(self, _: s.Hush) -> None:
        self._call.mouth.speaker.hush()

    async def _listen(self, command: s.Listen) -> None:
        self._call.hearing.expect(command)
        self._call.transcript.deaf = command.unkept
        self._call.patience.wait(command.patience, self._call.house.clock())

    async def _tell(self, command: s.Tell) -> None:
        self._call.patience.told(self._call.house.clock())
        try:
            await self._call.in_time(self._call.link.tell(command.text))
        except Refused as refused:
            self._call.patience.answered()
            self._call.events.put_nowait(s.Answered((Reply(refused.reason),)))
        except Exception:
            self._call.broken("database")

    async def _seek(self, _: s.Seek) -> None:
        try:
            people = await self._call.people()
        except Exception:
            self._call.broken("database")
        else:
            self._call.events.put_nowait(s.Sought(people.there, people.opens))

    async def _record_message(self, _: s.Record) -> None:
        self._call.patience.rest()
        self._call.hearing.expect(s.Listen(telling=True))
        self._call.mouth.speaker.play(self._call.message.prepare())

    async def _end_message(self, _: s.EndRecording) -> None:
        self._call.end_message(self._call.house.clock())

    async def _discard(self, _: s.Discard) -> None:
        self._call.message.kept = True

    async def _replay(self, _: s.Replay) -> None:
        self._call.mouth.speaker.play(self._call.message.pcm)

    async def _file(self, command: s.File) -> None:
        filed = await self._stored(self._call.link.file_recording(self._call.recorded(command.recording)))
        if filed is not None:
            self._call.message.kept = True
            number, code = filed
            if self._call.link.call.mobile:
                text = f"您的来电留言已登记，受理编号：{number}，查询码：{code}。"
                await self._stored(self._call.link.text_message(Reply(text)))
            self._call.events.put_nowait(s.Filed(number, code))

    async def _text(self, command: s.SendText) -> None:
        await self._stored(self._call.link.text_message(command.reply))

    async def _rate(self, command: s.Rate) -> None:
        await self._stored(self._call.link.rate(command.grade, command.words))

    async def _find_poll(self, _: s.FindPoll) -> None:
        offer = await self._stored(find_poll(self._call.link))
        if offer is not None:
            self._call.events.put_nowait(s.PollFound(offer))

    async def _vote(self, command: s.Vote) -> None:
        kept = vote(self._call.link, command.poll_id, command.chosen, finished=command.finished)
        if await self._stored(kept) is False:  # it has been closed this moment: nobody is asked on for nothing
            self._call.events.put_nowait(s.PollFound(Offer(None)))

    async def _follow_up(self, command: s.FollowUp) -> None:
        if await self._stored(self._call.link.follow_up(command.why)) and command.why == FollowUp.VOICEMAIL.value:
            self._call.message.kept = True

    async def _hand_over(self, command: s.HandOver) -> None:
        await self._stored(self._call.link.hand_over(command.reason))

    async def _leave(self, command: s.Leave) -> None:
        self._call.patience.rest()
        self._call.patience.answered()
        self._call.next, self._call.ending = command.next, Ending(command.ending)
        self._call.failed = command.at_once
        if command.at_once:
            self._call.mouth.speaker.hush()
            self._call.events.put_nowait(None)
        else:
            self._call.leaving = True

    async def _stored(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """What ``work`` gives; None when it could not be done: then the call is on its way to people."""
        try:
            return await self._call.in_time(work)
        except Exception:
            self._call.broken("database")
            return None


_DEEDS: dict[type, Callable[[Doing, Any], Awaitable[None]]] = {
    s.Speak: Doing._speak,
    s.Hush: Doing._hush,
    s.Listen: Doing._listen,
    s.Tell: Doing._tell,
    s.Seek: Doing._seek,
    s.Record: Doing._record_message,
    s.EndRecording: Doing._end_message,
    s.Discard: Doing._discard,
    s.Replay: Doing._replay,
    s.File: Doing._file,
    s.SendText: Doing._text,
    s.Rate: Doing._rate,
    s.FindPoll: Doing._find_poll,
    s.Vote: Doing._vote,
    s.FollowUp: Doing._follow_up,
    s.HandOver: Doing._hand_over,
    s.Leave: Doing._leave,
}
