"""Cards, switches, cables: what joins the servers, by the traffic they have."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.site import Equipment
from gpuplanner.engine.site.chassis import Chassis
from gpuplanner.scenario.document import FabricKind, SiteChoice

CLIENT_PORTS = 2  # of a card, one to each of two leaf switches
UPLINKS = 4  # ports of a leaf switch that lead out of the estate


@dataclass(frozen=True, slots=True)
class Fabric:
    """The GPU fabric: ``cards`` a server at ``gbps``, leaf and spine switches, links between them.

    Cards reach their leaf by ``copper`` where it stands in their rack, by fibre else.
    """

    cards: int
    gbps: float
    leaves: int
    spines: int
    uplinks: int
    copper: bool = False

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


def fabric(catalog: Catalog, chassis: Chassis, servers: int, site: SiteChoice, *, spans: bool) -> Fabric:
    """Leaf and spine; every GPU has a card of its own where nothing else is asked.

    By rails each card of a server goes to another leaf, which serves the same card of all servers; otherwise to the leaf of its
    rack. Switches are as many either way.

    Args:
        catalog: switches and cards.
        chassis: the GPU server.
        servers: all of them.
        site: cards of a server, kind of fabric, downlinks of a leaf over its uplinks.
        spans: whether a replica or a training spans servers.
    """
    cards = chassis.gpus if site.fabric_cards is None else site.fabric_cards
    wanted = spans if site.fabric_cards is None else cards > 0
    if not wanted or servers < 2:
        return Fabric(0, 0.0, 0, 0, 0)
    oversubscription, copper = site.oversubscription, site.fabric is FabricKind.LEAF_SPINE
    switch, card = catalog.equipment["leaf-switch"], catalog.equipment["network-card-fabric"]
    ports = switch.ports or 1
    product = chassis.product
    gbps = card.gbps or 0.0
    if product is not None and product.scale_out_gbps_total:
        gbps = product.scale_out_gbps_total / chassis.gpus
    downlinks = servers * cards
    if downlinks <= ports:
        return Fabric(cards, gbps, 1, 0, 0, copper)
    down = math.floor(ports * oversubscription / (1 + oversubscription))
    leaves = math.ceil(downlinks / down)
    uplinks = leaves * math.ceil(down / oversubscription)
    return Fabric(cards, gbps, leaves, math.ceil(uplinks / ports), uplinks, copper)


def front(catalog: Catalog, nodes: int, links: int, devices: int, gbps: float) -> Front:
    """Leaf switches in pairs for clients and storage, and switches for management.

    Args:
        catalog: switches.
        nodes: servers of all roles.
        links: ports of theirs to each switch of a pair.
        devices: all that has a management port.
        gbps: rate of a server's port.
    """
    small, large = catalog.equipment["leaf-switch-small"], catalog.equipment["leaf-switch"]
    leaf = small if gbps <= (small.gbps or 0.0) and links <= (small.ports or 0) - UPLINKS else large
    pairs = math.ceil(links / ((leaf.ports or 1) - UPLINKS)) if nodes > 1 else 0
    each = catalog.rules["room-planning"].values["devices_per_management_switch"]
    return Front(2 * pairs, leaf, math.ceil(devices / each) if nodes > 1 else 0)
