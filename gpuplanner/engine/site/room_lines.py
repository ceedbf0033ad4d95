"""The lines around the GPU servers: management, storage, load balancers, switches, cables, racks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.site import Equipment
from gpuplanner.engine.money.prices import line_price
from gpuplanner.engine.result import Code
from gpuplanner.engine.site import formulas
from gpuplanner.engine.site.gpu_lines import Pool
from gpuplanner.engine.site.network import CLIENT_PORTS, Fabric, Front, fabric, front
from gpuplanner.engine.site.prices import band_price, times
from gpuplanner.engine.site.result import Group, Line, Role
from gpuplanner.scenario.document import Scenario

TB = 1e12


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the GPU servers, as counts; ``storage_bytes`` before redundancy."""

    management: int
    storage: int
    balancers: int
    front: Front
    fabrics: tuple[Fabric, ...]
    storage_bytes: float


def around(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool]) -> Around:
    """How many nodes and switches the servers need; a number in the scenario wins."""
    asked = scenario.site
    servers = sum(pool.servers + pool.spare for pool in pools)
    serving = sum(pool.servers + pool.spare for pool in pools if not pool.need.trains)
    bytes_kept = storage_bytes(scenario, catalog, pools)
    node = catalog.equipment["storage-node"]
    usable = (node.storage_tb or 0.0) * TB * catalog.rules["storage-planning"].values["usable_share"]
    each = catalog.rules["room-planning"].values["servers_per_management_node"]
    several = servers > 1
    storage = max(2, math.ceil(bytes_kept / usable)) if several else math.ceil(max(0.0, bytes_kept - _local(catalog)) / usable)
    management = max(3 if asked.around_the_clock and servers > 4 else 1, math.ceil(servers / each)) if several else 0
    balancers = (2 if asked.around_the_clock else 1) if serving > 1 else 0
    management = management if asked.management_nodes is None else asked.management_nodes
    storage = storage if asked.storage_nodes is None else asked.storage_nodes
    balancers = balancers if asked.load_balancers is None else asked.load_balancers
    fabrics = tuple(
        fabric(catalog, pool.chassis, pool.servers + pool.spare, spans=pool.spans, oversubscription=asked.oversubscription)
        for pool in pools
    )
    nodes = servers + management + storage + balancers
    gbps = max(node.gbps or 0.0 if storage else 0.0, catalog.equipment["network-card-client"].gbps or 0.0)
    devices = nodes + sum(item.leaves + item.spines for item in fabrics)
    return Around(management, storage, balancers, front(catalog, nodes, devices, gbps), fabrics, bytes_kept)


def storage_bytes(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool]) -> float:
    """All that is kept in common. [B]"""
    asked, space = scenario.site, catalog.rules["storage-planning"].values
    return float(
        formulas.storage_bytes(
            sum(pool.need.weight_bytes for pool in pools),
            asked.model_versions,
            asked.dataset_tb * TB,
            sum(pool.need.checkpoint_bytes for pool in pools),
            asked.checkpoints_kept,
            sum(pool.need.request_rate for pool in pools),
            space["log_bytes_per_request"],
            asked.log_days,
            asked.vectors,
            asked.vector_width,
            space["index_bytes_per_vector"],
        )
    )


def _local(catalog: Catalog) -> float:
    """What a lone server keeps on its own drives. [B]"""
    return catalog.rules["host-planning"].values["nvme_system_tb"] * TB * 15


def room_lines(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool], counts: Around) -> list[Line]:
    """The lines for what stands around, without those of which there are none."""
    servers = sum(pool.servers + pool.spare for pool in pools)
    nodes = servers + counts.management + counts.storage + counts.balancers
    leaves = sum(item.leaves for item in counts.fabrics)
    spines = sum(item.spines for item in counts.fabrics)
    cards = sum(item.cards * (pool.servers + pool.spare) for item, pool in zip(counts.fabrics, pools, strict=True))
    uplinks = sum(item.uplinks for item in counts.fabrics)
    fronts = counts.front.leaves
    ports = nodes * CLIENT_PORTS if fronts else 0
    copper = ports + nodes * (1 if counts.front.management_switches else 0)
    optics = 2 * (cards + uplinks) + 2 * (fronts if fronts > 1 else 0)
    make = _Maker(scenario, catalog)
    lines = [
        make("management-node", Role.MANAGEMENT, Group.SERVERS, counts.management, servers=servers),
        make("storage-node", Role.STORAGE, Group.STORAGE, counts.storage, kept_bytes=counts.storage_bytes),
        make("load-balancer", Role.LOAD_BALANCER, Group.SERVERS, counts.balancers),
        make("network-card-client", Role.NETWORK_CARD, Group.NETWORK, servers if fronts else 0, ports=CLIENT_PORTS),
        make("network-card-fabric", Role.NETWORK_CARD, Group.NETWORK, cards, servers=servers),
        make(counts.front.leaf.id, Role.LEAF, Group.NETWORK, fronts, key="leaf.front", ports=ports),
        make("leaf-switch", Role.LEAF, Group.NETWORK, leaves, key="leaf.fabric", cards=cards),
        make("spine-switch", Role.SPINE, Group.NETWORK, spines, uplinks=uplinks),
        make("management-switch", Role.MANAGEMENT_SWITCH, Group.NETWORK, counts.front.management_switches, nodes=nodes),
        make("cable-copper", Role.CABLE, Group.NETWORK, copper, ports=copper),
        make("cable-fibre", Role.CABLE, Group.NETWORK, cards + uplinks, links=cards + uplinks),
        make("optic", Role.OPTIC, Group.NETWORK, optics, links=optics // 2),
    ]
    return [line for line in lines if line.count]


class _Maker:
    """Lines from entries of the catalogue."""

    def __init__(self, scenario: Scenario, catalog: Catalog) -> None:
        self._scenario = scenario
        self._catalog = catalog

    def __call__(self, item: str, role: Role, group: Group, count: int, key: str | None = None, **why: float) -> Line:
        entry: Equipment = self._catalog.equipment[item]
        name = key or role.value if role is not Role.NETWORK_CARD and role is not Role.CABLE else item
        unit = line_price(self._scenario.money, (name, item)) or band_price(entry.prices, self._scenario.money)
        return Line(
            key=name,
            role=role,
            group=group,
            name=Code(f"equipment.{item}"),
            count=count,
            item=item,
            unit_price=unit,
            price=times(unit, count),
            power_w=entry.load_w,
            nameplate_w=entry.max_w,
            rack_units=entry.rack_units or None,
            weight_kg=entry.weight_kg,
            why=(Code(f"site.why.{(key or item).replace('-', '_').replace('.', '_')}", {"count": count, **why}),),
        )


def rack_line(scenario: Scenario, catalog: Catalog, racks: int) -> Line:
    """The racks themselves."""
    line = _Maker(scenario, catalog)("rack", Role.RACK, Group.ROOM, racks, units=scenario.site.rack_units)
    return replace(line, rack_units=None)
