"""What the back office says no to: the refusals of every write door, and that of an order nobody may know of."""

from __future__ import annotations

from core.refusals import BadField, NotAllowed, NotForYou, Refused

__all__ = ["BadField", "NoSuchOrder", "NotAllowed", "NotForYou", "Refused"]


class NoSuchOrder(Refused):
    """There is no such order, or not for whoever asks: both look the same from outside (I1)."""

    code = "no_such_order"

    def __init__(self) -> None:
        super().__init__("没有找到这件工单，请核对受理号。")
