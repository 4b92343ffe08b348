"""What a conditional random field sees of each character of an address: the characters around it, words, kinds of
characters, numbers and what follows them, the nearest telling suffixes (路, 村, 幢), what is said twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.addresses.characters import COUNTING, SUFFIXES, kinds_of, words_of

_ADMINISTRATIVE = "省市区县"
_NUMBERS = re.compile(
    r"[0-9A-Za-z零〇一二三四五六七八九十]+"
    r"(?:[^\u4e00-\u9fff]{1,2}[0-9A-Za-z]+|(?:号楼|单元|号|幢|栋|座|室|楼|层|弄|区|期|户|单)[0-9A-Za-z零〇一二三四五六七八九十]+)*"
    r"(?:号楼|单元|号|幢|栋|座|室|楼|层|弄|区|期|户)?"
)
"""Numbers told together: 47-6-746, 3幢2单元501室."""
_SHAPES = ((re.compile("[A-Za-z]+"), "A"), (re.compile(r"\d+"), "N"), (re.compile(f"[{COUNTING}]+"), "C"))
_LONGEST_SHAPE = 14
_SIGHT = 8
"""Characters to either side in which the nearest suffix is looked for; :func:`_suffixes` looks farther."""
_FAR = 14
_BEGIN, _END = "^", "$"


@dataclass(frozen=True)
class _Text:
    """An address with what all groups of features ask of it."""

    text: str
    kinds: str
    """For each character: d digit, a letter, n counting word, - dash, p stop, h other Chinese, o other."""

    def at(self, position: int) -> str:
        """The character there, or the mark of an end."""
        return self._in(self.text, position)

    def kind(self, position: int) -> str:
        """The kind of the character there."""
        return self._in(self.kinds, position)

    def rough(self, position: int) -> str:
        """The character there, all digits alike."""
        return "0" if self.kind(position) == "d" else self.at(position)

    def piece(self, start: int, end: int) -> str:
        """The characters from ``start`` up to, not including, ``end``, with the marks of the ends."""
        return "".join(self.at(position) for position in range(start, end))

    @staticmethod
    def _in(values: str, position: int) -> str:
        if 0 <= position < len(values):
            return values[position]
        return _BEGIN if position < 0 else _END


Features = list[list[str]]
"""For each character the names of what holds of it."""


def field_features(text: str) -> Features:
    """The features of each character of ``text``."""
    said = _Text(text, kinds_of(text))
    found: Features = [[] for _ in text]
    for group in _GROUPS:
        group(said, found)
    return found


def _characters(said: _Text, found: Features) -> None:
    size = len(said.text)
    for i, names in enumerate(found):
        names += ["bias", f"from={min(i, 12) // 3}", f"to={min(size - i, 12) // 2}"]
        names += [f"1:{k}={said.at(i + k)}" for k in range(-3, 4)]
        names += [f"2:{k}={said.piece(i + k, i + k + 2)}" for k in range(-2, 2)]
        names += [f"3:{k}={said.piece(i + k, i + k + 3)}" for k in range(-2, 1)]
        names += [f"4:{k}={said.piece(i + k, i + k + 4)}" for k in (-3, 0)]
        names.append("rough=" + "".join(said.rough(i + k) for k in range(-2, 3)))
        names += [f"kinds{n}=" + "".join(said.kind(i + k) for k in range(-n, n + 1)) for n in (1, 2)]


def _words(said: _Text, found: Features) -> None:
    for (word, before, after), place, names in _words_at(words_of(said.text), found):
        names += [f"word:at={place}", f"word={place}{word}", f"word-={place}{before}", f"word+={place}{after}"]


def _words_at(words: Sequence[str], found: Features) -> Iterator[tuple[tuple[str, str, str], str, list[str]]]:
    """For each character: its word with the ones before and after, where in the word it is, and its features."""
    position = 0
    for before, word, after in zip([_BEGIN, *words], words, [*words[1:], _END], strict=False):
        for k in range(len(word)):
            place = "S" if len(word) == 1 else {0: "B", len(word) - 1: "E"}.get(k, "I")
            yield (word, before, after), place, found[position + k]
        position += len(word)


def _runs(said: _Text, found: Features) -> None:
    """Digits, letters and counting words in a row: how long, between what, the how manieth digits."""
    start = digits = 0
    for kind, run in groupby(said.kinds):
        end = start + len(list(run))
        digits += kind == "d"
        names = [f"digits={min(digits, 4)}"]
        if kind in "dan":
            before, after, size = said.at(start - 1), said.at(end), end - start
            names += [
                f"run={kind}{size}", f"run+={after}", f"run-={before}", f"run-+={before}|{after}|{size}",
                f"run--={said.piece(start - 2, start)}", f"run++={said.piece(end, end + 2)}",
                f"run:kinds={said.kind(start - 1)}{said.kind(end)}{said.kind(end + 1)}",
            ]  # fmt: skip
        for i in range(start, end):
            found[i] += [*names, f"run:in={min(i - start, 3)}"] if kind in "dan" else names
        start = end


def _nearest_suffix(said: _Text, found: Features) -> None:
    for i, names in enumerate(found):
        for sign, of in ((1, "next"), (-1, "last")):
            for k in range(1, _SIGHT):
                character, kind = said.at(i + sign * k), said.kind(i + sign * k)
                if character in SUFFIXES:
                    names += [f"{of}={SUFFIXES[character]}{k}", f"{of}:is={character}"]
                    break
                if kind in ("d", "-", _BEGIN, _END):
                    names.append(f"{of}={kind}{k}")
                    break


def _suffixes(said: _Text, found: Features) -> None:
    """The next three suffixes and the last three, however far."""
    for i, names in enumerate(found):
        after = [c for c in said.text[i : i + _FAR] if c in SUFFIXES][:3]
        before = [c for c in reversed(said.text[max(0, i - _FAR) : i]) if c in SUFFIXES][:3]
        names += [f"after={''.join(after[:2])}", f"before={''.join(before[:2])}"]
        names.append(f"around={''.join(before[:1])}|{''.join(after[:1])}")
        names += [
            f"{of}:kinds={','.join(SUFFIXES[c] for c in row)}" for of, row in (("after", after), ("before", before))
        ]


def _repetition(said: _Text, found: Features) -> None:
    """What is said twice, and how often 省 市 区 县 were said before and are said after."""
    text = said.text
    for i, names in enumerate(found):
        here, previous = text[i : i + 2], text[max(0, i - 1) : i + 1]
        if said.kinds[i] == "h" and len(here) == 2:
            again = (
                text.find(here, i + 2) >= 0, text.find(here) < i,
                i > 0 and text.find(previous, i + 1) >= 0, i > 0 and text.find(previous) < i - 1,
            )  # fmt: skip
            names.append("again=" + "".join(str(int(each)) for each in again))
        counts = {c: f"{min(text.count(c, 0, i), 2)}{min(text.count(c, i), 2)}" for c in _ADMINISTRATIVE}
        names += [f"of{c}={count}" for c, count in counts.items()]
        names.append(f"of={counts['省']}{counts['市']}")


def _number_shapes(said: _Text, found: Features) -> None:
    """The shape of numbers told together, and which of them a character is in: the second of N-N-N."""
    for numbers in _NUMBERS.finditer(said.text):
        shape = numbers.group()
        for pattern, sign in _SHAPES:
            shape = pattern.sub(sign, shape)
        shape, before, which = shape[:_LONGEST_SHAPE], said.at(numbers.start() - 1), 0
        for i in range(numbers.start(), numbers.end()):
            if said.kinds[i] in "dan" and (i == numbers.start() or said.kinds[i - 1] not in "dan"):
                which += 1
            place = f"{shape}|{min(which, 4)}"
            found[i] += [f"shape={place}|{said.kinds[i]}", f"shape:is={place}|{said.rough(i)}"]
            found[i].append(f"shape-={place}|{before}")


_GROUPS: tuple[Callable[[_Text, Features], None], ...] = (
    _characters, _words, _runs, _nearest_suffix, _suffixes, _repetition, _number_shapes,
)  # fmt: skip
