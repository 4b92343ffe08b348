"""Whose life it is that somebody speaks of ending: their own, or another's whom others must reach. Pure."""

from __future__ import annotations

import re

_ANOTHER = re.compile(
    r"(?:有(?:个|一个)?(?:人|男|女|小孩|孩子|学生|姑娘|小伙|老人)|[他她]|老公|老婆|爱人|丈夫|妻子|孩子|小孩|儿子|女儿|闺女|妈|爸|母亲|父亲|哥|姐|弟|妹|爷爷|奶奶"
    r"|同事|同学|学生|朋友|闺蜜|室友|邻居|对象|[那这](?:个)?(?:人|女的|男的|女孩|男孩))(?:(?!我).){0,14}?"
    r"(?:跳(?:楼|河|江|桥|下)|自杀|割腕|轻生|寻短见|遗书|安眠药|农药|不想活|想死|寻死|上吊)"
)


def is_anothers(text: str) -> bool:
    """Whether it is another's: 我老公要跳楼; 他不理我，我想死 is one's own."""
    return _ANOTHER.search(text) is not None
