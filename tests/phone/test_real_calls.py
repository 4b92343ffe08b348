"""Real calls: a SIP telephone, a real Asterisk with our dialplan, the real dialogue engine, the real recogniser.

What citizens say is made by espeak-ng with words of the test model; what they hear is recognised again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import select

from backoffice import desk, duty, order_filing
from backoffice.calls import Call as CallRow
from backoffice.kinds import Kind
from backoffice.order_filing import OrderDraft
from backoffice.order_tables import Order
from backoffice.proof import as_keyed
from backoffice.staff import NewStaff, Role, Staff, create
from core import history
from core.clock import SystemClock
from core.conversations import Conversation, Message, Owner
from core.messages import Reply
from core.runtime import Runtime
from core.settings import Settings
from huiyin.dialogue import running_engine
from huiyin.preparing import prepare
from speech.vosk_recognition import VoskRecogniser
from tests.backoffice.web.office import Browser
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.asterisk import Asterisk, recording_folder, running_asterisk
from tests.fixtures.browser import chromium, window
from tests.fixtures.kannel import until
from tests.fixtures.model import shared_model_dir
from tests.fixtures.sip import Call, SipPhone, sip_phone
from tests.fixtures.voices import said
from tests.phone.conftest import free_port, with_phone
from tests.phone.line import SECRET, citizens_side, is_quiet, words_in

pytestmark = [pytest.mark.xdist_group("calls"), pytest.mark.asyncio(loop_scope="module")]

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

    async def latest_call(self) -> CallRow:
        async with self.runtime.database.read() as session:
            return (await session.scalars(select(CallRow).order_by(CallRow.begun_at.desc()))).all()[0]


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
    await runtime.database.close()
    async with running_app(settings, SystemClock(), make_engine=running_engine) as app:
        ports = (free_port(), free_port(), 20000 + free_port() % 20000)
        async with running_asterisk(
            pbx, service=app.base, audiosocket=settings.audiosocket_port, secret=SECRET, ports=ports
        ) as asterisk:
            yield City(app, asterisk, recogniser)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory, recogniser: VoskRecogniser) -> AsyncIterator[City]:
    """One hotline for all calls of this file."""
    async with hotline(tmp_path_factory.mktemp("city"), recogniser) as running:
        yield running


@asynccontextmanager
async def desk_of_the_agent(city: City) -> AsyncIterator[Page]:
    """The desk in the agent's browser, with no conversation open."""
    async with chromium() as browser, window(browser, city.app.base) as opened:
        await opened.open("/staff/sign-in?next=/staff/desk")
        await opened.page.fill("#username", "agent")
        await opened.page.fill("#password", "Correct-Horse-9")
        await opened.page.click("main button[type=submit]")
        await expect(opened.page.locator("#desk-list-body")).to_be_visible()
        yield opened.page
        assert opened.complaints == []


async def test_one_key_reaches_a_person_who_sees_what_was_said_before_the_first_word_and_is_rated_afterwards(
    city: City,
) -> None:
    await somebody_is_on_duty(city)
    async with sip_phone("1001", city.asterisk.sip_port) as agent, desk_of_the_agent(city) as page:
        await agent.register()
        agent.picks_up.clear()
        async with city.citizen("13900139000") as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            before = (await asked(city))[0]
            await caller.interrupts_with("我要投诉幸福小区半夜施工噪音太大")

            async def is_answered() -> bool:
                return (await asked(city))[0] != before

            await until(is_answered, "the bot does not answer")
            await caller.call.rtp.press("0")
            await asyncio.wait_for(agent.invited.wait(), 15)
            await expect(page.locator("#talk-state")).to_have_attribute("data-group", "waiting")
            await expect(page.locator(".msg-citizen")).to_contain_text(["我要投诉幸福小区半夜施工噪音太大"])
            drafted = page.locator("section", has=page.locator("#context-draft"))
            for words in ("投诉", "施工噪音太大", "幸福小区"):
                await expect(drafted).to_contain_text(words)
            agent.picks_up.set()
            await asyncio.wait_for(agent.rings.wait(), 15)
            await expect(page.locator("#talk-state")).to_have_attribute("data-group", "mine")
            assert agent.call is not None
            agent.call.rtp.speak(said("请问您要反映什么问题"))
            start = len(caller.call.rtp.heard)
            await asyncio.sleep(4)
            heard = await words_in(city.recogniser, bytes(caller.call.rtp.heard[start:]))
            assert "请问您要反映什么问题" in heard
            caller.says("我要投诉")
            start = len(agent.call.rtp.heard)
            await asyncio.sleep(2)
            assert "我要投诉" in await words_in(city.recogniser, bytes(agent.call.rtp.heard[start:]))
            await agent.hang_up()
            await asyncio.sleep(1)
            assert "满意" in await caller.hears()
            await caller.call.rtp.press("2")
            await caller.until_ended()
        await until(lambda: _is_rated(city), "the rating is not stored")
        call = await city.latest_call()
        assert (call.rating, call.follow_up) == (2, None)
        async with city.runtime.database.read() as session:
            answered = await session.get_one(Staff, call.answered_by)
            conversation = await session.get_one(Conversation, call.conversation_id)
        assert (answered.number, call.with_staff) == ("1001", None)
        await until(lambda: _is_over(city, conversation.id), "the conversation is not over with the call")
        await the_talk_with_the_agent_is_on_the_page(city, call.id)


