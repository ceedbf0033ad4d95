"""The figures of a plan of passes, each with its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpuplanner.catalog.schema.calibration import RangeFactor
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import ModelKind
from gpuplanner.engine.figures import MANY_ROWS, purchase_and_power
from gpuplanner.engine.passes import load_formulas as loads
from gpuplanner.engine.passes.request import PassRequest
from gpuplanner.engine.result import Code, Provenance, Quantity, Status, Unit
from gpuplanner.scenario.document import Scenario

TASKS = {
    ModelKind.IMAGE_DIFFUSION: "pass_image_gen", ModelKind.VIDEO_DIFFUSION: "pass_image_gen", ModelKind.VISION: "pass_cnn",
    ModelKind.ASR: "pass_asr",
}  # fmt: skip
THOUSAND = 1000
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Carried:
    """The candidate that was chosen. Times in seconds, rates in requests/s of all replicas, ``items`` at once on a replica."""

    replicas: int
    spare: int
    servers: int
    bought_gpus: int
    at_once: float
    pass_s: float
    service_s: float
    busy: float
    queue_s: float
    mean_s: float
    late_s: float
    denoiser_s: float
    capacity: float
    rate: float
    items: float


def figures(
    scenario: Scenario, catalog: Catalog, request: PassRequest, gpu: Gpu, carried: Carried, need_bytes: float
) -> dict[str, Quantity]:
    """All figures of a plan.

    Args:
        scenario: the money.
        catalog: the ranges.
        request: what is carried.
        gpu: of the replicas.
        carried: the candidate.
        need_bytes: memory of one GPU.
    """
    factor, known = speed_range(catalog, request, gpu)
    times, rates = (factor.low, factor.high), (1 / factor.high, 1 / factor.low)

    def ranged(key: str, value: float, unit: Unit, ends: tuple[float, float]) -> Quantity:
        return Quantity(key, value, unit, value * ends[0], value * ends[1], known, factor.rows)

    held, own = catalog.calibration.range("component_peak", gpu.family, "components")
    out = {
        "memory_per_gpu": Quantity(
            "memory_per_gpu", need_bytes, Unit.BYTES, need_bytes * held.low, need_bytes * held.high,
            Provenance.MEASURED if own and held.rows >= MANY_ROWS else Provenance.MODELLED, held.rows,
        ),
        "pass_time": ranged("pass_time", carried.pass_s, Unit.SECONDS, times),
        "e2e": ranged("e2e", carried.late_s, Unit.SECONDS, times),
        "e2e_mean": ranged("e2e_mean", carried.mean_s, Unit.SECONDS, times),
        "capacity_rate": ranged("capacity_rate", carried.capacity, Unit.REQUESTS_PER_SECOND, rates),
        "request_rate": _rate(request, ranged("request_rate", carried.rate, Unit.REQUESTS_PER_SECOND, rates)),
        "item_rate": _rate(request, ranged("item_rate", carried.rate * request.items, Unit.ITEMS_PER_SECOND, rates)),
    }  # fmt: skip
    if request.item in {"image", "clip"}:
        out["step_time"] = ranged("step_time", carried.denoiser_s / request.load.steps, Unit.SECONDS, times)
    if request.streams:
        out |= _speech(request, carried, ranged, rates)
    return out | _money(scenario, gpu, request, carried, out["item_rate"])


def speed_range(catalog: Catalog, request: PassRequest, gpu: Gpu) -> tuple[RangeFactor, Provenance]:
    """Measured over expected times of such work on such hardware, and how the figure is known."""
    figure = TASKS.get(request.model.kind, "pass_encoder")
    calibration = catalog.calibration
    factor, own = calibration.range(figure, gpu.family, request.runtime)
    fitted = f"passes.compute.{gpu.family}" in calibration.constants
    unseen = request.spread.gpus > 1 or request.longest_keys > calibration.constant("passes.long_keys")  # no rows of such work
    if not fitted or unseen:
        wide = calibration.ranges.get("pass_extrapolated", factor)
        return wide, Provenance.EXTRAPOLATED
    return factor, Provenance.MEASURED if own and factor.rows >= MANY_ROWS else Provenance.MODELLED


def _rate(request: PassRequest, found: Quantity) -> Quantity:
    """A load that comes by itself is known; where requests wait for answers, their rate follows from the speed."""
    if request.rate is None:
        return found
    return Quantity(found.key, found.value, found.unit, found.value, found.value, Provenance.EXACT)


def _speech(request: PassRequest, carried: Carried, ranged: object, rates: tuple[float, float]) -> dict[str, Quantity]:
    assert callable(ranged)
    heard = request.load.audio_s * carried.items / carried.pass_s  # seconds of speech a second, of one replica
    return {
        "real_time_factor": ranged("real_time_factor", heard, Unit.COUNT, rates),
        "streams": ranged("streams", heard * carried.replicas, Unit.COUNT, rates),
    }


def _money(scenario: Scenario, gpu: Gpu, request: PassRequest, carried: Carried, rate: Quantity) -> dict[str, Quantity]:
    asked = scenario.money
    out = purchase_and_power(scenario, gpu, (carried.replicas + carried.spare) * request.spread.gpus, carried.bought_gpus)
    bought, drawn = out["purchase"].value, out["power"].value
    keys = {"cost_per_thousand": 1.0}
    if request.streams:
        keys["cost_per_audio_hour"] = HOUR_S / (THOUSAND * request.load.audio_s)

    def cost(per_s: float | None) -> float | None:
        if bought is None or not per_s:
            return None
        return float(
            loads.cost_per_thousand(
                bought, asked.lifetime_years, asked.utilization, drawn or 0.0, asked.pue, asked.electricity_per_kwh, per_s
            )
        )

    for key, share in keys.items():
        low, value, high = (None if c is None else c * share for c in (cost(rate.high), cost(rate.value), cost(rate.low)))
        out[key] = Quantity(key, value, Unit.MONEY, low, high, rate.provenance, rate.rows, at_least=drawn is None)
    return out


def misses(values: Mapping[str, Quantity], request: PassRequest, *, cautious: bool) -> tuple[Code, ...]:
    """Whether the expected time, or where caution is asked for the cautious end, misses the target, and by how much."""
    value = values["e2e"].high if cautious else values["e2e"].value
    if request.limit_s is None or value is None or value <= request.limit_s * (1 + 1e-9):
        return ()
    return (Code("miss.e2e", {"value_s": value, "limit_s": request.limit_s}),)


def status_of(values: Mapping[str, Quantity], request: PassRequest, *, cautious: bool) -> Status:
    """How the figures stand to the target, at the expected and at the cautious end."""
    figure = values["e2e"]
    if request.limit_s is None or figure.value is None:
        return Status.MEETS
    if figure.value > request.limit_s * (1 + 1e-9):
        return Status.MISSES
    if figure.high is None or figure.high <= request.limit_s * (1 + 1e-9):
        return Status.MEETS
    return Status.MISSES if cautious else Status.EXPECTED
