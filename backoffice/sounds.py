"""How Chinese characters sound to somebody who does not keep like sounds apart, as recognition and typing mix them up.

Pure. Tones do not count; zh/z, ch/c, sh/s, n/l at the beginning and -ng/-n at the end are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_LIKE_BEGINNINGS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


@lru_cache(maxsize=8192)
def sound_of(character: str) -> str:
    """The sound of one character; what is not Chinese sounds like itself."""
    return _heard(lazy_pinyin(character, style=Style.NORMAL)[0])


def sounds_of_name(name: str) -> Iterator[tuple[str, ...]]:
    """The ways ``name`` sounds: read as a phrase (长江 is chang), and character by character as recognised text is."""
    yield tuple(map(sound_of, name))
    phrase = lazy_pinyin(name, style=Style.NORMAL)
    if len(phrase) == len(name):
        yield tuple(map(_heard, phrase))


def _heard(syllable: str) -> str:
    for sound, like in _LIKE_BEGINNINGS:
        if syllable.startswith(sound):
            syllable = like + syllable[len(sound) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable
