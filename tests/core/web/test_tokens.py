"""The design tokens: in both themes every pairing of text and ground is readable (contrast at least 4.5:1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import core.web

TOKENS = (Path(core.web.__file__).parent / "static" / "css" / "tokens.css").read_text(encoding="utf-8")

PAIRS = [
    *((text, ground) for text in ("text", "text-soft") for ground in ("bg", "surface", "surface-2")),
    *((text, ground) for text in ("link", "good", "warn", "bad") for ground in ("bg", "surface", "surface-2")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-accent-soft", "accent-soft"),
    ("text", "accent-soft"),
    ("on-bubble-in", "bubble-in"),
    ("on-bubble-out", "bubble-out"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("on-bad", "bad"),
]


def _colours(theme: str) -> dict[str, str]:
    """Name → hex; the dark theme says only what differs."""
    light, dark = TOKENS.split(':root[data-bs-theme="dark"] {')
    found = dict(re.findall(r"--color-([\w-]+): (#[0-9a-f]{6});", light.split("html {")[0]))
    if theme == "dark":
        found |= dict(re.findall(r"--color-([\w-]+): (#[0-9a-f]{6});", dark.split("}")[0]))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = _colours(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


def test_both_themes_name_the_same_colours() -> None:
    assert set(_colours("light")) == set(re.findall(r"--color-([\w-]+):", TOKENS.split('"dark"] {')[1].split("}")[0]))
