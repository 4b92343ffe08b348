"""Another article than that given last, on what was spoken of: 离婚呢, after how to marry (B1)."""

from __future__ import annotations

from bot.actions.base import Event, Turn
from bot.actions.consulting import Consult
from bot.topic import speaks_of
from knowledge.article import Article


class Turning(Consult):
    """Turns from one article to another on the same thing, or to the same of another thing."""

    def _of_another(self, turn: Turn, article: Article, subject: str, *, by_itself: bool) -> list[Event] | None:
        """离婚呢, after how to marry: the article that says of the other what was asked of the one. ``by_itself``:
        whether the subject alone names a matter, as 过期了 does not."""
        now = self.services.now()
        for text in (subject + article.question, subject)[: 2 if by_itself else 1]:
            for hit in self.services.answering.look_up(text, now=now).hits:
                near = hit.article.department == article.department or subject in hit.article.question
                if hit.article.code != article.code and near and speaks_of(hit.article, subject):
                    return self._answered(turn, hit.article)
        return None

    def _leads_astray(self, subject: str, article: Article) -> bool:
        """Whether what the base says of ``subject`` alone only mentions it, and is of another trade than the topic:
        二套房呢, after loans, is no question about taxes."""
        found = self.services.answering.look_up(subject, now=self.services.now())
        best = found.hits[0].article if found.kind == "answer" else None
        return best is not None and best.department != article.department and subject not in best.question

    def _of_its_kind(self, turn: Turn, article: Article) -> list[Event] | None:
        """我人在外地能办吗, after how to replace an identity card: what is asked is asked of the same thing, though the
        words alone are those of an article on another. None where the topic's own words lead nowhere else."""
        text, now = turn.utterance.text, self.services.now()
        alone = self.services.answering.look_up(text, now=now)
        if alone.kind != "answer" or not article.keywords or _same_thing(alone.hits[0].article, article):
            return None
        together = self.services.answering.look_up(f"{article.keywords[0]}{text}", now=now)
        hit = together.hits[0] if together.kind == "answer" else None
        if hit is None or hit.article.code == article.code or not _same_thing(hit.article, article):
            return None
        return self._answered(turn, hit.article)


def _same_thing(article: Article, other: Article) -> bool:
    """Whether two articles are on the same thing, which both have among their keywords."""
    return not set(article.keywords).isdisjoint(other.keywords)
