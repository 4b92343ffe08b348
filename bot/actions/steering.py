"""Steering a dialogue: one step back, all over again, given up, said again; and photos."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.again import is_about
from bot.actions.base import Event, HotlineAction, Turn, set_slots
from bot.actions.consulting import Consult, served_of
from bot.actions.intake_slots import EMPTY, INTAKE_FORM, REQUESTED, RESUME, WAITING, photos_so_far
from bot.reading.cues import is_a_question
from bot.speaking import TO_FILE
from bot.wording import takes_back
from core.messages import QuickReply, Reply


class GoBack(HotlineAction):
    """上一步: the question before the present one is asked again."""

    action_name = "action_go_back"

    async def act(self, turn: Turn) -> list[Event]:
        """Forgets the answer to the last question."""
        if turn.tracker.active_loop_name != INTAKE_FORM:
            turn.respond("utter_first_step" if turn.tracker.active_loop_name else "utter_nothing_to_repeat")
            return []
        present = turn.slot(REQUESTED)
        asked = [name for name in turn.slot("asked") or () if name != present]
        if not asked:
            turn.respond("utter_first_step")
            return []
        return set_slots({asked[-1]: None, "asked": asked[:-1], "tries": 0, "doubted": None})


class StartOver(HotlineAction):
    """重来: the same kind of matter from its first question."""

    action_name = "action_start_over"

    async def act(self, turn: Turn) -> list[Event]:
        """Forgets everything but the kind and the photos."""
        if turn.tracker.active_loop_name != INTAKE_FORM:
            turn.respond("utter_ask_matter")
            return []
        turn.respond("utter_restarted")
        kept = {"kind": turn.slot("kind"), "photos": turn.slot("photos"), "phone": turn.metadata.get("sender_phone")}
        return set_slots({**EMPTY, **kept})


class Cancel(HotlineAction):
    """取消: nothing is filed."""

    action_name = "action_cancel"

    async def act(self, turn: Turn) -> list[Event]:
        """Ends whatever form runs."""
        running = turn.tracker.active_loop_name
        if running is None and turn.slot("offer") != RESUME:
            if takes_back(turn.utterance.text) and served_of(turn)[0]:
                return [FollowupAction("action_start_service")]  # 撤了吧, of the order just spoken of
            if await self._of_an_order(turn):
                return [FollowupAction("action_start_service")]  # 我不投诉音响那家了
            if is_a_question(turn.utterance.text):
                return [FollowupAction("action_answer")]  # 离职不干了怎么取 gives nothing up
            turn.respond("utter_nothing_to_cancel")
            return []
        return self._ended(turn, running)

    async def _of_an_order(self, turn: Turn) -> bool:
        """Whether the words tell which of the citizen's own orders is given up."""
        own = await self.services.orders_meant(turn.metadata.get("contact_id"))
        return sum(is_about(turn.utterance.text, each, self.services) for each in own) == 1

    @staticmethod
    def _ended(turn: Turn, running: str | None) -> list[Event]:
        ended = set_slots({**EMPTY, "service": None})
        waiting = turn.slot(WAITING) if running in {INTAKE_FORM, None} else None
        if waiting:
            words = f"好的，这件不登记了。您还说到“{waiting[0]['text']}”，要登记吗？"
            turn.say(Reply(words, quick_replies=(TO_FILE, QuickReply("不用了"))))
            ended += set_slots({"offer": "order", "question": waiting[0]["text"]})
        else:
            turn.respond("utter_cancelled" if running in {INTAKE_FORM, None} else "utter_service_left")
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *ended]


class Repeat(Consult):
    """再说一遍: a running form repeats its question by itself; otherwise the last answer is given again."""

    action_name = "action_repeat"

    async def act(self, turn: Turn) -> list[Event]:
        """Speaks only where no form will."""
        if turn.tracker.active_loop_name is not None:
            return []
        article = self.services.answering.article(turn.slot("article")) if turn.slot("article") else None
        if article is not None:
            return self._answered(turn, article, to_file=self._open_trouble(turn))
        turn.respond("utter_nothing_to_repeat")
        return []


class KeepPhoto(HotlineAction):
    """A photo is kept for the order being taken down, or for the one to come."""

    action_name = "action_keep_photo"

    async def act(self, turn: Turn) -> list[Event]:
        """Adds the message's photos to the intake."""
        taking_down = turn.tracker.active_loop_name == INTAKE_FORM
        turn.respond("utter_photo_kept" if taking_down else "utter_photo_alone")
        return [SlotSet("photos", photos_so_far(turn))]
