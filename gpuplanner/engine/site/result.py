"""The servers around the GPUs and the room they stand in, as plain data. Texts are codes; drawings are made from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gpuplanner.engine.result import Code, Quantity


class Role(StrEnum):
    """What a line of the bill of materials is there for."""

    GPU_SERVER = "gpu_server"
    TRAINING_SERVER = "training_server"
    MANAGEMENT = "management"
    STORAGE = "storage"
    OBJECT_STORAGE = "object_storage"
    LOAD_BALANCER = "load_balancer"
    LEAF = "leaf"
    SPINE = "spine"
    MANAGEMENT_SWITCH = "management_switch"
    NETWORK_CARD = "network_card"
    CABLE = "cable"
    OPTIC = "optic"
    RACK = "rack"
    UPS = "ups"
    SERVICE = "service"


class Group(StrEnum):
    """Lines that a discount is given on together."""

    SERVERS = "servers"
    STORAGE = "storage"
    NETWORK = "network"
    ROOM = "room"
    SERVICES = "services"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill of materials.

    ``key`` is stable ("gpu_server", "gpu_server.spare", "leaf" …); ``item`` the catalogue's id where it is a product, "" for a
    generic one. ``name`` words it. ``count`` stand there in all, ``phases`` how many of them by each phase. ``unit_price`` and
    ``price`` are before discount and tax; unknown stays None. ``power_w`` is one at load, ``nameplate_w`` at most.
    ``why`` tells how the count came about, with numbers. ``spare`` lines stand by.
    """

    key: str
    role: Role
    group: Group
    name: Code
    count: int
    item: str = ""
    phases: tuple[int, ...] = ()
    unit_price: Quantity | None = None
    price: Quantity | None = None
    power_w: float | None = None
    nameplate_w: float | None = None
    rack_units: int | None = None
    weight_kg: float | None = None
    liquid: bool = False
    spare: bool = False
    optional: bool = False
    why: tuple[Code, ...] = ()

    @property
    def priced_as(self) -> tuple[str, ...]:
        """The names that an own price may stand under; what stands by costs what is in use."""
        return self.key.removesuffix(".spare"), *((self.item,) if self.item else ())


@dataclass(frozen=True, slots=True)
class Host:
    """What each GPU server needs of host parts; the terms of each sum stand under ``terms`` by the same names.

    Figures: the need, ``cores``, ``ram`` [B], ``nvme`` [B], ``write_rate`` [B/s], ``client_rate`` and ``storage_rate`` [bit/s];
    ``line`` is the key of its line, ``gpu`` the name of its cards;
    what is fitted for it, ``sockets``, ``cores_fitted``, ``ram_fitted`` [B], ``drives``, ``client_cards``, ``fabric_cards``.
    """

    role: Role
    figures: Mapping[str, Quantity]
    terms: Mapping[str, tuple[Code, ...]] = field(default_factory=lambda: MappingProxyType({}))
    line: str = ""
    gpu: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A device in a rack: it fills ``units`` from ``unit`` (1 is the lowest) upwards. ``line`` is the key of its line."""

    line: str
    name: Code
    unit: int
    units: int
    power_w: float
    weight_kg: float | None
    gpus: int = 0
    spare: bool = False
    workloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rack:
    """One rack, its devices from below."""

    units: int
    devices: tuple[Device, ...]

    @property
    def power_w(self) -> float:
        """At load."""
        return sum(device.power_w for device in self.devices)

    @property
    def used_units(self) -> int:
        """Units that are filled."""
        return sum(device.units for device in self.devices)


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the topology: "clients", a line's devices, one by one or as a group of ``count``. ``tier`` 0 is the top."""

    key: str
    name: Code
    tier: int
    count: int = 1
    line: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """``count`` links of ``gbps`` between two nodes; ``net`` is "client", "fabric", "storage" or "management"."""

    upper: str
    lower: str
    net: str
    count: int
    gbps: float | None


@dataclass(frozen=True, slots=True)
class Site:
    """The whole.

    Figures: ``servers``, ``rack_units``, ``racks``, ``power_load`` and ``power_nameplate`` [W], ``power_meter`` [W] (with PUE),
    ``heat`` [W], ``heat_btu`` [BTU/h as COUNT], ``ups`` [VA as COUNT], ``ups_energy`` [kWh], ``weight`` [kg as COUNT],
    ``storage`` [B] and ``purchase`` (sum of the lines, ``at_least`` where a price is unknown).
    """

    lines: tuple[Line, ...] = ()
    hosts: tuple[Host, ...] = ()
    racks: tuple[Rack, ...] = ()
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    figures: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Code, ...] = ()
    phases: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """GPUs that the room is built for: ``gpus`` of a kind that carry load and ``spare`` that stand by.

    ``degree`` of them belong together: a replica spans two servers only if it must. ``trains`` tells training nodes apart.
    ``request_rate`` [req/s], ``request_bytes`` and ``answer_bytes`` make the client traffic; ``weight_bytes`` is a copy of the
    model's files, ``checkpoint_bytes`` one checkpoint, ``offload_bytes`` what a GPU keeps in host memory. ``label`` is the letter
    of the workload. ``servers`` and ``spare_servers`` are set where a packing has fixed how many there are. ``apart``: what
    stands by is for the loss of a server, and stands in another one. ``same_files``: another need has the same model, whose files
    are kept once.
    """

    gpu_id: str
    gpus: int
    spare: int = 0
    degree: int = 1
    trains: bool = False
    request_rate: float = 0.0
    request_bytes: float = 0.0
    answer_bytes: float = 0.0
    weight_bytes: float = 0.0
    checkpoint_bytes: float = 0.0
    offload_bytes: float = 0.0
    label: str = ""
    servers: int = 0
    spare_servers: int = 0
    apart: bool = False
    same_files: bool = False
