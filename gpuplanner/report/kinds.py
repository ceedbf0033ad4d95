"""What states a quote and its figures can be in, and what its remarks are about."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """How a figure stands to its target."""

    MEETS = "meets"  # the cautious end too
    EXPECTED = "expected"  # the expected value does, the cautious end does not
    MISSES = "misses"
    NONE = "none"  # there is no target


class Topic(StrEnum):
    """What a footnote is about; rows refer to it by this."""

    PRICE = "price"
    RANGE = "range"
    MODEL = "model"
    GPU = "gpu"


class Basis(StrEnum):
    """Which end of the ranges the quote speaks for."""

    EXPECTED = "expected"
    CAUTIOUS = "cautious"


class State(StrEnum):
    """What became of a quote."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REPLACED = "replaced"
