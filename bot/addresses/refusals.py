"""What a model of address elements cannot be made of or read from; the text says why, in Chinese."""

from __future__ import annotations


class BadExamples(ValueError):
    """A file that holds no addresses to learn from."""


class TooFewExamples(ValueError):
    """There are too few addresses to learn from."""


class BadAddressModel(ValueError):
    """A file that is no usable model."""
