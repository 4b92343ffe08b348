"""The words pages of calls use for what the programs call otherwise. Pure."""

from __future__ import annotations

from backoffice.calls import Call, Ending, FollowUp

LINES = {"asterisk": "电话", "browser": "网页通话", "stream": "云通信线路"}

ENDINGS = {
    Ending.BYE.value: "正常结束",
    Ending.HUNG_UP.value: "市民挂断",
    Ending.SILENCE.value: "市民一直没有说话",
    Ending.BAD_LINE.value: "听不清，已挂断",
    Ending.TRANSFERRED.value: "转到人工",
    Ending.UNANSWERED.value: "等人工时挂断",
    Ending.VOICEMAIL.value: "留了言",
    Ending.CALL_BACK.value: "登记了回电",
    Ending.FAILED.value: "系统出错，转到人工",
}


FOLLOW_UPS = {
    FollowUp.MISSED.value: "没接到",
    FollowUp.CALL_BACK.value: "要求回电",
    FollowUp.VOICEMAIL.value: "有留言",
}


def rating_words(call: Call) -> str:
    """How the citizen rated the call; empty where they did not."""
    if call.rating is None:
        return ""
    return f"市民评价：{call.rating_words or f'第{call.rating}档'}"


def span(milliseconds: int) -> str:
    """0:07 · 12:30 · 1:02:03: a place in a recording."""
    seconds = milliseconds // 1000
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
