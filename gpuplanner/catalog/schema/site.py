"""What stands around the GPUs: network cards, switches, storage, power, electricity."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.gpu import Confidence
from gpuplanner.catalog.schema.price import Band, Currency

Rate = Annotated[float, Field(gt=0, le=1e9)]


class NetworkCard(Record):
    """A network adapter; ``gbps`` is the line rate of all its ports together."""

    id: Identifier
    name: str
    protocols: str
    gbps: Rate | None = None
    status: str | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()


class Switch(Record):
    """A network switch; ``tbps`` is its switching capacity, one direction, terabits per second."""

    id: Identifier
    name: str
    ports: str
    tbps: Rate | None = None
    rack_units: Annotated[int, Field(ge=1, le=100)] | None = None
    status: str | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()


class StoragePrice(Record):
    """What storage costs per ``unit`` ("GB-month")."""

    amount: Rate
    currency: Currency
    unit: str
    date: str


class StorageClass(Record):
    """A kind of storage. Rates are per drive, volume or system as the notes say; GB/s and MB/s are decimal."""

    id: Identifier
    name: str
    kind: str
    seq_read_gb_s: Rate | None = None
    seq_write_gb_s: Rate | None = None
    iops_note: str | None = None
    latency_note: str | None = None
    max_iops: Rate | None = None
    max_throughput_mb_s: Rate | None = None
    price: StoragePrice | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()


class PowerUsage(Record):
    """A power usage effectiveness: facility power over equipment power, of a region, an operator or a rule."""

    id: Identifier
    value: Annotated[float, Field(ge=1, le=3)]
    period: str
    scope: str
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """What it is the figure of."""
        return self.scope


class PlanningRule(Record):
    """A sourced observation that planning of power or memory refers to; ``values`` holds its figures by name and unit."""

    id: Identifier
    text: str
    values: dict[str, float] = {}
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """The rule itself."""
        return self.text


class Tariff(Record):
    """A price of electricity per kWh."""

    id: Identifier
    region: str
    sector: str
    price: Annotated[float, Field(gt=0, le=1000)]
    currency: Currency
    unit: str = "kWh"
    period: str
    source: str | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """Where and for whom it holds."""
        return f"{self.region}, {self.sector}"


class Equipment(Record):
    """A device or part of no particular make, as planned with until a product is chosen.

    ``role`` says what for, ``gpus`` how many cards a chassis takes. Power is of one device: ``load_w`` in service, ``max_w``
    nameplate. ``assumed``: a planning value of this program, to be replaced by the vendor's.
    """

    id: Identifier
    name: str
    role: str
    gpus: Annotated[int, Field(ge=1, le=1000)] | None = None
    rack_units: Annotated[int, Field(ge=0, le=100)] | None = None
    load_w: Annotated[float, Field(ge=0, le=1e7)] | None = None
    max_w: Annotated[float, Field(ge=0, le=1e7)] | None = None
    weight_kg: Annotated[float, Field(ge=0, le=1e5)] | None = None
    sockets: Annotated[int, Field(ge=1, le=64)] | None = None
    cores: Annotated[int, Field(ge=1, le=10_000)] | None = None
    ram_gb: Rate | None = None
    storage_tb: Rate | None = None
    ports: Annotated[int, Field(ge=1, le=10_000)] | None = None
    gbps: Rate | None = None
    prices: tuple[Band, ...] = ()
    confidence: Confidence = "low"
    assumed: bool = True
    notes: str | None = None
    sources: tuple[Source, ...] = ()
