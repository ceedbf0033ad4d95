"""Mean token counts of the data sets that benchmarks draw requests from, for rows that name a data set and no lengths."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from gpuplanner import assets
from gpuplanner.evidence.rows import Row

FILE = "measurements/datasets.json"


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean input and output tokens of a request; ``input_assumed`` where nobody published the input."""

    input_tokens: float
    output_tokens: float
    input_assumed: bool = False


@cache
def datasets() -> dict[str, Lengths]:
    """Name as benchmarks write it to mean lengths, longest name first."""
    records = json.loads((assets.catalogs() / FILE).read_bytes())["records"]
    table = {
        item["name"].casefold(): Lengths(item["input_tokens"], item["output_tokens"], item.get("input_assumed", False))
        for item in records
    }
    return dict(sorted(table.items(), key=lambda item: -len(item[0])))


def lengths_of(row: Row) -> Lengths | None:
    """The row's own lengths; what it doesn't give comes from the data set its note names. None when neither says."""
    if row.isl is not None and row.osl is not None:
        return Lengths(row.isl, row.osl)
    note = row.note.casefold()
    known = next((lengths for name, lengths in datasets().items() if name in note), None)
    isl = row.isl if row.isl is not None else known.input_tokens if known else None
    osl = row.osl if row.osl is not None else known.output_tokens if known else None
    assumed = row.isl is None and known is not None and known.input_assumed
    return Lengths(isl, osl, assumed) if isl is not None and osl is not None else None
