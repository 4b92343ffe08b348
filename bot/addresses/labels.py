"""Elements as one label a character and back: B-road I-road E-road, S-road for a single one, O for none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.addresses.examples import Element, Example

OUTSIDE = "O"


def labels_of(example: Example) -> list[str]:
    """The labels of an example, one for each character."""
    labels = [OUTSIDE] * len(example.text)
    for element in example.elements:
        last = element.end - 1
        for position in range(element.start, element.end):
            place = "S" if element.start == last else {element.start: "B", last: "E"}.get(position, "I")
            labels[position] = f"{place}-{element.kind}"
    return labels


def elements_of(labels: Sequence[str]) -> list[Element]:
    """The elements that ``labels`` mark; one that does not end as it should ends where its kind does."""
    elements: list[Element] = []
    start, kind = 0, ""
    for position, label in enumerate([*labels, OUTSIDE]):
        place, _, of = label.partition("-")
        if kind and (place in "BSO" or of != kind):
            elements.append(Element(start, position, kind))
            kind = ""
        if not kind and of:
            start, kind = position, of
    return elements


def may_follow(before: str | None, label: str) -> bool:
    """Whether ``label`` may stand after ``before`` (None: at the beginning)."""
    place, _, kind = label.partition("-")
    if before is None or before[0] in "ESO":
        return place in "BSO"
    return place in "IE" and kind == before.partition("-")[2]


def may_end(label: str) -> bool:
    """Whether an address may end with ``label``."""
    return label[0] in "ESO"
