"""A scenario with its catalogue entries looked up: what the arrays are made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import NormalDist

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile, ServingEngine
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.catalog.schema.shape import Experts, LatentAttention
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.architecture.operators import OperatorList, operator_list
from gpuplanner.engine.architecture.shares import Share, share
from gpuplanner.engine.architecture.stored import WeightBytes, weight_bytes
from gpuplanner.engine.lengths import ALIKE, Spread, means_of
from gpuplanner.engine.memory.beside import NOTHING, Beside, adapter_params, image_bytes, image_tokens, one_layer_params
from gpuplanner.engine.memory.eager import without_graphs
from gpuplanner.engine.own.correction import Correction, corrections
from gpuplanner.engine.result import Code
from gpuplanner.engine.site.growth import planned_growth
from gpuplanner.engine.speed.reuse import Reuse
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind
from gpuplanner.scenario.serving import Batching, ServingChoice, Speculation

DRAFT_FORMAT = "bf16"


class CannotEstimateError(Exception):
    """The scenario as a whole cannot be estimated; ``code`` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be carried, in engine terms.

    Lengths in tokens, ``rate`` in requests per second (None: given as
    ``concurrency``).
    """

    model: Model
    operators: OperatorList
    weights: Precision
    kept: frozenset[str]
    weight_bytes: WeightBytes
    kv_bytes: float
    engine: ServingEngine
    profile: MemoryProfile
    experts: int
    top_k: int
    expert_width: int
    input_tokens: int
    cached_tokens: float
    output_tokens: int
    concurrency: float | None
    rate: float | None
    percentile: float
    z: float
    users: float | None = None
    think_s: float = 0.0
    spread: Spread = ALIKE
    serving: ServingChoice = field(default_factory=ServingChoice)
    draft: Request | None = None
    adapter_layer_s: float = 0.0  # time that kernels of adapters take beside a layer's
    host_bandwidth: float = 0.0  # B/s at which the host reads its memory
    host_flops: float = 0.0
    launched_layer_s: float = 0.0  # host time to launch a layer's kernels one by one; 0 where graphs are captured

    beside: Beside = NOTHING
    on_gpu: float = 1.0  # share of the layers that lie on GPUs; the rest in host memory
    ends_on_gpu: bool = True  # embedding and head
    reuse: Reuse | None = None  # conversations that come back
    own: tuple[tuple[str, Correction], ...] = ()  # by GPU, what the user's own measurements say

    @property
    def comes_by_itself(self) -> bool:
        """Whether requests arrive whatever is in flight: at a rate, or from users who think between them."""
        return self.rate is not None or self.users is not None

    @property
    def full_tokens(self) -> int:
        """Tokens a request holds at its end."""
        return self.input_tokens + self.output_tokens

    @property
    def mean_tokens(self) -> float:
        """Tokens a decoding request holds on average."""
        if self.spread.held_tokens is not None:
            return self.spread.held_tokens
        return self.input_tokens + self.output_tokens / 2

    @property
    def short_output_tokens(self) -> float:
        """Output tokens of the requests whose pace varies most: the harmonic mean of log-normal lengths."""
        return self.output_tokens / (1 + self.spread.output_cv**2)

    @property
    def uncached_tokens(self) -> float:
        """Prompt tokens that must be computed."""
        return self.input_tokens - self.cached_tokens

    def share(self, tensor_parallel: int, expert_degree: int | None = None) -> Share:
        """One GPU's part of the model at a degree; ``expert_degree`` GPUs share the experts, where that's another."""
        size = self.weight_bytes
        return share(self.operators, size.quantised, self.kept, tensor_parallel, size.kept, expert_degree)


@lru_cache(maxsize=32)
def _operators(shape: Shape) -> OperatorList:
    return operator_list(shape)


def resolve(scenario: Scenario, catalog: Catalog) -> Request:
    """Look up everything the scenario names.

    Raises:
        CannotEstimateError: when something isn't in the catalogue, or is no decoder language model.
    """
    model = _model(scenario, catalog)
    weights = catalog.precisions.get(scenario.precision.weights)
    if weights is None or weights.native is None:
        raise CannotEstimateError(Code("refusal.unknown_precision", {"id": scenario.precision.weights}))
    kv = catalog.precisions.get(scenario.precision.kv_cache)
    if kv is None or kv.kv_bits is None:
        raise CannotEstimateError(Code("refusal.unknown_precision", {"id": scenario.precision.kv_cache}))
    engine = catalog.engines.get(scenario.deployment.engine)
    if engine is None or engine.profile is None:
        raise CannotEstimateError(Code("refusal.unknown_engine", {"id": scenario.deployment.engine}))
    workload = scenario.workload
    means = means_of(workload, scenario.targets.percentile)
    lengths = Lengths(
        means.input_tokens,
        means.output_tokens,
        means.input_tokens * workload.cached_prefix,
        percentile=scenario.targets.percentile,
        spread=means.spread,
        **_load(scenario),
    )
    profile = without_graphs(engine.profile) if scenario.serving.cuda_graphs is False else engine.profile
    request = request_for(model, weights, kv, engine, profile, lengths)
    constant = catalog.calibration.constant
    eager = scenario.serving.cuda_graphs is False or beyond_graphs(profile, request.full_tokens)
    launched = constant("overhead.launched_layer_s", profile.runtime) if eager else 0.0
    draft = _draft_request(scenario, catalog, kv, engine, lengths)
    asked = replace(request, serving=scenario.serving, draft=draft, launched_layer_s=launched, own=corrections(scenario, catalog))
    asked = with_beside(asked, scenario.deployment.max_batched_tokens)
    if scenario.serving.adapters:
        asked = replace(asked, adapter_layer_s=constant("overhead.adapter_layer_s"))
    if asked.on_gpu < 1:
        rates = constant("host.bandwidth_gb_s") * 1e9, constant("host.tflops") * 1e12
        asked = replace(asked, host_bandwidth=rates[0], host_flops=rates[1])
    return replace(asked, reuse=_reuse(scenario, asked))


def _reuse(scenario: Scenario, request: Request) -> Reuse | None:
    """What comes back of conversations; None where nothing does, or batches start together or prompts are read apart."""
    workload, serving = scenario.workload, scenario.serving
    plain = serving.batching is Batching.CONTINUOUS and not serving.disaggregated
    if not workload.reused_prefix or not plain or workload.kind is WorkloadKind.BATCH:
        return None
    share = min(workload.reused_prefix, 0.99 - workload.cached_prefix)
    pause = workload.think_time_s if workload.load_kind is LoadKind.USERS else workload.reuse_s
    host = serving.host_kv_gib * 2**30 if request.engine.host_cache else 0.0
    return Reuse(max(0.0, share) * request.input_tokens, max(pause, 1e-3), host)


def beyond_graphs(profile: MemoryProfile, tokens: float) -> bool:
    """Whether an engine runs sequences of so many tokens without its captured graphs."""
    return 0 < profile.graph_tokens < tokens


def _draft_request(
    scenario: Scenario, catalog: Catalog, kv: Precision, engine: ServingEngine, lengths: Lengths
) -> Request | None:
    """The small model that proposes tokens, in 16 bit; None where none is asked for, or it isn't known."""
    asked = scenario.serving
    model = catalog.models.get(asked.draft_model or "")
    weights = catalog.precisions.get(DRAFT_FORMAT)
    if asked.speculation is not Speculation.DRAFT or model is None or weights is None or engine.profile is None:
        return None
    try:
        return request_for(model, weights, kv, engine, engine.profile, lengths)
    except CannotEstimateError:
        return None


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths in tokens and the load; with neither concurrency nor rate the engine runs as full as it goes."""

    input_tokens: int
    output_tokens: int
    cached_tokens: float = 0.0
    concurrency: float | None = None
    rate: float | None = None
    percentile: float = 0.5
    users: float | None = None
    think_s: float = 0.0
    spread: Spread = ALIKE


def request_for(
    model: Model, weights: Precision, kv: Precision, engine: ServingEngine, profile: MemoryProfile, lengths: Lengths
) -> Request:
    """Put a request together from catalogue entries.

    Raises:
        CannotEstimateError: when the model has no shape or writes no text, or a precision is not for weights or not for the
        cache.
    """
    if model.shape is None:
        reason = Code(model.no_shape_reason or "reason.shape_unknown")
        raise CannotEstimateError(Code("refusal.no_shape", {"model": model.name, "reason": reason}))
    language = model.language
    if language is None:
        reason = Code("reason.not_language", {"kind": Code(f"model.kind.{model.kind.value}")})
        raise CannotEstimateError(Code("refusal.no_shape", {"model": model.name, "reason": reason}))
    if weights.native is None or kv.kv_bits is None:
        raise CannotEstimateError(Code("refusal.unknown_precision", {"id": f"{weights.id}, {kv.id}"}))
    feeds = [layer.feed_forward for layer in language.layers if isinstance(layer.feed_forward, Experts)]
    operators = _operators(model.shape)
    kept = kept_parts(model, weights)
    return Request(
        model=model,
        operators=operators,
        weights=weights,
        kept=kept,
        weight_bytes=weight_bytes(operators, weights, kept, model.stored),
        kv_bytes=kv.kv_bits / 8,
        engine=engine,
        profile=profile,
        experts=feeds[0].experts if feeds else 0,
        top_k=feeds[0].top_k if feeds else 0,
        expert_width=feeds[0].intermediate if feeds else 0,
        input_tokens=lengths.input_tokens,
        cached_tokens=lengths.cached_tokens,
        output_tokens=lengths.output_tokens,
        concurrency=lengths.concurrency,
        rate=lengths.rate,
        percentile=lengths.percentile,
        z=NormalDist().inv_cdf(lengths.percentile),
        users=lengths.users,
        think_s=lengths.think_s,
        spread=lengths.spread,
    )


def with_beside(request: Request, batched_tokens: int | None) -> Request:
    """The request with what lies beside the model, its images' tokens, and the layers that stay in host memory."""
    serving, model, ops = request.serving, request.model, request.operators
    found = NOTHING
    if serving.adapters:
        whole, cut = adapter_params(ops, serving.adapter_rank)
        found = replace(found, adapters=serving.adapters, adapter_whole=whole, adapter_cut=cut)
    if serving.speculation is Speculation.HEADS:
        found = replace(
            found, draft_params=one_layer_params(ops), draft_bytes=request.weight_bytes.kept, draft_layers=1 / ops.layers
        )
    elif request.draft is not None:
        draft = request.draft.operators
        found = replace(found, draft_params=float(draft.total_params), draft=draft)
    each = image_tokens(model, serving.image_width, serving.image_height) if serving.images else 0
    if each:
        budget = batched_tokens or request.profile.max_batched_tokens[-1].value
        space = image_bytes(model, serving.image_width, serving.image_height, budget, ops.hidden)
        found = replace(found, image_tokens=each, image_bytes=space)
    layers = serving.gpu_layers
    return replace(
        request,
        beside=found,
        input_tokens=request.input_tokens + serving.images * each,
        on_gpu=1.0 if layers is None else min(1.0, layers / ops.layers),
        ends_on_gpu=layers is None or layers > ops.layers,
    )


