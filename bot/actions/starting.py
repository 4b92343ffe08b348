"""How an intake begins: with everything the first message, and what was said before it, already tells (B4)."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.again import urged
from bot.actions.base import Event, Turn, set_slots
from bot.actions.consulting import asked_of
from bot.actions.following import Following
from bot.actions.intake_slots import (
    DESPAIRS,
    EMPTY,
    INTAKE_FORM,
    REFUSED,
    REQUESTED,
    WAIT,
    WAITING,
    is_cut,
    photos_so_far,
)
from bot.actions.several import Several, as_if_alone, matters_of, several, to_come
from bot.actions.waiting import begin_waiting, tell_one_by_one
from bot.asides import CERTAIN, SURE
from bot.plan import KIND_OF_INTENT, MATTER_INTENTS
from bot.reading.cues import is_a_question, is_aggrieved, is_blame, trouble_after_thanks
from bot.situation import Utterance
from bot.wording import A_WORD, asks_where_then, gist_of, shares_words, strip_lead, wants_secrecy

_SHORT_MATTER = 16
"""Characters up to which a matter is told short because of what was asked before it."""
_WISHES = frozenset({"request_order", "affirm"})
"""Intents of somebody who wants something taken down and does not say what."""
_WORD_FOR_WORD = 0.9
"""Confidence from which an article answers a question that sounds like a complaint."""
_ALL_BUT_WORD_FOR_WORD = 0.8
"""The same, of one that ends in a question."""
_APPLIES = re.compile(
    r"想要?(?:申请|申领|申办|办(?!法)|领取?|报名|迁|换领?|补办|查询?)(?!.{0,6}(?:不给|不让|没人|被拒|推))"
)
"""How somebody says what they want to apply for: that asks how."""
_WHAT_NOW = re.compile(r"怎么办|咋办|咋整|怎么弄|怎么搞|谁管|找谁|什么时候|啥时候|多久")
"""What somebody asks at the end of their trouble: that asks to have it dealt with."""
_CLAUSE = re.compile(r"[\s,，。;；!！?？…]+")
_TAKE_DOWN = re.compile(r"登记|记下|记一下|记录|报上去|[回打]个?(?:电话|信)|答复我")


class StartIntake(Following):
    """Begins an intake with everything the first message, and what was said before it, already tells."""

    action_name = "action_start_intake"

    async def act(self, turn: Turn) -> list[Event]:
        """Clears the last intake's values and reads the message; or answers what turns out to be a question."""
        together = several(turn, self.services)
        served = await urged(self, turn) or (None if together.tells_a_matter else await self._answer_instead(turn))
        if served:
            return served
        await self._answer_beside(turn, together)
        return self._begun(turn, together)

    def _begun(self, turn: Turn, together: Several) -> list[Event]:
        said, *later = matters_of(together.rest, self.services)
        values = self._told_at_once(turn, said)
        new = trouble_after_thanks(said.text)
        if new is not None:
            whole, said = said.text.strip(), as_if_alone(said, new, self.services, "complain")
            values = {**self._told_at_once(turn, said), "content": whole}
        if self._tells_no_matter(turn, said):
            values.pop("content", None)
            if turn.slot(WAITING):
                return begin_waiting(turn, self.services, values)
        kind = self._kind(turn, said, values)
        fresh = {**EMPTY, **(turn.slot("known") or {}), **values, "kind": kind.value if kind else None}
        fresh["photos"] = photos_so_far(turn)
        if values.get("content"):
            fresh["content"] = self._with_what_was_asked(turn, values["content"], has_place=bool(values.get("address")))
            fresh["category"] = self.services.category_of(values["content"]) or self.services.category_of(
                fresh["content"]
            )
        fresh["cut"] = is_cut(turn, fresh)
        if together.tells_a_matter:
            fresh["asked_of"] = asked_of(turn, together.asked)
        fresh |= {"intake": (turn.slot("intake") or 0) + 1, DESPAIRS: None}
        if later:
            tell_one_by_one(turn, said, later)
            fresh[WAITING] = [*to_come(later), *(turn.slot(WAITING) or ())]
            fresh["confidential"] = fresh["confidential"] or wants_secrecy(turn.utterance.text) or None
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(fresh), FollowupAction(INTAKE_FORM)]

    async def _answer_beside(self, turn: Turn, together: Several) -> None:
        """What is asked beside the matter: answered for sure, or told as not known and kept."""
        if together.tells_a_matter:
            self._all_answered(turn, together)
            for one in together.unsure:
                await self._told_unsure(turn, one, "utter_unsure_beside")

    def _told_at_once(self, turn: Turn, said: Utterance) -> dict[str, Any]:
        values = self.services.reader.begin(said, self.services.now(), turn.metadata.get("sender_phone"))
        if "content" not in values and self._names_a_trouble(said):
            values["content"] = said.text.strip()
        return values

    def _names_a_trouble(self, said: Utterance) -> bool:
        """停气了: short, and all there is to say."""
        told = strip_lead(said.text)
        return said.intent in MATTER_INTENTS and len(told) > 1 and self.services.category_of(told) is not None

    def _tells_no_matter(self, turn: Turn, said: Utterance) -> bool:
        """请帮我登记下来; or 幸福小区, after 停水了."""
        if turn.slot("trouble") and not self.services.reader.tells_more_than_facts(said, self.services.now()):
            return True
        if self._takes_up_a_question(turn, said):
            return True
        return said.intent in _WISHES and not self.services.sounds_like_a_matter(said.text)

    @staticmethod
    def _wishes(turn: Turn, said: Utterance) -> bool:
        """登记下来; or, after a question that was not answered, 那你帮我记一下，给我回个电话."""
        return said.intent in _WISHES or StartIntake._takes_up_a_question(turn, said)

    @staticmethod
    def _takes_up_a_question(turn: Turn, said: Utterance) -> bool:
        """那你帮我记一下，给我回个电话, after a question that was not answered."""
        asks_for_it = _TAKE_DOWN.search(said.text) is not None and not is_aggrieved(said.text.replace("帮我", ""))
        return bool(turn.slot("question")) and asks_for_it

    def _with_what_was_asked(self, turn: Turn, content: str, *, has_place: bool) -> str:
        """The matter with the question it grew out of: 停水了怎么查 … 都三天了没人管.

        A matter that names a kind of trouble and a place of its own (``has_place``) grew out of none.
        """
        asked = turn.slot("asked_about")
        if asked is None or asked in content:
            return content
        own, before = self.services.category_of(content), self.services.category_of(asked)
        stands_alone = has_place and own is not None
        related = (
            (len(gist_of(content)) <= _SHORT_MATTER and not stands_alone)
            or (own is None and shares_words(content, asked))
            or (own is not None and before is not None and own.split(".")[0] == before.split(".")[0])
        )
        return f"{asked}\n{content}" if related else content

    def _kind(self, turn: Turn, said: Utterance, values: dict[str, Any]) -> Kind | None:
        """The kind that is told, None until the matter tells it; a question that stayed open is taken up here."""
        asked_before = turn.slot("question")
        wishes = self._wishes(turn, said)
        told = KIND_OF_INTENT[said.intent] if said.intent in MATTER_INTENTS and not wishes else None
        if told is Kind.PRAISE and is_blame(said.text):
            told = Kind.COMPLAIN
        if "content" in values:
            return told or KIND_OF_INTENT.get(said.matter or "", Kind.COMPLAIN)
        if asked_before and (wishes or turn.slot("article")):
            values["content"] = asked_before
            asks = is_a_question(asked_before) and not is_aggrieved(asked_before)  # 培训机构不退费咋办 complains
            return told or (Kind.CONSULT if asks else Kind.COMPLAIN)
        return told

    async def _answer_instead(self, turn: Turn) -> list[Event] | None:
        """A guessed complaint in the form of a question is a question if the base answers it, or if nothing in it
        speaks of trouble. It can still be filed."""
        said = turn.utterance
        chosen = await self._chosen(turn, by_a_word=False)
        if chosen is not None:
            return _instead(chosen)
        if turn.slot(REFUSED) and asks_where_then(said.text):
            return [FollowupAction("action_refuse")]
        if turn.slot(DESPAIRS) and not self.services.sounds_like_a_matter(said.text):
            return [FollowupAction("action_danger")]  # 没人管我 after 不想活了 is no complaint
        guessed = said.intent not in _WISHES and said.confidence < CERTAIN
        told = self._rather_of_the_topic(turn) if guessed else None
        if told is not None:
            return _instead(told)
        return await self._answer_a_guess(turn)

    async def _answer_a_guess(self, turn: Turn) -> list[Event] | None:
        """The answer, or the choice, to what was only guessed to be a matter; None where it is one."""
        said = turn.utterance
        calm, told_where = not is_aggrieved(said.text), bool(said.entities.get("address"))
        bare = len(gist_of(said.text)) <= A_WORD and calm and said.confidence < CERTAIN
        trouble_there = told_where and _WHAT_NOW.search(said.text) is not None  # 长江路井盖没了咋办
        asked = said.confidence < SURE and is_a_question(said.text) and not trouble_there
        guessed = said.confidence < SURE and calm and not told_where  # 身份证找不着了: a matter of ours, perhaps
        rules = (said.confidence < CERTAIN or _asks_in_general(said)) and is_a_question(said.text) and not told_where
        lies_there = self.services.reader.plan.has_a_place(self.services.category_of(said.text))
        helps = said.intent == "request_help" and calm and not told_where and not lies_there  # 我包落在公交上了
        ends_asking = not told_where and _ends_asking(said.text)
        applies = not told_where and (_APPLIES.search(_last_clause(said.text)) is not None or (calm and ends_asking))
        if said.intent in _WISHES or not (asked or bare or guessed or rules or helps or applies or ends_asking):
            return None
        found = self.services.answering.look_up(said.text, now=self.services.now())
        sure = _ALL_BUT_WORD_FOR_WORD if ends_asking else _WORD_FOR_WORD
        believed = asked or bare or guessed or applies or (found.kind == "answer" and found.hits[0].confidence >= sure)
        if found.kind == "answer" and believed:
            events = self._answered(turn, found.hits[0].article, to_file=said.text)
        elif not (asked or bare or (guessed and found.kind == "choose")) or not calm:
            return None
        elif found.kind == "choose":
            events = self._offer(turn, found.hits)
        elif not asked:
            return None
        else:
            await self._left_open(turn, said.text)
            events = self._missed(turn, "utter_unknown", question=said.text, offer="order", article=None)
        return _instead(events)


def _asks_in_general(said: Utterance) -> bool:
    """培训机构不退费咋办: what to do about such trouble, and nothing of when or to whom it happened."""
    ends = _WHAT_NOW.search(_last_clause(said.text)) is not None
    return ends and "time" not in said.entities and re.search("[我俺咱]", said.text) is None


def _ends_asking(text: str) -> bool:
    """Whether a story ends in a question about something: 暖气片冰凉，交了钱的，这个可以退不."""
    last = _last_clause(text)
    return is_a_question(last) and not is_aggrieved(last) and _WHAT_NOW.search(last) is None


def _last_clause(text: str) -> str:
    return next((clause for clause in reversed(_CLAUSE.split(text)) if clause), "").rstrip("呢啊呀嘛")


def _instead(events: list[Event]) -> list[Event]:
    """``events`` in the place of an intake."""
    handed_over = any(event.get("name") == "action_hand_over" for event in events)
    return [*events, ActiveLoop(None), SlotSet(REQUESTED, None), *([] if handed_over else [WAIT])]
