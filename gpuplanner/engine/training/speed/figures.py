"""What a chosen layout amounts to in time, energy and money, and how that stands to the limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.figures import MANY_ROWS
from gpuplanner.engine.money.formulas import power_w
from gpuplanner.engine.money.prices import card_amount
from gpuplanner.engine.result import Code, Provenance, Quantity, Status, Unit
from gpuplanner.engine.training.request import TrainingRequest
from gpuplanner.engine.training.speed import run
from gpuplanner.engine.training.speed.asked import Wanted
from gpuplanner.engine.training.speed.formulas import mfu, tokens_per_s
from gpuplanner.engine.training.speed.rates import Rates
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
Floats = NDArray[np.float64]
LOST = 0.95  # a goodput below this is worth a word


Column = list[float | None]
SLOW = {"step_time", "training_time", "gpu_hours", "energy_kwh", "power_cost", "run_cost"}  # more where the GPU is slower
FAST = {"samples_per_second", "tokens_per_second", "tokens_per_day", "mfu"}


def run_numbers(
    asked: Scenario, wanted: Wanted, found: Timed, gpus: Sequence[Gpu], bought_gpus: Floats, reach: Rates
) -> dict[str, Column]:
    """All figures of speed, energy and cost of the chosen entries, a column each; None where no price, power or time is known.

    Args:
        asked: the scenario.
        wanted: its work.
        found: what was chosen, an entry a GPU.
        gpus: the GPUs, in order.
        bought_gpus: how many of each are bought, whole boards.
        reach: their rates.
    """
    place, count = found.fits.gpu, found.gpus
    step, samples, moving, total = found.step, found.samples, found.moving, found.total
    tokens = tokens_per_s(samples, wanted.work.tokens)
    columns = {
        **_money(asked, gpus, count, bought_gpus, total),
        "step_time": step,
        "samples_per_second": samples,
        "tokens_per_second": tokens,
        "tokens_per_day": run.tokens_per_day(tokens, moving),
        "mfu": mfu(samples, wanted.work.model_flops(2 + wanted.job.trained), count, reach.peak[place]),
        "checkpoint_time": found.writing,
        "goodput": moving,
        "training_time": total,
        "gpu_hours": run.gpu_hours(count, total),
    }
    if not wanted.work.logits and wanted.work.convolutions:
        del columns["tokens_per_second"], columns["tokens_per_day"]
    known = np.isfinite(total)
    return {
        key: _told(column if key in {"purchase", "power"} else np.where(known, column, np.nan)) for key, column in columns.items()
    }


def _money(asked: Scenario, gpus: Sequence[Gpu], count: Floats, bought_gpus: Floats, total: Floats) -> dict[str, Floats]:
    """Purchase, power, energy and cost; prices beyond all measure overflow to what isn't told."""
    money = asked.money
    tariff = money.electricity_per_kwh
    watts = np.array([gpu.tdp_w or np.nan for gpu in gpus])
    with np.errstate(over="ignore", invalid="ignore"):
        bought, power = bought_gpus * _prices(asked, gpus), power_w(count, watts)
        energy = run.energy_kwh(power, money.pue, total)
        cost = run.run_cost(bought, money.lifetime_years, money.utilization, total, np.nan_to_num(energy, posinf=0.0), tariff)
        paid = run.energy_cost(energy, tariff)
    return {"purchase": bought, "power": power, "energy_kwh": energy, "power_cost": paid, "run_cost": cost}


def _told(column: Floats) -> Column:
    """Numbers, None where they aren't known or beyond what can be counted."""
    return [value if math.isfinite(value) else None for value in column.tolist()]


def _prices(asked: Scenario, gpus: Sequence[Gpu]) -> Floats:
    """A card's price in the scenario's currency, NaN where none is known."""
    found = [card_amount(gpu, asked.money) for gpu in gpus]
    return np.array([np.nan if amount is None else amount for amount in found])


Rest = Callable[[], dict[str, Quantity]]


class RunFigures(Mapping[str, Quantity]):
    """Figures of a plan; each becomes a quantity when it is asked for, as a table shows a few of them of a hundred GPUs.

    Args:
        known: what is made already.
        numbers: of the run.
        spread: of comparable runs.
        rest: makes what doesn't depend on speed, with the purchase and the power.
    """

    __slots__ = ("_known", "_rest", "_spread", "numbers")

    def __init__(self, known: dict[str, Quantity], numbers: Mapping[str, float | None], spread: Spread, rest: Rest) -> None:
        self._known, self.numbers, self._spread = known, numbers, spread
        self._rest: Rest | None = rest

    def __getitem__(self, key: str) -> Quantity:
        found = self._known.get(key)
        if found is None and key in UNITS and key in self.numbers:
            found = self._known[key] = self._made(key, self.numbers[key])
        if found is None:
            self._finish()
            found = self._known[key]
        return found

    def __iter__(self) -> Iterator[str]:
        self._finish()
        yield from (key for key in self._known if key not in UNITS)
        yield from (key for key in self.numbers if key in UNITS)

    def __len__(self) -> int:
        self._finish()
        return len(self._known.keys() | self.numbers.keys())

    def _finish(self) -> None:
        if self._rest is not None:
            self._known |= self._rest()
            self._rest = None

    def _made(self, key: str, value: float | None) -> Quantity:
        unit = UNITS[key]
        if value is None:
            return Quantity(key, None, unit)
        if key == "run_cost":
            return replace(self._spread.slow(key, value, unit), at_least=self.numbers["energy_kwh"] is None)
        if key in SLOW:
            return self._spread.slow(key, value, unit)
        if key in FAST:
            return self._spread.fast(key, value, unit)
        known = Provenance.EXTRAPOLATED if key == "checkpoint_time" else Provenance.MODELLED
        return Quantity(key, value, unit, provenance=known)


def spread_of(catalog: Catalog, family: str, software: str) -> Spread:
    """The range of comparable runs; of a family nobody measured, how far families went when they were left out, and less."""
    factor, own = catalog.calibration.range("training_speed", family, software)
    if not own:
        wide, _ = catalog.calibration.range("training_speed_extrapolated")
        return Spread(wide.low, wide.high, Provenance.EXTRAPOLATED, 0)
    known = Provenance.MEASURED if factor.rows >= MANY_ROWS else Provenance.MODELLED
    return Spread(factor.low, factor.high, known, factor.rows)


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


def misses(wanted: Wanted, total: float | None) -> tuple[Code, ...]:
    """Whether the expected time misses the limit."""
    if wanted.limit_s is None or total is None or total <= wanted.limit_s * (1 + 1e-9):
        return ()
    return (Code("miss.training_time", {"value_s": total, "limit_s": wanted.limit_s}),)


def status_of(wanted: Wanted, total: float | None, spread: Spread, memory: Status) -> Status:
    """How a plan stands to the limit, at the expected and at the cautious end; memory has its own say."""
    if misses(wanted, total):
        return Status.MISSES
    if wanted.limit_s is not None and (total is None or total / spread.low > wanted.limit_s):
        return Status.EXPECTED
    return memory


def run_warnings(wanted: Wanted, numbers: Mapping[str, float | None], gpus: int) -> tuple[Code, ...]:
    """What is worth a word about the run: failures that cost much, a horizon that decided."""
    moving, writing, total = numbers["goodput"], numbers["checkpoint_time"], numbers["training_time"]
    if total is None:
        return (Code("warning.training_speed_unknown"),)
    codes = []
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