def kept_parts(model: Model, weights: Precision) -> frozenset[str]:
    """Parts of a model that a precision leaves in 16 bit."""
    layers = model.language.layers if model.language else ()
    moe = any(isinstance(layer.feed_forward, Experts) for layer in layers)
    latent = any(isinstance(layer.attention, LatentAttention) for layer in layers)
    state = any(layer.mixer is not None for layer in layers)
    if model.stored_kept is not None and weights.id == model.stored_as:
        return frozenset(model.stored_kept)
    return weights.kept_for(model.hf_id, moe=moe, latent=latent, state=state)


def _model(scenario: Scenario, catalog: Catalog) -> Model:
    if scenario.model.custom is not None:
        return scenario.model.custom
    model = catalog.models.get(scenario.model.id)
    if model is None:
        raise CannotEstimateError(Code("refusal.unknown_model", {"id": scenario.model.id}))
    return model


def _load(scenario: Scenario) -> dict[str, float]:
    """Concurrency, rate or users with growth; a batch has none: it runs as full as it goes.

    Users who don't think keep a request in flight each.
    """
    workload = scenario.workload
    if workload.kind is WorkloadKind.BATCH:
        return {}
    load = workload.load * planned_growth(scenario)
    match workload.load_kind:
        case LoadKind.CONCURRENCY:
            return {"concurrency": max(1.0, load)}
        case LoadKind.PER_SECOND:
            return {"rate": load}
        case LoadKind.PER_DAY:
            return {"rate": load / (workload.busy_hours * 3600) * workload.peak_factor}
        case LoadKind.USERS if workload.think_time_s == 0:
            return {"concurrency": max(1.0, load)}
        case LoadKind.USERS:
            return {"users": max(1.0, load), "think_s": workload.think_time_s}
