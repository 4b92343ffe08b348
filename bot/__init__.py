"""The dialogue core: Rasa as a library, its data, and the components and actions we plug into it."""

import os

from bot.deferred import defer

# Before anything of Rasa is imported: a government service phones nobody.
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ["LOG_LEVEL"] = "ERROR"  # of Rasa only: training shows one bar of ours, not four of Rasa's

defer()
