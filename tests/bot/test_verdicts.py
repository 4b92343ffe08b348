"""What is kept of how citizens take answers, through the exchange with the real engine: choices taken, 有用 and 没用,
and every question that stayed without an answer (B1, B9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select

from core import conversations
from core.clock import FrozenClock
from core.conversations import Message
from core.messages import InboundMessage, Place
from huiyin.talk import citizen
from knowledge.article import Article
from knowledge.articles import ArticleFeedback
from knowledge.feedback import Verdicts, verdicts_on
from knowledge.learning import ArticleChoice
from knowledge.open_questions import UnansweredQuestion
from tests.fixtures.talking import Talking, talking

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("engine")]

NOW = datetime(2026, 11, 21, 10, 0)
LIST = "公积金怎么提取"
PLAIN = Article(
    code="plain-1",
    question="流动图书车进校园怎么申请？",
    answer="由学校在教育云平台填写申请表，提交盖章的申请书和校门照片。五个工作日内答复。",
    department="culture",
    source="文化馆",
    valid_from=date(2026, 1, 1),
)
TWO_IN_ONE = "身份证丢了怎么补办 结婚证丢了怎么补"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talking]:
    async with talking(tmp_path_factory.mktemp("verdicts"), FrozenClock(NOW), [PLAIN]) as started:
        yield started


class Citizen:
    """Somebody in the web chat, and what is kept of them."""

    def __init__(self, service: Talking) -> None:
        self._service, self._sender, self._seq = service, citizen("webchat"), 0
        self.conversation = ""

    async def say(self, text: str, about: Message | None = None) -> list[Message]:
        """The replies; ``about``: the one whose button is pressed."""
        place = Place(about.conversation_id, about.seq) if about else None
        inbound = InboundMessage(self._sender, uuid4().hex, text, about=place)
        received = await self._service.exchange.receive(inbound)
        await self._service.exchange.settled()
        self.conversation = received.conversation_id
        async with self._service.runtime.database.read() as session:
            messages = await conversations.messages_after(session, self.conversation, received.seq)
        return list(messages)

    async def taken(self) -> list[str]:
        return await self._column(ArticleChoice.article_code, ArticleChoice)

    async def unanswered(self) -> list[str]:
        return await self._column(UnansweredQuestion.text, UnansweredQuestion)

    async def verdicts(self) -> dict[str, bool]:
        async with self._service.runtime.database.read() as session:
            mine = ArticleFeedback.conversation_id == self.conversation
            found = await session.scalars(select(ArticleFeedback).where(mine))
            return {each.article_code: each.helpful for each in found}

    async def _column(self, column: Any, table: Any) -> list[str]:
        async with self._service.runtime.database.read() as session:
            mine = table.conversation_id == self.conversation
            return list(await session.scalars(select(column).where(mine).order_by(table.id)))


async def test_a_click_on_an_offered_question_is_a_choice_taken(service: Talking) -> None:
    someone = Citizen(service)
    (offered,) = await someone.say(LIST)
    option = offered.payload["card"]["options"][1]
    assert len(option["text"]) > 12
    (answer,) = await someone.say(option["text"])
    assert answer.payload["card"]["kind"] == "answer"
    assert answer.payload["card"]["title"] == option["title"]
    assert await someone.taken() == [offered.payload["details"]["articles"][1]]
    assert await someone.unanswered() == []


async def test_two_taken_at_once_are_both_kept(service: Talking) -> None:
    someone = Citizen(service)
    (offered,) = await someone.say(LIST)
    await someone.say("一和三都有")
    codes = offered.payload["details"]["articles"]
    assert sorted(await someone.taken()) == sorted([codes[0], codes[2]])


@pytest.mark.parametrize("words", ["都不是", "没一个对的", "没有我要的", "不是我要的"])
async def test_a_question_none_of_the_offered_answers_is_kept_for_the_base(service: Talking, words: str) -> None:
    someone = Citizen(service)
    await someone.say(LIST)
    await someone.say(words)
    assert await someone.taken() == []
    assert await someone.unanswered() == [LIST]


async def test_what_did_not_help_is_counted_and_its_question_kept(service: Talking) -> None:
    someone = Citizen(service)
    (answer,) = await someone.say("社保卡丢了怎么补办")
    await someone.say("没用")
    assert await someone.verdicts() == {answer.payload["details"]["article"]: False}
    assert await someone.unanswered() == ["社保卡丢了怎么补办"]
    async with service.runtime.database.read() as session:
        assert (await verdicts_on(session, ["ss-001"]))["ss-001"] == Verdicts(0, 1)


async def test_of_two_answers_the_verdict_is_on_that_whose_button_was_pressed(service: Talking) -> None:
    someone = Citizen(service)
    first, second = await someone.say(TWO_IN_ONE)
    await someone.say("没用", about=first)
    await someone.say("有用", about=second)
    assert await someone.verdicts() == {"id-001": False, "fa-003": True}
    assert await someone.unanswered() == ["身份证丢了怎么补办"]
    async with service.runtime.database.read() as session:
        pressed = select(ArticleFeedback.message_id).where(ArticleFeedback.article_code == "id-001")
        assert first.id in set(await session.scalars(pressed))


async def test_of_an_article_that_is_but_a_question_and_an_answer_what_is_asked_further_is_told_from_the_answer(
    service: Talking,
) -> None:
    someone = Citizen(service)
    told = [await someone.say(text) for text in ("流动图书车进校园怎么申请", "那要带什么材料", "要几天", "多少钱")]
    assert [[message.text.split("\n")[0] for message in messages] for messages in told[1:3]] == [
        ["流动图书车进校园怎么申请：由学校在教育云平台填写申请表，提交盖章的申请书和校门照片。"],
        ["流动图书车进校园怎么申请：五个工作日内答复。"],
    ]
    (missing,) = told[3]
    assert missing.text.startswith("资料里没有写明这一项，已经记下来请人补上。")
    assert {reply["title"] for reply in missing.payload["quick_replies"]} == {"转人工", "登记下来"}
    asked = "流动图书车进校园怎么申请，多少钱"
    assert await someone.unanswered() == [asked]
    (taken_down,) = await someone.say("请帮我登记下来")
    assert taken_down.payload["asks"] != "content"


async def test_of_two_questions_none_is_dropped(service: Talking) -> None:
    someone = Citizen(service)
    answer, offered = await someone.say("身份证丢了怎么补办 公积金怎么提取")
    assert answer.payload["details"]["article"] == "id-001"
    assert offered.text.startswith("您还问了“公积金怎么提取”，想问的是下面哪一个？")
    (taken,) = await someone.say("第二个")
    assert taken.payload["details"]["article"] == offered.payload["details"]["articles"][1]
    assert await someone.unanswered() == []


async def test_a_question_beside_another_that_the_base_does_not_know_is_told_and_kept(service: Talking) -> None:
    someone = Citizen(service)
    replies = await someone.say("身份证丢了怎么补办，还有龙舟比赛怎么报名")
    assert replies[0].payload["details"]["article"] == "id-001"
    assert any("您还问了“龙舟比赛怎么报名”，这个我手头没有可靠的资料" in reply.text for reply in replies)
    assert await someone.unanswered() == ["龙舟比赛怎么报名"]


async def test_an_unsure_question_beside_a_complaint_is_told_and_kept(service: Talking) -> None:
    someone = Citizen(service)
    replies = await someone.say("幸福小区半夜施工太吵了没人管，另外公积金怎么提取")
    assert any("您还问了“公积金怎么提取”，这个我没有把握" in reply.text for reply in replies)
    assert await someone.unanswered() == ["公积金怎么提取"]
    assert replies[-1].payload["asks"] in {"name", "time", "address"}


async def test_a_verdict_on_somebody_elses_answer_is_none(service: Talking) -> None:
    someone, another = Citizen(service), Citizen(service)
    (theirs,) = await someone.say("社保卡丢了怎么补办")
    await another.say("社保卡丢了怎么补办")
    await another.say("没用", about=theirs)
    assert await another.verdicts() == {}
    assert await someone.verdicts() == {}


async def test_a_part_of_an_article_can_be_judged_too(service: Talking) -> None:
    someone = Citizen(service)
    await someone.say("社保卡丢了怎么补办")
    (part,) = await someone.say("周末开门吗")
    assert [reply["title"] for reply in part.payload["quick_replies"]] == ["有用", "没用"]
    await someone.say("没用")
    assert await someone.verdicts() == {"ss-001": False}
    assert await someone.unanswered() == ["周末开门吗"]


@pytest.mark.parametrize(
    "asked",
    [
        "火箭能在楼顶放吗",
        "门口摆算命摊归谁批呀",
        "隔壁养了蜜蜂可以吗",
        "楼顶可以养鸽子吗",
        "湖上能开摩托艇吗",
        "人造卫星噪音谁检测",
    ],
)
async def test_a_question_guessed_to_be_anything_is_kept_when_nobody_can_answer_it(
    service: Talking, asked: str
) -> None:
    someone = Citizen(service)
    (answer,) = await someone.say(asked)
    assert "没有可靠的资料" in answer.text
    assert await someone.unanswered() == [asked]
