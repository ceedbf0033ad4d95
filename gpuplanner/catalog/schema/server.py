"""A server or rack that is sold with GPUs in it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.gpu import Confidence, Rate, Year
from gpuplanner.catalog.schema.price import Band

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Cpu(Record):
    """The host processors of a server, all sockets together."""

    model: str | None = None
    sockets: Count | None = None
    cores_total: Count | None = None


class Server(Record):
    """A server, baseboard or rack. Memory in decimal GB, ``power_max_kw`` the nameplate maximum."""

    id: Identifier
    name: str
    vendor: str
    kind: str
    gpu_id: Identifier | None = None
    gpu_count: Count | None = None
    gpu_memory_total_gb: Rate | None = None
    cpu: Cpu | None = None
    ram_gb: Rate | None = None
    ram_max_gb: Rate | None = None
    storage_os: str | None = None
    storage_data: str | None = None
    nic: str | None = None
    scale_out_gbps_total: Rate | None = None
    intra_node: str | None = None
    intra_node_per_gpu_bidirectional_gb_s: Rate | None = None
    power_max_kw: Annotated[float, Field(gt=0, le=10_000)] | None = None
    psu: str | None = None
    rack_units: Annotated[int, Field(ge=1, le=100)] | None = None
    weight_kg: Annotated[float, Field(gt=0, le=1e5)] | None = None
    cooling: str | None = None
    prices: tuple[Band, ...] = ()
    release_year: Year | None = None
    confidence: Confidence = "medium"
    notes: str | None = None
    sources: tuple[Source, ...] = ()
