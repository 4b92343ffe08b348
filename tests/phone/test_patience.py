"""How long a call waits for the bot, and what does not count. Pure."""

from __future__ import annotations

import numpy as np

from channels.voice.patience import Patience
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


def test_time_in_which_the_loop_stood_still_is_not_the_bots() -> None:
    patience = asked(Pulse())
    assert waited(patience, 0.0, 0.5) == []
    assert waited(patience, 3.0, 3.3) == [], "an answer may be there that nobody has looked at"
    later = waited(patience, 3.3, 6.0)
    assert [event for _, event in later] == [Late(), Broken("bot")]
    assert later[-1][0] < 3.0 + HANGS
