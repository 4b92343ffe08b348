"""A Rasa component that tells whether somebody is in danger now, and in which: a classifier learnt from what
people in danger say and from what only sounds like it (``near_danger.yml``: over for long, feared, insured, a figure of
speech). It alone decides the intent ``danger``; sure words (``bot/data/danger.yml``) make it believe sooner."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.nlu.detector import Detector

DANGER = "danger"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DangerDetector(Detector):
    """Decides the intent ``danger``. One danger missed is worse than one alarm too many."""

    intent = DANGER
    listens_for = "danger.yml"
    counts = 3
    usual = "hurt"
    words_tell_why = True
