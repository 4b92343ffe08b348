"""The form of a message: what its little words give away about what somebody wants, whatever it is about.

怎么补办 is a question about anything at all; 没人管 is a complaint about anything at all. A statistical classifier
that sees letters and words must learn each such turn with every subject anew; told the turn itself, it need not.
"""

from __future__ import annotations

import re

_NOISE = re.compile(r"[\s\W_]+")
_CUES = {
    name: re.compile(pattern)
    for name, pattern in {
        "whether": r"([^不没]{1,2})[不没]\1|有没有|有没得|有无|可不可以|知不知道|[是能可会]否|是(?:(?!现在|今天|一直|反映|报的).){1,12}还是(?![不没这那])",
        "how": r"怎么|如何|咋|怎样",
        "which": r"(?<!那个[\u4e00-\u9fff])哪(?!怕|个?晓得|天(?:就|要|给|把|会|真|[炸砸塌掉倒出着烧漏]))|什么|啥|谁|何[时处地]|几时",
        "how_much": r"多少|好多(?=钱|块|天)|多久|多大|多长|(?<![了过等这那有很])好久(?=[能可拿办得到])|(?<![好前这那])几(?:点|天|号|岁|年|路|个工作日)|(?<![了过等好前这那])几个?(?:小时|钟头|星期|月)(?=[能可才会拿到])",
        "asking_end": r"[吗呢么不没]$",
        "may_i_ask": r"请问|咨询|打听|问一下|想问|了解一下|问问",
        "after_a_fact": r"(?:电话|号码|地址|地点|时间|材料|流程|手续|条件|标准|政策|规定|费用|价格|原因|信息|期限)(?:是多少|是什么)?(?:的?问题|的?信息)?$",
        "complains": r"投诉|举报|反映",
        "offence": r"回扣|贪|受贿|好处费|假|无证|没证|偷|骗|违法|非法|私自|赌|毒|黑(?:车|诊所|作坊|工厂)|举报|查处|你们查",
        "wishes": r"建议|希望|应该|(?:要是|如果).*就(?:[更太]?好|方便)|(?:能不能|可以|是不是).*[加装建设开增改放多]|提[个一]|我觉得|想法",
        "thanks": r"感谢(?!$)|谢谢(?!$)|表扬|点赞|夸|好评|锦旗",
        "pleads": r"帮帮|帮我(?!查|问|看)|帮忙(?!查|问)|求助|求求|救|派人|联系一下|谁能|能不能来",
        "is_wrong": r"没人(?!住|在家)|不管|坏|太|乱|脏|臭|吵|堵|欠|占|不[给让修来接理退亮通热赔]|(?<!要)不还(?!是)|漏|裂|破|天天|半夜|老是|一直|凭什么|凭啥|[要退拿讨追]不[回到了出]|联系不[上到]|跑路|倒闭|(?<!几点)关了?门(?!时间)|缺斤|[秤称]不准|上当|不认账|受不[了住]|报废|爆胎|摔[了伤断倒]|谁赔|遭不住|闹麻|没法[睡住过]|睡不[着好]",
        "wants_action": r"(?:管|治)一?(?:管|治)|整治|管不管|你们.{0,3}管[吗嘛么不]|(?:谁|有没有人|没人).{0,2}管|归不归|(?:要求|希望).{0,12}(?:处理|解决|核实|协调|查处)",
        "earlier_case": r"(?:上次|之前|前几天|我)(?:投诉|反映|举报|登记|报|提)的|进度|结果|工单|单子|处理得|办得|到哪",
        "about_me": r"^我[是叫姓]|电话|手机",
        "abuse": r"废物|傻|滚|妈的|混蛋|垃圾(?=$|机器|热线|东西|客服|服务|系统|软件|玩意|公司|货)|蠢|笨|饭桶|吃干饭|有病|神经",
        "told_of_another": r"其(?:[是于在的想为已认]|表示|反映|咨询|孩子|家)|市民|故来电|来电(?:人|称|反映|表示)|(?:反映|诉求|投诉)人",
        "officialese": r"核实|相关部门|有关部门|尊敬的|恳请|领导|[市局厅区县]长|书记",
        "blames": r"(?<!不)差(?!点|不多|旅|别|额|价|异)|恶劣|摆设|挂(?:断|了)?我?(?:的)?电话|爱理不理|推来推去|推诿|敷衍|糊弄|骂(?!不)|(?<!行)凶(?!险)|没用(?![多半几一两])|耍(?:大牌|赖)",
        "corrects": r"错|不对|改|不是.*是",
    }.items()
}
_RHETORICAL = re.compile(
    r"凭(?:什么|啥)|[像象]话[吗嘛]|讲不讲理|什么(?:玩意|态度|素质|世道)|搞的?什么(?:鬼|名堂)|还有没有(?:王法|天理|人性)|算(?:什么|啥)(?:事|本事)|你们?(?:到底|就|还|能|可以)?管(?:吗|嘛|么|不管?)|有用(?:的话)?[我还]+找你们"
)
_WENT_WRONG = re.compile(
    r"[不没](?!动产|满|足[0-9一二三四五六七八九十]|了解|知道|清楚|懂|会|用)|未(?!成年|婚|满|就业)"
    r"|被(?!征|保险|继承|监护|[抚扶]养|拆迁|委托)|[等办报拖][^，。]{0,4}[半一两二三四五六七八九十几多0-9]个?[天月年周]"
    r"|停[水电气暖了着]|停$|错(?:了|$)|咬|吃出|[欠骗偷拖断缺短少](?:[了着]|$)|收贵|(?<!补)差$|少[发给算]|多[收扣]|重复扣"
    r"|乱(?:收|停|放|开|写|罚)|假[药货酒烟]|过期食品|扰民|恶劣"
)
"""What somebody states who says in few words what has gone wrong: 低保被停了, 报销没到账."""
_NO_TROUBLE = re.compile(
    r"[产婚年病事丧寒暑]假|假期|救助|救济|急救|破产|太阳能|违法(?:处理|记录)|帮我?查|想|要[办补换领查]|申请"
    r"|找不[到着见]|[看听]不[见清]|不见|丢|掉了|忘|没有?得"
)
"""What stands in a matter that somebody names, though the words sound like trouble: 临时救助, 户口本找不到了."""
_LONGEST_STATED = 20
"""Characters: who tells more than that is understood by what they tell."""
_AFTER_THANKS = re.compile(
    r"^(?P<thanks>.{0,60}?谢.{0,60}?)(?:这[回次]|现在|如今|今天|不过|但是?|可是|但|只是)(?:又|呢|是|还|也|有|，|,|\s)*(?P<trouble>.{4,})$",
    re.DOTALL,
)
_LAUDS = re.compile("点个赞|好样|真好|服务好|好人|了不起")
_NEEDED = {"praise": "thanks", "suggest": "wishes", "report": "offence"}
_LENGTHS = (2, 4, 8, 14, 24)
GRIEVANCE = frozenset({"complains", "offence", "pleads", "is_wrong", "wants_action"})
"""Cues of somebody who wants something done, though they may put it as a question."""
QUESTION = frozenset({"whether", "how", "which", "how_much", "asking_end", "may_i_ask"})
"""Cues of which a question has at least one."""