async def the_talk_with_the_agent_is_on_the_page(city: City, call_id: str) -> None:
    """Its words on both sides, whose they are, its audio, and who has heard it."""
    folder = city.asterisk.recording_folder
    await until(lambda: not list(folder.glob(f"{call_id}*")), "the PBX's recording is not taken over")
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", "Correct-Horse-9")).status == 303
        page = await browser.get(f"/staff/calls/{call_id}")
        words = re.sub(r"\s", "", page.words)
        assert "与话务员的通话，王芳（工号1001）" in words
        talk = words.partition("与话务员的通话")[2]
        assert re.search(r"话务员.*请问您要反映什么问题.*市民.*我要投诉", talk), talk
        [audio] = re.findall(r'src="(/staff/calls/[^"]+/parts/\d+/audio)"', page.text)
        async with session.get(audio) as answer:
            heard = await words_in(city.recogniser, citizens_side(await answer.read()))
        assert "我要投诉" in heard
        assert "请问" not in heard
        assert "1001王芳听录音" in re.sub(r"\s", "", (await browser.get(f"/staff/calls/{call_id}")).words)


async def _is_over(city: City, conversation_id: str) -> bool:
    async with city.runtime.database.read() as session:
        return (await session.get_one(Conversation, conversation_id)).closed_at is not None


async def _is_rated(city: City) -> bool:
    return (await city.latest_call()).rating is not None


ANSWERS = {
    "content": "幸福小区半夜施工噪音太大",
    "address": "人民路八十八号",
    "time": "昨天晚上十点",
    "name": "我叫王小明",
    "confirm": "确认",
}
"""What the citizen says to what the bot asks; to anything else they say no."""


async def asked(city: City) -> tuple[int, str | None]:
    """Which message the bot's last one is, and what it asks for."""
    async with city.runtime.database.read() as session:
        statement = select(Message).where(Message.author == "bot").order_by(Message.id.desc()).limit(1)
        last = (await session.scalars(statement)).one_or_none()
    return (last.id, Reply.from_payload(last.text, last.payload).asks) if last is not None else (0, None)


async def test_an_order_is_filed_by_voice_and_keys_and_its_number_heard(city: City) -> None:
    async with city.citizen() as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        last = (await asked(city))[0]
        await caller.interrupts_with("我要投诉幸福小区半夜施工噪音太大")
        for _ in range(12):

            async def answered(before: int = last) -> bool:
                return (await asked(city))[0] != before

            await until(answered, "the bot does not answer")
            if await city.orders():
                break
            last, what = await asked(city)
            if what == "phone":
                await asyncio.sleep(1.6)
                await caller.call.rtp.press(*"13800138000")
            else:
                await caller.interrupts_with(ANSWERS.get(what or "", "不用了"))
        [order] = await city.orders()
        digits = "".join(_DIGITS.get(character, "") for character in await caller.hears(40))
    async with city.runtime.database.read() as session:
        found = await session.get_one(Order, order.id)
        await session.refresh(found, ["content", "reporter_phone"])
        assert "施工噪音太大" in found.content
        assert (found.channel, found.kind, found.reporter_phone) == ("voice", "complain", "13800138000")
        assert (found.address, found.happened) == ("幸福小区", "半夜")
    assert digits.count(order.number) == 2
    await the_call_is_on_the_page_of_its_order(city, order.number)


async def the_call_is_on_the_page_of_its_order(city: City, number: str) -> None:
    """The words of both sides beside the recording, in which the citizen is understood again."""
    await until(lambda: _has_ended(city), "the end of the call is not stored")
    await somebody_is_on_duty(city)
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", "Correct-Horse-9")).status == 303
        page = await browser.get(f"/staff/orders/{number}")
        words = re.sub(r"\s", "", page.words)
        assert "电话录音" in words
        assert re.search(r"市民我要投诉幸福小区半夜施工噪音太大", words), words
        [audio] = re.findall(r'src="(/staff/calls/[^"]+/audio)"', page.text)
        async with session.get(audio) as answer:
            heard = await words_in(city.recogniser, citizens_side(await answer.read()))
    assert "施工噪音太大" in heard


