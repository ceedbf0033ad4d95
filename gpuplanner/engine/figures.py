"""The figures of a plan, each with its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuplanner.catalog.schema.calibration import RangeFactor
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.money import formulas as money
from gpuplanner.engine.money.prices import card_price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Code, Memory, Provenance, Quantity, Status, Unit
from gpuplanner.engine.site.growth import pile
from gpuplanner.engine.speed.arrivals import batch_time_s, carried_tok_s, request_rate, returning
from gpuplanner.scenario.document import Scenario, Targets, WorkloadKind

MANY_ROWS = 20  # from so many rows of its own family a figure counts as measured nearby


@dataclass(frozen=True, slots=True)
class Tally:
    """What the figures of one estimate are read from; ``every`` and ``found`` are there while plans are made."""

    scenario: Scenario
    catalog: Catalog
    request: Request
    _ranges: dict[tuple[str, str], tuple[RangeFactor, Provenance]] = field(default_factory=dict)

    def ranged(self, key: str, figure: str, value: float, unit: Unit, family: str) -> Quantity:
        """A figure with the range that comparable measurements give.

        Args:
            key: name of the figure in the plan.
            figure: name of the range: memory, ttft, tpot or throughput.
            value: expected.
            unit: of the value.
            family: hardware family of the GPU.
        """
        factor, known = self._known(figure, family)
        return Quantity(key, value, unit, value * factor.low, value * factor.high, known, factor.rows)

    def factor(self, figure: str, family: str) -> RangeFactor:
        """Measured over expected values of a figure: memory, ttft, tpot or throughput, on a hardware family."""
        return self._known(figure, family)[0]

    def _known(self, figure: str, family: str) -> tuple[RangeFactor, Provenance]:
        found = self._ranges.get((figure, family))
        if found is None:
            found = self._ranges[figure, family] = self._range(figure, family)
        return found

    def _range(self, figure: str, family: str) -> tuple[RangeFactor, Provenance]:
        calibration, runtime = self.catalog.calibration, self.request.profile.runtime
        factor, own = calibration.range(figure, family, runtime)
        timed = figure == "memory" or f"overhead.layer_s.{runtime}" in calibration.constants  # others go by the general overheads
        if timed and (own or figure == "memory"):
            return factor, Provenance.MEASURED if own and factor.rows >= MANY_ROWS else Provenance.MODELLED
        return factor, Provenance.EXTRAPOLATED

    def misses(self, values: Mapping[str, Quantity]) -> tuple[Code, ...]:
        """Which targets are missed, by the expected values or, where caution is asked for, at the cautious end; by how much."""
        if self.scenario.workload.kind is WorkloadKind.BATCH:
            return ()
        codes = []
        for key, limit in limits_of(self.scenario.targets).items():
            value = values[key].high if self.scenario.targets.cautious else values[key].value
            if value is not None and value > limit * (1 + 1e-9):
                codes.append(Code(f"miss.{key}", {"value_s": value, "limit_s": limit}))
        return tuple(codes)


def figures(
    tally: Tally, every: Fleet, found: Candidates, row: int, column: int, gpus: int, memory: Memory
) -> dict[str, Quantity]:
    """All figures of the candidate at (row, column).

    Args:
        tally: scenario and catalogue.
        every: all GPUs.
        found: the estimate's arrays.
        row: layout.
        column: batch.
        gpus: all GPUs, spares included.
        memory: of the fullest GPU.
    """
    request, serving = tally.request, found.serving
    gpu = every.gpus[int(found.rows.gpu[row])]

    def at(array: Any) -> float:
        return float(array[row, column])

    def ranged(key: str, figure: str, value: float, unit: Unit = Unit.SECONDS) -> Quantity:
        return tally.ranged(key, figure, value, unit, gpu.family)

    throughput = _carried(request, found, row, column)
    answered = float(request_rate(throughput, request.output_tokens))
    out = {
        "memory_per_gpu": ranged("memory_per_gpu", "memory", memory.need_bytes, Unit.BYTES),
        "ttft": ranged("ttft", "ttft", at(serving.ttft)),
        "tpot": ranged("tpot", "tpot", at(serving.tpot)),
        "ttft_mean": ranged("ttft_mean", "ttft", at(serving.ttft_mean)),
        "tpot_mean": ranged("tpot_mean", "tpot", at(serving.tpot_mean)),
        "e2e": ranged("e2e", "tpot", at(serving.e2e)),
        "e2e_mean": ranged("e2e_mean", "tpot", at(serving.e2e_mean)),
        "throughput": ranged("throughput", "throughput", throughput, Unit.TOKENS_PER_SECOND),
        "request_rate": ranged("request_rate", "throughput", answered, Unit.REQUESTS_PER_SECOND),
    }
    if tally.scenario.workload.kind is WorkloadKind.BATCH:
        rate, requests = out["throughput"], pile(tally.scenario)
        rates = (throughput, rate.high, rate.low)
        times = [float(batch_time_s(requests, request.output_tokens, each)) if each else None for each in rates]
        out["batch_time"] = Quantity(
            "batch_time", times[0], Unit.SECONDS, times[1], times[2], rate.provenance, rate.rows
        )  # fmt: skip
    return out | _money(tally.scenario, gpu, gpus, int(found.bought[row, column]), out["throughput"])


def _carried(request: Request, found: Candidates, row: int, column: int) -> float:
    """Output tokens of all replicas under the load that is asked for. [tok/s]"""
    serving, replicas = found.serving, float(found.replicas[row, column])
    throughput = float(serving.throughput[row, column]) * replicas
    if request.rate is not None:
        return float(carried_tok_s(request.rate, request.output_tokens, throughput))
    if request.users is not None or found.apart is not None:  # those who don't think have a request in flight each
        rate = returning(request.users or request.concurrency, request.think_s, float(serving.e2e_mean[row, column]))
        return float(carried_tok_s(rate, request.output_tokens, throughput))
    if request.concurrency is not None:
        throughput *= request.concurrency / (replicas * float(serving.batch[row, column]))
    return throughput


def purchase_and_power(scenario: Scenario, gpu: Gpu, gpus: int, bought_gpus: int) -> dict[str, Quantity]:
    """What the GPUs cost and draw.

    Args:
        scenario: the currency.
        gpu: their kind.
        gpus: those in use, spares included.
        bought_gpus: those and what else is on their boards.
    """
    asked = scenario.money
    price = card_price(gpu, asked)
    rate = exchange_rate(price.currency, asked.currency, asked) if price else None
    bought = money.purchase(bought_gpus, price.amount, rate) if price and rate else None
    drawn = money.power_w(gpus, gpu.tdp_w) if gpu.tdp_w else None
    known = Provenance.EXACT if price is not None and price.is_firm else Provenance.EXTRAPOLATED
    return {
        "purchase": Quantity("purchase", bought, Unit.MONEY, bought, bought, known),
        "power": Quantity("power", drawn, Unit.WATTS, drawn, drawn, Provenance.EXACT),
    }


def _money(scenario: Scenario, gpu: Gpu, gpus: int, bought_gpus: int, throughput: Quantity) -> dict[str, Quantity]:
    asked = scenario.money
    out = purchase_and_power(scenario, gpu, gpus, bought_gpus)
    bought, drawn = out["purchase"].value, out["power"].value
    if bought is None or not throughput.value:
        out["cost_per_million"] = Quantity("cost_per_million", None, Unit.MONEY)
        return out

    def cost(tokens_per_s: float | None) -> float | None:
        if not tokens_per_s:
            return None
        return float(
            money.cost_per_million(
                bought, asked.lifetime_years, asked.utilization, drawn or 0.0, asked.pue, asked.electricity_per_kwh, tokens_per_s
            )
        )

    out["cost_per_million"] = Quantity(
        "cost_per_million", cost(throughput.value), Unit.MONEY, cost(throughput.high), cost(throughput.low),
        throughput.provenance,
        throughput.rows, at_least=drawn is None,
    )  # fmt: skip
    return out


def limits_of(targets: Targets) -> dict[str, float]:
    """The limits that stand, by the figure they hold for. [s]"""
    asked = {"ttft": targets.ttft_s, "tpot": targets.tpot_s, "e2e": targets.e2e_s}
    return {key: limit for key, limit in asked.items() if limit is not None}


def status_of(values: Mapping[str, Quantity], scenario: Scenario) -> Status:
    """How the figures stand to the targets, at the expected and at the cautious end."""
    if scenario.workload.kind is WorkloadKind.BATCH:
        limit = scenario.workload.batch_hours * 3600
        limits = {"batch_time": limit}
    else:
        limits = limits_of(scenario.targets)
    status = Status.MEETS
    for key, limit in limits.items():
        figure = values[key]
        if figure.value is not None and figure.value > limit * (1 + 1e-9):
            return Status.MISSES
        if figure.high is not None and figure.high > limit * (1 + 1e-9):
            if scenario.targets.cautious:
                return Status.MISSES
            status = Status.EXPECTED
    return status
