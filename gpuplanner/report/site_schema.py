"""What the bill of materials, the room and the estate look like to other programs, for the JSON Schema of an estimate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gpuplanner.report.schema_base import Figure, Message, Part


class Line(Part):
    """A line of the bill of materials; ``phases`` are how many stand there by each phase."""

    key: str
    role: str
    group: Literal["servers", "storage", "network", "room", "services"]
    name: Message
    item: str | None
    count: int = Field(ge=0)
    spare: bool
    phases: list[int]
    unit_price: Figure | None
    price: Figure | None
    power_w: float | None
    nameplate_w: float | None
    rack_units: int | None
    weight_kg: float | None
    liquid: bool
    why: list[Message]


class Host(Part):
    """What each GPU server of a line needs and is fitted with, and what the sums are made of."""

    role: str
    line: str
    gpu: str
    figures: dict[str, Figure]
    terms: dict[str, list[Message]]


class Device(Part):
    """A device in a rack, from ``unit`` (1 is the lowest) upwards."""

    line: str
    name: Message
    unit: int
    units: int
    power_w: float
    weight_kg: float | None
    gpus: int
    spare: bool


class Rack(Part):
    """A rack with its devices from below."""

    units: int
    used_units: int
    power_w: float
    devices: list[Device]


class Node(Part):
    """A node of the topology; tier 0 are the clients."""

    key: str
    name: Message
    tier: int
    count: int
    line: str | None


class Link(Part):
    """``count`` links of ``gbps`` between two nodes."""

    upper: str
    lower: str
    net: Literal["client", "storage", "management", "fabric"]
    count: int
    gbps: float | None


class Topology(Part):
    """How the devices are joined."""

    nodes: list[Node]
    links: list[Link]


class SitePart(Part):
    """Servers, network, racks, power."""

    figures: dict[str, Figure]
    phases: list[Message]
    lines: list[Line]
    hosts: list[Host]
    racks: list[Rack]
    topology: Topology
    warnings: list[Message]


class Workload(Part):
    """A workload of the estate; ``cut`` names the slices it runs on, which its layout then counts."""

    letter: str
    name: str
    own: bool
    hours: list[int]
    gpu: str | None
    status: Literal["meets", "expected", "misses", "impossible"]
    tensor_parallel: int | None
    pipeline_parallel: int | None
    replicas: int | None
    spare_replicas: int | None
    gpus_alone: int | None
    gpus: float
    share: float
    shared: bool
    cut: str | None
    slowed: float
    cost: Figure | None
    figures: dict[str, Figure]
    reasons: list[Message]


class OnGpu(Part):
    """A workload on a GPU: with ``cut`` it has a slice of its own, ``size`` of the GPU's slots from ``start``."""

    letter: str
    replica: int
    busy: float
    cut: str | None
    start: int
    size: int
    parts_bytes: dict[str, float]


class PlacedGpu(Part):
    """A GPU and what lies on it; ``slots`` above 0: it is cut into slices."""

    server: int = Field(ge=1)
    gpu_number: int = Field(ge=0)
    gpu: str
    spare: bool
    slots: int
    usable_bytes: float
    limit_bytes: float
    need_bytes: float
    workloads: list[OnGpu]


class EstatePart(Part):
    """All workloads of the customer together."""

    workloads: list[Workload]
    placement: list[PlacedGpu]
    servers: int
    free_gpus: float
    figures: dict[str, Figure]
    site: SitePart
    warnings: list[Message]
