"""What a quote lists: the GPUs at their published price, the servers they stand in, the sum."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.price import Price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Code, Plan, Quantity, Unit
from gpuplanner.report.content import Line, Topic
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Money, Scenario


def unit_price(gpu: Gpu | None, money: Money) -> tuple[float, Price] | None:
    """The list price of one GPU in the scenario's currency, and the record it is from; None when nobody published one."""
    price = gpu.best_price(money.currency) if gpu else None
    rate = exchange_rate(price.currency, money.currency, money) if price else None
    return None if price is None or rate is None else (price.amount * rate, price)


def lines(scenario: Scenario, plan: Plan, catalog: Catalog) -> tuple[Line, ...]:
    """The configuration, line by line."""
    gpu = catalog.gpus.get(plan.gpu_id)
    priced = unit_price(gpu, scenario.money)
    listed = [
        Line(
            name=Code("report.line.gpu", {"gpu": gpu_name(plan.gpu_id, catalog)}),
            specification=_specification(gpu),
            count=plan.gpus,
            unit_price=priced[0] if priced else None,
            footnote=Topic.PRICE if priced else None,
        )
    ]
    if plan.servers:
        each = plan.gpus / plan.servers
        size = (
            Code("report.spec.server.one" if each == 1 else "report.spec.server", {"n": int(each)})
            if each.is_integer()
            else Code("report.spec.servers", {"n": plan.gpus})
        )
        listed.append(Line(name=Code("report.line.server"), specification=size, count=plan.servers, unit_price=None))
    return tuple(listed)


def _specification(gpu: Gpu | None) -> Code:
    if gpu is None:
        return Code("report.spec.unknown")
    parts = [Code("report.spec.memory", {"kind": gpu.memory_type or "", "size_bytes": gpu.memory_gb * 1e9})]
    if gpu.bandwidth_gb_s is not None:
        parts.append(Code("report.spec.bandwidth", {"gb_s": gpu.bandwidth_gb_s}))
    if gpu.tdp_w is not None:
        parts.append(Code("report.spec.power", {"limit_w": gpu.tdp_w}))
    parts.append(Code("report.spec.form", {"form": gpu.form_factor}))
    return Code("report.list", {"parts": tuple(parts)})


def total(plan: Plan, listed: tuple[Line, ...]) -> Quantity:
    """What the cards cost; marked as a lower bound where a line has no price, unknown where none has."""
    cards = plan.figures.get("purchase")
    if cards is None:
        return Quantity("purchase", None, Unit.MONEY)
    return replace(cards, at_least=cards.at_least or any(line.unit_price is None for line in listed))
