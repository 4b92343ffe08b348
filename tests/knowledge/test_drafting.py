"""Drafts: written in a department, reviewed by somebody else, published; nothing lost, nothing done twice (B9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from core import history
from core.clock import FrozenClock
from core.refusals import BadField, NotAllowed, NotForYou
from core.runtime import Runtime
from knowledge import articles, life_cycle
from knowledge.drafts import ArticleDraft, find_draft, versions_of
from knowledge.life_cycle import Text
from knowledge.moves import MOVES, Editor, Move, State, allowed, check
from knowledge.refusals import ChangedMeanwhile, Faults, NoSuchArticle
from tests.knowledge.bases import HEATING, LOST_CARD, named, publish

CLERK = Editor("staff:1", frozenset({"hrss"}), writes=True)
HEAD = Editor("staff:2", frozenset({"hrss", "hrss.cards"}), writes=True, reviews=True)
CITY = Editor("staff:3", None, writes=True, reviews=True)
ELSEWHERE = Editor("staff:4", frozenset({"heat"}), writes=True, reviews=True)
READER = Editor("staff:5", None)
NEW = named(LOST_CARD, code="")


async def _do(runtime: Runtime, act: Callable[..., Awaitable[Any]], *args: Any, **named_args: Any) -> Any:
    async with runtime.database.write() as session:
        return await act(session, *args, now=runtime.clock.now(), **named_args)


async def _draft(runtime: Runtime, code: str) -> ArticleDraft | None:
    async with runtime.database.read() as session:
        return await find_draft(session, code)


async def _submitted(runtime: Runtime, editor: Editor = CLERK, text: Text | None = None) -> ArticleDraft:
    draft = await _do(runtime, life_cycle.write, editor, text or Text(NEW))
    submitted: ArticleDraft = await _do(runtime, life_cycle.submit, draft.code, editor)
    return submitted


async def _said(runtime: Runtime, code: str) -> list[tuple[str, str]]:
    async with runtime.database.read() as session:
        return [(entry.action, entry.actor) for entry in await history.of(session, "article", code)]


async def test_a_clerk_writes_the_head_publishes_and_only_then_citizens_are_answered_with_it(
    any_runtime: Runtime,
) -> None:
    draft = await _submitted(any_runtime)
    async with any_runtime.database.read() as session:
        assert await articles.published(session) == []
        assert await articles.changes_so_far(session) == 0  # no index is built anew for a draft
    await _do(any_runtime, life_cycle.approve, draft.code, HEAD, edition=draft.edition, base=0)
    async with any_runtime.database.read() as session:
        assert await articles.published(session) == [named(LOST_CARD, code=draft.code, version=1)]
        (version,) = await versions_of(session, draft.code)
    assert (version.actor, version.authors) == ("staff:2", ["staff:1"])
    assert await _draft(any_runtime, draft.code) is None
    assert await _said(any_runtime, draft.code) == [
        ("write", "staff:1"),
        ("submit", "staff:1"),
        ("publish", "staff:2"),
    ]


async def test_what_is_being_rewritten_goes_on_answering_until_the_new_text_is_published(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    draft = await _submitted(runtime, text=Text(named(LOST_CARD, fee="20元"), note="收费标准改了"))
    async with runtime.database.read() as session:
        assert [article.fee for article in await articles.published(session)] == ["免费"]
    await _do(runtime, life_cycle.approve, "card", HEAD, edition=draft.edition, base=1)
    async with runtime.database.read() as session:
        assert [article.fee for article in await articles.published(session)] == ["20元"]
        assert [version.note for version in await versions_of(session, "card")] == ["", "收费标准改了"]


async def test_nobody_publishes_what_they_wrote_on_even_as_the_second_author(any_runtime: Runtime) -> None:
    draft = await _do(any_runtime, life_cycle.write, CLERK, Text(NEW))
    draft = await _do(any_runtime, life_cycle.write, HEAD, Text(draft.article(), edition=draft.edition))
    assert draft.authors == ["staff:1", "staff:2"]
    draft = await _do(any_runtime, life_cycle.submit, draft.code, CLERK)
    with pytest.raises(NotForYou, match="自己写过"):
        await _do(any_runtime, life_cycle.approve, draft.code, HEAD, edition=draft.edition, base=0)
    await _do(any_runtime, life_cycle.approve, draft.code, CITY, edition=draft.edition, base=0)


async def test_returned_with_a_reason_it_is_mended_and_submitted_again(runtime: Runtime) -> None:
    draft = await _submitted(runtime)
    with pytest.raises(BadField):
        await _do(runtime, life_cycle.return_to_authors, draft.code, HEAD, "  ")
    returned = await _do(runtime, life_cycle.return_to_authors, draft.code, HEAD, "没写补办要几天")
    assert (returned.state, returned.reason) == (State.RETURNED, "没写补办要几天")
    text = Text(named(draft.article(), duration="当场"), edition=returned.edition)
    mended = await _do(runtime, life_cycle.write, CLERK, text)
    assert (mended.state, mended.reason) == (State.RETURNED, "没写补办要几天")  # in sight until it goes in again
    again = await _do(runtime, life_cycle.submit, draft.code, CLERK)
    assert again.state is State.REVIEW
    async with runtime.database.read() as session:
        entries = await history.of(session, "article", draft.code)
    assert [entry.data.get("note") for entry in entries if entry.action == "return"] == ["没写补办要几天"]


async def test_two_who_write_at_once_do_not_overwrite_each_other(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])

    async def save(editor: Editor, fee: str) -> str:
        try:
            await _do(any_runtime, life_cycle.write, editor, Text(named(LOST_CARD, fee=fee)))
        except ChangedMeanwhile:
            return "told"
        return "kept"

    assert sorted(await asyncio.gather(save(CLERK, "1元"), save(HEAD, "2元"))) == ["kept", "told"]


async def test_a_draft_or_article_changed_since_it_was_compared_is_not_published(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])
    draft = await _submitted(any_runtime, text=Text(named(LOST_CARD, fee="20元")))
    for edition, base in ((draft.edition - 1, 1), (draft.edition, 0)):
        with pytest.raises(ChangedMeanwhile):
            await _do(any_runtime, life_cycle.approve, "card", HEAD, edition=edition, base=base)
    await publish(any_runtime, [named(LOST_CARD, fee="5元")])
    with pytest.raises(ChangedMeanwhile):
        await _do(any_runtime, life_cycle.approve, "card", HEAD, edition=draft.edition, base=1)


async def test_the_same_key_does_it_once(any_runtime: Runtime) -> None:
    drafts = [await _do(any_runtime, life_cycle.write, CLERK, Text(NEW), key="w") for _ in range(3)]
    assert len({draft.code for draft in drafts}) == 1
    code = drafts[0].code
    for _ in range(2):
        await _do(any_runtime, life_cycle.submit, code, CLERK, key="s")
    draft = await _draft(any_runtime, code)
    assert draft is not None
    for _ in range(2):
        await _do(any_runtime, life_cycle.approve, code, HEAD, edition=draft.edition, base=0, key="a")
    assert [action for action, _ in await _said(any_runtime, code)] == ["write", "submit", "publish"]


async def test_approving_at_once_publishes_once(any_runtime: Runtime) -> None:
    draft = await _submitted(any_runtime)

    async def approve(editor: Editor) -> bool:
        try:
            await _do(any_runtime, life_cycle.approve, draft.code, editor, edition=draft.edition, base=0)
        except (NoSuchArticle, ChangedMeanwhile):
            return False
        return True

    assert sum(await asyncio.gather(approve(HEAD), approve(CITY), approve(HEAD))) == 1
    assert [action for action, _ in await _said(any_runtime, draft.code)].count("publish") == 1


async def test_what_another_department_keeps_does_not_exist_for_an_editor(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    draft = await _submitted(runtime)
    acts: list[tuple[Callable[..., Awaitable[Any]], tuple[Any, ...], dict[str, Any]]] = [
        (life_cycle.write, (ELSEWHERE, Text(named(LOST_CARD, department="heat"))), {}),
        (life_cycle.write, (ELSEWHERE, Text(draft.article(), edition=draft.edition)), {}),
        (life_cycle.take_back, (draft.code, ELSEWHERE), {}),
        (life_cycle.return_to_authors, (draft.code, ELSEWHERE, "不对"), {}),
        (life_cycle.approve, (draft.code, ELSEWHERE), {"edition": draft.edition, "base": 0}),
        (life_cycle.discard, (draft.code, ELSEWHERE), {}),
    ]
    for act, args, more in acts:
        with pytest.raises(NoSuchArticle):
            await _do(runtime, act, *args, **more)


async def test_an_article_cannot_be_given_to_a_department_out_of_reach(runtime: Runtime) -> None:
    with pytest.raises(Faults) as refused:
        await _do(runtime, life_cycle.write, CLERK, Text(named(NEW, department="heat")))
    assert list(refused.value.problems) == ["department"]
    moved = await _do(runtime, life_cycle.write, HEAD, Text(named(NEW, department="hrss.cards")))
    assert moved.department == "hrss.cards"


async def test_a_half_written_draft_is_kept_but_not_submitted(runtime: Runtime) -> None:
    draft = await _do(runtime, life_cycle.write, CLERK, Text(named(NEW, answer="", source="", link="ftp://x")))
    with pytest.raises(Faults) as refused:
        await _do(runtime, life_cycle.submit, draft.code, CLERK)
    assert set(refused.value.problems) == {"answer", "source", "link"}
    assert (await _draft(runtime, draft.code)).state is State.DRAFT  # type: ignore[union-attr]


async def test_what_is_far_too_long_is_refused_at_once(runtime: Runtime) -> None:
    text = Text(named(NEW, answer="长" * 20_001, variants=tuple(f"问法{n}" for n in range(201))))
    with pytest.raises(Faults) as refused:
        await _do(runtime, life_cycle.write, CLERK, text)
    assert set(refused.value.problems) == {"answer", "variants"}


async def test_invisible_characters_empty_lines_and_repeats_are_tidied_away(runtime: Runtime) -> None:
    text = Text(named(NEW, variants=(" 卡丢了\u200b ", "", "卡丢了", NEW.question), phone=" "))
    draft = await _do(runtime, life_cycle.write, CLERK, text)
    assert (draft.article().variants, draft.article().phone) == (("卡丢了",), None)


async def test_a_temporary_draft_that_is_over_before_the_review_is_not_published(
    runtime: Runtime, clock: FrozenClock
) -> None:
    ends = clock.now() + timedelta(hours=2)
    draft = await _submitted(runtime, text=Text(named(NEW, ends_at=ends)))
    assert draft.temporary
    clock.move(timedelta(hours=2))
    with pytest.raises(Faults, match="还有内容要补") as refused:
        await _do(runtime, life_cycle.approve, draft.code, HEAD, edition=draft.edition, base=0)
    assert list(refused.value.problems) == ["ends_at"]


async def test_a_rewrite_that_holds_only_later_would_leave_a_gap_and_is_refused(
    runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(runtime, [LOST_CARD])
    tomorrow = (clock.now() + timedelta(days=1)).date()
    draft = await _submitted(runtime, text=Text(named(LOST_CARD, valid_from=tomorrow)))
    with pytest.raises(BadField, match="生效日期还没到"):
        await _do(runtime, life_cycle.approve, "card", HEAD, edition=draft.edition, base=1)


async def test_a_discarded_draft_leaves_the_article_as_it_was(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    await _do(runtime, life_cycle.write, CLERK, Text(named(LOST_CARD, fee="?")))
    await _do(runtime, life_cycle.discard, "card", CLERK)
    assert await _draft(runtime, "card") is None
    async with runtime.database.read() as session:
        assert [article.fee for article in await articles.published(session)] == ["免费"]
    assert [action for action, _ in await _said(runtime, "card")] == ["publish", "write", "discard"]


async def test_an_article_taken_down_comes_back_by_a_draft(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    await _do(runtime, life_cycle.take_down, "card", HEAD, "标准改了")
    draft = await _submitted(runtime, text=Text(LOST_CARD))
    await _do(runtime, life_cycle.approve, "card", HEAD, edition=draft.edition, base=2)
    async with runtime.database.read() as session:
        assert [article.version for article in await articles.published(session)] == [3]


async def test_a_draft_rolled_back_leaves_nothing(any_runtime: Runtime) -> None:
    async def write_and_fail() -> None:
        async with any_runtime.database.write() as session:
            await life_cycle.write(session, CLERK, Text(NEW), key="k", now=any_runtime.clock.now())
            raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late"):
        await write_and_fail()
    draft = await _do(any_runtime, life_cycle.write, CLERK, Text(NEW), key="k")
    assert await _said(any_runtime, draft.code) == [("write", "staff:1")]


@pytest.mark.parametrize(("state", "move"), [p for p in product([None, *State], Move) if p not in MOVES])
def test_what_the_table_does_not_allow_is_refused(state: State | None, move: Move) -> None:
    with pytest.raises(NotAllowed):
        check(state, move, CITY, ())


@pytest.mark.parametrize(("state", "move"), list(MOVES))
def test_readers_move_nothing(state: State | None, move: Move) -> None:
    with pytest.raises(NotForYou):
        check(state, move, READER, ())


def test_buttons_are_what_the_door_allows() -> None:
    assert allowed(State.REVIEW, HEAD, ["staff:1"]) == [Move.TAKE_BACK, Move.RETURN, Move.APPROVE]
    assert allowed(State.REVIEW, HEAD, ["staff:1", "staff:2"]) == [Move.TAKE_BACK]
    assert allowed(State.DRAFT, CLERK, ["staff:1"]) == [Move.WRITE, Move.SUBMIT, Move.DISCARD]
    assert allowed(State.RETURNED, READER, []) == []


async def test_codes_of_new_articles_are_never_given_twice(runtime: Runtime) -> None:
    await publish(runtime, [named(HEATING, code="k00001")])
    codes = [(await _do(runtime, life_cycle.write, CLERK, Text(NEW))).code for _ in range(3)]
    assert codes == ["k00002", "k00003", "k00004"]
