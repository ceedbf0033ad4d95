"""Measurement rows in, predictions with ranges out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuplanner import assets
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.components import Answer, Components
from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.evaluate import Evaluator
from gpuplanner.evidence.pass_rows import TASKS, PassCase, PassRuns, pass_answer
from gpuplanner.evidence.reasons import NotDone
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_cases import Case, Cases
from gpuplanner.evidence.training_fits import TrainingFits
from gpuplanner.evidence.training_rows import TrainingRuns
from gpuplanner.evidence.training_speed_rows import SpeedAnswer
from gpuplanner.evidence.training_speed_rows import answers as speed_answers

_MEMORY_FIGURES = {
    "infer_weights": "weights",
    "kv_cache": "kv_pool",
    "kv_tokens_capacity": "kv_pool",
    "activation": "workspace",
    "nontorch_overhead": "context",
    "cudagraph": "graphs",
    "fits": "fits",
    "infer_peak": "peak",
    "encoder_peak": "component_peak",
    "diffusion_peak": "component_peak",
    "checkpoint_size": "checkpoint",
    "train_peak": "training",
    "train_peak_traced": "training_traced",
    "train_max_context": "training_context",
}
_LATENCIES = {"ttft_ms": "ttft", "tpot_ms": "tpot", "itl_ms": "tpot"}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the engine says about a row, in the row's unit; ``value`` None with the reason where it says nothing.

    ``family`` and ``runtime`` are the hardware family and the engine's host side, by which ranges are kept.
    """

    row: Row
    value: float | None
    low: float | None = None
    high: float | None = None
    reason: NotDone | None = None
    figure: str = ""
    family: str = ""
    runtime: str = ""
    gpu: str = ""
    model: str = ""
    engine: str = ""

    @property
    def error(self) -> float | None:
        """Predicted over measured, less one; None where either is missing or zero."""
        if self.value is None or not self.row.value:
            return None
        return self.value / self.row.value - 1.0

    @property
    def inside(self) -> bool | None:
        """Whether the measurement lies in the predicted range; None where there is no range."""
        if self.low is None or self.high is None:
            return None
        return self.low <= self.row.value <= self.high


def figure_of(row: Row) -> str:
    """The name under which a row's residuals are kept: the figure, or for single tasks the task."""
    if row.table == "memory":
        return _MEMORY_FIGURES.get(row.task, "")
    if row.task in TASKS:
        return f"pass_{row.task}"
    if row.task in {"llm_prefill", "llm_decode", "llm_latency"}:
        return row.task.removeprefix("llm_")
    return _LATENCIES.get(row.metric, "throughput")


def own_measurements() -> list[Path]:
    """The measurement files that come with the program, in a fixed order."""
    return sorted((assets.catalogs() / "measurements").glob("*/*.csv"))


def predict(rows: Iterable[Row], catalog: Catalog) -> list[Prediction]:
    """A prediction for every row, in order.

    Args:
        rows: measurements of any kind; those outside the engine's scope come back with the reason.
        catalog: what is known.
    """
    configure, component = Configurer(catalog), Components(catalog)
    train, trains, paced = TrainingRuns(catalog), TrainingFits(catalog), Cases(catalog)
    passes = PassRuns(catalog)
    ways = (train, trains, paced, component, passes, configure)
    found = [(row, next(item for way in ways if (item := way(row)) is not None)) for row in rows]
    ready = [item for _, item in found if isinstance(item, Configuration)]
    evaluator = Evaluator(catalog, ready)
    answers = enumerate(evaluator() if ready else [])
    speeds = iter(speed_answers(catalog, [item for _, item in found if isinstance(item, Case)]))
    out = []
    for row, item in found:
        if isinstance(item, Configuration):
            place, answer = next(answers)
            out.append(ranged(item, answer, catalog, saturated=place in evaluator.saturated))
        elif isinstance(item, PassCase):
            out.append(_of_pass(item, catalog))
        elif isinstance(item, Answer):
            out.append(_of_component(row, item, catalog))
        elif isinstance(item, Case):
            out.append(_of_speed(row, next(speeds), catalog))
        else:
            out.append(Prediction(row, None, reason=item))
    return out


def _of_pass(case: PassCase, catalog: Catalog) -> Prediction:
    """A prediction of a pass; the range is kept for times, and turned round for rates."""
    value = pass_answer(case, catalog.calibration)
    factor, _ = catalog.calibration.range(*case.key)
    low, high = (factor.low, factor.high) if case.timed else (1 / factor.high, 1 / factor.low)
    names = (*case.key, case.gpu.id, case.model.id)
    return Prediction(case.row, value, value * low, value * high, None, *names)


def _of_component(row: Row, answer: Answer, catalog: Catalog) -> Prediction:
    """A prediction of a model that isn't served token by token, with its range."""
    gpu = catalog.gpus.get(answer.gpu)
    family, figure, runtime = gpu.family if gpu is not None else "", figure_of(row), "components"
    low, high = _around(answer.value, figure, family, runtime, catalog)
    return Prediction(row, answer.value, low, high, None, figure, family, runtime, answer.gpu, answer.model)


def _of_speed(row: Row, answer: SpeedAnswer, catalog: Catalog) -> Prediction:
    """A prediction of how fast training ran; the range is kept for rates, and turned round for times."""
    factor, _ = catalog.calibration.range("training_speed", answer.family, answer.software)
    low, high = (factor.low, factor.high) if answer.faster else (1 / factor.high, 1 / factor.low)
    value = answer.value
    return Prediction(
        row, value, value * low, value * high, None, "training_speed", answer.family, answer.software, answer.gpu, answer.model
    )


def _around(value: float | None, figure: str, family: str, runtime: str, catalog: Catalog) -> tuple[float | None, float | None]:
    if value is None or figure == "fits":
        return None, None
    try:
        factor, _ = catalog.calibration.range(figure, family, runtime)
    except KeyError:
        return None, None
    return value * factor.low, value * factor.high


def ranged(configuration: Configuration, answer: float | NotDone, catalog: Catalog, *, saturated: bool = False) -> Prediction:
    """An answer with the range that comparable measurements give it.

    Latencies under a load that saturates are kept apart: they tell how far the queue had grown, not how fast the engine is.
    So are first
    tokens of benchmarks that start all their requests at once.
    """
    row, setup = configuration.row, configuration.setup
    gpu = catalog.gpus[configuration.gpu]
    figure, runtime = figure_of(row), setup.profile.runtime
    if saturated and figure in {"ttft", "tpot"}:
        figure = f"{figure}_saturated"
    elif figure == "ttft" and not setup.open_loop and (configuration.load or 1) > 1:
        figure = "ttft_burst"  # a benchmark's requests in flight start together and stay in waves
    value = None if isinstance(answer, NotDone) else answer
    low, high = _around(value, figure, gpu.family, runtime, catalog)
    reason = answer if isinstance(answer, NotDone) else None
    return Prediction(row, value, low, high, reason, figure, gpu.family, runtime, gpu.id, setup.model, setup.engine)


def done(predictions: Sequence[Prediction]) -> list[Prediction]:
    """Those with a value."""
    return [prediction for prediction in predictions if prediction.value is not None]
