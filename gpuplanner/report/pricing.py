"""What a quote lists: the bill of materials with published prices, discounts and tax, and the services on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.price import Price
from gpuplanner.engine.money.entries import discount_of
from gpuplanner.engine.money.prices import card_price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Code, Plan
from gpuplanner.engine.site.result import Host, Role, Site
from gpuplanner.engine.site.result import Line as SiteLine
from gpuplanner.report.content import Line, Topic
from gpuplanner.report.totals import totals
from gpuplanner.scenario.document import Money, Scenario

EXTRA: Final = "extra."
"""What the keys of lines added by hand begin with."""
_SERVERS = (Role.GPU_SERVER, Role.TRAINING_SERVER)
_UNITS = {Role.CABLE: "cable", Role.OPTIC: "piece", Role.NETWORK_CARD: "card", Role.RACK: "piece", Role.SERVICE: "item"}


def unit_price(gpu: Gpu | None, money: Money) -> tuple[float, Price] | None:
    """The list price of one GPU in the scenario's currency, and the record it is from; None when nobody published one."""
    price = card_price(gpu, money) if gpu else None
    rate = exchange_rate(price.currency, money.currency, money) if price else None
    return None if price is None or rate is None else (price.amount * rate, price)


def lines(scenario: Scenario, plan: Plan, catalog: Catalog, site: Site) -> tuple[Line, ...]:
    """The configuration, line by line, then what is charged as a share of it."""
    money = scenario.money
    hosts = {host.line: host for host in site.hosts}
    by_cards = unit_price(catalog.gpus.get(plan.gpu_id), money) is not None
    other = {host.line for host in site.hosts if plan.mix is not None and not host.line.endswith(plan.gpu_id)}
    goods = tuple(
        _line(
            scenario,
            line,
            hosts.get(line.key.removesuffix(".spare")),
            by_cards=by_cards and line.key.removesuffix(".spare") not in other,
        )
        for line in site.lines
        if line.count
    )
    net = totals(goods)
    services = []
    for key, share in (("installation", money.installation), ("spare_parts", money.spare_parts)):
        if share:
            services.append(
                Line(
                    name=Code(f"field.money.{key}"),
                    specification=Code("report.spec.share", {"of_share": share}),
                    count=1,
                    unit_price=None if net.net is None else round(net.net * share, 2),
                    key=key,
                    unit="report.unit.item",
                    tax=money.tax,
                    at_least=net.at_least and net.net is not None,
                )
            )
    return (*goods, *services)


def _line(scenario: Scenario, line: SiteLine, host: Host | None, *, by_cards: bool) -> Line:
    price = line.unit_price
    known = round(price.value, 2) if price is not None and price.value is not None else None
    return Line(
        name=Code("report.line.spare", {"name": line.name}) if line.spare else line.name,
        specification=_specification(line, host),
        count=line.count,
        unit_price=known,
        footnote=Topic.PRICE if known is not None and by_cards and line.role in _SERVERS else None,
        key=line.key,
        unit=f"report.unit.{_UNITS.get(line.role, 'device')}",
        why=line.why,
        discount=discount_of(scenario, line),
        tax=scenario.money.tax,
        at_least=bool(price is not None and price.at_least),
        optional=line.optional,
        catalog_price=known,
    )


def _specification(line: SiteLine, host: Host | None) -> Code:
    parts: list[Code] = []
    if host is not None and line.role in _SERVERS:
        figures = {key: quantity.value for key, quantity in host.figures.items()}
        ram = figures.get("ram_fitted") or figures.get("ram")
        parts = [
            Code(
                "report.spec.processors", {"sockets": int(figures.get("sockets") or 0), "cores": int(figures.get("cores") or 0)}
            ),
            Code("report.spec.ram", {"ram_bytes": ram}),
            Code("report.spec.nvme", {"nvme_bytes": figures.get("nvme")}),
        ]
    parts += _size(line)
    return Code("report.list", {"parts": tuple(parts)}) if parts else Code("report.spec.none")


def _size(line: SiteLine) -> Sequence[Code]:
    said = []
    if line.rack_units:
        said.append(Code("report.spec.units", {"units": line.rack_units}))
    if line.power_w:
        said.append(Code("report.spec.power", {"limit_w": line.power_w}))
    return said
