"""Fitted constants: efficiencies and overheads by hardware family, and the ranges their residuals give."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.catalog.schema.common import Record


class Constant(Record):
    """A fitted or published number.

    ``low``/``high`` bound the fit; ``rows`` counts the measurements behind it (0: set from a document, see ``basis``).
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    rows: Annotated[int, Field(ge=0)] = 0
    basis: str


class RangeFactor(Record):
    """Measured over predicted at the 10th and 90th percentile of comparable rows."""

    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    rows: Annotated[int, Field(ge=0)]


class Calibration(Record):
    """All constants by dotted name, most special last: ``compute.hopper.fp8``, ``compute.hopper``, ``compute``.

    ``ranges`` are named ``figure.family.runtime`` and looked up the same way, from the special to the general.
    """

    constants: dict[str, Constant]
    ranges: dict[str, RangeFactor]

    def constant(self, *names: str) -> float:
        """The value under the longest dotted prefix of ``names`` that is known.

        Raises:
            KeyError: when not even the first name is known.
        """
        return self.constants[self.key(*names)].value

    def key(self, *names: str) -> str:
        """The dotted name under which :meth:`constant` finds its value."""
        for end in range(len(names), 0, -1):
            key = ".".join(names[:end])
            if key in self.constants:
                return key
        raise KeyError(".".join(names))

    def range(self, *names: str) -> tuple[RangeFactor, bool]:
        """The range factor for ``figure, family, runtime``, and whether it was found for that very family."""
        for end in range(len(names), 0, -1):
            key = ".".join(names[:end])
            if key in self.ranges:
                return self.ranges[key], end >= 2
        raise KeyError(".".join(names))
