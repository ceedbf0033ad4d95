"""Links between cards and between servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source

Rate = Annotated[float, Field(gt=0, le=1e6)]
LinkKind = Literal[
    "pcie", "nvlink", "xgmi", "roce", "ici", "neuronlink", "ub", "c2c", "infiniband", "ethernet", "node-fabric"
]  # fmt: skip


class Link(Record):
    """A link with its raw rate, 10^9 bytes/s. ``scope`` says what the rate counts (a slot, a card, a port, a node)."""

    id: Identifier
    name: str
    kind: LinkKind
    unidirectional_gb_s: Rate | None = None
    bidirectional_gb_s: Rate | None = None
    line_rate_gbps: Rate | None = None
    scope: str | None = None
    measured: str | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """What a group of cards talks over: ``gb_s`` is one direction per card; ``link`` an id under ``links`` or None.

    ``assumed`` is set when the fast link's rate is unknown and PCIe was taken in its place.
    """

    name: str
    gb_s: float
    scale_up: bool
    link: str | None = None
    assumed: bool = False
