"""A scenario of passes with its catalogue entries looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.catalog.schema.shape_towers import DiffusionShape
from gpuplanner.engine.passes.defaults import published
from gpuplanner.engine.passes.spread import ALONE, Spread, spread_of
from gpuplanner.engine.passes.stages import PassLoad, prompt_tokens, stages_of
from gpuplanner.engine.passes.work import Stage
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Code
from gpuplanner.engine.site.growth import planned_growth
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind

GENERATES: Final = frozenset({ModelKind.IMAGE_DIFFUSION, ModelKind.VIDEO_DIFFUSION})
WRITES: Final = frozenset({ModelKind.LLM, ModelKind.VLM})
SPEAKS: Final = frozenset({ModelKind.TTS, ModelKind.SPEECH_TRANSLATION})
ITEMS: Final = {
    ModelKind.IMAGE_DIFFUSION: "image", ModelKind.VIDEO_DIFFUSION: "clip", ModelKind.RERANKER: "pair",
    ModelKind.VISION: "picture", ModelKind.MULTIMODAL_EMBEDDING: "picture", ModelKind.ASR: "audio",
}  # fmt: skip
HALF_BYTES: Final = 2.0
FULL_BYTES: Final = 4.0
# How a pass is run in practice unless something else is chosen: compiled kernels for small models, a pipeline's own for pictures.
RUNTIMES: Final = {"tensorrt-llm": "tensorrt", "tensorrt": "tensorrt", "onnxruntime": "graph", "pytorch": "eager"}
USUAL_RUNTIME: Final = "compiled"
PIPELINE_RUNTIME: Final = "eager"


@dataclass(frozen=True, slots=True)
class PassRequest:
    """What is to be carried. ``items`` a request holds; ``rate`` in requests per second or ``in_flight``, growth in it.

    ``think_s`` is set for users, whose number stands in ``in_flight`` then. A token looks at
    ``longest_keys`` others at most.
    """

    model: Model
    weights: Precision
    stages: tuple[Stage, ...]
    load: PassLoad
    item: str
    items: int
    runtime: str
    batch: int | None
    rate: float | None
    in_flight: float | None
    think_s: float | None
    percentile: float
    limit_s: float | None
    steps_assumed: bool
    spread: Spread = ALONE
    longest_keys: float = 0.0

    @property
    def weight_bytes(self) -> float:
        """Of a weight in the precision asked for, scales included."""
        return self.weights.bytes_per_weight_effective or HALF_BYTES

    @property
    def element_bytes(self) -> float:
        """Of an activation."""
        return FULL_BYTES if self.weight_bytes >= FULL_BYTES else HALF_BYTES

    @property
    def halves(self) -> float:
        """Halves of guidance that one GPU computes."""
        return (2.0 if self.load.guided else 1.0) / self.spread.cfg

    @property
    def streams(self) -> bool:
        """Whether items are speech."""
        return self.item == "audio"


def pass_request(scenario: Scenario, catalog: Catalog) -> PassRequest:
    """Look up everything the scenario names.

    Raises:
        CannotEstimateError: when something isn't in the catalogue, the model does other work, or its shape isn't known.
    """
    model = scenario.model.custom or catalog.models.get(scenario.model.id)
    if model is None:
        raise CannotEstimateError(Code("refusal.unknown_model", {"id": scenario.model.id}))
    weights = catalog.precisions.get(scenario.precision.weights)
    if weights is None or weights.native is None:
        raise CannotEstimateError(Code("refusal.unknown_precision", {"id": scenario.precision.weights}))
    generates = scenario.workload.kind is WorkloadKind.GENERATE
    _check(model, generates)
    load, spread = _generation(model, scenario) if generates else (_encoding(scenario), ALONE)
    stages = stages_of(model, load)
    if not stages:
        reason = Code(model.no_shape_reason or "reason.shape_unknown")
        raise CannotEstimateError(Code("refusal.no_shape", {"model": model.name, "reason": reason}))
    rate, in_flight, think = _carried(scenario)
    asked = scenario.generation if generates else scenario.encoding
    usual = PIPELINE_RUNTIME if generates else USUAL_RUNTIME
    return PassRequest(
        model=model, weights=weights, stages=stages, load=load, item=ITEMS.get(model.kind, "text"),
        items=scenario.generation.images if generates else scenario.encoding.items,
        runtime=RUNTIMES.get(scenario.deployment.engine, usual), batch=asked.batch, rate=rate, in_flight=in_flight,
        think_s=think, percentile=scenario.targets.percentile, limit_s=scenario.targets.e2e_s,
        steps_assumed=generates and scenario.generation.steps is None and published(model).assumed,
        spread=spread, longest_keys=max(stage.work.longest_keys for stage in stages),
    )  # fmt: skip


def suits(model: Model) -> WorkloadKind | None:
    """The workload a model is for; None where none is modelled."""
    if model.kind in GENERATES:
        return WorkloadKind.GENERATE
    if model.kind in WRITES:
        return WorkloadKind.SERVE
    return None if model.kind in SPEAKS else WorkloadKind.ENCODE


def _check(model: Model, generates: bool) -> None:
    wanted = WorkloadKind.GENERATE if generates else WorkloadKind.ENCODE
    fits = suits(model)
    if fits is wanted:
        return
    kind = Code(f"model.kind.{model.kind.value}")
    if fits is None:
        raise CannotEstimateError(
            Code("refusal.no_shape", {"model": model.name, "reason": Code("reason.not_modelled", {"kind": kind})})
        )
    code = "refusal.not_generate" if generates else "refusal.not_encode"
    raise CannotEstimateError(
        Code(code, {"model": model.name, "kind": kind, "suits": Code(f"choice.workload.kind.{fits.value}")})
    )


def _generation(model: Model, scenario: Scenario) -> tuple[PassLoad, Spread]:
    asked, usual = scenario.generation, published(model)
    load = PassLoad(
        width=asked.width or usual.width,
        height=asked.height or usual.height,
        frames=asked.frames or usual.frames if model.kind is ModelKind.VIDEO_DIFFUSION else 1,
        steps=float(asked.steps or usual.steps),
        guided=usual.guidance if asked.guidance is None else asked.guidance,
    )
    context = prompt_tokens(model.shape) if isinstance(model.shape, DiffusionShape) else 0.0
    spread = spread_of(model, asked, load.guided, (load.width, load.height, load.frames), context)
    return replace(load, gpus=spread.gpus), spread


def _encoding(scenario: Scenario) -> PassLoad:
    asked = scenario.encoding
    return PassLoad(tokens=float(asked.tokens), image_px=asked.image_px, audio_s=asked.audio_s)


def _carried(scenario: Scenario) -> tuple[float | None, float | None, float | None]:
    """Rate, requests in flight (or users) and think time, with growth."""
    workload = scenario.workload
    load = workload.load * planned_growth(scenario)
    match workload.load_kind:
        case LoadKind.CONCURRENCY:
            return None, max(1.0, load), None
        case LoadKind.PER_SECOND:
            return load, None, None
        case LoadKind.PER_DAY:
            return load / (workload.busy_hours * 3600) * workload.peak_factor, None, None
        case LoadKind.USERS:
            return None, max(1.0, load), workload.think_time_s
