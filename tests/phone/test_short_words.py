"""What a few words mean, however they are said: repeated, with small words around them, politely (B11). Pure."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.voice.phone_plan import PhonePlanRefused, load_phone_plan
from channels.voice.short_words import may_be_yes_or_no
from core.yaml_files import read_yaml

PLAN = load_phone_plan()
WANTS_A_PERSON = Path(__file__).parent.parent / "bot" / "human.yml"
SAID = {
    "agree": (
        "对对对 嗯对 嗯嗯 是的是的 对的对的 可以的 好啊 好的好的 行吧 嗯好 那就要吧 确认提交吧 对，是的。"
        " 没错没错 都对 应该是的 好的谢谢 没有错 提交吧"
    ),
    "refuse": "不不不 不用了谢谢 好的不用 不用不用 嗯不对 不是的 算了吧 不要了 那不用了 错了错了 不好 不行",
    "person": (
        "帮我转人工 给我找个人 转人工转人工 我要人工服务 能不能转一下人工啊 麻烦您帮我接人工客服 人工人工"
        " 我想和真人说话 请帮我转到人工台 有没有人工 赶紧给我转人工 换个人跟我说 算了转人工吧 不要机器人"
        " 嗯，转人工。 有人工吗 你给我转接一下话务员"
    ),
    "repeat": (
        "再说一遍 你再说一遍 请再说一遍好吗 没听清楚 我没听清 刚才说什么 啊什么 能再说一次吗 不好意思没听清，再说一遍"
    ),
    "slower": "慢一点 请说慢一点 你说得太快了 慢点慢点 能不能慢一点 说慢点吧",
    "goodbye": "再见 再见再见 好的再见 那我挂了 拜拜拜拜 没有了再见 谢谢你再见啊",
    "wait": (
        "等一下 等一下啊 稍等 你等会儿 我找找 我找一下 好，稍等 等我找一下号码 让我想想 先别挂 等等等等"
        " 您稍等一下 我去拿一下"
    ),
    "nothing": (
        "没有了 没了谢谢 没有别的了 好的没有了 没什么了 没事了 就这样吧 暂时没有 没有问题了 不用了 没有什么要问的了"
    ),
    "thanks": "谢谢你啊 谢谢 好的谢谢您 太感谢了 辛苦了谢谢 谢谢谢谢 麻烦你了",
    "send": "发给我吧 发给我 那就发短信吧 好的发给我 给我发个短信 可以，发到我手机上",
    "cancel": "取消吧 我要取消 不提交了 不要了",
    "replay": "我再听一遍 重听 给我再放一遍",
    "filler": "嗯 嗯嗯 呃那个 啊 哦哦",
    "anew": "说错了 重新说 按错了，重来 不对不对",
}
SAYS_MORE = {
    "agree": (
        "对面小区太吵了 是不是 好不好 对不对 好像有问题 要交多少钱 可以退款吗 行不行 确认一下材料 不对"
        " 不是的 你好 对不起 行不"
    ),
    "refuse": "不锈钢管爆了 没有热水 没有人管 不用交钱吗 算了多少钱 是不是 好不好 不满意 别的 没错 没问题",
    "person": (
        "人工湖很脏 人工费太高 对面在搞人工降雨 不用转人工 不要人工 没有人工 我找人工作 请人工作 机器人坏了"
        " 工作人员态度差 打人工电话没人接 找人打架"
    ),
    "repeat": "说一遍就行 重复收费 什么时候能修 听不清广播 为什么 这是什么",
    "slower": "车开得太快了 网速太慢 办得慢",
    "goodbye": "再见面的时候 我要挂号 电话挂不断 没有挂断",
    "wait": "等了一下午 等公交等了很久 我想想办法投诉 找一下你们领导 看一下社保卡怎么办 我看见他打人",
    "nothing": "没有热水 没有人管 不用了怎么退 好了没有水",
    "thanks": "谢谢老师的帮助没有回复 我要感谢李警官",
    "send": "发大水了 发票丢了 短信收不到 发生什么了",
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, said in SAID.items() for text in said.split()])
def test_a_word_is_understood_with_small_words_and_repetitions(kind: str, text: str) -> None:
    assert PLAN.means(kind, text)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, said in SAYS_MORE.items() for text in said.split()])
def test_a_sentence_that_only_holds_such_a_word_says_more(kind: str, text: str) -> None:
    assert not PLAN.means(kind, text)


def test_who_wants_a_person_is_mostly_read_without_the_bot_and_who_speaks_of_people_never_taken_for_one() -> None:
    """In a recording, and where a person is asked to be rated, no bot listens: its own sentences are tried."""
    said = read_yaml(WANTS_A_PERSON)
    near = [text for name in ("near_tried", "near_measured") for text in said[name]]
    assert not [text for text in near if PLAN.means("person", text)]
    asked = [text for name in ("asked_tried", "asked_measured") for text in said[name]]
    assert sum(PLAN.means("person", text) for text in asked) >= 45


def test_yes_and_no_are_told_apart_though_each_holds_words_of_the_other() -> None:
    read = PLAN.words.yes_or_no
    assert [read(text) for text in ("没错", "没有错", "没有问题", "好，不用了", "不对", "没有")] == [True] * 3 + [
        False
    ] * 3
    assert [read(text) for text in ("是不是", "是吗", "着火了", "")] == [None] * 4
    assert [may_be_yes_or_no(text) for text in ("啊这", "对编号", "着火了", "对面小区太吵了")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("二", "2"),
        ("按二", "2"),
        ("第二个", "2"),
        ("嗯，选一吧", "1"),
        ("零", "0"),
        ("我按三号键", "3"),
        ("二零", ""),
        ("一个", ""),
    ],
)
def test_a_key_may_be_said(text: str, key: str) -> None:
    assert PLAN.words.key(text) == key


@pytest.mark.parametrize("text", ["我要留言", "留言吧", "我想给市长信箱留言"])
def test_what_is_offered_is_chosen_in_other_words_than_its_own(text: str) -> None:
    words = (*PLAN.nobody["message"].words, *PLAN.menus["self_service"][0].words)
    assert PLAN.words.name(words, text)
    assert not PLAN.words.name(words, f"{text}说路灯坏了")


def test_a_city_has_its_own_words_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "phone.yml").write_text("words: {agree: [中]}\n")
    plan = load_phone_plan(tmp_path)
    assert plan.means("agree", "中中中啊")
    assert not plan.means("agree", "对")
    assert plan.means("person", "帮我转人工"), "the others stay as they are"
    (tmp_path / "phone.yml").write_text("words: {agree: ['']}\n")
    with pytest.raises(PhonePlanRefused):
        load_phone_plan(tmp_path)
