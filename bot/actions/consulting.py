"""What consulting actions share: giving an article, offering a choice, what becomes of one, what is not known (B1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.actions.intake_slots import REFUSED
from bot.actions.several import Several, Unsure
from bot.reading.choices import NONE_OF_THEM, named_by_a_word, read_choice, same_words
from bot.reading.cues import is_a_question, is_aggrieved, states_what_went_wrong
from bot.services import GivenAnswer
from bot.speaking import TO_FILE, answer_reply
from bot.wording import gist_of
from core.messages import QuickReply, Reply
from knowledge.answering import Hit, LookUp
from knowledge.article import Article

MISSES_TO_A_PERSON = 2
_WORDS = re.compile(r"\w")
_HAPPENED = re.compile(r"[了啦喽]\W*$|^[没停断]\w{1,2}\W*$")
_FEW_WORDS = 8
"""Characters of words that say which of several questions is meant, and ask nothing new."""
_NAMES_A_PLACE = re.compile(r"[0-9一二三四五六七八九十第选]|[前后]者")
"""In words that mean a question by its place in the list: 选5."""
_NAMED_TOGETHER = 0.9
"""Confidence from which words name, with what was asked, an article that was not even offered: 公积金 … 我租房用."""
_REMEMBERED = 8
"""Answers of a conversation of which it is known what was asked."""


class Consult(HotlineAction):
    """What the consulting actions share."""

    def _answered(
        self, turn: Turn, article: Article, *, asked: str | None = None, to_file: str | None = None
    ) -> list[Event]:
        """Gives the article. ``asked``: the words it answers, where those are not the whole message. ``to_file``: the
        citizen's words, where they may want them filed all the same."""
        department = self.services.department_name(article.department)
        reply = answer_reply(article, department, self.services.phone_of(article.department))
        turn.say(replace(reply, quick_replies=(TO_FILE, HUMAN)) if to_file else reply)
        # no offer that a mere 好 takes: it says that the answer was heard
        given = {"article": article.code, "choices": None, "question": to_file, "offer": None, "misses": 0}
        given[REFUSED] = None
        words = asked or turn.utterance.text
        given["trouble"] = words if self._tells_trouble(words) else None
        return set_slots(
            {**given, "asked_about": turn.utterance.text, "asked_of": asked_of(turn, {article.code: words})}
        )

    @staticmethod
    def _perhaps_to_file(turn: Turn) -> str | None:
        """The citizen's words, where they state what went wrong and nothing else is going on: what is answered may have
        been meant to be dealt with."""
        return _trouble_in(turn.utterance.text) if turn.tracker.active_loop_name is None else None

    @staticmethod
    def _open_trouble(turn: Turn) -> str | None:
        """What went wrong, in the words that were answered last and may still be filed; None where nothing did."""
        return _trouble_in(turn.slot("question"))

    def _tells_trouble(self, text: str) -> bool:
        """停水了: no question, though an article speaks of it, and it lies somewhere."""
        told = not is_a_question(text) and (is_aggrieved(text) or _HAPPENED.search(text) is not None)
        return told and self.services.reader.plan.has_a_place(self.services.category_of(text))

    def _all_answered(self, turn: Turn, together: Several) -> list[Event]:
        """Gives every article that answers a part of the message."""
        events = [e for a in together.answers for e in self._answered(turn, a, asked=together.asked[a.code])]
        return [*events, SlotSet("asked_of", asked_of(turn, together.asked))]

    async def _all_unsure(self, turn: Turn, unsure: Sequence[Unsure]) -> list[Event]:
        """What becomes of questions beside those answered: a choice for the first that has one, the others are told as
        not known, and kept."""
        choose = next((one for one in unsure if one.found.kind == "choose"), None)
        for one in unsure:
            if one is not choose:
                await self._told_unsure(turn, one, "utter_also_unknown")
        return self._offer(turn, choose.found.hits, asked=choose.text) if choose else []

    async def _told_unsure(self, turn: Turn, one: Unsure, response: str) -> None:
        await self.services.record_unanswered(one.text, turn.conversation_id, one.found)
        turn.respond(response, asked=one.text)

    async def _taken(self, turn: Turn, articles: Sequence[Article]) -> list[Event]:
        """Gives the articles the citizen took from a choice, and keeps that they did."""
        asked, events = turn.slot("asked_about"), list[Event]()
        for article in articles:
            if article.code in (turn.slot("choices") or ()):
                await self.services.record_choice(article.code, turn.conversation_id)
            events += self._answered(turn, article, to_file=_trouble_in(asked))
        asked = asked or articles[-1].question  # 第二个 asks nothing
        return [
            *events,
            *set_slots({"asked_about": asked, "asked_of": asked_of(turn, {each.code: asked for each in articles})}),
        ]

    async def _chosen(self, turn: Turn, *, by_a_word: bool = True) -> list[Event] | None:
        """What comes of words that take one of the questions offered, or none of them; None when they do neither.

        ``by_a_word``: a word of one question alone takes it, too.
        """
        codes, text = turn.slot("choices") or [], turn.utterance.text
        if not codes:
            return None
        options = [self.services.answering.article(code) for code in codes]
        held = [article for article in options if article is not None]
        clicked = [article for article in held if same_words(article.question, text)]
        if clicked:
            return await self._taken(turn, clicked[:1])
        places = read_choice(text, len(codes))
        if places == NONE_OF_THEM:
            return await self._none_of_them(turn)
        taken = [article for place in places or () if (article := options[place]) is not None]
        if not taken and by_a_word:
            named = named_by_a_word(text, [article.question for article in held])
            taken = [held[named]] if named is not None else self._meant_by(turn, codes)
        return await self._taken(turn, taken) if taken else None

    def _meant_by(self, turn: Turn, codes: Sequence[str]) -> list[Article]:
        """The question offered that a few words tell together with what was asked: 房产证 … 找不到了的那种."""
        asked, text = turn.slot("asked_about"), turn.utterance.text
        if not asked or is_a_question(text) or len(gist_of(text)) > _FEW_WORDS or _NAMES_A_PLACE.search(text):
            return []  # 啥时候报 asks it of whichever is meant
        now = self.services.now()
        found = self.services.answering.look_up(f"{asked} {text}", now=now)
        if found.kind != "answer" or self.services.answering.look_up(text, now=now).kind == "answer":
            return []
        article = found.hits[0].article
        return [article] if article.code in codes or found.hits[0].confidence >= _NAMED_TOGETHER else []

    async def _none_of_them(self, turn: Turn) -> list[Event]:
        """The question that led to the choice has no answer."""
        asked = turn.slot("asked_about")
        await self._left_open(turn, asked)
        return self._missed(turn, "utter_none_of_these", choices=None, question=asked, offer="order")

    async def _judged(self, turn: Turn) -> GivenAnswer | None:
        """The answer a verdict is about: that whose button was pressed, or the last; None when there is none."""
        about = turn.metadata.get("about")
        if about:
            return await self.services.answer_at(about["conversation"], about["seq"], turn.metadata.get("contact_id"))
        article = None if turn.slot("choices") else turn.slot("article")
        return GivenAnswer(article) if article else None

    async def _left_open(self, turn: Turn, asked: str | None) -> None:
        """Writes down a question that was not answered, for whoever keeps the base; nothing where it is not known."""
        if asked:
            found = self.services.answering.look_up(asked, now=self.services.now())
            await self.services.record_unanswered(asked, turn.conversation_id, found)

    def _offer(self, turn: Turn, hits: list[Hit], *, asked: str | None = None) -> list[Event]:
        """Offers a choice. ``asked``: the words it is for, where those are not the whole message."""
        options = [hit.article for hit in hits]
        listed = "\n".join(f"{number}. {article.question}" for number, article in enumerate(options, 1))
        whose = f"您还问了“{asked}”，" if asked else "您"
        filing = not asked and self._perhaps_to_file(turn)
        otherwise = "请换个说法，要反映问题请说“登记下来”，" if filing else "请换个说法，"
        turn.say(
            Reply(
                f"{whose}想问的是下面哪一个？\n{listed}\n都不是的话，{otherwise}或者说“转人工”。",
                card={
                    "kind": "choices",
                    "title": "您想问的是下面哪一个？",
                    "options": [{"title": article.question, "text": article.question} for article in options],
                },
                quick_replies=(QuickReply("都不是"), *((TO_FILE,) if filing else ()), HUMAN),
                asks="choice",
                outcome="choices",
                details={"articles": [article.code for article in options]},
            )
        )
        asked = asked or turn.utterance.text
        return set_slots({"choices": [option.code for option in options], "question": asked, "asked_about": asked})

    async def _unknown(self, turn: Turn, found: LookUp) -> list[Event]:
        """The base does not hold it: written down for whoever keeps the base, and said."""
        said = turn.utterance
        if said.intent in {"ask_question", "ask_followup"} or is_a_question(said.text):
            await self.services.record_unanswered(said.text, turn.conversation_id, found)
        if turn.tracker.active_loop_name is not None:
            turn.respond("utter_unknown_here")  # what is being taken down comes first
            return []
        if not _WORDS.search(said.text):
            return self._missed(turn, "utter_no_words")
        asked = said.text if is_a_question(said.text) or self.services.sounds_like_a_matter(said.text) else None
        return self._missed(turn, "utter_unknown", question=said.text, asked_about=asked, offer="order")

    def _missed(self, turn: Turn, response: str, **slots: Any) -> list[Event]:
        """Counts a miss; the second in a row calls a person."""
        misses = (turn.slot("misses") or 0) + 1
        if misses >= MISSES_TO_A_PERSON:
            return [*set_slots({**slots, "misses": 0}), FollowupAction("action_hand_over")]
        turn.respond(response)
        return set_slots({**slots, "misses": misses})


def _trouble_in(text: str | None) -> str | None:
    return text if text and states_what_went_wrong(text) else None


def asked_of(turn: Turn, asked: Mapping[str, str]) -> dict[str, str]:
    """What was asked when an article was given, by its code: of the latest so many, ``asked`` the last of them."""
    known: dict[str, str] = {code: text for code, text in (turn.slot("asked_of") or {}).items() if code not in asked}
    return dict([*known.items(), *asked.items()][-_REMEMBERED:])


def served_of(turn: Turn) -> tuple[str | None, str | None]:
    """Number and proof of the order served last in this conversation, so that neither is asked for again."""
    number, code = turn.slot("served") or (None, None)
    return number, code
