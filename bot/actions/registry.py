"""All actions of the domain, made with the hotline's services."""

from __future__ import annotations

from bot.actions import asking, consult, intake, intake_slots, service, starting, steering, talk, verdicts
from bot.actions.base import HotlineAction
from bot.services import Services
from bot.situation import CONFIRM, DUPLICATE

_SIMPLE: tuple[type[HotlineAction], ...] = (
    consult.Answer,
    consult.NothingToChange,
    consult.AskMatter,
    consult.Capabilities,
    consult.WhoSpeaks,
    verdicts.Choose,
    verdicts.DeclineOffer,
    verdicts.FollowOffer,
    verdicts.Helpful,
    verdicts.Unhelpful,
    asking.AskConfirm,
    asking.AskDuplicate,
    steering.Cancel,
    intake.FileOrder,
    steering.GoBack,
    steering.KeepPhoto,
    steering.Repeat,
    steering.StartOver,
    starting.StartIntake,
    intake.ValidateIntake,
    service.ServeOrder,
    service.StartService,
    service.ValidateReceipt,
    talk.Calm,
    talk.Danger,
    talk.Greet,
    talk.HandOver,
    talk.Refuse,
    verdicts.SmallTalk,
)


def all_actions(services: Services) -> list[HotlineAction]:
    """One instance of every action, by the names ``domain.yml`` lists."""
    questions = [asking.AskField(services, name) for name in intake_slots.FIELDS if name not in (DUPLICATE, CONFIRM)]
    proofs = [service.AskReceiptField(services, name) for name in ("receipt", "query_code", "supplement", "confirm")]
    return [*(action(services) for action in _SIMPLE), *questions, *proofs]
