"""What a citizen can do when no person can take the call (A6): a message, a call back, on in writing, or on with us."""

from __future__ import annotations

from channels.voice.message import SHORTEST
from channels.voice.script import CallScript, Commands
from channels.voice.script_recording import Recording
from channels.voice.script_words import (
    EndRecording,
    Event,
    FollowUp,
    HandOver,
    Hush,
    Listen,
    Pressed,
    RecordingEnded,
    Said,
    Speak,
)
from speech.recognition import Expecting


class Nobody:
    """No person is there: by key or word a message or a call back; other words go to the bot.

    Without a number nobody can call back: the message becomes an order, and who writes too may wait in writing.
    """

    settles = False

    def __init__(self, script: CallScript, why: str) -> None:
        """``why``: nobody is there, as the citizen is told."""
        self._script, self._why = script, why
        self._message = False
        called = script.connected
        second = "call_back" if called.reachable else "writing" if called.writes else None
        self._choices = ("message", second) if second else ("message",)

    @property
    def keys_are_data(self) -> bool:
        """While a message is being left any key ends it."""
        return self._message

    def open(self) -> Commands:
        """Says what can be done."""
        script, plan = self._script, self._script.plan
        called = script.connected
        name = "nobody" if called.reachable else "nobody_in_writing" if called.writes else "nobody_no_number"
        keys = {name: choice.key for name, choice in plan.nobody.items()}
        text = plan.prompt(name, why=self._why, **keys)
        phrases = tuple(word for name in self._choices for word in plan.nobody[name].words)
        listen = Listen(Expecting.MENU, patience=plan.patience["silence"][0], phrases=phrases)
        return script.ask(Speak(text, fixed=True, slow=script.slow), listen=listen)

    def handle(self, event: Event) -> Commands | None:
        """A key or a word of these; other words go to the bot."""
        if isinstance(event, RecordingEnded):  # perhaps of what was recorded before a person was asked for
            return self._recorded(event.seconds) if self._message else []
        if self._message:
            return [EndRecording()] if isinstance(event, Pressed) else []
        if not isinstance(event, Pressed | Said):
            return None
        chosen = next((name for name in self._choices if self._means(event, name)), None)
        return self._follow(chosen) if chosen else None

    def _means(self, event: Pressed | Said, name: str) -> bool:
        words, choice = self._script.plan.words, self._script.plan.nobody[name]
        if isinstance(event, Pressed):
            return event.key == choice.key
        return words.name(choice.words, event.text) or words.key(event.text) == choice.key

    def _follow(self, chosen: str) -> Commands:
        script = self._script
        if chosen == "call_back":
            return [Hush(), FollowUp("call_back"), script.line("call_back"), *script.leave("bye", "call_back")]
        if chosen == "writing":
            leaving = script.leave("queue", "transferred")
            return [Hush(), HandOver("asked"), script.line("goes_on_in_writing"), *leaving]
        if not script.connected.reachable:
            return script.go(Recording(script, next(iter(script.plan.recordings))), lambda state: state.open())
        self._message = True
        return script.record(script.line("voicemail", end=str(script.plan.recording["end"])))

    def _recorded(self, seconds: float) -> Commands:
        script = self._script
        if seconds < SHORTEST:
            self._message = False
            return [script.line("nothing_recorded"), *self.open()[1:]]
        return [FollowUp("voicemail"), script.line("voicemail_kept"), *script.leave("bye", "voicemail")]


class Seeking:
    """A person is wanted: until it is known whether one is there nothing else is done."""

    keys_are_data = True
    settles = False

    def handle(self, _: Event) -> Commands | None:
        """Nothing."""
        return []
