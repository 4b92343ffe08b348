"""A call's way to opinion polls: what there is for the caller, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping

from backoffice import poll_ballots
from backoffice.poll_papers import Offer
from channels.voice.link import Link


async def find_poll(link: Link) -> Offer:
    """What there is for the caller; whoever calls in the browser is the visitor of the web page."""
    runtime = link.runtime
    async with runtime.database.read() as session:
        return await poll_ballots.offer(session, link.sender, runtime.clock.now())


async def vote(link: Link, poll_id: int, chosen: Mapping[int, int], *, finished: bool) -> None:
    """Keeps what the caller answered. Raises :class:`backoffice.refusals.NotAllowed` where the poll has ended."""
    runtime = link.runtime
    async with runtime.database.write() as session:
        await poll_ballots.answer(session, poll_id, link.sender, chosen, runtime.clock.now(), finished=finished)
