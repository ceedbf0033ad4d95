"""How the devices are joined, as nodes in tiers and links with their speed."""

from __future__ import annotations

from collections.abc import Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Code
from gpuplanner.engine.site.gpu_lines import Pool
from gpuplanner.engine.site.network import CLIENT_PORTS
from gpuplanner.engine.site.result import Edge, Node
from gpuplanner.engine.site.room_lines import Around

SHOWN = 4  # servers drawn one by one; more become a group


def topology(catalog: Catalog, pools: Sequence[Pool], counts: Around) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Clients on top, then load balancers, leaf switches, servers; the GPU fabric below.

    Args:
        catalog: rates of the cards.
        pools: the GPU servers.
        counts: what stands around.
    """
    nodes = [Node("clients", Code("site.node.clients"), 0)]
    edges: list[Edge] = []
    upper = "clients"
    client = catalog.equipment["network-card-client"].gbps
    if counts.balancers:
        nodes.append(Node("balancer", Code("site.role.load_balancer"), 1, counts.balancers, "load_balancer"))
        edges.append(Edge(upper, "balancer", "client", counts.balancers, catalog.equipment["load-balancer"].gbps))
        upper = "balancer"
    if counts.front.leaves:
        nodes.append(Node("leaf", Code("site.role.leaf"), 2, counts.front.leaves, "leaf.front"))
        edges.append(Edge(upper, "leaf", "client", counts.front.leaves, client))
        upper = "leaf"
    for number, pool in enumerate(pools):
        for key, count in _servers(pool, number):
            name = Code("site.role.training_server" if pool.need.trains else "site.role.gpu_server")
            nodes.append(Node(key, name, 3, count, pool.key))
            links = counts.client_cards[number] * CLIENT_PORTS if counts.front.leaves else 1
            edges.append(Edge(upper, key, "client", count * links, client))
    for key, count, item in (
        ("storage", counts.storage, "storage-node"),
        ("object_storage", counts.objects, "object-storage-node"),
        ("management", counts.management, "network-card-client"),
    ):
        if count:
            nodes.append(Node(key, Code(f"site.role.{key}"), 3, count, key))
            net = "management" if key == "management" else "storage"
            edges.append(Edge(upper, key, net, count * CLIENT_PORTS, catalog.equipment[item].gbps))
    _fabric(pools, counts, nodes, edges)
    return tuple(nodes), tuple(edges)


def _servers(pool: Pool, number: int) -> list[tuple[str, int]]:
    servers = pool.servers + pool.spare
    if servers <= SHOWN:
        return [(f"pool{number}.{index}", 1) for index in range(1, servers + 1)]
    return [(f"pool{number}", servers)]


def _fabric(pools: Sequence[Pool], counts: Around, nodes: list[Node], edges: list[Edge]) -> None:
    for number, (pool, joined) in enumerate(zip(pools, counts.fabrics, strict=True)):
        if not joined.exists:
            continue
        leaf = f"fabric{number}"
        nodes.append(Node(leaf, Code("site.node.fabric_leaf"), 4, joined.leaves, "leaf.fabric"))
        for key, count in _servers(pool, number):
            edges.append(Edge(key, leaf, "fabric", count * joined.cards, joined.gbps))
        if joined.spines:
            spine = f"spine{number}"
            nodes.append(Node(spine, Code("site.role.spine"), 5, joined.spines, "spine"))
            edges.append(Edge(leaf, spine, "fabric", joined.uplinks, joined.gbps))
