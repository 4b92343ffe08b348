"""Names shared by components and actions."""

SIGNAL_ENTITY = "signal"
"""Entity that carries a signal's value: which danger, which refusal."""
PARTS = "parts"
"""What a message's output holds of its parts, where it has several: text, intent and confidence of each."""
ALARM = "alarm"
"""In ``signals.yml``: what a signal comes right after, when it counts at all."""
ALARMED = "alarmed"
"""Slot: when whom to call was told, in which danger, and before which intake. In the metadata of a message: that
this was so just now."""
OVER = "over"
"""The signal of a message that says the danger is over, or that help has been called."""
