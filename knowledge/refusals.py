"""What the write door of the knowledge base says no to, beside the refusals every door knows."""

from __future__ import annotations

from collections.abc import Mapping

from core.refusals import Refused


class NoSuchArticle(Refused, LookupError):
    """There is no such article, draft or open question, or not for whoever asks: both look the same from outside."""

    code = "no_such_article"

    def __init__(self) -> None:
        super().__init__("没有找到这条知识，它可能已经删除，或者不归您的部门维护。")


class ChangedMeanwhile(Refused):
    """Somebody else changed it since it was read."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__("您打开以后，这份稿子又被别人改过。请看过新的内容再做决定，您写的还在。")


class Faults(Refused):
    """An article that cannot be published as it is; ``problems``: field → reason."""

    code = "bad_fields"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("还有内容要补，请看标出的地方。")
        self.problems = dict(problems)
