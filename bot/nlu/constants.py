"""Names shared by components and actions."""

SIGNAL_ENTITY = "signal"
"""Entity that carries a signal's value: which danger, which refusal."""
