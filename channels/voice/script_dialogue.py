"""The part of a call in which the bot talks: its answers are said, the citizen's words and keys are told to it."""

from __future__ import annotations

from channels.voice import for_the_ear
from channels.voice.keying import Keying, is_digits
from channels.voice.script import CallScript, Commands
from channels.voice.script_more import More
from channels.voice.script_words import Answered, Event, Hush, Late, Listen, Pressed, Quiet, Said, Speak, Tell
from core.messages import Reply
from speech.numbers import spell_for_phone
from speech.recognition import Expecting

_NOT_SERVED = frozenset({"handoff"})


class Dialogue:
    """Talks for the bot."""

    def __init__(self, script: CallScript) -> None:
        self._script = script
        self._last: Reply | None = None
        self._more: More | None = None
        self._keying: Keying | None = None
        self._waiting = False

    @property
    def keys_are_data(self) -> bool:
        """While a number is asked for, or being keyed in."""
        asked = bool(for_the_ear.digits_asked(self._last)) and not self._is_asked_on
        return asked or self._keying is not None

    @property
    def settles(self) -> bool:
        """Whether the last answer asked for nothing."""
        return self._last is not None and not self._last.asks and not self._is_asked_on

    @property
    def _is_asked_on(self) -> bool:
        """Whether it has been asked what is to become of the rest of a long answer."""
        return self._more is not None and self._more.is_open

    def tell(self, text: str) -> Commands:
        """Hands words to the bot."""
        self._waiting, self._keying, self._more = True, None, None
        return [Hush(), Tell(text)]

    def handle(self, event: Event) -> Commands | None:
        """Answers are said, keys are read, a silence in a number ends it."""
        if isinstance(event, Answered):
            return self._answered(event.replies)
        if isinstance(event, Late):
            return [self._script.line("wait")] if self._waiting else []
        if isinstance(event, Quiet) and self._waiting:
            return []
        if self._more is not None and (done := self._more.handle(event)) is not None:
            return done
        if isinstance(event, Quiet) and self._keying and self._keying.digits:
            return self._paused(self._keying)
        if isinstance(event, Pressed):
            return self._pressed(event.key)
        return self._said(event.text) if isinstance(event, Said) else None

    # ------------------------------------------------------------------------------------------- answers

    def _answered(self, replies: tuple[Reply, ...]) -> Commands:
        script = self._script
        self._waiting, self._keying, self._more = False, None, None
        for reply in replies:
            if reply.outcome == "handoff":
                return self._handed_over(reply)
        mobile = script.connected.mobile
        spoken = [for_the_ear.spoken(reply, script.plan, mobile=mobile) for reply in replies]
        said = [Speak(one.text, slow=script.slow) for one in spoken]
        self._last = replies[-1]
        if any(reply.outcome and reply.outcome not in _NOT_SERVED for reply in replies):
            script.served = True
        long_ones = [reply for reply, one in zip(replies, spoken, strict=True) if one.rest]
        if not long_ones:
            return script.ask(*said, listen=self._listen())
        asks_on = bool(self._last.asks) and not spoken[-1].rest  # an answer in the middle of an intake
        then = (said.pop(), self._listen()) if asks_on else None
        self._more = More(script, long_ones, [sentence for one in spoken for sentence in one.rest], then)
        return self._more.ask(*said)

    def _handed_over(self, reply: Reply) -> Commands:
        """The bot calls a person. Where it has failed no time is lost with words."""
        script, card = self._script, reply.card or {}
        if card.get("kind") != "handoff":
            return [Hush(), *script.leave("queue", "transferred", at_once=True)]
        return script.person()  # who is on duty may have no telephone, and who has one no desk

    def _listen(self) -> Listen:
        waits, last = self._script.plan.patience, self._last
        digits = for_the_ear.digits_asked(last)
        return Listen(
            for_the_ear.expecting_after(last),
            for_the_ear.asks_for_a_story(last),
            digits,
            waits["number"] if digits else waits["silence"][0],
        )

    # ------------------------------------------------------------------------------------------- keys

    def _pressed(self, key: str) -> Commands | None:
        if self.keys_are_data:
            return self._keyed(key)
        option = for_the_ear.option_of(self._last, key)
        if option is not None:
            return self.tell(option)
        if self._last is not None and for_the_ear.expecting_after(self._last) is Expecting.YES_NO:
            return self.tell(self._meant(self._last, key)) if key in self._yes_no() else None
        return None

    def _yes_no(self) -> tuple[str, str]:
        return self._script.plan.agree, self._script.plan.refuse

    def _meant(self, reply: Reply, key: str) -> str:
        """The words of the button that a key stands for."""
        place = self._yes_no().index(key)
        if place < len(reply.quick_replies):
            return reply.quick_replies[place].said()
        return ("是的", "不对")[place]

    def _keyed(self, key: str) -> Commands:
        self._keying = self._keying or Keying(for_the_ear.digits_asked(self._last))
        if self._keying.press(key):
            return self._number(self._keying)
        return self._listen_on(self._keying, "keys")

    def _said(self, text: str) -> Commands:
        """Words for the bot. Of a number that is said in groups it is told all at once."""
        length = for_the_ear.digits_asked(self._last)
        if self._waiting or not length:
            return self.tell(text)
        plan, keying = self._script.plan, self._keying or Keying(length)
        begun = bool(keying.digits)
        if begun and plan.means("anew", text):
            self._keying = None
            return self._script.again()
        whole = keying.say(text) if begun or is_digits(text) else None
        if whole is False or (begun and whole is None and plan.words.yes_or_no(text)):
            self._keying = keying
            return self._listen_on(keying, "number" if whole is None else "keys")
        return self._number(keying) if whole and begun else self.tell(text)

    def _listen_on(self, keying: Keying, waits: str) -> Commands:
        return [Hush(), Listen(Expecting.DIGITS, digits=keying.missing, patience=self._script.plan.patience[waits])]

    def _paused(self, keying: Keying) -> Commands:
        """A number that is not complete is waited for once more, with what there is of it."""
        if keying.is_key(self._script.plan.anytime["person"]) or not keying.pauses():
            return self._number(keying)
        hush, listen = self._listen_on(keying, "number")
        return [hush, self._script.line("number_rest", number=spell_for_phone(keying.digits)), listen]

    def _number(self, keying: Keying) -> Commands:
        self._keying = None
        if keying.is_key(self._script.plan.anytime["person"]):
            return self._script.person()
        return self.tell(keying.digits) if keying.digits else self._script.again()
