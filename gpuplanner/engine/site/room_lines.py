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
from gpuplanner.engine.site.hosts import checkpoint_rate_of, traffic
from gpuplanner.engine.site.network import CLIENT_PORTS, Fabric, Front, fabric, front
from gpuplanner.engine.site.prices import band_price, times
from gpuplanner.engine.site.result import Group, Line, Role
from gpuplanner.scenario.document import IndexKind, Scenario

TB = 1e12


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the GPU servers, as counts; ``storage_bytes`` before redundancy.

    ``client_cards`` of a server by pool; ``by_rate`` storage nodes would do for the rate of checkpoints alone.
    """

    management: int
    storage: int
    balancers: int
    front: Front
    fabrics: tuple[Fabric, ...]
    storage_bytes: float
    objects: int = 0
    client_cards: tuple[int, ...] = ()
    by_rate: int = 0


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
    by_rate = _by_rate(scenario, catalog, pools) if several else 0
    storage = max(storage, by_rate)
    management = max(3 if asked.around_the_clock and servers > 4 else 1, math.ceil(servers / each)) if several else 0
    balancers = (2 if asked.around_the_clock else 1) if serving > 1 else 0
    management = management if asked.management_nodes is None else asked.management_nodes
    storage = storage if asked.storage_nodes is None else asked.storage_nodes
    balancers = balancers if asked.load_balancers is None else asked.load_balancers
    fabrics = tuple(fabric(catalog, pool.chassis, pool.servers + pool.spare, asked, spans=pool.spans) for pool in pools)
    objects = objects_for(scenario, catalog)
    nodes = servers + management + storage + balancers + objects
    gbps = max(node.gbps or 0.0 if storage else 0.0, catalog.equipment["network-card-client"].gbps or 0.0)
    devices = nodes + sum(item.leaves + item.spines for item in fabrics)
    cards = tuple(
        traffic(scenario, catalog, pool.need, pool.servers, checkpoint_rate_of(scenario, catalog, pool.need))[2] for pool in pools
    )
    links = nodes + sum((card - 1) * (pool.servers + pool.spare) for card, pool in zip(cards, pools, strict=True))
    switches = front(catalog, nodes, links, devices, gbps)
    return Around(management, storage, balancers, switches, fabrics, bytes_kept, objects, cards, by_rate)


def _by_rate(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool]) -> int:
    """Storage nodes that take checkpoints as fast as they are written."""
    written = sum(checkpoint_rate_of(scenario, catalog, pool.need) for pool in pools)
    link = (catalog.equipment["storage-node"].gbps or 0.0) * 1e9 / 8 * catalog.rules["traffic-planning"].values["link_share"]
    return math.ceil(written / link) if link else 0


def objects_for(scenario: Scenario, catalog: Catalog) -> int:
    """Nodes of object storage: by capacity, three at least for its coding; none where nothing is kept there."""
    if not scenario.site.object_tb:
        return 0
    usable = (catalog.equipment["object-storage-node"].storage_tb or 1.0) * catalog.rules["storage-planning"].values[
        "object_usable_share"
    ]
    return max(3, math.ceil(scenario.site.object_tb / usable))


def storage_bytes(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool]) -> float:
    """All that is kept in common. [B]"""
    asked, space = scenario.site, catalog.rules["storage-planning"].values
    return float(
        formulas.storage_bytes(
            files_bytes(pools),
            asked.model_versions,
            asked.dataset_tb * TB,
            sum(pool.need.checkpoint_bytes for pool in pools),
            asked.checkpoints_kept,
            sum(pool.need.request_rate for pool in pools),
            space["log_bytes_per_request"],
            asked.log_days,
            asked.vectors,
            *index_bytes(scenario, catalog),
        )
    )


def files_bytes(pools: Sequence[Pool]) -> float:
    """The files of all models, a version each. [B]"""
    return sum(pool.need.weight_bytes for pool in pools if not pool.need.same_files)


def index_bytes(scenario: Scenario, catalog: Catalog) -> tuple[float, int, float]:
    """Of the index of a retrieval service: bytes per number, numbers of a vector, bytes per vector besides."""
    space, asked = catalog.rules["storage-planning"].values, scenario.site
    if asked.index is IndexKind.IVF_PQ:
        return space["pq_bytes_per_number"], asked.vector_width, space["pq_bytes_per_vector"]
    links = space["index_bytes_per_vector"] if asked.index is IndexKind.HNSW else 0.0
    return space["bytes_per_number"], asked.vector_width, links


def kept_here(scenario: Scenario, counts: Around, pools: Sequence[Pool]) -> float:
    """What GPU servers keep themselves besides model files, where there is no storage node. [B]"""
    if counts.storage:
        return 0.0
    files = files_bytes(pools) * scenario.site.model_versions
    return max(0.0, counts.storage_bytes - files)


def _local(catalog: Catalog) -> float:
    """What a lone server keeps on its own drives. [B]"""
    return catalog.rules["host-planning"].values["nvme_system_tb"] * TB * 15


def room_lines(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool], counts: Around) -> list[Line]:
    """The lines for what stands around, without those of which there are none."""
    servers = sum(pool.servers + pool.spare for pool in pools)
    nodes = servers + counts.management + counts.storage + counts.balancers + counts.objects
    leaves = sum(item.leaves for item in counts.fabrics)
    spines = sum(item.spines for item in counts.fabrics)
    cards = sum(item.cards * (pool.servers + pool.spare) for item, pool in zip(counts.fabrics, pools, strict=True))
    uplinks = sum(item.uplinks for item in counts.fabrics)
    fronts = counts.front.leaves
    clients = sum(card * (pool.servers + pool.spare) for card, pool in zip(counts.client_cards, pools, strict=True))
    ports = (nodes - servers + clients) * CLIENT_PORTS if fronts else 0
    within = cards if all(item.copper for item in counts.fabrics) else 0
    copper = ports + within + nodes * (1 if counts.front.management_switches else 0)
    fibres = cards - within + uplinks
    optics = 2 * fibres + 2 * (fronts if fronts > 1 else 0)
    make = _Maker(scenario, catalog)
    lines = [
        make("management-node", Role.MANAGEMENT, Group.SERVERS, counts.management, servers=servers),
        _storage(make, counts),
        make("object-storage-node", Role.OBJECT_STORAGE, Group.STORAGE, counts.objects, kept_bytes=scenario.site.object_tb * TB),
        make("load-balancer", Role.LOAD_BALANCER, Group.SERVERS, counts.balancers),
        make("network-card-client", Role.NETWORK_CARD, Group.NETWORK, clients if fronts else 0, ports=CLIENT_PORTS),
        make("network-card-fabric", Role.NETWORK_CARD, Group.NETWORK, cards, servers=servers),
        make(counts.front.leaf.id, Role.LEAF, Group.NETWORK, fronts, key="leaf.front", ports=ports),
        make("leaf-switch", Role.LEAF, Group.NETWORK, leaves, key="leaf.fabric", cards=cards),
        make("spine-switch", Role.SPINE, Group.NETWORK, spines, uplinks=uplinks),
        make("management-switch", Role.MANAGEMENT_SWITCH, Group.NETWORK, counts.front.management_switches, nodes=nodes),
        make("cable-copper", Role.CABLE, Group.NETWORK, copper, ports=copper),
        make("cable-fibre", Role.CABLE, Group.NETWORK, fibres, links=fibres),
        make("optic", Role.OPTIC, Group.NETWORK, optics, links=optics // 2),
    ]
    return [line for line in lines if line.count]


def _storage(make: _Maker, counts: Around) -> Line:
    """Storage nodes, with both reasons for their number."""
    line = make("storage-node", Role.STORAGE, Group.STORAGE, counts.storage, kept_bytes=counts.storage_bytes)
    if counts.by_rate <= 1:
        return line
    return replace(line, why=(*line.why, Code("site.why.storage_rate", {"count": counts.by_rate})))


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
