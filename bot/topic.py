"""Whether a question stays with the article given last, and what of it answers: 那多少钱, 冷静期几天. Pure."""

from __future__ import annotations

import re

from bot.reading.cues import is_a_question
from knowledge.article import Article

_SMALL = re.compile(
    r"请问|你好|您好|怎么|咋|如何|多少|多久|多长|多大|多高|什么|时候|为啥|啥|哪[里儿个些边]?|能不能|可不可以|要不要|用不用|是不是|有没有|可以|需要|应该|必须|一共|大概|大约"
    r"|本人|自己|具体|还有|别的|其他|办理?|申请|领|发|给|补|退|交|拿|弄|搞|带|准备|收费|费用|花|钱|块|电话|号码|打|地址|地方|地点|位置|材料|手续|东西|证件|时间|周[一二三四五六日末天]|星期[一二三四五六日天]|礼拜[一二三四五六日天]"
    r"|排队|排|队(?=$|[吗啊呀呢])|节假日|双休日|上班|下班|开门|关门|几|年|月|天|次|点|个|人|知道|想|问|下|您|你们?|我们?|他们?|那|这|些|要|是|的|地|得|吗|呢|啊|呀|吧|嘛|了|着|去|到|有|没|不|还|再|就|都|也|在|会|能|谁|叫|一|和|跟|给|用|行|好"
)
_GENERAL = re.compile(
    r"限制|要求|条件|规定|标准|区别|影响|资格|说法|年纪|年龄|岁数?|报名|名额|期限|有效期|频率|下证|出证|拿证|流程|步骤"
)
_HOW = re.compile(r"怎么|咋|如何|怎样")
_MARKS = re.compile(r"[\s\W_]+")
_SENTENCES = re.compile(r"[^。；;！!？?]+[。；;！!？?]?")
_INSTEAD = re.compile(
    r"^(?:那|那么|还有|哎)?(?P<other>[\u4e00-\u9fffA-Za-z0-9]{2,10})(?:呢.{0,10}|又?怎么办|又?怎么样|要怎么弄)$"
)
_CLAUSE_ENDS = re.compile(r"[\s,，。;；!！?？]+|(?<=[啊呀呢吗嘛吧哦])(?=.)")
_A_SYLLABLE_OR_TWO = 2
_LONGEST = 20
"""Characters up to which a question may lean on the one before."""


def own_words(text: str) -> str:
    """What a question names itself, without the small words any question has."""
    return _SMALL.sub("", _MARKS.sub("", text))


def leans_on(text: str, article: Article) -> bool:
    """Whether ``text`` asks of ``article``: it names nothing of its own, or only what the article speaks of."""
    plain, words = _MARKS.sub("", text), own_words(text)
    return len(plain) <= _LONGEST and (not words or words in _whole(article))


def names_nothing(text: str) -> bool:
    """Whether ``text`` can be understood only from what was spoken of before."""
    plain = _MARKS.sub("", text)
    return len(plain) <= _LONGEST and not _GENERAL.sub("", own_words(plain))


def names_only(text: str, article: Article) -> bool:
    """Whether all that ``text`` names itself is what the article is headed by: 食品那个证在哪办."""
    heading = set("".join((article.question, *article.keywords)))
    return len(_MARKS.sub("", text)) <= _LONGEST and set(own_words(text)) <= heading


def names_only_its_subject(text: str, article: Article) -> bool:
    """Whether the one or two characters that ``text`` names stand in the article's question: 一年能取几次, after how
    money is drawn. Other articles with the same word are then not asked for."""
    words = own_words(text)
    return 0 < len(words) <= _A_SYLLABLE_OR_TWO and words in article.question and len(text) <= _LONGEST


def asking_clause(text: str) -> str | None:
    """The one clause of ``text`` that asks, where others only tell why: 要等多久 of 要等多久啊我下礼拜要坐高铁. None
    where none or several do, or nothing stands beside it."""
    clauses = [clause for clause in _CLAUSE_ENDS.split(text) if clause]
    asking = [clause for clause in clauses if is_a_question(clause)]
    return asking[0] if len(asking) == 1 < len(clauses) else None


def asks_generally(text: str) -> bool:
    """Whether ``text`` asks for conditions or the like, which articles tell in their answer."""
    return _GENERAL.search(text) is not None


def asks_how(text: str) -> bool:
    """Whether ``text`` asks for the way it is done: 怎么领."""
    return _HOW.search(text) is not None


def telling_sentence(text: str, article: Article) -> str | None:
    """The sentence of the answer that speaks of what ``text`` asks for; None when none does for sure."""
    words = own_words(text)
    pieces = {words} if 1 <= len(words) <= 4 else {words[i : i + 2] for i in range(len(words) - 1)}
    scored = [(sum(piece in s for piece in pieces), s.strip()) for s in _SENTENCES.findall(article.answer)]
    best = max((score for score, _ in scored), default=0)
    return next((s for score, s in scored if score == best), None) if best else None


def other_subject(text: str) -> str | None:
    """公交 in 那公交呢: the same is asked of something else; None when it is not."""
    found = _INSTEAD.match(_MARKS.sub("", text))
    return found["other"] if found and own_words(found["other"]) else None


def speaks_of(article: Article, words: str) -> bool:
    """Whether the article is headed or looked for by ``words``."""
    return any(words in heading for heading in (article.question, *article.variants, *article.keywords))


def _whole(article: Article) -> str:
    parts = (article.question, article.answer, *article.variants, *article.keywords, *article.materials, *article.steps)
    return " ".join(parts)