def cues_of(text: str) -> list[str]:
    """The names of the cues in ``text``, and how long it is by rough measure."""
    plain = _NOISE.sub("", text)
    found = [name for name, pattern in _CUES.items() if pattern.search(plain)]
    return [*found, f"length_{sum(len(plain) > limit for limit in _LENGTHS)}"]


def is_a_question(text: str) -> bool:
    """Whether ``text`` has the form of a question anywhere, and not only of one that reproaches: 凭什么."""
    return not QUESTION.isdisjoint(cues_of(_RHETORICAL.sub("", text)))


def bears_out(intent: str, text: str) -> bool:
    """Whether the words of ``text`` allow that a weak guess is right: praise without a word of thanks is none."""
    cue = _NEEDED.get(intent)
    return cue is None or _CUES[cue].search(_NOISE.sub("", text)) is not None


def is_blame(text: str) -> bool:
    """Whether ``text`` speaks ill of somebody and holds no word of thanks: what was guessed to be praise is none."""
    plain = _NOISE.sub("", text)
    return _CUES["blames"].search(plain) is not None and not (_CUES["thanks"].search(plain) or _LAUDS.search(plain))


def is_aggrieved(text: str) -> bool:
    """Whether ``text`` has the form of somebody's trouble."""
    return not GRIEVANCE.isdisjoint(cues_of(text))


def trouble_after_thanks(text: str) -> str | None:
    """长江路也有两盏不亮 of 上次报的修好了，谢谢，这回是长江路也有两盏不亮: what is new, where thanks for something else
    come before it. None where there is nothing of the kind."""
    found = _AFTER_THANKS.match(text)
    if found is None or is_aggrieved(found["thanks"]):
        return None  # 谢谢你们接电话，我举报…，但是社区不管: all of it is the matter
    return found["trouble"] if _CUES["is_wrong"].search(_NOISE.sub("", found["trouble"])) else None


def states_what_went_wrong(text: str) -> bool:
    """Whether ``text`` asks nothing and may well be a complaint, though an article speaks of the same: 单位不交社保."""
    if is_a_question(text) or _NO_TROUBLE.search(text) or len(text) > _LONGEST_STATED:
        return False
    return is_aggrieved(text) or _WENT_WRONG.search(text) is not None


def without_abuse(text: str) -> str:
    """What an angry message says besides."""
    return _CUES["abuse"].sub("", text)
