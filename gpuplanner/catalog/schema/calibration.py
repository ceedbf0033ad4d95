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
        """The range factor for ``figure, family, runtime``, and whether it was found for that very family.

        Of a family without a single measured figure it is at least as wide as ``<figure>_extrapolated``, where there is such a
        range.
        """
        for end in range(len(names), 0, -1):
            key = ".".join(names[:end])
            if key in self.ranges:
                break
        else:
            raise KeyError(".".join(names))
        factor, wide = self.ranges[key], self.ranges.get(f"{names[0]}_extrapolated")
        if end >= 2 or wide is None or len(names) < 2 or self._measured(names[1]):
            return factor, end >= 2
        return RangeFactor(low=min(factor.low, wide.low), high=max(factor.high, wide.high), rows=wide.rows), False

    def _measured(self, family: str) -> bool:
        """Whether any figure of a family was measured."""
        return family in _families(self.ranges)


_known: list[tuple[dict[str, RangeFactor], int, frozenset[str]]] = []


def _families(ranges: dict[str, RangeFactor]) -> frozenset[str]:
    """All that ranges are named for; kept for the last few, since every keystroke asks for each of its GPUs."""
    for known, size, families in tuple(_known):
        if known is ranges and size == len(ranges):
            return families
    found = frozenset(key.split(".")[1] for key in ranges if "." in key)
    _known.insert(0, (ranges, len(ranges), found))
    del _known[4:]
    return found
