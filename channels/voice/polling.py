"""A call's way to opinion polls: what there is for the caller, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping

from backoffice import poll_ballots
from backoffice.poll_papers import Offer
from backoffice.refusals import NotAllowed
from channels.voice.link import Link
from core.contacts import Sender


async def find_poll(link: Link) -> Offer:
    """What there is for the caller."""
    runtime = link.runtime
    async with runtime.database.read() as session:
        return await poll_ballots.offer(session, _voter(link), runtime.clock.now())


async def vote(link: Link, poll_id: int, chosen: Mapping[int, int], *, finished: bool) -> bool:
    """Keeps what the caller answered; False where the poll has ended."""
    runtime = link.runtime
    try:
        async with runtime.database.write() as session:
            await poll_ballots.answer(session, poll_id, _voter(link), chosen, runtime.clock.now(), finished=finished)
    except NotAllowed:
        return False
    return True


def _voter(link: Link) -> Sender:
    """One for each number, also where two calls from it are under way; whoever calls in the browser is the visitor of
    the web page. Who withholds their number is another one in every call, as who throws a cookie away is."""
    number, sender = link.call.caller, link.sender
    return sender if link.call.known is not None or number is None else Sender(sender.channel, sender.account, number)
