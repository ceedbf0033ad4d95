"""Rules that fill in what a GPU record leaves open, by what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record

Share = Annotated[float, Field(gt=0.5, le=1)]
FILLED = ("family", "listed_share", "driver_hold_bytes")


class FamilyRule(Record):
    """What holds for GPUs that match.

    ``match`` names a field and the words it may hold, or for a number its lower and (excluded) upper bound.
    """

    match: dict[str, tuple[str, ...] | tuple[float, float]]
    family: Identifier | None = None
    listed_share: Share | None = None
    driver_hold_bytes: Annotated[int, Field(ge=0)] | None = None

    def fits(self, gpu: Mapping[str, Any]) -> bool:
        """Whether a record, as its file gives it, matches in every field named."""
        return all(_matches(gpu.get(name), wanted) for name, wanted in self.match.items())


class FamilyTable(Record):
    """All rules, the first that fits counts, field by field."""

    note: str = ""
    rules: tuple[FamilyRule, ...]

    def filled(self, gpu: Mapping[str, Any]) -> dict[str, Any]:
        """A GPU record with the fields it leaves open filled in."""
        result = dict(gpu)
        open_fields = [name for name in FILLED if result.get(name) is None]
        for rule in self.rules:
            if not open_fields:
                break
            given = [name for name in open_fields if getattr(rule, name) is not None]
            if given and rule.fits(gpu):
                result.update({name: getattr(rule, name) for name in given})
                open_fields = [name for name in open_fields if name not in given]
        return result


def _matches(value: object, wanted: tuple[object, ...]) -> bool:
    if len(wanted) == 2 and all(isinstance(bound, float) for bound in wanted):
        low, high = wanted
        return isinstance(value, int | float) and float(str(low)) <= value < float(str(high))
    return value in wanted
