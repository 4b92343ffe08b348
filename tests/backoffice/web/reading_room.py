"""The knowledge base at work in the small city: who keeps it, what is in it, what citizens could not find in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import conversations
from core.contacts import Sender
from core.messages import InboundMessage
from knowledge import life_cycle
from knowledge.answering import LookUp
from knowledge.article import Article
from tests.backoffice.web.bureau import Bureau, key_in
from tests.backoffice.web.office import Answer, Browser

HOME = "/staff/knowledge"
CLERK, HEAD, ELSEWHERE, CITY = "east.urban handler", "east head", "police handler", "editor"

STALL = Article(
    code="stall",
    question="摆摊要办什么手续？",
    answer="请到城管窗口登记，选定疏导点后领取摆摊证，当天办好，不收费。",
    department="east.urban",
    source="《小城市摊点管理办法》",
    valid_from=date(2025, 1, 1),
    variants=("想在路边摆个摊怎么办", "夜市摆摊证去哪里领"),
    keywords=("摆摊", "摊点"),
    materials=("身份证",),
    fee="免费",
)
RUBBISH = Article(
    code="rubbish",
    question="大件垃圾怎么扔？",
    answer="请打电话预约，工作人员上门收走，每件20元。",
    department="urban",
    source="《小城市垃圾管理办法》",
    valid_from=date(2025, 1, 1),
    variants=("旧沙发扔哪里",),
    keywords=("大件垃圾", "旧沙发"),
)
LICENCE = Article(
    code="licence",
    question="身份证丢了怎么补办？",
    answer="请到任一派出所补办，带户口簿，七天后取证。",
    department="police",
    source="《居民身份证法》",
    valid_from=date(2025, 1, 1),
    variants=("补办身份证要多久",),
    keywords=("身份证", "补办"),
)
SHELF = (STALL, RUBBISH, LICENCE)


@dataclass
class ReadingRoom:
    """The bureau with a few articles in its base."""

    bureau: Bureau

    def browser_of(self, who: str) -> Any:
        """A browser with ``who`` signed in."""
        return self.bureau.browser_of(who)

    async def stock(self, *articles: Article) -> None:
        """Publishes articles, as a city pack would."""
        async with self.bureau.town.runtime.database.write() as session:
            for article in articles:
                await life_cycle.publish(session, article, actor="system:pack", now=self.bureau.now)

    async def conversation(self, who: str) -> str:
        """The id of a conversation of a citizen."""
        inbound = InboundMessage(Sender("webchat", "web", who), f"{who}:1", "您好")
        async with self.bureau.town.runtime.database.write() as session:
            received, _ = await conversations.receive(session, inbound, self.bureau.now)
        return received.conversation_id

    async def unanswered(self, *texts: str) -> None:
        """Citizens ask, each in a conversation of their own, and nobody can answer; then the round comes."""
        for number, text in enumerate(texts):
            conversation = await self.conversation(f"asks-{number}-{text}")
            async with self.bureau.town.runtime.database.write() as session:
                found, now = LookUp("unknown", []), self.bureau.now
                await life_cycle.record_unanswered(session, text, conversation, found, now=now)
        await self.round()

    async def judged(self, code: str, *verdicts: bool) -> None:
        """Citizens say 有用 or 没用."""
        for number, helpful in enumerate(verdicts):
            conversation = await self.conversation(f"judges-{code}-{number}")
            async with self.bureau.town.runtime.database.write() as session:
                now = self.bureau.now
                await life_cycle.record_feedback(session, code, conversation, helpful=helpful, now=now)

    async def round(self) -> None:
        """What comes every minute."""
        await self.bureau.server.app.ctx.knowledge_rounds.round()


async def write(browser: Browser, fields: dict[str, Any], *, at: str = f"{HOME}/new", then: str = "submit") -> Answer:
    """Opens a form of an article, fills it in over what is there, and sends it."""
    page = await browser.get(at)
    assert page.status == 200, page.words
    return await browser.post(f"{HOME}/write", {**fields_of(page), **fields, "then": then})


def fields_of(page: Answer) -> dict[str, str]:
    """The fields of the article form as they stand on a page, hidden ones too."""
    form = page.text[page.text.index('id="article-form"') : page.text.index("</form>", page.text.index("article-form"))]
    found = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form))
    found |= {name: text for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form)}
    picked = re.search(r'<select[^>]*name="department".*?<option value="([^"]+)"[^>]* selected', form, re.S)
    return {**found, **({"department": picked[1]} if picked else {})}


async def do(browser: Browser, code: str, deed: str, **fields: Any) -> Answer:
    """Presses a button of an article's page."""
    page = await browser.get(f"{HOME}/articles/{code}" + (f"?do={deed}" if "reason" in fields else ""))
    seen = dict(re.findall(r'name="(edition|base)" value="(\d+)"', page.text))
    return await browser.post(f"{HOME}/articles/{code}/{deed}", {"key": key_in(page), **seen, **fields})


def codes_in(page: Answer) -> list[str]:
    """The articles listed on a page, in their order."""
    return re.findall(r'href="/staff/knowledge/articles/([^"/]+)(?:/versions/\d+)?" data-row', page.text)


def new_code(answer: Answer) -> str:
    """The code of the article a form led to."""
    found = re.fullmatch(r"/staff/knowledge/articles/([^/?]+)\?done=\w+", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


def tabs_of(page: Answer) -> dict[str, int]:
    """The tabs of the list and their counts."""
    found: Sequence[tuple[str, str]] = re.findall(r'>([^<>]+)<span class="tab-count tabular">(\d+)</span>', page.text)
    return {label: int(count) for label, count in found}
