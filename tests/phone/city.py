"""The whole hotline for real calls: our dialplan in a real Asterisk, the real dialogue engine, the real recogniser.

What citizens say is made by espeak-ng with words of the test model; what they hear is recognised again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from backoffice import duty
from backoffice.calls import Call as CallRow
from backoffice.order_tables import Order
from backoffice.staff import NewStaff, Role, Staff, create
from core.clock import SystemClock
from core.conversations import Message
from core.counters import next_numbers
from core.messages import Reply
from core.runtime import Runtime
from core.settings import Settings
from huiyin.dialogue import running_engine
from huiyin.preparing import prepare
from speech.vosk_recognition import VoskRecogniser
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.asterisk import Asterisk, recording_folder, running_asterisk
from tests.fixtures.kannel import until
from tests.fixtures.model import shared_model_dir
from tests.fixtures.sip import Call, SipPhone, sip_phone
from tests.fixtures.voices import said
from tests.phone.line import SECRET, is_quiet, words_in
from tests.phone.ports import free_port, with_phone

PASSWORD = "Correct-Horse-9"
_ORDERS_SO_FAR = 26_413_570
"""Numbers as a hotline has them after some years: a run of zeros is what no recogniser counts right."""
_DIGITS = {word: str(figure) for figure, word in enumerate("零幺二三四五六七八九")} | {"一": "1"}


@dataclass
class City:
    """A running hotline with a PBX in front of it."""

    app: AppServer
    asterisk: Asterisk
    recogniser: VoskRecogniser

    @property
    def runtime(self) -> Runtime:
        return self.app.runtime

    @asynccontextmanager
    async def citizen(self, caller: str = "13800138000") -> AsyncIterator[Caller]:
        """Somebody who has called and been answered."""
        async with sip_phone("citizen", self.asterisk.sip_port) as phone:
            call = await phone.dial("12345", caller=caller)
            yield Caller(self, phone, call)
            await phone.hang_up()

    async def orders(self) -> list[Order]:
        async with self.runtime.database.read() as session:
            return list(await session.scalars(select(Order).order_by(Order.id)))

    async def calls(self) -> list[CallRow]:
        """All calls so far, the latest last."""
        async with self.runtime.database.read() as session:
            return list(await session.scalars(select(CallRow).order_by(CallRow.begun_at)))

    async def registers(self, phone: SipPhone) -> None:
        """Has ``phone`` known to the PBX, which sees it a moment later."""
        await phone.register()
        endpoint = f"pjsip show endpoint {phone.user}"
        await until(lambda: "Unavailable" not in self.asterisk.command(endpoint), "the PBX does not see the telephone")

    async def latest_call(self) -> CallRow:
        return (await self.calls())[-1]


@dataclass
class Caller:
    """A citizen on the telephone."""

    city: City
    phone: SipPhone
    call: Call

    def _is_quiet(self, seconds: float) -> bool:
        return is_quiet(bytes(self.call.rtp.heard[-int(seconds * 16000) :]))

    async def hears(self, limit: float = 25) -> str:
        """Waits until the bot has spoken and finished; its words."""
        rtp, loop = self.call.rtp, asyncio.get_running_loop()
        start, until = len(rtp.heard), loop.time() + limit
        while self._is_quiet(0.1) and not self.call.ended.is_set():
            assert loop.time() < until, "nothing was said"
            await asyncio.sleep(0.02)
        while not self._is_quiet(0.7) and not self.call.ended.is_set():
            assert loop.time() < until, "it goes on and on"
            await asyncio.sleep(0.02)
        return await words_in(self.city.recogniser, bytes(rtp.heard[start:]))

    async def until_heard(self, words: str, limit: float = 25) -> str:
        """Hears one thing after the other until ``words`` are among it; all of it."""
        heard = ""
        while words not in heard:
            assert not self.call.ended.is_set(), heard
            heard += await self.hears(limit)
        return heard

    def says(self, text: str) -> None:
        self.call.rtp.speak(said(text))

    async def interrupts_with(self, text: str) -> None:
        """Speaks over the prompt once it is well begun."""
        await asyncio.sleep(1.6)
        self.says(text)

    async def until_ended(self, limit: float = 15) -> None:
        await asyncio.wait_for(self.call.ended.wait(), limit)


@asynccontextmanager
async def hotline(folder: Path, recogniser: VoskRecogniser, **more: object) -> AsyncIterator[City]:
    """The whole hotline, with the demo city and the real engine."""
    (folder / "models").symlink_to(shared_model_dir())
    pbx = folder / "pbx"
    recording_folder(pbx).mkdir(parents=True)
    settings = with_phone(
        Settings(_env_file=None, data_dir=folder, port=free_port()),  # type: ignore[call-arg]
        pbx_recordings=recording_folder(pbx),
        **more,
    )
    runtime = Runtime.start(settings)
    await prepare(runtime)
    async with runtime.database.write() as session:
        await next_numbers(session, "order", 1, first=_ORDERS_SO_FAR)
    await runtime.database.close()
    async with running_app(settings, SystemClock(), make_engine=running_engine) as app:
        await app.app.ctx.knowledge_rounds.round()  # its lines are sought now, not beside the first call
        ports = (free_port(), free_port(), 20000 + free_port() % 20000)
        async with running_asterisk(
            pbx, service=app.base, audiosocket=settings.audiosocket_port, secret=SECRET, ports=ports
        ) as asterisk:
            yield City(app, asterisk, recogniser)


def digits_in(words: str) -> str:
    """The digits among words that were heard, one after the other."""
    return "".join(_DIGITS.get(character, "") for character in words)


async def asked(city: City) -> tuple[int, str | None]:
    """Which message the bot's last one is, and what it asks for."""
    async with city.runtime.database.read() as session:
        statement = select(Message).where(Message.author == "bot").order_by(Message.id.desc()).limit(1)
        last = (await session.scalars(statement)).one_or_none()
    return (last.id, Reply.from_payload(last.text, last.payload).asks) if last is not None else (0, None)


AGENT = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
COLLEAGUE = NewStaff(username="colleague", number="1002", name="李强", role=Role.AGENT)
CHIEF = NewStaff(username="chief", number="9001", name="孙丽", role=Role.ADMINISTRATOR)
"""Has no telephone."""


async def somebody_is_on_duty(city: City, who: NewStaff = AGENT) -> None:
    """``who``, hired if need be."""
    now = city.runtime.clock.now()
    async with city.runtime.database.write() as session:
        found = await session.scalar(select(Staff).where(Staff.number == who.number))
        if found is None:
            found = await create(session, who, PASSWORD, "test", now)
        await duty.go_on_duty(session, found.id, now)


async def nobody_is_on_duty(city: City) -> None:
    """Whoever was there has gone home."""
    async with city.runtime.database.write() as session:
        for staff_id in await session.scalars(select(Staff.id)):
            await duty.go_off_duty(session, staff_id, city.runtime.clock.now())
