"""How long a call waits for the bot, and what does not count. Pure."""

from __future__ import annotations

import numpy as np
import pytest

from channels.voice.patience import Excuse, Patience
from channels.voice.pulse import Pulse
from channels.voice.script_words import Broken, Event, Late

LATE, HANGS, LONGEST = 0.9, 1.6, 6.0
BEAT = 0.02


def waited(patience: Patience, begin: float, end: float) -> list[tuple[float, Event]]:
    """What becomes due from ``begin`` to ``end``, looked at every beat, with the moment of each."""
    looks = [round(float(now), 2) for now in np.arange(begin, end, BEAT)]
    return [(now, event) for now in looks for event in patience.due(now, talk=False, held=False)]


def asked(bot: Pulse) -> Patience:
    """The bot has just been told something."""
    patience = Patience((LATE, HANGS, LONGEST), bot)
    patience.due(-BEAT, talk=False, held=False)
    patience.told(0.0)
    return patience


def test_a_bot_that_does_nothing_for_anybody_is_late_and_then_left() -> None:
    assert waited(asked(Pulse()), 0.0, 2.0) == [(LATE, Late()), (HANGS, Broken("bot"))]


def test_one_that_answers_others_is_waited_for_but_not_for_ever() -> None:
    bot = Pulse()
    patience, due = asked(bot), []
    for second in range(7):
        bot.beat(float(second))
        due += waited(patience, second, second + 1)
    assert due == [(LATE, Late()), (LONGEST, Broken("bot"))]


def test_one_that_answers_what_came_later_has_forgotten_this_one() -> None:
    bot = Pulse()
    patience, due = asked(bot), []
    for tenth in range(30):
        now = tenth / 10
        bot.beat(now, begun=now - 0.1)
        due += waited(patience, now, now + 0.1)
    assert [event for _, event in due] == [Late(), Broken("bot")]
    assert due[-1][0] == pytest.approx(HANGS, abs=0.1)


def test_a_word_is_said_once_for_each_wait_and_into_silence_only() -> None:
    excuse = Excuse(LATE)
    assert not excuse.due(10.0, None, None, silent=True)
    assert not excuse.due(10.5, None, 10.0, silent=True)
    assert not excuse.due(11.0, 10.4, 10.0, silent=False)
    assert excuse.due(11.1, 10.4, 10.0, silent=True)
    assert not excuse.due(12.0, 10.4, 10.0, silent=True)
    assert not excuse.due(12.1, None, None, silent=True)
    assert excuse.due(13.1, 12.2, None, silent=True)


def test_time_in_which_the_loop_stood_still_is_not_the_bots() -> None:
    patience = asked(Pulse())
    assert waited(patience, 0.0, 0.5) == []
    assert waited(patience, 3.0, 3.3) == [], "an answer may be there that nobody has looked at"
    later = waited(patience, 3.3, 6.0)
    assert [event for _, event in later] == [Late(), Broken("bot")]
    assert later[-1][0] < 3.0 + HANGS
