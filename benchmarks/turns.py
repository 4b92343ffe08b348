"""A turn through the whole path (socket in to reply out) against a bare Rasa agent with the same model, in one run.

    uv run python -m benchmarks.turns [--rounds 20]

The bare agent is Rasa's ``Agent.handle_message`` with its own in-memory tracker store and the same actions in the same
process, on the same dialogues. Whole path and bare agent take turns, round by round, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
import uuid
from pathlib import Path

from benchmarks.citizens import DIALOGUES, citizen
from benchmarks.figures import print_row, quiet
from benchmarks.installation import served
from tests.fixtures.served import Served

quiet()


class BareAgent:
    """Rasa alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def load(self) -> None:
        """Loads the model with actions on a scratch installation."""
        from rasa.core.agent import Agent

        from bot.actions.registry import all_actions
        from bot.in_process import InProcessActions
        from bot.services import Services
        from bot.training import train
        from core.runtime import Runtime
        from core.settings import load_settings
        from huiyin.preparing import prepare
        from knowledge.answering import Answering

        settings = load_settings()
        model = train(settings)
        runtime = Runtime.start(settings.model_copy(update={"data_dir": self._folder, "database_url": ""}))
        await prepare(runtime)
        answering = Answering(runtime)
        await answering.refresh()
        services = await Services.load(runtime, answering)
        self._runtime = runtime
        self._agent = Agent.load(str(model), action_endpoint=InProcessActions(all_actions(services)))

    async def new_sender(self) -> str:
        """A conversation of its own, as actions expect one."""
        from core import contacts, conversations
        from core.contacts import Sender

        now = self._runtime.clock.now()
        async with self._runtime.database.write() as session:
            contact = await contacts.find_or_create(session, Sender("webchat", "bare", uuid.uuid4().hex), now)
            conversation = await conversations.open_conversation(session, contact, "webchat", "bare", now)
        return conversation.id

    async def say(self, sender: str, text: str) -> float:
        """Seconds one message takes."""
        from rasa.core.channels.channel import UserMessage

        from bot.engine import CollectingChannel

        metadata = {"contact_id": None, "channel": "webchat", "message_id": 0, "sender_phone": None, "attachments": []}
        begun = time.perf_counter()
        await self._agent.handle_message(
            UserMessage(text, output_channel=CollectingChannel(), sender_id=sender, metadata=metadata)
        )
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Gives the database back."""
        await self._runtime.database.close()


async def measure(rounds: int) -> None:
    """Runs both and prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        bare = BareAgent(Path(folder))
        await bare.load()
        with served() as service:
            await _round(bare, service)  # warms both up
            alone: list[float] = []
            whole: list[float] = []
            for _ in range(rounds):
                bare_times, whole_times = await _round(bare, service)
                alone += bare_times
                whole += whole_times
            print_row("bare Rasa agent, one message", alone, unit=1000, name="ms")
            print_row("whole path, socket in to reply out", whole, unit=1000, name="ms")
            ratio = sorted(whole)[int(len(whole) * 0.95)] / sorted(alone)[int(len(alone) * 0.95)]
            print(f"whole path p95 / bare p95: {ratio:.2f}")
            print(f"memory of the service {service.resident_mb():.0f} MB; ready after {service.started_in:.1f} s")
        await bare.close()


async def _round(bare: BareAgent, service: Served) -> tuple[list[float], list[float]]:
    alone: list[float] = []
    whole: list[float] = []
    for dialogue in DIALOGUES:
        sender = await bare.new_sender()
        async with citizen(service.base) as visitor:
            for text in dialogue:
                alone.append(await bare.say(sender, text))
                whole.append(await visitor.say(text))
                await visitor.drain(0.02)
    return alone, whole


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    asyncio.run(measure(parser.parse_args().rounds))
