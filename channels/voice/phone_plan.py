"""The phone's configuration: prompts, keys and waits (``phone.yml``), read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any, Final

import yaml

from backoffice.calls import LONGEST_GRADE
from backoffice.polls import OPTIONS
from channels.voice.grades import falls
from channels.voice.hours import Hours, read_hours
from channels.voice.short_words import ShortWords
from core.yaml_files import read_yaml

_FILE: Final = Path(__file__).parent / "phone.yml"
_CITY_FILE: Final = "phone.yml"
KEYS: Final = frozenset("0123456789*#")
KEY_NAMES: Final = {"*": "星号", "#": "井号"}
DEEDS: Final = frozenset({"person", "menu", "record", "progress", "consult", "poll"})


class PhonePlanRefused(Exception):
    """``phone.yml`` cannot be used; the text says why, in Chinese."""


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    key: str
    deed: str
    of: str
    """Which menu or recording; empty for the others."""
    say: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What can be chosen where nobody is there."""

    key: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class RecordingKind:
    """Something that is recorded and filed."""

    kind: str
    title: str
    ask: str


@dataclass(frozen=True)
class PhonePlan:
    """The whole of ``phone.yml``."""

    menu_first: bool
    greeting: str
    announcement: str
    anytime: Mapping[str, str]
    agree: str
    refuse: str
    menus: Mapping[str, tuple[Entry, ...]]
    recording: Mapping[str, Any]
    recordings: Mapping[str, RecordingKind]
    hours: Hours
    nobody: Mapping[str, Choice]
    """``message``, ``call_back``, ``writing``."""
    more: Mapping[str, str]
    """``read``, ``send``: the keys of what is to become of the rest of a long answer."""
    poll: Mapping[str, str]
    """``skip``: the key that leaves a question out."""
    patience: Mapping[str, Any]
    rating: Mapping[str, str]
    """What each key means, from the best to the worst."""
    words: ShortWords
    say: Mapping[str, str]

    @property
    def leads_away(self) -> frozenset[str]:
        """Keys that lead out of a recording, also before it has begun."""
        return frozenset((self.anytime["person"], self.anytime["back"]))

    def prompt(self, name: str, **values: str) -> str:
        """A prompt with its values; keys are named as they are on a telephone."""
        return self.say[name].format(**{key: KEY_NAMES.get(value, value) for key, value in values.items()})

    def menu_prompt(self, menu: str) -> str:
        """What a menu says, made from its keys."""
        lines = [f"{entry.say}请按{KEY_NAMES.get(entry.key, entry.key)}" for entry in self.menus[menu]]
        if menu != "top":
            lines.append(f"返回请按{KEY_NAMES.get(self.anytime['back'], self.anytime['back'])}")
            lines.append(f"转人工请按{self.anytime['person']}")
        return "，".join(lines) + "。"

    def means(self, kind: str, text: str) -> bool:
        """Whether ``text`` says what the words of a kind say, and nothing more (:mod:`channels.voice.short_words`)."""
        return self.words.mean(kind, text)

    def fixed_prompts(self) -> list[str]:
        """Everything that is said again and again and holds nothing personal."""
        said = [self.greeting, self.announcement, *(self.menu_prompt(menu) for menu in self.menus)]
        said += [kind.ask for kind in self.recordings.values()]
        values = {"agree": self.agree, "refuse": self.refuse, "why": self.say["why_absent"], **self.more}
        values |= {name: str(key) for name, key in self.recording.items()}
        values |= {name: choice.key for name, choice in self.nobody.items()}
        for name, text in self.say.items():
            needed = {field for _, field, _, _ in Formatter().parse(text) if field}
            if needed <= values.keys() and not name.startswith("why_"):
                said.append(self.prompt(name, **values))
        return [*said, self.rate_prompt()]

    def rate_prompt(self) -> str:
        """The invitation to rate, made from its keys."""
        return self.prompt("rate", choices="，".join(f"{word}请按{key}" for key, word in self.rating.items()))


def load_phone_plan(city_dir: Path | None = None) -> PhonePlan:
    """The plan of the house with the city's own entries. Raises :class:`PhonePlanRefused`."""
    content: dict[str, Any] = read_yaml(_FILE)
    own = city_dir / _CITY_FILE if city_dir else None
    try:
        if own is not None and own.exists():
            content = _merged(content, read_yaml(own) or {})
        plan = _plan(content)
        _check(plan)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as problem:
        raise PhonePlanRefused(f"phone.yml 写得不对：{problem}") from problem
    return plan


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in own.items():
        if name not in base:
            raise ValueError(f"没有“{name}”这一项")
        both = isinstance(value, dict) and isinstance(base[name], dict) and name != "rating"  # its own grades alone
        merged[name] = {**base[name], **value} if both else value
    return merged


