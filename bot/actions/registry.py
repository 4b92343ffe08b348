"""All actions of the domain, made with the hotline's services."""

from __future__ import annotations

from bot.actions import asking, consult, intake, service, steering, talk
from bot.actions.base import HotlineAction
from bot.services import Services
from bot.situation import CONFIRM

_SIMPLE: tuple[type[HotlineAction], ...] = (
    consult.Answer,
    consult.Choose,
    consult.DeclineOffer,
    consult.FollowOffer,
    consult.Helpful,
    consult.Unhelpful,
    asking.AskConfirm,
    steering.Cancel,
    intake.FileOrder,
    steering.GoBack,
    steering.KeepPhoto,
    steering.Repeat,
    steering.StartOver,
    intake.StartIntake,
    intake.ValidateIntake,
    service.ServeOrder,
    service.StartService,
    service.ValidateReceipt,
    talk.Calm,
    talk.Danger,
    talk.HandOver,
    talk.Refuse,
    consult.SmallTalk,
)


def all_actions(services: Services) -> list[HotlineAction]:
    """One instance of every action, by the names ``domain.yml`` lists."""
    questions = [asking.AskField(services, name) for name in intake.FIELDS if name != CONFIRM]
    proofs = [service.AskReceiptField(services, name) for name in ("receipt", "query_code", "supplement", "confirm")]
    return [*(action(services) for action in _SIMPLE), *questions, *proofs]
