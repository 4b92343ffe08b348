"""The greeting, danger, refusals, and the way to a person (B3, B7)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.base import HUMAN, Event, HotlineAction, Turn
from bot.actions.intake_slots import DESPAIRS, INTAKE_FORM, REFUSED, RESUME
from bot.filling import filled, is_known
from bot.nlu.constants import ALARMED, COMING, FOUND, OVER, SIGNAL_ENTITY, UNREACHED
from bot.reading.cues import is_a_question
from bot.speaking import TO_FILE
from core.messages import QuickReply, Reply
from core.yaml_files import read_yaml

_FILE = Path(__file__).parent.parent / "data" / "refusals.yml"
_DESPAIR, _MISSING = "suicide", "missing"
_BETWEEN_CITIZENS = "civil"
_TOLD_BY_THE_BASE = 0.8
"""Confidence from which a question is answered that sounds like a quarrel between citizens."""
GO_ON = QuickReply("接着登记")
NO_FORM: list[Event] = [ActiveLoop(None), SlotSet("requested_slot", None)]


@lru_cache(maxsize=1)
def _wording() -> dict[str, dict[str, Any]]:
    wording: dict[str, dict[str, Any]] = read_yaml(_FILE)
    return wording


class Greet(HotlineAction):
    """你好: who speaks here, and of which city."""

    action_name = "action_greet"

    async def act(self, turn: Turn) -> list[Event]:
        """The greeting."""
        turn.respond("utter_greet", city=self.services.city.name)
        return []


class Calm(HotlineAction):
    """Abuse is met calmly; a matter told in anger is a matter."""

    action_name = "action_calm"

    async def act(self, turn: Turn) -> list[Event]:
        """An apology, or the intake."""
        told = turn.utterance.text
        if turn.tracker.active_loop_name is None and self.services.sounds_like_a_matter(told):
            return [FollowupAction("action_start_intake")]
        turn.respond("utter_calm")
        return []


class Danger(HotlineAction):
    """Danger to life or property: whom to call, at once; no form is begun and a running one ends.

    Who has spoken of ending their life and goes on gets a person, too.
    """

    action_name = "action_danger"

    async def act(self, turn: Turn) -> list[Event]:
        """The danger card; who was given it and says that it is over is not alarmed again."""
        signal = turn.utterance.entities.get(SIGNAL_ENTITY)
        told_of = str((turn.slot(ALARMED) or {}).get("reason"))
        if signal == OVER or (signal == FOUND and told_of == _MISSING):
            return self._over(turn)
        goes_on, before = bool(turn.slot(DESPAIRS)), self._said_before(turn)
        reason = str(signal or (_DESPAIR if goes_on else "default"))
        if before or signal == FOUND:  # 他回来了: who comes back may be the danger
            reason = told_of
        said = _wording()["danger"].get(reason) or _wording()["danger"]["default"]
        city, interrupted = self.services.city, turn.tracker.active_loop_name == INTAKE_FORM
        turn.say(
            Reply(
                before + filled(said["text"], city),
                card={
                    "kind": "danger",
                    "title": said["title"],
                    "calls": [
                        {**call, "number": filled(call["number"], city)}
                        for call in said["calls"]
                        if is_known(call["number"], city)
                    ],
                    "advice": said["advice"],
                },
                quick_replies=(HUMAN, GO_ON) if interrupted else (HUMAN,),
                outcome="refused",
                details={"reason": f"danger:{reason}"},
            )
        )
        called = [FollowupAction("action_hand_over")] if goes_on and reason == _DESPAIR else []
        return [
            *NO_FORM,
            SlotSet(DESPAIRS, True if goes_on or reason == _DESPAIR else None),
            SlotSet(ALARMED, {"reason": reason, "at": self.services.now().isoformat(), "intake": turn.slot("intake")}),
            *([SlotSet("offer", RESUME)] if interrupted else []),
            *(called or ([] if turn.utterance.intent == "danger" else [FollowupAction("action_listen")])),
        ]

    @staticmethod
    def _said_before(turn: Turn) -> str:
        """What is said before whom to call is told once more: nobody answers there, nobody is sent from here, and where
        it is has to be told there."""
        signal, place = turn.utterance.entities.get(SIGNAL_ENTITY), turn.utterance.entities.get("address")
        told = {UNREACHED: "danger_unreached", COMING: "danger_coming"}.get(str(signal))
        if told is None and signal is None and place and turn.in_danger:
            told = "danger_where"
        return str(_wording()[told]["default"]).replace("{place}", str(place)) if told else ""

    def _over(self, turn: Turn) -> list[Event]:
        """Acknowledged, with what to heed still, and further help offered."""
        reason = str((turn.slot(ALARMED) or {}).get("reason"))
        texts = _wording()["danger_over"]
        words = filled(texts.get(reason) or texts["default"], self.services.city)
        interrupted = turn.slot("offer") == RESUME
        turn.say(
            Reply(
                f"{words}\n{'刚才的事还没有登记完，可以接着登记。' if interrupted else '还有什么可以帮您？'}",
                quick_replies=(GO_ON if interrupted else TO_FILE, HUMAN),
                details={"reason": f"danger_over:{reason}"},
            )
        )
        return [SlotSet(ALARMED, {**(turn.slot(ALARMED) or {}), "over": True})]


class Refuse(HotlineAction):
    """Matters the hotline does not take: said politely, with where to go."""

    action_name = "action_refuse"

    async def act(self, turn: Turn) -> list[Event]:
        """The refusal; a running form ends. Who was refused and asks whom to turn to is told once more. Who asks how
        something is done that the base tells is answered: 爸走了房子怎么过户."""
        text = turn.utterance.text
        asks_on = turn.slot(REFUSED) if turn.utterance.intent != "out_of_remit" else None
        asks_how = is_a_question(text) and turn.utterance.entities.get(SIGNAL_ENTITY) == _BETWEEN_CITIZENS
        found = self.services.answering.look_up(text, now=self.services.now()) if asks_how else None
        if found and found.kind == "answer" and found.hits[0].confidence >= _TOLD_BY_THE_BASE:
            return [FollowupAction("action_answer")]
        reason = str(asks_on or turn.utterance.entities.get(SIGNAL_ENTITY, "default"))
        texts = _wording()["out_of_remit"]
        turn.say(
            Reply(
                filled(texts.get(reason) or texts["default"], self.services.city),
                quick_replies=(QuickReply("转人工"),),
                outcome="refused",
                details={"reason": f"out_of_remit:{reason}"},
            )
        )
        return [*NO_FORM, SlotSet(REFUSED, reason), *([FollowupAction("action_listen")] if asks_on else [])]


class HandOver(HotlineAction):
    """Calls a person; what was taken down so far stays in the slots for them to see."""

    action_name = "action_hand_over"

    async def act(self, turn: Turn) -> list[Event]:
        """The engine hands the conversation over when it sees this reply's outcome."""
        asked_for = turn.utterance.intent == "human"
        interrupted = turn.tracker.active_loop_name == INTAKE_FORM
        on_duty = await self.services.people_on_duty()
        said = "utter_hand_over" if asked_for else "utter_hand_over_misses"
        called = Reply(
            "",
            card={"kind": "handoff", "on_duty": bool(on_duty)},
            quick_replies=() if on_duty else (GO_ON if interrupted else TO_FILE,),
            outcome="handoff",
            details={"reason": "asked" if asked_for else "misses"},
        )
        turn.respond(said if on_duty else "utter_hand_over_nobody", json_message=called.payload())
        return [*NO_FORM, *([SlotSet("offer", RESUME)] if interrupted else []), FollowupAction("action_listen")]
