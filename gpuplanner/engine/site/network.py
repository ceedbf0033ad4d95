"""Cards, switches, cables: what joins the servers, by the traffic they have."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.site import Equipment
from gpuplanner.engine.site.chassis import Chassis

CLIENT_PORTS = 2  # one to each of two leaf switches


@dataclass(frozen=True, slots=True)
class Fabric:
    """The GPU fabric: ``cards`` a server at ``gbps``, leaf and spine switches, links between them."""

    cards: int
    gbps: float
    leaves: int
    spines: int
    uplinks: int

    @property
    def exists(self) -> bool:
        """Whether GPUs of different servers talk to each other at all."""
        return self.cards > 0


@dataclass(frozen=True, slots=True)
class Front:
    """The network for clients, storage and management."""

    leaves: int
    leaf: Equipment
    management_switches: int


def fabric(catalog: Catalog, chassis: Chassis, servers: int, *, spans: bool, oversubscription: float) -> Fabric:
    """Rail-optimised leaf and spine: every GPU has a card of its own, each card of a server goes to another leaf.

    Args:
        catalog: switches and cards.
        chassis: the GPU server.
        servers: all of them.
        spans: whether a replica or a training spans servers.
        oversubscription: downlinks of a leaf over its uplinks.
    """
    if not spans or servers < 2:
        return Fabric(0, 0.0, 0, 0, 0)
    switch, card = catalog.equipment["leaf-switch"], catalog.equipment["network-card-fabric"]
    ports = switch.ports or 1
    product = chassis.product
    gbps = card.gbps or 0.0
    if product is not None and product.scale_out_gbps_total:
        gbps = product.scale_out_gbps_total / chassis.gpus
    downlinks = servers * chassis.gpus
    if downlinks <= ports:
        return Fabric(chassis.gpus, gbps, 1, 0, 0)
    down = math.floor(ports * oversubscription / (1 + oversubscription))
    leaves = math.ceil(downlinks / down)
    uplinks = leaves * math.ceil(down / oversubscription)
    return Fabric(chassis.gpus, gbps, leaves, math.ceil(uplinks / ports), uplinks)


def front(catalog: Catalog, nodes: int, devices: int, gbps: float) -> Front:
    """Leaf switches in pairs for clients and storage, and switches for management.

    Args:
        catalog: switches.
        nodes: servers of all roles.
        devices: all that has a management port.
        gbps: rate of a server's port.
    """
    small, large = catalog.equipment["leaf-switch-small"], catalog.equipment["leaf-switch"]
    leaf = small if gbps <= (small.gbps or 0.0) and nodes <= (small.ports or 0) - 4 else large
    pairs = math.ceil(nodes / ((leaf.ports or 1) - 4)) if nodes > 1 else 0
    each = catalog.rules["room-planning"].values["devices_per_management_switch"]
    return Front(2 * pairs, leaf, math.ceil(devices / each) if nodes > 1 else 0)
