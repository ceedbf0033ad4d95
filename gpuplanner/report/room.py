"""What a quote says of the place and of the cost over the life, taken from the site and the money."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money.result import Entry, Life
from gpuplanner.engine.result import Code, Plan
from gpuplanner.engine.site.result import Role, Site
from gpuplanner.report import phrases
from gpuplanner.report.content import Cost, LifeCost, Room
from gpuplanner.report.kinds_of_gpu import parts_of
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario

_WITH_GPUS: Final = (Role.GPU_SERVER, Role.TRAINING_SERVER)
_SITE: Final = (
    "servers",
    "racks",
    "rack_units",
    "power_load",
    "power_nameplate",
    "power_meter",
    "heat",
    "ups",
    "weight",
    "floor_load",
)
_LIFE: Final = (
    "purchase_total", "running", "tco", "npv", "energy_year", "cost_per_million", "cost_per_million_total", "cost_per_thousand",
    "cost_per_item", "cost_per_run",
)  # fmt: skip


def bought(plan: Plan, site: Site, catalog: Catalog) -> Code:
    """The servers of the site, and how many of their GPUs carry the load or stand by where not all do."""
    servers = sum(line.count for line in site.lines if line.role in _WITH_GPUS)
    slots = slots_of(site)
    if plan.mix is not None:
        return Code("report.list", {"parts": tuple(phrases.hardware(part, catalog) for part in parts_of(plan))})
    if not servers or slots % servers:
        return phrases.hardware(plan, catalog)
    name = gpu_name(plan.gpu_id, catalog)
    each = {"servers": phrases.counted("servers", servers), "per_server": slots // servers, "gpu": name}
    one = {"servers": each["servers"], "gpus": slots, "gpu": name}
    said = Code("report.hardware.one", one) if servers == 1 else Code("report.hardware.each", each)
    return said if slots == plan.gpus else Code("report.hardware.used", {"hardware": said, "used": plan.gpus})


def slots_of(site: Site) -> int:
    """GPUs in all servers of the site."""
    return sum(device.gpus for rack in site.racks for device in rack.devices)


def room(site: Site) -> Room | None:
    """Figures, racks and topology; None where nothing is to be placed."""
    if not site.racks:
        return None
    figures = tuple(site.figures[key] for key in _SITE if key in site.figures)
    return Room(figures, site.racks, site.nodes, site.edges, site.warnings)


def life_cost(scenario: Scenario, life: Life) -> LifeCost:
    """What is paid once and each year, and the sums."""
    costs = [_cost(entry) for entry in life.once] + [_cost(entry, yearly=True) for entry in life.yearly]
    figures = tuple(life.figures[key] for key in _LIFE if key in life.figures)
    return LifeCost(scenario.money.lifetime_years, scenario.money.residual, tuple(costs), figures)


def _cost(entry: Entry, *, yearly: bool = False) -> Cost:
    return Cost(entry.key, entry.name, entry.amount, entry.detail, yearly)