def _plan(content: Mapping[str, Any]) -> PhonePlan:
    return PhonePlan(
        menu_first=bool(content["menu_first"]),
        greeting=content["greeting"],
        announcement=content["announcement"],
        anytime=_keys(content["anytime"]),
        agree=str(content["agree"]),
        refuse=str(content["refuse"]),
        menus={name: tuple(map(_entry, entries)) for name, entries in content["menus"].items()},
        recording=content["recording"],
        recordings={name: RecordingKind(**kind) for name, kind in content["recordings"].items()},
        hours=read_hours(content["hours"]),
        nobody={name: Choice(str(made["key"]), tuple(made["words"])) for name, made in content["nobody"].items()},
        more=_keys(content["more"]),
        poll=_keys(content["poll"]),
        patience=content["patience"],
        rating=_by_key(content["rating"]),
        words=ShortWords(content["words"], content["around"], content["beside"]),
        say=content["say"],
    )


def _keys(content: Mapping[str, Any]) -> dict[str, str]:
    """Keys by what they do; a figure may be written as a number."""
    return {name: str(key) for name, key in content.items()}


def _by_key(content: Mapping[Any, str]) -> dict[str, str]:
    """Words by the key, which may be written as a number."""
    words = {str(key): word for key, word in content.items()}
    if len(words) < len(content):
        raise ValueError("评价的一个键写了两次")
    return words


def _entry(content: Mapping[str, Any]) -> Entry:
    deed, _, of = str(content["does"]).partition(" ")
    return Entry(str(content["key"]), deed, of, content["say"], tuple(content.get("words", ())))


def _check(plan: PhonePlan) -> None:
    """Every key is one of a telephone, none means two things, every entry leads somewhere."""
    for name, menu in plan.menus.items():
        keys = [entry.key for entry in menu] + list(plan.anytime.values())
        if len(set(keys)) < len(keys) or not set(keys) <= KEYS:
            raise ValueError(f"菜单 {name} 的按键重复或者不是电话上的键：{' '.join(keys)}")
        for entry in menu:
            places = {"menu": plan.menus, "record": plan.recordings}.get(entry.deed, {entry.of: None})
            if entry.deed not in DEEDS or entry.of not in places:
                raise ValueError(f"菜单 {name} 的“{entry.say}”没有去处：{entry.deed} {entry.of}")
    _check_recording(plan)
    _check_choices(plan)
    _check_rating(plan)
    late, hangs, longest = plan.patience["bot"]
    if not 0 < late < hangs <= longest:
        raise ValueError("等待机器人的三个秒数要从小到大")


def _check_recording(plan: PhonePlan) -> None:
    after = [str(plan.recording[name]) for name in ("confirm", "cancel", "replay")]
    if len(set(after)) < len(after) or not {*after, plan.recording["end"]} <= KEYS - plan.leads_away:
        raise ValueError("录音后的按键重复或者不是电话上的键")


def _check_rating(plan: PhonePlan) -> None:
    """At least two grades, from the best to the worst, none on a key that leads elsewhere or begins anew."""
    grades = list(plan.rating.values())
    if len(set(grades)) < max(2, len(grades)) or not set(plan.rating) <= KEYS - plan.leads_away:
        raise ValueError("评价至少要两档，各档的按键和说法不能重复，也不能另有用处")
    if max(map(len, grades)) > LONGEST_GRADE:
        raise ValueError(f"评价的说法不能超过 {LONGEST_GRADE} 个字")
    if not falls(grades):
        raise ValueError(f"评价要从最好的一档写到最差的一档：{'、'.join(grades)}")


def _check_choices(plan: PhonePlan) -> None:
    keys = [plan.nobody[name].key for name in ("message", "call_back", "writing")]
    if keys[0] in keys[1:] or not set(keys) <= KEYS - set(plan.anytime.values()):
        raise ValueError("没有话务员时的按键重复或者另有用处")
    polls = any(entry.deed == "poll" for menu in plan.menus.values() for entry in menu)
    if polls and {str(place) for place in range(1, OPTIONS.stop)} & set(plan.anytime.values()):
        raise ValueError("菜单里有民意调查，1 到 8 是它的选项，不能另有用处")
    if plan.poll["skip"] not in {"*", "#"} - set(plan.anytime.values()):
        raise ValueError("跳过调查题目的键要用星号或井号，而且不能另有用处")
    if plan.agree == plan.refuse:
        raise ValueError("“是”和“否”用了同一个键")
    more = [plan.more["read"], plan.more["send"]]
    if more[0] == more[1] or not set(more) <= KEYS - set(plan.anytime.values()):
        raise ValueError("接着念和发短信的按键重复或者另有用处")
