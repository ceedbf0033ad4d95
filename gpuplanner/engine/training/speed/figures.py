"""What a chosen layout amounts to in time, energy and money, and how that stands to the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.figures import MANY_ROWS
from gpuplanner.engine.result import Code, Provenance, Quantity, Status, Unit
from gpuplanner.engine.training.request import TrainingRequest
from gpuplanner.engine.training.speed import run
from gpuplanner.engine.training.speed.asked import Wanted
from gpuplanner.engine.training.speed.formulas import mfu, samples_per_s, tokens_per_s
from gpuplanner.engine.training.speed.search import Timed
from gpuplanner.scenario.document import Recompute, Scenario, TuningMethod, WorkloadKind

UNITS = {
    "step_time": Unit.SECONDS,
    "samples_per_second": Unit.REQUESTS_PER_SECOND,
    "tokens_per_second": Unit.TOKENS_PER_SECOND,
    "tokens_per_day": Unit.TOKENS,
    "mfu": Unit.SHARE,
    "checkpoint_time": Unit.SECONDS,
    "goodput": Unit.SHARE,
    "training_time": Unit.SECONDS,
    "gpu_hours": Unit.HOURS,
    "energy_kwh": Unit.KILOWATT_HOURS,
    "power_cost": Unit.MONEY,
    "run_cost": Unit.MONEY,
}
LOST = 0.95  # a goodput below this is worth a word


@dataclass(frozen=True, slots=True)
class Chosen:
    """A layout (``row``) on a GPU (``column``) of what was timed."""

    scenario: Scenario
    catalog: Catalog
    wanted: Wanted
    timed: Timed
    row: int
    column: int
    gpu: Gpu

    def at(self, array: Any) -> float:
        """The entry of an array of shape (layouts or 1, GPUs or 1)."""
        found = np.asarray(array)
        if found.ndim < 2:
            return float(found[self.column] if found.ndim else found)
        return float(found[self.row if found.shape[0] > 1 else 0, self.column if found.shape[1] > 1 else 0])


def run_figures(chosen: Chosen, known: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """All figures of speed, energy and cost.

    Args:
        chosen: what was timed.
        known: the figures made so far: ``checkpoint``, ``purchase``, ``power``.
    """
    if not np.isfinite(chosen.at(chosen.timed.total)):
        return {key: Quantity(key, None, unit) for key, unit in UNITS.items()}
    wanted, at, lay = chosen.wanted, chosen.at, chosen.timed.layouts
    factor, own = chosen.catalog.calibration.range("training_speed", chosen.gpu.family, wanted.software)
    known_as = (
        Provenance.MEASURED if own and factor.rows >= MANY_ROWS else Provenance.MODELLED if own else Provenance.EXTRAPOLATED
    )
    spread = Spread(factor.low, factor.high, known_as, factor.rows)
    step = at(chosen.timed.step)
    samples = float(samples_per_s(at(lay.micro_batch), at(lay.micro_batches), at(lay.data), step))
    tokens = float(tokens_per_s(samples, wanted.work.tokens))
    gpus, peak = float(known["gpus"].value or 0), at(chosen.timed.reach.peak)
    total = at(chosen.timed.total)
    spot = int(chosen.timed.spot[chosen.row])
    writing, moving = (float(part[spot, chosen.column]) for part in (chosen.timed.checkpoint, chosen.timed.goodput))
    out = {
        "step_time": spread.slow("step_time", step, Unit.SECONDS),
        "samples_per_second": spread.fast("samples_per_second", samples, Unit.REQUESTS_PER_SECOND),
        "tokens_per_second": spread.fast("tokens_per_second", tokens, Unit.TOKENS_PER_SECOND),
        "tokens_per_day": spread.fast("tokens_per_day", float(run.tokens_per_day(tokens, moving)), Unit.TOKENS),
        "mfu": spread.fast("mfu", float(mfu(samples, wanted.work.model_flops(2 + wanted.job.trained), gpus, peak)), Unit.SHARE),
        "checkpoint_time": Quantity("checkpoint_time", writing, Unit.SECONDS, provenance=Provenance.EXTRAPOLATED),
        "goodput": Quantity("goodput", moving, Unit.SHARE, provenance=Provenance.MODELLED),
        "training_time": spread.slow("training_time", total, Unit.SECONDS),
        "gpu_hours": spread.slow("gpu_hours", float(run.gpu_hours(gpus, total)), Unit.HOURS),
    }
    if not wanted.work.logits and wanted.work.convolutions:
        del out["tokens_per_second"], out["tokens_per_day"]
    return out | _costs(chosen, spread, total, known)


def _costs(chosen: Chosen, spread: Spread, total: float, known: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Energy and money; None where no power or price is known."""
    money, power, bought = chosen.scenario.money, known["power"].value, known["purchase"].value
    energy = None if power is None else float(run.energy_kwh(power, money.pue, total))
    power_cost = None if energy is None else float(run.energy_cost(energy, money.electricity_per_kwh))
    cost = None
    if bought is not None:
        tariff = money.electricity_per_kwh
        cost = float(run.run_cost(bought, money.lifetime_years, money.utilization, total, energy or 0.0, tariff))
    return {
        "energy_kwh": spread.slow("energy_kwh", energy, Unit.KILOWATT_HOURS),
        "power_cost": spread.slow("power_cost", power_cost, Unit.MONEY),
        "run_cost": replace(spread.slow("run_cost", cost, Unit.MONEY), at_least=cost is not None and energy is None),
    }


