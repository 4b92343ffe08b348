"""Names shared by components and actions."""

SIGNAL_ENTITY = "signal"
"""Entity that carries a signal's value: which danger, which refusal."""
PARTS = "parts"
"""What a message's output holds of its parts, where it has several: text, intent and confidence of each."""
