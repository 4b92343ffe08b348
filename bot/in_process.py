"""Rasa's action server without a server: the endpoint Rasa calls runs rasa-sdk's executor in the same process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.actions.base import HotlineAction


class InProcessActions(EndpointConfig):  # type: ignore[misc]  # rasa is untyped
    """Stands where Rasa expects the address of an action server."""

    def __init__(self, actions: Iterable[HotlineAction]) -> None:
        """``actions``: instances, registered under their names."""
        super().__init__(url="in-process", selective_domain=True)
        self._failures: dict[str, Exception] = {}
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def request(self, *, json: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Runs the action Rasa asks for and gives its events and responses back."""
        try:
            result: dict[str, Any] = await self._executor.run(json)
        except Exception as problem:
            self._failures[json["sender_id"]] = problem
            raise
        return result

    def raise_failure(self, sender_id: str) -> None:
        """Raises what an action of this sender's turn raised: Rasa itself logs it and goes on as if all were well."""
        failure = self._failures.pop(sender_id, None)
        if failure is not None:
            raise failure


def trust_results() -> None:
    """Spares Rasa the check of what actions give back: it is made in this process, by rasa-sdk's own classes.

    Rasa would read the schema of all events anew with every call, which costs six times all the rest of a turn.
    """
    RemoteAction._validate_action_result = lambda _action, _result: True
