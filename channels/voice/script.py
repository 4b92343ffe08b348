"""The script of a call: what is said and done when. Pure: events in, commands out; the clock is whoever sends Quiet.

The dialogue itself is not here: what the citizen wants is told to the bot, as on every channel. Here are the manners
of a telephone: the greeting, keys, waiting, repeating, the way to a person, recording, and the end of a call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from channels.voice.phone_plan import PhonePlan
from channels.voice.script_words import (
    Broken,
    Command,
    Connected,
    EndRecording,
    Event,
    FollowUp,
    HandOver,
    Hush,
    Leave,
    Listen,
    Pressed,
    Quiet,
    Record,
    Said,
    Seek,
    Sought,
    Speak,
    Taken,
    Unclear,
)

Commands = list[Command]


class State(Protocol):
    """One part of a call."""

    @property
    def keys_are_data(self) -> bool:
        """Whether keys are a number or a choice of its own, and none leads elsewhere."""
        ...

    @property
    def settles(self) -> bool:
        """Whether silence here means that the citizen has got what they wanted."""
        ...

    def handle(self, event: Event) -> Commands | None:
        """What an event leads to here; None where it is a matter of manners."""
        ...


class CallScript:
    """One call from the first word to the last."""

    def __init__(self, plan: PhonePlan) -> None:
        """``plan``: prompts, keys and waits."""
        from channels.voice.script_beginning import Start  # the states know the script

        self.plan = plan
        self.connected = Connected()
        self.state: State = Start(self)
        self.served = False
        """Whether something was done for the citizen: then they are asked to rate it."""
        self.slow = False
        self._asked: Commands = []
        self._silences = self._unclear = 0
        self._left = False

    # ------------------------------------------------------------------------------------------ what happens

    def hello(self) -> Commands:
        """What is said the moment the line is open, whoever calls: that the call is recorded, and the greeting.

        Nobody is recorded, or goes on to people who are recorded with them, who has not heard that.
        """
        return [Speak(self.plan.announcement, fixed=True, whole=True), Speak(self.plan.greeting, fixed=True)]

    def on(self, event: Event) -> Commands:
        """What is to be done about an event."""
        if self._left and not isinstance(event, Broken):
            return []
        if isinstance(event, Broken):
            return self.leave("queue", "failed", at_once=True)
        if isinstance(event, Taken):
            return [Hush(), self.line("transfer"), *self.leave(f"agent/{event.extension}", "transferred")]
        if isinstance(event, Said | Pressed):
            return self._heard(event)
        return self._rest(event)

    def _heard(self, event: Said | Pressed) -> Commands:
        self._silences = self._unclear = 0
        steered = self._steered(event)
        if steered is not None:
            return [Hush(), *steered]
        done = self.state.handle(event)
        if done is not None:
            return done
        from channels.voice.script_dialogue import Dialogue

        if isinstance(event, Said):
            return self.go(Dialogue(self), lambda state: state.tell(event.text))
        return [Hush(), self.line("wrong_key"), *self._asked]

    def _steered(self, event: Said | Pressed) -> Commands | None:
        """What means the same everywhere: a person, wait, say it again, slower, good-bye, back."""
        if isinstance(event, Pressed):
            return None if self.state.keys_are_data else self._anytime(event.key)
        means = self.plan.means
        if means("person", event.text):
            return self.person()
        if means("wait", event.text):
            return self.wait()
        if means("slower", event.text):
            self.slow = True
            return self.again()
        if means("repeat", event.text):
            return self.again()
        if means("goodbye", event.text):
            return self.close()
        if means("back", event.text) and self.plan.menu_first:
            return self.menu("top")
        return None

    def _anytime(self, key: str) -> Commands | None:
        meaning = next((name for name, meant in self.plan.anytime.items() if meant == key), None)
        if meaning == "person":
            return self.person()
        if meaning == "repeat":
            return self.again()
        return self.menu("top") if meaning == "back" else None

    def _rest(self, event: Event) -> Commands:
        if isinstance(event, Sought):
            return self._sought(event)
        done = self.state.handle(event)
        if done is not None:
            return done
        if isinstance(event, Quiet):
            return self._silent()
        return self._not_understood() if isinstance(event, Unclear) else []

    # ------------------------------------------------------------------------------------------ manners

    def _silent(self) -> Commands:
        """Nobody spoke: once more, then the end [S3]; where all is settled, a question and the end."""
        if self.state.settles:
            return self.close()
        if self._unclear:
            return self._line_is_bad()
        waits = self.plan.patience["silence"]
        self._silences += 1
        if self._silences < len(waits):
            looking = any(isinstance(command, Listen) and command.digits for command in self._asked)
            return self.again(patience=None if looking else waits[self._silences])
        return [self.line("silent_end"), *self.leave("bye", "silence")]

    def _not_understood(self) -> Commands:
        """A sound without words: an apology and a pause, the question again and a pause, the end [S3]."""
        self._unclear += 1
        if self._unclear > 1:
            return self._line_is_bad()
        unkept = any(isinstance(command, Listen) and command.unkept for command in self._asked)
        return [Hush(), self.line("bad_line"), Listen(patience=self.plan.patience["bad_line"][0], unkept=unkept)]

    def _line_is_bad(self) -> Commands:
        waits = self.plan.patience["bad_line"]
        self._silences += 1
        if self._silences < len(waits):
            return [self.line("once_more"), *self.again(patience=waits[self._silences])]
        return [Hush(), self.line("bad_line_end"), *self.leave("bye", "bad_line")]

    # ------------------------------------------------------------------------------------------ for the states

    def go(self, state: State, enter: Callable[..., Commands]) -> Commands:
        """Another part of the call begins, in which nothing has been asked yet."""
        self.state, self._asked = state, []
        return enter(state)

    def line(self, name: str, **values: str) -> Speak:
        """A prompt of the plan, ready to be said."""
        return Speak(self.plan.prompt(name, **values), fixed="number" not in values, slow=self.slow)

    def ask(self, *said: Speak, listen: Listen | None = None) -> Commands:
        """Says something that wants an answer; it is what a repetition repeats."""
        listen = listen or Listen(patience=self.plan.patience["silence"][0])
        self._asked = [*said, listen]
        return [Hush(), *self._asked]

    def record(self, *said: Speak) -> Commands:
        """Says something and puts on record what the citizen says to it."""
        self._asked = []
        return [Hush(), *said, Record()]

    def again(self, *, patience: float | None = None) -> Commands:
        """What was asked last, in the speed that is wanted now."""
        said: Commands = []
        for command in self._asked:
            if isinstance(command, Speak):
                said.append(Speak(command.text, command.fixed, self.slow))
            elif isinstance(command, Listen) and patience is not None:
                said.append(replace(command, patience=patience))
            else:
                said.append(command)
        return said

    def wait(self) -> Commands:
        """The citizen looks for something, or thinks: they get the time for it, and are asked again only then."""
        listens = (command for command in self._asked if isinstance(command, Listen))
        patient = [replace(listen, patience=self.plan.patience["wait"]) for listen in listens]
        return [Hush(), self.line("take_your_time"), *patient] if patient else []

    def menu(self, name: str) -> Commands:
        """A key menu."""
        from channels.voice.script_menu import Menu

        return self.go(Menu(self, name), lambda state: state.open())

    def person(self) -> Commands:
        """The citizen wants a person [A1]; whatever is being recorded ends."""
        from channels.voice.script_nobody import Seeking

        return self.go(Seeking(), lambda _: [Hush(), EndRecording(), Seek()])

    def _sought(self, event: Sought) -> Commands:
        if event.there:
            return [HandOver("asked"), self.line("transfer"), *self.leave("queue", "transferred")]
        return self.nobody(opens=event.opens)

    def nobody(self, *, busy: bool = False, opens: str = "") -> Commands:
        """Nobody can take the call now: a message, a call back where there is a number; the bot goes on too.

        ``busy``: people are there, but nobody took it; ``opens``: when people answer again, outside their hours.
        """
        from channels.voice.script_nobody import Nobody

        why = "why_busy" if busy else "why_closed" if opens else "why_absent"
        missed: Commands = [FollowUp("missed")] if self.connected.reachable else []
        return [
            *missed,
            *self.go(Nobody(self, self.plan.prompt(why, opens=opens)), lambda state: state.open()),
        ]

    def close(self) -> Commands:
        """The end of a call [A5]: is there anything else, how was it, good-bye."""
        from channels.voice.script_closing import AnythingElse, Rating

        if isinstance(self.state, Rating):
            return self.state.bye()
        if isinstance(self.state, AnythingElse) or not self.served:
            return self.say_bye()
        return self.go(AnythingElse(self), lambda state: state.open())

    def say_bye(self) -> Commands:
        """Invites to rate what was done, and says good-bye."""
        from channels.voice.script_closing import Rating

        if self.served:
            return self.go(Rating(self), lambda state: state.open())
        return [Hush(), self.line("bye"), *self.leave("bye", "bye")]

    def leave(self, to: str, ending: str, *, at_once: bool = False) -> Commands:
        """The line goes elsewhere."""
        self._left = True
        return [Leave(to, ending, at_once)]
