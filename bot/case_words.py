"""How people speak of an order already filed: number, code, what is to be added, yes to a withdrawal. Pure."""

from __future__ import annotations

import re

from backoffice.proof import ALPHABET, CODE_LENGTH
from bot.reading.cues import is_a_question
from bot.reading.digits import digit_runs
from bot.situation import Utterance
from bot.wording import agrees, takes_back

_CODE = re.compile(rf"(?<![0-9A-Za-z])[{ALPHABET}{ALPHABET.lower()}]{{{CODE_LENGTH}}}(?![0-9A-Za-z])")
_ADDED = re.compile(r"^.*?(?:补充|追加|加上?)(?:一下|一点|说明|情况|材料|工单|内容|一些)*[,，:： ]*")
_LABELS = re.compile(
    r"(?:我的?|这个)?(?:工单|受理|查询|单子)*(?:单号|编号|号码|查询码|密码|码|号)(?:就?是|为)?[:： ]*(?=[0-9A-Za-z])"
)
_HAS_NONE = re.compile(
    r"(?:没有?|没给我?|没记|不记得|记不[得住清]|忘记?了?|丢|找不[到着]|不知道|不晓得|哪个?晓得|谁还?(?:记得|知道)).{0,4}(?:单号|编号|号码?|查询码|受理号|回执)"
    r"|(?:单号|编号|号码|查询码|受理号|回执|短信).{0,4}(?:没有?|没记|不记得|记不[得住清]|忘|丢|删|找不[到着]|不知道|不晓得)"
)
SHORTEST_ADDITION = 4
"""Characters from which there is something to add."""
_STAYS = re.compile(r"(?:先别|别|不要|先不|不用|不想|(?<!要)不)(?:给我|急着|再)?撤(?!了吗)")
_NOT_NOW = re.compile("[不别没]|取消|算了|先")
_YES_WITHDRAW = re.compile(
    r"^(?:对的?|是的?|嗯+|确定|没错|好的?)[\s,，。]*(?:就是?)?(?:要|想)?(?:取消|撤[回销诉单]?)"
    r"(?:掉|了|吧|它|这个|工单|投诉|就行|算了)*[\s,，。.!！~]*$"
)
"""对，取消: yes to a withdrawal, where 取消 alone leaves it; 好的，撤回的话还能恢复吗 says none."""
_URGES = re.compile(r"催(?![过了])|抓紧|加急")
"""What urges an order, and does not only tell that it has been urged before."""


def still_wants_to(said: Utterance) -> bool:
    """Whether somebody asked for a yes to a withdrawal says it, and neither asks nor leaves it: 是的, 对 撤."""
    if _YES_WITHDRAW.search(said.text):
        return True
    if is_a_question(said.text):
        return False
    agreed = agrees(said) and "取消" not in said.text  # 是的，取消撤回
    return agreed or (said.intent == "withdraw" and _NOT_NOW.search(said.text) is None)


def wanted_instead(text: str) -> str | None:
    """Which service somebody asks for who, asked which order's progress they want, says what is to be done with it:
    垃圾那个催一下."""
    if is_a_question(text):
        return None
    if takes_back(text):
        return "withdraw"
    return "urge" if _URGES.search(text) else None


def beside_number_and_code(text: str) -> str:
    """What a message tells beside number and code."""
    return _CODE.sub("", _without_receipt(_LABELS.sub("", text))).strip(" ，,。.:：;；、")


def _without_receipt(text: str) -> str:
    return re.sub(r"\d{8}", " ", text) if any(len(run) == 8 for run in digit_runs(text)) else text


def addition_in(text: str) -> str:
    """What is to be added to an order, without the words that only say so."""
    return beside_number_and_code(_ADDED.sub("", text))


def code_in(text: str) -> str | None:
    """The query code in ``text``, in capitals."""
    found = _CODE.search(_without_receipt(text))
    return found.group().upper() if found else None


def has_none(text: str) -> bool:
    """编号我没记: neither number nor code can be told."""
    return _HAS_NONE.search(text) is not None


def says_yes_to_withdrawal(text: str) -> bool:
    """对，取消."""
    return _YES_WITHDRAW.search(text) is not None


def stays(text: str) -> bool:
    """等等先别撤: nothing is to be withdrawn."""
    return _STAYS.search(text) is not None


def leaves_it(text: str) -> bool:
    """先不撤了, asked for a yes to a withdrawal."""
    return _NOT_NOW.search(text) is not None
