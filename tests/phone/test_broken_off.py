"""A call that breaks off while a matter is being taken down goes on by text, with all that was said."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.turns import TurnRequest
from channels.sms import going_on, optouts
from channels.sms.composing import compose, options_of
from channels.sms.numbers import parse_number
from channels.sms.outgoing import prepare
from channels.sms.reading import Text
from channels.sms.reception import Reception
from core.conversations import Conversation, DialogueState, Message, TurnOutcome
from core.messages import QuickReply, Reply
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import Script, ScriptedEngine, echo
from tests.phone.fast import FastCall, calling
from tests.phone.line import CITIZEN

STORY = "幸福小区半夜施工噪音太大"
TAKEN_DOWN = {"content": STORY, "kind": "投诉"}
ASKED = Reply("请问您要登记吗？", quick_replies=(QuickReply("登记", "是的"),), asks="confirm")


def takes_down(request: TurnRequest) -> TurnOutcome:
    """Takes a matter down and asks on."""
    return TurnOutcome((ASKED,), f"{request.tracker or ''}|{request.text}", draft=TAKEN_DOWN)


def takes_nothing_down(request: TurnRequest) -> TurnOutcome:
    """Asks, with nothing to go on with."""
    return TurnOutcome((ASKED,), "|", draft={"kind": "投诉"})


def asks_nothing(request: TurnRequest) -> TurnOutcome:
    """Has taken all down."""
    return TurnOutcome((Reply("已经登记。"),), "|", draft=TAKEN_DOWN)


async def tells_half(call: FastCall, script: Script = takes_down) -> None:
    """The matter is told, the question after it is open."""
    call.engine.script, before = script, call.told.count("登记")
    await call.until(lambda: call.is_speaking)
    await call.waits(1.2)
    await call.says(STORY)
    await call.until(lambda: call.told.count("登记") > before)


async def texts(runtime: Runtime) -> list[tuple[str, str]]:
    """All of ours to the citizen by text: to whom, and what."""
    async with runtime.database.read() as session:
        ours = (
            select(Message.id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.channel == "sms", Message.author != "citizen")
            .order_by(Message.id)
        )
        going = [await prepare(session, message_id, "") for message_id in await session.scalars(ours)]
    return [(each.to, each.text) for each in going if not each.withheld]


async def is_texted(runtime: Runtime, call: FastCall, words: str, id_: str) -> None:
    """The citizen's text comes in and is answered."""
    reception = Reception(runtime, call.exchange)
    await reception.take(Text(parse_number(CITIZEN, runtime.settings.sms_account), id_, words))
    await call.exchange.settled()


@pytest.mark.parametrize("ending", ["hung_up", "silence"])
async def test_a_call_that_breaks_off_goes_on_by_text_with_what_was_said(
    town: Runtime, recogniser: VoskRecogniser, ending: str
) -> None:
    async with calling(town, recogniser, mobile=True) as call:
        await tells_half(call)
        if ending == "silence":
            await call.waits(60)
            await call.end()
        else:
            await call.hangs_up()
        [(to, text)] = await texts(town)
        assert to == CITIZEN
        assert "通话断了" in text
        assert "2小时内回复本短信" in text
        assert ASKED.text in text
        await is_texted(town, call, "1", "first")
        assert call.engine.heard[-1].channel == "sms"
        assert (call.engine.heard[-1].tracker, call.engine.heard[-1].text) == (f"|{STORY}", "是的")
        await is_texted(town, call, "还有", "second")
        assert call.engine.heard[-1].tracker == f"|{STORY}|是的"
    async with town.database.read() as session:
        voice = (await session.scalars(select(Conversation).where(Conversation.channel == "voice"))).one()
        [kept] = await session.scalars(select(DialogueState))
    assert voice.closed_at is not None, "the matter is in one place"
    assert kept.conversation_id == call.engine.heard[-1].conversation_id


async def test_whoever_calls_again_goes_on_in_the_call_and_is_texted_once_a_call(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    engine = ScriptedEngine()
    for calls in (1, 2):
        async with calling(town, recogniser, engine, mobile=True) as call:
            if calls == 2:
                await call.until(lambda: "接着来" in call.told)
                engine.script = echo
                await is_texted(town, call, "我在打电话", "meanwhile")
                assert engine.heard[-1].tracker is None, "it was taken out of a live call"
            await tells_half(call)
            await call.hangs_up()
            assert len([text for _, text in await texts(town) if "通话断了" in text]) == calls


def test_what_the_open_question_offers_keeps_its_numbers_in_the_text() -> None:
    listed = {"kind": "choices", "options": [{"title": "补办社保卡"}, {"title": "社保卡挂失"}]}
    choice = Reply("是下面哪一个？\n1. 补办社保卡\n2. 社保卡挂失", listed, (QuickReply("都不是"),), asks="choice")
    offer = going_on.offer(
        Message(text=choice.text, payload=choice.payload(), conversation_id="talk"), "c", minutes=120
    )
    assert [option.title for option in options_of(offer)] == ["补办社保卡", "社保卡挂失", "都不是"]
    assert "3都不是" in compose(offer, may_shorten=False).text


@pytest.mark.parametrize("why", ["withheld", "no mobile", "opted out", "nothing taken down", "nothing asked"])
async def test_no_text_where_it_cannot_go_is_not_wanted_or_nothing_is_open(
    town: Runtime, recogniser: VoskRecogniser, why: str
) -> None:
    caller = {"withheld": None, "no mobile": "01062345678"}.get(why, CITIZEN)
    if why == "opted out":
        async with town.database.write() as session:
            await optouts.opt_out(session, town.settings.sms_account, CITIZEN, town.clock.now())
    async with calling(town, recogniser, caller=caller, mobile=why not in {"withheld", "no mobile"}) as call:
        await tells_half(
            call, {"nothing taken down": takes_nothing_down, "nothing asked": asks_nothing}.get(why, takes_down)
        )
        await call.hangs_up()
    assert await texts(town) == []
