"""From needs to the whole: lines, hosts, racks, topology, power, heat and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Code, Estimate, Plan, Provenance, Quantity, Unit
from gpuplanner.engine.site import formulas
from gpuplanner.engine.site.chassis import Chassis
from gpuplanner.engine.site.gpu_lines import Pool, pool_lines, pool_of
from gpuplanner.engine.site.growth import phases_of
from gpuplanner.engine.site.hosts import host_of, numa_warnings, short_warnings
from gpuplanner.engine.site.needs import needs_of
from gpuplanner.engine.site.phases import only, plan_at, with_phases
from gpuplanner.engine.site.prices import total
from gpuplanner.engine.site.racks import Limits, racks_for
from gpuplanner.engine.site.result import Host, Line, Need, Rack, Site
from gpuplanner.engine.site.room_lines import Around, around, kept_here, rack_line, room_lines
from gpuplanner.engine.site.topology import topology
from gpuplanner.scenario.document import Cooling, Scenario


def site_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan | None = None) -> Site:
    """The servers and the room for a plan of a scenario.

    Args:
        scenario: what the customer said of the site.
        catalog: servers, equipment and planning values.
        answer: the estimate.
        plan: one of its plans; the chosen one when none is given.
    """
    plan = plan or answer.plan()
    needs = needs_of(scenario, catalog, answer, plan) if plan is not None else ()
    if plan is None or not needs:
        return Site()
    by_phase = [_needs_at(scenario, catalog, answer, plan, share) or needs for share in phases_of(scenario)[1]]
    return site(scenario, catalog, needs, _tokens(scenario, plan), by_phase)


def _tokens(scenario: Scenario, plan: Plan) -> tuple[float, ...]:
    """Output tokens a second by kind of GPU."""
    parts = [part.plan for part in plan.mix.parts] if plan.mix is not None else [plan]
    made = [part.figures.get("throughput") for part in parts]
    writes = scenario.workload.kind.writes
    return tuple((figure.value or 0.0) if figure is not None and writes else 0.0 for figure in made)


def _needs_at(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan, share: float) -> tuple[Need, ...]:
    """The needs on the day when a share of the planned load is carried; none where they are those of the whole."""
    if share >= 1:
        return ()
    if plan.mix is not None:
        from gpuplanner.engine.planner.mixed import at_day  # a seldom wish

        return needs_of(scenario, catalog, answer, replace(plan, mix=at_day(scenario, catalog, plan.mix, share)))
    there = plan_at(scenario, only(catalog, plan.gpu_id), plan, share)
    return needs_of(there[0], catalog, there[1], there[2]) if there is not None else ()


def site(
    scenario: Scenario,
    catalog: Catalog,
    needs: Sequence[Need],
    tokens_per_s: Sequence[float] = (),
    by_phase: Sequence[Sequence[Need]] = (),
    chassis: Sequence[Chassis] = (),
) -> Site:
    """The servers and the room for several needs together, each with GPU servers of its own.

    Args:
        scenario: what the customer said of the site.
        catalog: servers, equipment and planning values.
        needs: GPUs by kind.
        tokens_per_s: output tokens a second of each need, as hosts have to stream them.
        by_phase: the needs of each phase of the scenario; the whole stands there from the first where none are given.
        chassis: of each need, where it is settled.
    """
    if not needs:
        return Site()
    names, shares = phases_of(scenario)
    pools = _pools(scenario, catalog, needs, chassis)
    built = _devices(scenario, catalog, pools)
    counts, racks, over = built.counts, built.racks, built.over
    lines = with_phases(built.lines, _columns(scenario, catalog, pools, built.lines, by_phase or [needs] * len(shares)))
    hosts = _hosts(scenario, catalog, pools, counts, tokens_per_s)
    nodes, edges = topology(catalog, pools, counts)
    figures = _figures(scenario, catalog, lines, racks, counts.storage_bytes)
    return Site(
        lines=tuple(lines),
        hosts=hosts,
        racks=racks,
        nodes=nodes,
        edges=edges,
        figures=figures,
        warnings=(*over, *_warnings(scenario, pools, racks, hosts)),
        phases=names,
    )


def _columns(
    scenario: Scenario, catalog: Catalog, pools: Sequence[Pool], lines: list[Line], by_phase: Sequence[Sequence[Need]]
) -> list[list[Line]]:
    """The lines of each phase, in servers of the same kind as those of the whole."""
    whole, chassis = tuple(pool.need for pool in pools), [pool.chassis for pool in pools]
    return [
        lines if tuple(then) == whole else _devices(scenario, catalog, _pools(scenario, catalog, then, chassis)).lines
        for then in by_phase
    ]


def _hosts(
    scenario: Scenario, catalog: Catalog, pools: Sequence[Pool], counts: Around, tokens_per_s: Sequence[float]
) -> tuple[Host, ...]:
    rates = [*tokens_per_s, *([0.0] * (len(pools) - len(tokens_per_s)))]
    kept = kept_here(scenario, counts, pools)
    return tuple(
        host_of(scenario, catalog, pool.need, pool.chassis, pool.servers, rate, joined.cards, kept, pool.key)
        for pool, rate, joined in zip(pools, rates, counts.fabrics, strict=True)
    )


def _pools(scenario: Scenario, catalog: Catalog, needs: Sequence[Need], chassis: Sequence[Chassis]) -> list[Pool]:
    given = [*chassis, *[None] * (len(needs) - len(chassis))]
    return [pool_of(scenario, catalog, need, one) for need, one in zip(needs, given, strict=True)]


@dataclass(frozen=True, slots=True)
class _Devices:
    """All that is bought for some pools, and how it stands in racks."""

    counts: Around
    lines: list[Line]
    racks: tuple[Rack, ...]
    over: tuple[Code, ...]


def _devices(scenario: Scenario, catalog: Catalog, pools: Sequence[Pool]) -> _Devices:
    counts = around(scenario, catalog, pools)
    lines = [line for pool in pools for line in pool_lines(scenario, pool)]
    lines += room_lines(scenario, catalog, pools, counts)
    racks, over = racks_for(lines, _limits(scenario), {pool.key: pool.chassis.gpus for pool in pools})
    return _Devices(counts, [*lines, rack_line(scenario, catalog, len(racks))], racks, over)


def _limits(scenario: Scenario) -> Limits:
    asked = scenario.site
    return Limits(asked.rack_units, asked.rack_kw * 1000 if asked.rack_kw else None, asked.rack_kg)


def _figures(
    scenario: Scenario, catalog: Catalog, lines: Sequence[Line], racks: Sequence[Rack], kept_bytes: float
) -> Mapping[str, Quantity]:
    def exact(key: str, value: float, unit: Unit = Unit.COUNT, *, power: bool = False) -> Quantity:
        if power and is_open and not value:  # nothing of it is known
            return Quantity(key, None, unit)
        return Quantity(key, value, unit, provenance=Provenance.MODELLED, at_least=power and is_open)

    room = catalog.rules["room-planning"].values
    is_open = any(line.rack_units and line.power_w is None for line in lines)
    load = sum((line.power_w or 0.0) * line.count for line in lines)
    frame = catalog.equipment["rack"].weight_kg or 0.0
    weight = sum((line.weight_kg or 0.0) * line.count for line in lines if line.rack_units) + frame * len(racks)
    heaviest = max((sum(device.weight_kg or 0.0 for device in rack.devices) for rack in racks), default=0.0) + frame
    return {
        "servers": exact("servers", float(sum(line.count for line in lines if line.role.value.endswith("_server")))),
        "rack_units": exact("rack_units", float(sum(rack.used_units for rack in racks))),
        "racks": exact("racks", float(len(racks))),
        "power_load": exact("power_load", load, Unit.WATTS, power=True),
        "power_nameplate": exact(
            "power_nameplate", sum((line.nameplate_w or 0.0) * line.count for line in lines), Unit.WATTS, power=True
        ),
        "power_meter": exact("power_meter", float(formulas.power_meter_w(load, scenario.money.pue)), Unit.WATTS, power=True),
        "heat": exact("heat", load, Unit.WATTS, power=True),
        "heat_btu": exact("heat_btu", float(formulas.heat_btu_h(load)), power=True),
        "ups": exact("ups", float(formulas.ups_va(load, room["power_factor"])), power=True),
        "ups_energy": exact(
            "ups_energy", float(formulas.ups_kwh(load, scenario.site.ups_minutes)), Unit.KILOWATT_HOURS, power=True
        ),
        "weight": exact("weight", weight),
        "floor_load": exact("floor_load", heaviest / room["rack_footprint_m2"]),
        "storage": exact("storage", kept_bytes, Unit.BYTES),
        "purchase": total([line.price for line in lines]),
    }


def _warnings(scenario: Scenario, pools: Sequence[Pool], racks: Sequence[Rack], hosts: Sequence[Host]) -> tuple[Code, ...]:
    asked, codes = scenario.site, list[Code]()
    for pool, host in zip(pools, hosts, strict=True):
        codes += numa_warnings(scenario, pool.chassis, int(host.figures["fabric_cards"].value or 0))
        codes += short_warnings(scenario, host)
    if asked.cooling is Cooling.AIR:
        codes += [Code("site.warning.liquid", {"name": pool.chassis.name}) for pool in pools if pool.chassis.liquid]
    if asked.free_racks is not None and len(racks) > asked.free_racks:
        codes.append(Code("site.warning.racks", {"racks": len(racks), "limit": asked.free_racks}))
    alone = [pool for pool in pools if pool.servers + pool.spare == 1 and not pool.need.trains]
    shared = any(pool.need.same_files for pool in pools)
    if shared:
        kinds = tuple(Code("site.note.kind", {"gpus": pool.need.gpus, "gpu": pool.gpu.name}) for pool in pools)
        codes.insert(0, Code("site.note.mix", {"first": kinds[0], "second": kinds[1], "gpu": pools[0].gpu.name}))
    if asked.around_the_clock and alone and not shared:
        codes.append(Code("site.warning.single"))
    for pool in pools:
        if pool.chassis.product is None and pool.gpu.form_factor.startswith(("SXM", "OAM")):
            codes.append(Code("site.warning.generic_server", {"gpu": pool.gpu.name}))
        if pool.chassis.load_w is None:
            codes.append(Code("site.warning.power_unknown", {"gpu": pool.gpu.name}))
        if pool.need.offload_bytes:
            codes.append(Code("site.warning.offload_ram"))
    return tuple(code for i, code in enumerate(codes) if code not in codes[:i])