@dataclass(frozen=True, slots=True)
class Spread:
    """Measured over predicted rate of comparable runs."""

    low: float
    high: float
    provenance: Provenance
    rows: int

    def fast(self, key: str, value: float, unit: Unit) -> Quantity:
        """A figure that grows with speed."""
        return Quantity(key, value, unit, value * self.low, value * self.high, self.provenance, self.rows)

    def slow(self, key: str, value: float | None, unit: Unit) -> Quantity:
        """A figure that falls with speed."""
        if value is None:
            return Quantity(key, None, unit)
        return Quantity(key, value, unit, value / self.high, value / self.low, self.provenance, self.rows)


def misses(wanted: Wanted, values: Mapping[str, Quantity]) -> tuple[Code, ...]:
    """Whether the expected time misses the limit."""
    total = values["training_time"].value
    if wanted.limit_s is None or total is None or total <= wanted.limit_s * (1 + 1e-9):
        return ()
    return (Code("miss.training_time", {"value_s": total, "limit_s": wanted.limit_s}),)


def status_of(wanted: Wanted, values: Mapping[str, Quantity], memory: Status) -> Status:
    """How a plan stands to the limit, at the expected and at the cautious end; memory has its own say."""
    if misses(wanted, values):
        return Status.MISSES
    high = values["training_time"].high
    if wanted.limit_s is not None and high is None:
        return Status.EXPECTED
    if wanted.limit_s is not None and high is not None and high > wanted.limit_s:
        return Status.EXPECTED
    return memory


def run_warnings(wanted: Wanted, values: Mapping[str, Quantity]) -> tuple[Code, ...]:
    """What is worth a word about the run: failures that cost much, a horizon that decided."""
    if values["training_time"].value is None:
        return (Code("warning.training_speed_unknown"),)
    codes = []
    moving, writing, gpus = values["goodput"].value, values["checkpoint_time"].value, values["gpus"].value
    total = values["training_time"].value or 0.0
    if moving is not None and writing is not None and gpus and moving < LOST:
        better = float(run.best_interval_s(writing, wanted.mtbf_s, gpus))
        codes.append(Code("warning.goodput", {"share": moving, "interval_s": wanted.interval_s, "better_s": better}))
    if wanted.limit_s is None and total > 1.01 * wanted.horizon_s:
        codes.append(Code("warning.training_long", {"value_s": total}))
    return tuple(codes)


def time_remedies(scenario: Scenario, request: TrainingRequest, counts: NDArray[np.int64], gpus: int) -> tuple[Code, ...]:
    """What would make the run shorter: more GPUs, less recompute, fewer bits, adapters, a larger batch."""
    asked, setup, chosen = request.asked, request.setup, scenario.training
    codes = []
    if asked.gpus is not None or gpus >= int(counts.max()):
        codes.append(Code("remedy.more_gpus"))
    if asked.recompute is Recompute.FULL:
        codes.append(Code("remedy.less_recompute"))
    if chosen.precision.value in {"fp32", "mixed", "bf16", "amp"}:
        codes.append(Code("remedy.train_fp8" if chosen.precision.value != "fp32" else "remedy.train_bf16"))
    if scenario.workload.kind is WorkloadKind.TUNE and setup.method is TuningMethod.FULL:
        codes.append(Code("remedy.lora"))
    if gpus >= asked.global_batch:
        codes.append(Code("remedy.larger_batch"))
    return tuple(codes)
