"""常用语: what agents say again and again. The city's stand in its pack; everybody adds their own, for themselves."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.preferences import keep, preference
from backoffice.refusals import BadField
from backoffice.staff import Staff
from core.texts import tidy
from core.yaml_files import read_yaml

NAME = "phrases"
MOST_OWN = 30
LONGEST = 300


def read_phrases(city_dir: Path) -> tuple[str, ...]:
    """The phrases of a city pack, in its order; none when it has no ``phrases.yml``.

    Raises pydantic's ValidationError for a file that is no list of texts.
    """
    path = city_dir / "phrases.yml"
    if not path.exists():
        return ()
    return TypeAdapter(tuple[str, ...]).validate_python(read_yaml(path) or ())


async def own_phrases(session: AsyncSession, staff: Staff) -> list[str]:
    """What ``staff`` has added, the newest first."""
    kept = await preference(session, staff, NAME)
    return [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []


async def add_phrase(session: AsyncSession, staff: Staff, text: str) -> None:
    """Adds a phrase for ``staff``. Raises :class:`BadField` for nothing, too much, or one too many."""
    tidied = tidy(text)
    if not tidied:
        raise BadField("text", "请写下这句话。")
    if len(tidied) > LONGEST:
        raise BadField("text", f"太长了，请控制在 {LONGEST} 字以内。")
    others = [own for own in await own_phrases(session, staff) if own != tidied]
    if len(others) >= MOST_OWN:
        raise BadField("text", f"最多存 {MOST_OWN} 句，请先删除一句。")
    await keep(session, staff, NAME, [tidied, *others])


async def drop_phrase(session: AsyncSession, staff: Staff, text: str) -> None:
    """Takes a phrase of ``staff``'s own away, if it is there."""
    await keep(session, staff, NAME, [own for own in await own_phrases(session, staff) if own != text])
