"""A GPU instance type of a cloud."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.price import Currency

Count = Annotated[int, Field(ge=1, le=100_000)]


class Hourly(Record):
    """The price of a whole instance for an hour (not of one GPU), in a region, without tax."""

    kind: str
    hourly: Annotated[float, Field(gt=0, le=1e6)]
    currency: Currency
    region: str
    date: str
    source: str | None = None


class CloudInstance(Record):
    """An instance type. ``gpu_fraction`` is set where an instance has part of a card.

    ``status`` "not-found" marks names that circulate but don't exist; ``use_instead`` is what was probably meant.
    """

    id: Identifier
    provider: Identifier
    instance_type: str
    gpu_id: Identifier | None = None
    gpu_count: Count | None = None
    gpu_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    vcpus: Count | None = None
    ram_gib: Annotated[float, Field(gt=0, le=1e6)] | None = None
    local_disk_gb: Annotated[float, Field(ge=0, le=1e7)] | None = None
    network_gbps: Annotated[float, Field(gt=0, le=1e6)] | None = None
    cpu: str | None = None
    prices: tuple[Hourly, ...] = ()
    status: Literal["not-found"] | None = None
    use_instead: Identifier | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """The name shown: provider and type."""
        return f"{self.provider} {self.instance_type}"
