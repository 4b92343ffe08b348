"""Danger, refusals, and the way to a person (B3, B7)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.base import HUMAN, TO_FILE, Event, HotlineAction, Turn
from bot.actions.intake_slots import DESPAIRS, INTAKE_FORM, RESUME
from bot.nlu.constants import ALARMED, OVER, SIGNAL_ENTITY, UNREACHED
from core.messages import QuickReply, Reply
from core.yaml_files import read_yaml

_FILE = Path(__file__).parent.parent / "data" / "refusals.yml"
_DESPAIR = "suicide"
GO_ON = QuickReply("接着登记")
NO_FORM: list[Event] = [ActiveLoop(None), SlotSet("requested_slot", None)]


@lru_cache(maxsize=1)
def _wording() -> dict[str, dict[str, Any]]:
    wording: dict[str, dict[str, Any]] = read_yaml(_FILE)
    return wording


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
        if signal == OVER:
            return self._over(turn)
        goes_on, before = bool(turn.slot(DESPAIRS)), ""
        reason = str(signal or (_DESPAIR if goes_on else "default"))
        if signal == UNREACHED:
            reason, before = str((turn.slot(ALARMED) or {}).get("reason")), _wording()["danger_unreached"]["default"]
        said = _wording()["danger"].get(reason) or _wording()["danger"]["default"]
        gas_phone = self.services.phone_of("gas")
        interrupted = turn.tracker.active_loop_name == INTAKE_FORM
        calls = [{**call, "number": call["number"].format(gas_phone=gas_phone)} for call in said["calls"]]
        turn.say(
            Reply(
                before + said["text"].format(gas_phone=gas_phone),
                card={
                    "kind": "danger",
                    "title": said["title"],
                    "calls": [call for call in calls if call["number"]],
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
            SlotSet(DESPAIRS, True if reason == _DESPAIR else None),
            SlotSet(ALARMED, {"reason": reason, "at": self.services.now().isoformat(), "intake": turn.slot("intake")}),
            *([SlotSet("offer", RESUME)] if interrupted else []),
            *called,
        ]

    def _over(self, turn: Turn) -> list[Event]:
        """Acknowledged, with what to heed still, and further help offered."""
        reason = str((turn.slot(ALARMED) or {}).get("reason"))
        texts = _wording()["danger_over"]
        words = (texts.get(reason) or texts["default"]).format(gas_phone=self.services.phone_of("gas"))
        interrupted = turn.slot("offer") == RESUME
        turn.say(
            Reply(
                f"{words}\n{'刚才的事还没有登记完，可以接着登记。' if interrupted else '还有什么可以帮您？'}",
                quick_replies=(GO_ON if interrupted else TO_FILE, HUMAN),
                details={"reason": f"danger_over:{reason}"},
            )
        )
        return []


class Refuse(HotlineAction):
    """Matters the hotline does not take: said politely, with where to go."""

    action_name = "action_refuse"

    async def act(self, turn: Turn) -> list[Event]:
        """The refusal; a running form ends."""
        reason = str(turn.utterance.entities.get(SIGNAL_ENTITY, "default"))
        texts = _wording()["out_of_remit"]
        turn.say(
            Reply(
                texts.get(reason) or texts["default"],
                quick_replies=(QuickReply("转人工"),),
                outcome="refused",
                details={"reason": f"out_of_remit:{reason}"},
            )
        )
        return NO_FORM


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
