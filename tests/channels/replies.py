"""Replies with every kind of card, at the length real ones have."""

from __future__ import annotations

from typing import Any

from bot.turns import TurnRequest
from core.conversations import TurnOutcome
from core.messages import QuickReply, Reply

ANSWER: dict[str, Any] = {
    "kind": "answer",
    "article": "ss-001",
    "title": "社保卡丢失后怎么挂失补办？",
    "summary": "社保卡丢失后，请您先拨打12333或在线挂失，防止卡内资金被冒用，再带身份证到原发卡银行的即时制卡网点"
    "或市政务大厅人社专区补办，免费，一般当场拿卡。补卡后原卡作废，原有医保、养老待遇不受影响。",
    "department": "市人力资源和社会保障局",
    "source": "《云州市社会保障卡管理办法》",
    "valid_from": "2025-01-01",
    "valid_to": "2027-12-31",
    "steps": ["拨打12333或在线办理挂失。", "带身份证到即时制卡网点申请补卡。", "领到新卡，原卡自动作废。"],
    "materials": ["居民身份证", "委托书和代办人身份证（委托办理时提供）"],
    "fee": "免费",
    "duration": "当场办结",
    "place": "云州市人民路88号市政务大厅人社专区",
    "office_hours": "周一至周五 9:00–12:00，13:30–17:30",
    "phone": "0837-8623330",
    "link": "https://zwfw.yunzhou.example/sbk/buban",
}
SUMMARY: dict[str, Any] = {
    "kind": "summary",
    "title": "投诉登记",
    "fields": [
        {"field": "content", "label": "内容", "value": "幸福小区东门外工地半夜施工太吵了，没人管，老人孩子都睡不好觉"},
        {"field": "address", "label": "地点", "value": "东湖区人民街道幸福小区东门"},
        {"field": "time", "label": "时间", "value": "最近一周，每天晚上11点以后"},
        {"field": "name", "label": "姓名", "value": "王**"},
        {"field": "phone", "label": "电话", "value": "138****8000"},
    ],
}
ORDER: dict[str, Any] = {
    "kind": "order",
    "number": "10000001",
    "query_code": "K7M3XA",
    "title": "幸福小区东门外工地夜间施工噪音扰民",
    "status": "已受理",
    "department": "东湖区城市管理局",
    "due": "2026-12-07T09:30:00+00:00",
    "timeline": [{"at": "2026-11-16T02:00:00+00:00", "what": "您的诉求已受理登记"}],
}
ANSWERED: dict[str, Any] = {
    "kind": "order",
    "number": "10000001",
    "title": "幸福小区东门外工地夜间施工噪音扰民",
    "status": "已答复",
    "department": "东湖区城市管理局",
    "answer": {
        "unit": "东湖区城市管理局",
        "handled_on": "2026-11-20",
        "situation": "经查，该工地未取得夜间施工许可，执法人员已现场责令停工。",
        "result": "已立案处罚，工地承诺每日22时至次日6时不再施工。",
    },
}
DANGER: dict[str, Any] = {
    "kind": "danger",
    "title": "请马上打电话",
    "calls": [
        {"number": "119", "label": "火警"},
        {"number": "120", "label": "急救"},
        {"number": "110", "label": "报警"},
    ],
    "advice": ["先离开危险的地方，再打电话。", "说清楚地点、什么情况、有没有人受伤。"],
}
CHOICES: dict[str, Any] = {
    "kind": "choices",
    "title": "您想问的是哪一件？",
    "options": [{"title": "社保卡丢失补办", "text": "社保卡怎么补办"}, {"title": "都不是", "text": "都不是"}],
}
HANDOFF: dict[str, Any] = {"kind": "handoff", "position": 1, "on_duty": True}

_BY_WORD: dict[str, Reply] = {
    "补办": Reply(ANSWER["summary"], card=ANSWER, quick_replies=(QuickReply("要带什么材料"), QuickReply("在哪里办"))),
    "噪音": Reply("请核对。", card=SUMMARY),
    "确认": Reply("已登记，受理号10000001。", card=ORDER),
    "同一件": Reply("已经把您加进这件事的工单。", card={**ORDER, "heading": "已加入这件事一起办理"}),
    "答复": Reply("您反映的事项（受理号 10000001）已有答复。\n办理单位：东湖区城市管理局", card=ANSWERED),
    "着火": Reply("请马上拨打119。", card=DANGER),
    "社保卡": Reply("您想问的是哪一件？", card=CHOICES),
    "未知": Reply("这张卡片是新的。", card={"kind": "of the future", "x": 1}),
}


def by_word(request: TurnRequest) -> TurnOutcome:
    """The reply for a word in the text; what else is said is said back."""
    if "人工" in request.text:
        return TurnOutcome((Reply("正在为您转接人工，请稍等。", card=HANDOFF),), None, handoff="asked")
    reply = next((reply for word, reply in _BY_WORD.items() if word in request.text), None)
    return TurnOutcome((reply or Reply(f"您说的是：{request.text[:200]}"),), None)
