"""What agents want of a call is done once."""

from __future__ import annotations

import asyncio

import pytest

from backoffice import call_wishes
from backoffice.call_third import Asked
from backoffice.call_wishes import Wishes
from backoffice.third_party import Wish


async def test_of_two_who_ask_for_wishes_of_one_call_one_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_wishes, "PATIENCE", 30.0)
    wishes, asked = Wishes(), Asked("call", 1, Wish.DISMISS)
    asking = [asyncio.create_task(wishes.next("call", 0.5)) for _ in range(2)]
    await asyncio.sleep(0)
    wanting = asyncio.create_task(wishes.want(asked))
    looks = await asyncio.gather(*asking)
    given = [look.wanted for look in looks if look.wanted is not None]
    assert [wanted.asked for wanted in given] == [asked]
    assert not any(look.over for look in looks)
    given[0].taken.set()
    assert await wanting