async def _has_ended(city: City) -> bool:
    return (await city.latest_call()).ended_at is not None


async def test_from_another_telephone_progress_is_told_by_number_and_keyed_code(city: City) -> None:
    async with city.runtime.database.write() as session:
        draft = OrderDraft(kind=Kind.COMPLAIN, content="幸福小区半夜施工噪音太大", channel="webchat")
        filed = await order_filing.file(session, draft, key="keyed", now=city.runtime.clock.now())
    async with city.citizen("13600136000") as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        await asyncio.sleep(1.6)
        await caller.call.rtp.press("2", "3", *filed.order.number)
        await asyncio.sleep(1)
        await caller.call.rtp.press("1")
        await until(lambda: is_asked_for(city, "query_code"), "no proof is asked for")
        await asyncio.sleep(0.5)
        await caller.call.rtp.press(*as_keyed(filed.query_code))
        await until(lambda: is_told(city, filed.order.number), "the progress is not told")


async def is_asked_for(city: City, what: str) -> bool:
    return (await asked(city))[1] == what


async def is_told(city: City, number: str) -> bool:
    async with city.runtime.database.read() as session:
        last = (
            await session.scalars(select(Message).where(Message.author == "bot").order_by(Message.id.desc()))
        ).first()
    return last is not None and (last.payload.get("card") or {}).get("number") == number


async def test_a_live_call_taken_at_the_desk_rings_that_agent_is_transferred_to_a_department_and_rated(
    city: City,
) -> None:
    await somebody_is_on_duty(city)
    port = city.asterisk.sip_port
    async with sip_phone("1001", port) as agent, sip_phone("3001", port) as department:
        await agent.register()
        await department.register()  # it is the trunk here: what is dialled out comes to it
        async with city.citizen("13700137000") as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            async with city.runtime.database.write() as session:
                staff = (await session.scalars(select(Staff).where(Staff.number == "1001"))).one()
                open_ones = select(Conversation).where(
                    Conversation.owner == Owner.BOT.value, Conversation.channel == "voice"
                )
                conversation = (await session.scalars(open_ones.order_by(Conversation.created_at.desc()))).first()
                assert conversation is not None
                await desk.take(session, conversation.id, staff, city.runtime.clock.now())
            await asyncio.wait_for(agent.rings.wait(), 25)
            assert agent.call is not None
            start = len(agent.call.rtp.heard)
            caller.says("我要投诉")
            await asyncio.sleep(2)
            assert "我要投诉" in await words_in(city.recogniser, bytes(agent.call.rtp.heard[start:]))
            number = await transferred(city, conversation.id)
            await agent.hang_up()
            await asyncio.wait_for(department.rings.wait(), 15)
            assert department.call is not None
            assert department.dialled == number
            caller.says("我要投诉")
            department.call.rtp.speak(said("请问您要反映什么问题"))
            at_department, at_caller = len(department.call.rtp.heard), len(caller.call.rtp.heard)
            await asyncio.sleep(4)
            assert "我要投诉" in await words_in(city.recogniser, bytes(department.call.rtp.heard[at_department:]))
            assert "反映什么问题" in await words_in(city.recogniser, bytes(caller.call.rtp.heard[at_caller:]))
            await department.hang_up()
            assert "满意" in await caller.hears()
        call = await city.latest_call()
        assert (call.ending, call.transfer_to) == ("transferred", None)
        async with city.runtime.database.read() as session:
            assert [entry.action for entry in await history.of(session, "call", call.id)] == ["transfer"]
            answered = await session.get_one(Staff, call.answered_by)
            assert answered.number == "1001"


async def transferred(city: City, conversation_id: str) -> str:
    """The agent chooses a department at the desk; the number that is to be dialled."""
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", "Correct-Horse-9")).status == 303
        page = await browser.get(f"/staff/desk/{conversation_id}")
        shown = re.search(r'<option value="(\d+)">(\S+) ([\d-]+)</option>', page.text)
        assert shown is not None, page.words
        fields = {"department": shown[1]}
        assert (await browser.post(f"/staff/desk/{conversation_id}/transfer", fields)).status == 303
        assert f"电话转给{shown[2]}" in (await browser.get(f"/staff/desk/{conversation_id}")).words
        return shown[3].replace("-", "")


async def somebody_is_on_duty(city: City) -> None:
    """An agent with number 1001."""
    now = city.runtime.clock.now()
    async with city.runtime.database.write() as session:
        found = await session.scalar(select(Staff).where(Staff.number == "1001"))
        if found is None:
            new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
            found = await create(session, new, "Correct-Horse-9", "test", now)
        await duty.go_on_duty(session, found.id, now)
