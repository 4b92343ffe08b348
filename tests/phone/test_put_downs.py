"""What becomes of the conversation of a citizen who has put down, also where that is told late."""

from __future__ import annotations

import uuid
from datetime import timedelta

from channels.exchange import Exchange
from channels.voice import put_downs
from channels.voice.link import Announced, Link
from channels.voice.put_downs import PutDown
from core.clock import FrozenClock
from core.conversations import Conversation
from core.runtime import Runtime
from tests.channels.scripted import ScriptedEngine
from tests.phone.line import CITIZEN


async def test_who_has_called_again_meanwhile_goes_on_waiting_when_it_is_told_late_that_they_put_down(
    runtime: Runtime, clock: FrozenClock
) -> None:
    exchange, links = Exchange(runtime, ScriptedEngine()), list[Link]()
    for _ in range(2):
        links.append(Link(runtime, exchange, Announced(str(uuid.uuid4()), "asterisk", CITIZEN), alone=True))
        await links[-1].open(None)
        clock.move(timedelta(seconds=30))
    [first, again] = links
    assert first.conversation_id == again.conversation_id
    await again.hand_over("asked")
    for link, is_over in ((first, False), (again, True)):
        async with runtime.database.write() as session:
            told = PutDown(link.call.id, clock.now(), waited=True, answered=False)
            await put_downs.keep(session, told)
            conversation = await session.get_one(Conversation, link.conversation_id)
            assert (conversation.closed_at is not None) is is_over
