"""What an intake keeps from turn to turn: its slots, and where it stands by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import FollowupAction

from backoffice.kinds import Kind
from bot.actions.base import HotlineAction, Turn
from bot.situation import CONFIRM, DISTRICT, DUPLICATE, Situation

INTAKE_FORM = "intake_form"
REQUESTED = "requested_slot"
DESPAIRS = "despairs"
"""Slot: the citizen has spoken of ending their life, and of no matter to be taken down since."""
REFUSED = "refused"
"""Slot: why the hotline does not take what was told, and nothing else has been taken up since."""
RESUME = "resume"
"""The offer to go on with an intake that something else came before."""
FIELDS = ("content", "target", "address", "time", "confidential", "name", "phone", DUPLICATE, CONFIRM)
LIKELY = "likely"
"""Slot: an open order that is likely about the same matter; False: there is none; None: nobody has looked."""
WAITING = "waiting"
"""Slot: matters told in one message with the one being taken down, to be taken down after it."""
WAIT = FollowupAction("action_listen")
EMPTY: dict[str, Any] = dict.fromkeys(
    (
        *FIELDS,
        DISTRICT,
        LIKELY,
        "kind",
        "category",
        "photos",
        "asked",
        "cut",
        "doubted",
        "tries",
        "rounds",
        "question",
        "offer",
        "known",
        "choices",
        "trouble",
        REFUSED,
    )
)


def situation(turn: Turn, action: HotlineAction) -> Situation:
    """Where the intake of this turn stands."""
    return Situation(
        kind=Kind(turn.slot("kind") or Kind.COMPLAIN),
        category=turn.slot("category"),
        values={name: turn.slot(name) for name in (*FIELDS, DISTRICT, "kind")},
        requested=turn.slot(REQUESTED),
        likely=bool(turn.slot(LIKELY)),
        passed_over=bool(turn.slot("rounds")),
        tries=turn.slot("tries") or 0,
        now=action.services.now(),
        sender_phone=turn.metadata.get("sender_phone"),
        before=turn.slot("said") or "",
        repeated=turn.slot("said") == turn.utterance.text,
        doubted=bool(turn.slot("doubted")),
    )


def photos_so_far(turn: Turn) -> list[Any] | None:
    """The photos of the matter, those of this message among them; None when there are none."""
    return [*(turn.slot("photos") or ()), *turn.metadata.get("attachments", ())] or None


def is_cut(turn: Turn, values: Mapping[str, Any]) -> bool | None:
    """Whether the matter among ``values`` is of a message that was not read to its end; None: as it was."""
    return True if values.get("content") and turn.metadata.get("cut") else None
