"""Whether a message is no answer to what an intake just asked, but something else. Pure.

The classifier knows nothing of what was asked: 阿强炸鸡 is small talk to it, and the answer to 哪家店. While something
is being asked, a guess alone is therefore not enough: the form of the message must bear it out, or the guess be all
but certain.
"""

from __future__ import annotations

import re

from bot.reading.choices import read_choice
from bot.reading.cues import is_a_question
from bot.situation import Utterance

QUESTIONS = frozenset({"ask_question", "ask_followup", "ask_why"})
OF_A_CASE = frozenset({"query_progress", "urge", "withdraw"})
"""Intents of somebody who speaks of an order filed before."""
SMALL_TALK = frozenset(
    {"bot_challenge", "ask_capabilities", "insult", "chitchat", "choose", "helpful", "unhelpful", "thank", "greet"}
)
LIKELY = 0.25
"""Confidence from which a question is taken for one, if it has the form of a question."""
SURE = 0.5
"""Confidence from which an intent is believed that the words of the message bear out."""
CERTAIN = 0.7
"""Confidence from which an intent is believed without more."""
NOTHING_ELSE = 0.8
"""Confidence from which small talk is believed where an answer is waited for: 阿强炸鸡 sounds like it."""
SAID_SO = 1.0
"""Confidence of an intent that the words alone decide (``signals.yml``)."""
_MOST_OPTIONS = 9
_NO_DATA = frozenset({"affirm", "supplement", "request_order", "goodbye", "cancel"})
_CASE = re.compile(
    r"进度|结果|工单|单子|我(?:的|那个?)?(?:事|件|诉求)|单号|编号|查(?:询|一?下)|催|撤|上次|上回|之前|(?:投诉|反映|举报|登记|报)(?:的|过|了)|[那这]个(?:投诉|举报)|到哪"
)


def is_an_aside(utterance: Utterance) -> bool:
    """Whether the message may interrupt an intake: a question, a word on an earlier case, small talk."""
    intent, confidence = utterance.intent, utterance.confidence
    if intent == "nlu_fallback":
        return is_a_question(utterance.text) and any(character.isalnum() for character in utterance.text)
    if intent in QUESTIONS:
        return confidence >= LIKELY and (is_a_question(utterance.text) or confidence >= CERTAIN)
    if intent in OF_A_CASE:
        return is_a_question(utterance.text) or speaks_of_a_case(utterance)
    if intent == "choose" and read_choice(utterance.text, _MOST_OPTIONS) is None:
        return False  # 第三个摊位 chooses nothing
    return intent in SMALL_TALK and confidence >= NOTHING_ELSE


def surely_asks(utterance: Utterance) -> bool:
    """Whether both the guess and the form of the message say that something is asked."""
    asks = utterance.intent in QUESTIONS and utterance.confidence >= LIKELY
    return asks and is_a_question(utterance.text)


def speaks_of_a_case(utterance: Utterance) -> bool:
    """Whether a guess that somebody means an order filed before is borne out by their words."""
    return utterance.confidence >= CERTAIN or (utterance.confidence >= LIKELY and speaks_of_an_order(utterance.text))


def speaks_of_an_order(text: str) -> bool:
    """Whether the words name an order filed before, or how far it is: 办到哪了."""
    return _CASE.search(text) is not None


def is_no_data(utterance: Utterance) -> bool:
    """Whether the message, said to a question for a name, a place or a time, tells none of them."""
    other = utterance.intent in _NO_DATA and utterance.confidence >= SURE
    return other or is_an_aside(utterance)
