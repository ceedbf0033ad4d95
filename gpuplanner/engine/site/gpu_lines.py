"""The GPU servers of a need: so many that carry the load, and those that stand by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.money.prices import line_price
from gpuplanner.engine.result import Code
from gpuplanner.engine.site.chassis import Chassis, chassis_for
from gpuplanner.engine.site.prices import server_price, times
from gpuplanner.engine.site.result import Group, Line, Need, Role
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Pool:
    """GPU servers of one kind: ``servers`` carry the load, ``spare`` stand by. ``spans``: a replica is larger than a server."""

    need: Need
    gpu: Gpu
    chassis: Chassis
    servers: int
    spare: int
    spans: bool

    @property
    def key(self) -> str:
        """Stable name of its line."""
        return f"gpu_server.{self.need.gpu_id}" + (".training" if self.need.trains else "")


def pool_of(scenario: Scenario, catalog: Catalog, need: Need, given: Chassis | None = None) -> Pool:
    """The servers for a need.

    Args:
        scenario: the server asked for.
        catalog: servers and GPUs.
        need: GPUs.
        given: the chassis where it is settled; otherwise chosen by the need.
    """
    gpu = catalog.gpus[need.gpu_id]
    together = need.gpus if need.apart else need.gpus + need.spare
    chassis = given or chassis_for(catalog, gpu, scenario.site.server, together, need.degree)
    spans = need.degree > chassis.gpus or (need.trains and need.gpus > chassis.gpus)
    if need.servers:
        return Pool(need, gpu, chassis, need.servers, need.spare_servers, spans)
    servers = servers_for(need.gpus, need.degree, chassis.gpus)
    if need.apart:
        return Pool(need, gpu, chassis, servers, math.ceil(need.degree / chassis.gpus), spans)
    return Pool(need, gpu, chassis, servers, servers_for(need.gpus + need.spare, need.degree, chassis.gpus) - servers, spans)


def servers_for(gpus: int, degree: int, per_server: int) -> int:
    """Servers for GPUs of which ``degree`` stand together in one, or fill whole ones."""
    groups = math.ceil(gpus / degree)
    if degree > per_server:
        return groups * math.ceil(degree / per_server)
    return math.ceil(groups / (per_server // degree))


def pool_lines(scenario: Scenario, pool: Pool) -> list[Line]:
    """The lines of a pool: servers in use, servers that stand by.

    Args:
        scenario: the currency.
        pool: the servers.
    """
    chassis, need = pool.chassis, pool.need
    names = (pool.key, chassis.product.id if chassis.product else "")
    unit = line_price(scenario.money, names) or server_price(chassis, pool.gpu, scenario.money)
    params = {"gpus": need.gpus, "per_server": chassis.gpus, "degree": need.degree, "servers": pool.servers}
    why = [Code("site.why.servers" if need.degree <= chassis.gpus else "site.why.servers_span", params)]
    left = pool.servers * chassis.gpus - need.gpus
    if left:
        why.append(Code("site.why.left", {"gpus": left}))
    if not chassis.nameplate_published:
        known = Code("site.why.nameplate", {"power_w": chassis.nameplate_w})
        why.append(known if chassis.nameplate_w is not None else Code("site.why.power_unknown", {"gpu": pool.gpu.name}))
    main = Line(
        key=pool.key,
        role=Role.TRAINING_SERVER if need.trains else Role.GPU_SERVER,
        group=Group.SERVERS,
        name=Code("site.gpu_server", {"name": chassis.name, "gpus": chassis.gpus, "gpu": pool.gpu.name}),
        count=pool.servers,
        item=chassis.product.id if chassis.product else "",
        unit_price=unit,
        price=times(unit, pool.servers),
        power_w=chassis.load_w,
        nameplate_w=chassis.nameplate_w,
        rack_units=chassis.rack_units,
        weight_kg=chassis.weight_kg,
        liquid=chassis.liquid,
        why=tuple(why),
    )
    if not pool.spare:
        return [main]
    return [main, _spare(main, pool)]


def _spare(main: Line, pool: Pool) -> Line:
    return replace(
        main,
        key=f"{pool.key}.spare",
        count=pool.spare,
        price=times(main.unit_price, pool.spare),
        spare=True,
        why=(Code("site.why.spare", {"gpus": pool.need.spare, "servers": pool.spare}),),
    )
