"""An opinion poll by keys or words (A2, A14): one question after the other, every answer kept as it is given."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from backoffice.poll_papers import Choice, Offer, Paper, Question
from bot.reading.choices import read_choice
from channels.voice.script import CallScript, Commands
from channels.voice.script_closing import AnythingElse
from channels.voice.script_words import Event, FindPoll, Hush, Listen, PollFound, Pressed, Said, Vote
from speech.recognition import Expecting

_CLOSING_MARKS = "。！？!?，,；;：: "
_FEW = 3
"""Characters below which nothing is told that the bot could do something about."""
_LIKE = 50
"""Per cent of likeness to an answer."""


class PollTaking:
    """Finds the poll there is for this citizen and goes through what they have not answered."""

    settles = False
    keys_are_data = False

    def __init__(self, script: CallScript) -> None:
        self._script = script
        self._paper: Paper | None = None
        self._left: list[Question] = []
        self._asked_again = False

    def open(self) -> Commands:
        """Looks for a poll."""
        return [Hush(), FindPoll()]

    def handle(self, event: Event) -> Commands | None:
        """A poll, then an answer to each question."""
        if isinstance(event, PollFound):
            return self._found(event.offer)
        if self._paper is None:
            return []
        if isinstance(event, Pressed):
            return self._pressed(event.key)
        return self._said(event.text) if isinstance(event, Said) else None

    def _found(self, offer: Offer) -> Commands:
        script = self._script
        if offer.paper is None:
            return self._end("poll_taken" if offer.taken else "no_poll")
        self._paper = paper = offer.paper
        self._left = list(paper.questions)
        if not self._left:  # all answered in a call that broke off before its end
            return [Vote(paper.poll_id, {}, finished=True), *self._end("poll_thanks")]
        values = {"title": _sentence(paper.title), "opening": _sentence(paper.opening)}
        skip = script.plan.poll["skip"]
        opening = script.line("poll_opening", count=str(len(self._left)), skip=skip, **values)
        return [Hush(), opening, *self._ask()[1:]]

    def _ask(self) -> Commands:
        script, question = self._script, self._left[0]
        self._asked_again = False
        choices = "，".join(f"{choice.text}请按{choice.key}" for choice in question.choices)
        position, text = str(question.position), _sentence(question.text)
        prompt = script.line("poll_question", position=position, text=text, choices=choices)
        phrases = tuple(choice.text for choice in question.choices)
        waits = script.plan.patience["rating"]
        return script.ask(prompt, listen=Listen(Expecting.MENU, patience=waits, phrases=phrases, unkept=True))

    def _pressed(self, key: str) -> Commands | None:
        if key == self._script.plan.poll["skip"]:
            return self._next({})
        chosen = next((choice for choice in self._left[0].choices if choice.key == key), None)
        return self._next({self._left[0].id: chosen.id}) if chosen else None

    def _said(self, text: str) -> Commands | None:
        """One of the answers by its words or its place; what is no answer is for the bot at once: somebody may be in
        danger. What may be one badly heard is asked for once more."""
        choices = self._left[0].choices
        said = text.strip(_CLOSING_MARKS)
        chosen = next((choice for choice in choices if said == choice.text.strip(_CLOSING_MARKS)), None)
        if chosen is None and self._script.plan.means("skip", text):
            return self._next({})
        if chosen is None:
            places = read_choice(text, len(choices))
            chosen = choices[places[0]] if places and len(places) == 1 else None
        if chosen is not None:
            return self._next({self._left[0].id: chosen.id})
        if self._asked_again or not _may_be_meant(said, choices):
            return None
        self._asked_again = True
        return [Hush(), self._script.line("poll_again"), *self._script.again()]

    def _next(self, chosen: dict[int, int]) -> Commands:
        """Keeps the answer and asks the next question, or thanks."""
        assert self._paper is not None
        self._left.pop(0)
        vote = Vote(self._paper.poll_id, chosen, finished=not self._left)
        if self._left:
            return [vote, *self._ask()]
        return [vote, *self._end("poll_thanks")]

    def _end(self, line: str) -> Commands:
        script = self._script
        asked = script.go(AnythingElse(script), lambda state: state.open())
        return [Hush(), script.line(line), *asked[1:]]


def _may_be_meant(said: str, choices: Sequence[Choice]) -> bool:
    """Whether words are so few, or so like one of the answers, that one of them may have been heard badly."""
    return len(said) < _FEW or any(fuzz.ratio(said, choice.text) >= _LIKE for choice in choices)


def _sentence(text: str) -> str:
    """The words with a mark at their end; nothing where there are none."""
    return text if not text or text[-1] in _CLOSING_MARKS else f"{text}。"
