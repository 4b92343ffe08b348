"""The end of a call (A5): 还有什么可以帮您吗, the rating by key or word, good-bye."""

from __future__ import annotations

from channels.voice.script import CallScript, Commands
from channels.voice.script_words import Event, Hush, Leg, Listen, Pressed, Quiet, Rate, Said, Speak, Unclear
from speech.recognition import Expecting


class AnythingElse:
    """Asks whether there is anything else; whatever is said that is no "no" is for the bot."""

    settles = True
    keys_are_data = False

    def __init__(self, script: CallScript) -> None:
        self._script = script

    def open(self) -> Commands:
        """The question."""
        patience = self._script.plan.patience["silence"][0]
        listen = Listen(Expecting.ANYTHING, patience=patience)
        return self._script.ask(self._script.line("anything_else"), listen=listen)

    def handle(self, event: Event) -> Commands | None:
        """Silence or a "no" goes on to the end."""
        plan = self._script.plan
        if isinstance(event, Quiet):
            return self._script.say_bye()
        if isinstance(event, Pressed) and event.key == plan.refuse:
            return self._script.say_bye()
        if isinstance(event, Said) and (plan.is_word("nothing", event.text) or plan.is_word("refuse", event.text)):
            return self._script.say_bye()
        return None


class Rating:
    """Invites to rate and takes what comes; nobody has to."""

    settles = True
    keys_are_data = True

    def __init__(self, script: CallScript) -> None:
        self._script = script

    def open(self) -> Commands:
        """The invitation."""
        plan = self._script.plan
        listen = Listen(Expecting.YES_NO, patience=plan.patience["rating"], phrases=tuple(plan.rating.values()))
        prompt = Speak(plan.rate_prompt(), fixed=True, slow=self._script.slow)
        return self._script.ask(prompt, listen=listen)

    def handle(self, event: Event) -> Commands | None:
        """A key, a word, or nothing; whoever wants something else instead gets it."""
        script, plan = self._script, self._script.plan
        if isinstance(event, Pressed):
            if event.key in plan.rating:
                return self._rated(event.key)
            return script.person() if event.key == plan.anytime["person"] else None
        if isinstance(event, Said):
            return self._said(event.text)
        return self.bye() if isinstance(event, Quiet | Unclear) else []

    def _said(self, text: str) -> Commands | None:
        script, plan = self._script, self._script.plan
        key = next((key for key, word in plan.rating.items() if word == text.strip("，。！？ ")), None)
        if key is not None:
            return self._rated(key)
        if any(plan.is_word(kind, text) for kind in ("nothing", "refuse", "agree")):
            return self.bye()
        # a new matter: for whoever has just talked to the citizen, or for the bot
        return script.person() if script.connected.leg is Leg.AFTER_PERSON else None

    def _rated(self, key: str) -> Commands:
        return [Hush(), Rate(key), self._script.line("rated"), *self.bye()[1:]]

    def bye(self) -> Commands:
        """Says good-bye."""
        return [Hush(), self._script.line("bye"), *self._script.leave("bye", "bye")]
