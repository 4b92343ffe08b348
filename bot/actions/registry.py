"""All actions of the domain, made with the hotline's services."""

from __future__ import annotations

from bot.actions import consult, intake, service, talk
from bot.actions.base import HotlineAction
from bot.intake import CONFIRM
from bot.services import Services

_SIMPLE: tuple[type[HotlineAction], ...] = (
    consult.Answer,
    consult.Choose,
    consult.DeclineOffer,
    consult.FollowOffer,
    consult.Helpful,
    consult.Unhelpful,
    intake.AskConfirm,
    intake.Cancel,
    intake.FileOrder,
    intake.GoBack,
    intake.KeepPhoto,
    intake.Repeat,
    intake.StartOver,
    intake.StartIntake,
    intake.ValidateIntake,
    service.ServeOrder,
    service.StartService,
    service.ValidateReceipt,
    talk.Danger,
    talk.HandOver,
    talk.Refuse,
)


def all_actions(services: Services) -> list[HotlineAction]:
    """One instance of every action, by the names ``domain.yml`` lists."""
    questions = [intake.AskField(services, name) for name in intake.FIELDS if name != CONFIRM]
    proofs = [service.AskReceiptField(services, name) for name in ("receipt", "query_code", "supplement", "confirm")]
    return [*(action(services) for action in _SIMPLE), *questions, *proofs]
