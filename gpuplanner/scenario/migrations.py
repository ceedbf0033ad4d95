"""Old scenario files brought up to date, one version at a time.

A step takes the whole document as read (format, version, scenario …) of version *n* and returns that of *n* + 1. It is never
changed once released; ``tests/data`` holds a frozen sample of every version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gpuplanner.scenario.document import VERSION

Document = dict[str, Any]
Step = Callable[[Document], Document]

#: From the version it reads to the step; version 1 is the first, so there is none yet.
STEPS: Final[Mapping[int, Step]] = {}


def migrate(document: Document, steps: Mapping[int, Step] = STEPS, target: int = VERSION) -> Document:
    """The document in the form of ``target``; the one given is left as it is.

    Args:
        document: with a whole ``version`` from 1 to ``target``.
        steps: from version to step, without a gap.
        target: the version to arrive at.

    Raises:
        KeyError: when a step is missing, which is a fault of ours.
    """
    while document["version"] < target:
        version = document["version"]
        document = {**steps[version](document), "version": version + 1}
    return document
