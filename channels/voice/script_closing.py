"""The end of a call (A5): 还有什么可以帮您吗, the rating by key or word, good-bye."""

from __future__ import annotations

from bot.reading.cues import is_a_question, is_aggrieved
from channels.voice.grades import read_grade
from channels.voice.phone_plan import PhonePlan
from channels.voice.script import CallScript, Commands
from channels.voice.script_words import Event, Hush, Leg, Listen, Pressed, Quiet, Rate, Said, Speak, Unclear
from speech.recognition import Expecting

_A_WORD = 2
"""Characters up to which nothing is told that the bot could do something about."""
_DONE = ("了", "的")
"""可以了, 好的: with these it is no grade."""
_NOTHING_MORE = ("nothing", "thanks", "refuse", "agree")


def says_no_more(plan: PhonePlan, text: str) -> bool:
    """Whether somebody wants nothing more: 没有了, 谢谢你啊, 好的好的."""
    return any(plan.means(kind, text) for kind in _NOTHING_MORE)


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
        """Silence, a "no" or thanks goes on to the end; who only says that there is more is asked what."""
        script, plan = self._script, self._script.plan
        if isinstance(event, Quiet) or (isinstance(event, Pressed) and event.key == plan.refuse):
            return script.say_bye()
        if not isinstance(event, Said):
            return None
        if plan.means("more", event.text):
            return script.ask(script.line("what_you_need"), listen=Listen(patience=plan.patience["silence"][0]))
        return script.say_bye() if says_no_more(plan, event.text) else None


class Rating:
    """Invites to rate and takes what comes; nobody has to."""

    settles = True
    keys_are_data = True

    def __init__(self, script: CallScript) -> None:
        self._script = script
        self._asked_again = False

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
        """A rating, thanks, or a new matter; anything else is no answer, and asked about once more."""
        plan = self._script.plan
        key = plan.words.key(text)
        if key in plan.rating:
            return self._rated(key)
        grade = read_grade(text, tuple(plan.rating.values()))
        if grade is not None and self._may_be_assent(text):
            sure = self._asked_again or text in plan.rating.values()
            return self._rated(tuple(plan.rating)[grade]) if sure else self._ask_again()
        if says_no_more(plan, text) and not plan.means("refuse", text):
            return self.bye()
        if grade is not None:
            return self._rated(tuple(plan.rating)[grade])
        if plan.means("refuse", text):
            return self.bye()
        return self._something_else(text)

    def _may_be_assent(self, text: str) -> bool:
        """好, 可以: "I will", or how it was."""
        means = self._script.plan.means
        return means("agree", text) and not means("thanks", text) and not text.endswith(_DONE)

    def _something_else(self, text: str) -> Commands | None:
        """A new matter is for whoever has just talked to the citizen, or for the bot."""
        script = self._script
        after_person = script.connected.leg is Leg.AFTER_PERSON
        if is_a_question(text) or is_aggrieved(text) or (not after_person and len(text) > _A_WORD):
            return script.person() if after_person else None
        return self.bye() if self._asked_again else self._ask_again()

    def _ask_again(self) -> Commands:
        self._asked_again = True
        return [Hush(), self._script.line("rate_again"), *self._script.again()]

    def _rated(self, key: str) -> Commands:
        grades = self._script.plan.rating
        rated = Rate(list(grades).index(key) + 1, grades[key])
        return [Hush(), rated, self._script.line("rated"), *self.bye()[1:]]

    def bye(self) -> Commands:
        """Says good-bye."""
        return [Hush(), self._script.line("bye"), *self._script.leave("bye", "bye")]
