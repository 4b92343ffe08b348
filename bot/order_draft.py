"""What goes to the order door when an intake is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.orders import OrderDraft
from bot.plan import IntakePlan
from bot.reading.instants import exact_instant_of
from bot.situation import Situation


def order_draft(
    plan: IntakePlan,
    intake: Situation,
    conversation_id: str,
    metadata: Mapping[str, Any],
    photos: Sequence[Mapping[str, Any]] = (),
) -> OrderDraft:
    """The order that ``intake`` tells, with where it comes from; fields the citizen did not want to tell stay empty."""
    given = {name: value for name, value in intake.values.items() if plan.was_given(name, value)}
    time = given.get("time")
    return OrderDraft(
        kind=intake.kind,
        content=given["content"],
        channel=str(metadata.get("channel", "")),
        conversation_id=conversation_id,
        contact_id=metadata.get("contact_id"),
        address=given.get("address"),
        happened=time,
        happened_at=exact_instant_of(time, intake.now) if time else None,
        target=given.get("target"),
        reporter_name=given.get("name"),
        reporter_phone=given.get("phone"),
        confidential=bool(given.get("confidential")),
        attachments=tuple(dict(photo) for photo in photos),
    )
