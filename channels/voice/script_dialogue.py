"""The part of a call in which the bot talks: its answers are said, the citizen's words and keys are told to it."""

from __future__ import annotations

from channels.voice import for_the_ear
from channels.voice.keying import Keying
from channels.voice.script import CallScript, Commands
from channels.voice.script_words import Answered, Event, Hush, Late, Listen, Pressed, Quiet, Said, SendText, Speak, Tell
from core.messages import Reply
from speech.recognition import Expecting

_NOT_SERVED = frozenset({"handoff"})


class Dialogue:
    """Talks for the bot."""

    def __init__(self, script: CallScript) -> None:
        self._script = script
        self._last: Reply | None = None
        self._offered: Reply | None = None
        self._keying: Keying | None = None
        self._waiting = False

    @property
    def keys_are_data(self) -> bool:
        """While a number is asked for, or being keyed in."""
        return bool(for_the_ear.digits_asked(self._last)) or self._keying is not None

    @property
    def settles(self) -> bool:
        """Whether the last answer asked for nothing."""
        return self._last is not None and not self._last.asks and not self._offered

    def tell(self, text: str) -> Commands:
        """Hands words to the bot."""
        self._waiting, self._keying, self._offered = True, None, None
        return [Hush(), Tell(text)]

    def handle(self, event: Event) -> Commands | None:
        """Answers are said, keys are read, a silence in a number ends it."""
        if isinstance(event, Answered):
            return self._answered(event.replies)
        if isinstance(event, Late):
            return [self._script.line("wait")] if self._waiting else []
        if isinstance(event, Quiet) and self._waiting:
            return []
        if isinstance(event, Quiet) and self._keying and self._keying.digits:
            return self._number(self._keying.digits)
        if isinstance(event, Pressed):
            return self._pressed(event.key)
        if isinstance(event, Said):
            return self._agreed(event.text) if self._offered else self.tell(event.text)
        return None

    # ------------------------------------------------------------------------------------------- answers

    def _answered(self, replies: tuple[Reply, ...]) -> Commands:
        script = self._script
        self._waiting, self._keying, self._offered = False, None, None
        for reply in replies:
            if reply.outcome == "handoff":
                return self._handed_over(reply)
        said = [self._spoken(reply) for reply in replies]
        self._last = replies[-1]
        if any(reply.outcome and reply.outcome not in _NOT_SERVED for reply in replies):
            script.served = True
        if self._offered is not None:
            said.append(script.line("sms_offer"))
        return script.ask(*said, listen=self._listen())

    def _spoken(self, reply: Reply) -> Speak:
        spoken = for_the_ear.spoken(reply, self._script.plan, mobile=self._script.connected.mobile)
        if spoken.offer:
            self._offered = reply
        return Speak(spoken.text, slow=self._script.slow)

    def _handed_over(self, reply: Reply) -> Commands:
        """The bot calls a person. Where it has failed no time is lost with words."""
        script, card = self._script, reply.card or {}
        if card.get("kind") != "handoff":
            return [Hush(), *script.leave("queue", "transferred", at_once=True)]
        if not card.get("on_duty"):
            return script.person()
        return [Hush(), script.line("transfer"), *script.leave("queue", "transferred")]

    def _listen(self) -> Listen:
        patience = self._script.plan.patience["silence"][0]
        if self._offered is not None:
            return Listen(Expecting.YES_NO, patience=patience)
        last = self._last
        return Listen(
            for_the_ear.expecting_after(last),
            for_the_ear.asks_for_a_story(last),
            for_the_ear.digits_asked(last),
            patience,
        )

    # ------------------------------------------------------------------------------------------- keys

    def _pressed(self, key: str) -> Commands | None:
        if self.keys_are_data:
            return self._keyed(key)
        if self._offered is not None:
            return self._answer_offer(key == self._script.plan.agree) if key in self._yes_no() else None
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
            return self._number(self._keying.digits)
        return [Hush(), Listen(Expecting.DIGITS, patience=self._script.plan.patience["keys"])]

    def _number(self, digits: str) -> Commands:
        self._keying = None
        if digits == self._script.plan.anytime["person"]:
            return self._script.person()
        return self.tell(digits) if digits else self._script.again()

    # ------------------------------------------------------------------------------------------- text messages

    def _agreed(self, text: str) -> Commands:
        plan = self._script.plan
        if plan.is_word("agree", text):
            return self._answer_offer(True)
        return self._answer_offer(False) if plan.is_word("refuse", text) else self.tell(text)

    def _answer_offer(self, wanted: bool) -> Commands:
        script, offered = self._script, self._offered
        self._offered = None
        sent: Commands = [SendText(offered), script.line("sms_sent")] if wanted and offered else []
        return [Hush(), *sent, *[command for command in script.close() if not isinstance(command, Hush)]]
