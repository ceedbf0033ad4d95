"""What was asked: a scenario as plain, frozen data. Nothing computed stands here."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, PlainValidator, ValidationInfo

from gpuplanner.scenario.asked import Asked, Degree, Id, Share, Tokens
from gpuplanner.scenario.passes import EncodingChoice, GenerationChoice
from gpuplanner.scenario.serving import ServingChoice

FORMAT = "gpuplan"
VERSION = 1


def _imported(value: object, info: ValidationInfo) -> Model | None:
    """A whole model within a scenario.

    What models are made of is loaded here, when there is one: most scenarios name theirs.
    """
    if value is None:
        return None
    from gpuplanner.catalog.schema.model import Model

    if info.mode == "json":  # files are checked strictly, and only JSON text may then have words for choices
        return Model.model_validate_json(json.dumps(value), strict=True)
    return Model.model_validate(value)


if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model

    Imported = Model | None
else:
    Imported = Annotated[Any, PlainValidator(_imported)]


class WorkloadKind(StrEnum):
    """What the model is wanted for.

    Serve answers people as they wait, batch works through a pile; generate makes images or video, encode turns texts, images or
    speech into vectors, scores, labels or a transcript; tune adapts a finished model, train makes one.
    """

    SERVE = "serve"
    BATCH = "batch"
    GENERATE = "generate"
    ENCODE = "encode"
    TUNE = "tune"
    TRAIN = "train"

    @property
    def trains(self) -> bool:
        """Whether weights change."""
        return self in (WorkloadKind.TUNE, WorkloadKind.TRAIN)

    @property
    def writes(self) -> bool:
        """Whether a language model writes text token by token."""
        return self in (WorkloadKind.SERVE, WorkloadKind.BATCH)

    @property
    def passes(self) -> bool:
        """Whether requests are passes through a model that keeps no KV cache between them."""
        return self in (WorkloadKind.GENERATE, WorkloadKind.ENCODE)


class LoadKind(StrEnum):
    """How the load is given. Concurrency is requests in flight, rate is requests per second; they are never mixed.

    Users send a request, read the answer for a think time, and send the next.
    """

    CONCURRENCY = "concurrency"
    PER_SECOND = "per_second"
    PER_DAY = "per_day"
    USERS = "users"


class Objective(StrEnum):
    """What decides between layouts that meet the targets."""

    FEWEST = "fewest"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"


class Availability(StrEnum):
    """Spare machines on top of the need."""

    NONE = "none"
    N_PLUS_ONE = "n_plus_1"


class TuningMethod(StrEnum):
    """What of the model is trained: all of it, or low-rank adapters beside a frozen (quantised) base."""

    FULL = "full"
    LORA = "lora"
    QLORA = "qlora"
    DORA = "dora"


class TrainingPrecision(StrEnum):
    """In which formats weights lie, are computed with and are updated."""

    FP32 = "fp32"
    AMP = "amp"  # FP32 weights, 16-bit copies while computing (autocast)
    MIXED = "mixed"  # 16-bit weights and gradients, FP32 master copy with the optimizer
    BF16 = "bf16"  # everything in 16 bit, optimizer states too
    FP8 = "fp8"  # as mixed; matrix products in 8 bit


class Optimizer(StrEnum):
    """Optimizers, by what they keep."""

    ADAMW = "adamw"
    ADAMW_FOREACH = "adamw_foreach"
    ADAMW_8BIT = "adamw_8bit"
    ADAFACTOR = "adafactor"
    LION = "lion"
    SGD = "sgd"
    SGD_MOMENTUM = "sgd_momentum"
    MUON = "muon"
    GALORE = "galore"


class Sharding(StrEnum):
    """What data-parallel GPUs share out among them: nothing, optimizer states, gradients too, weights too."""

    NONE = "none"
    OPTIMIZER = "optimizer"
    GRADIENTS = "gradients"
    FULL = "full"


class Offload(StrEnum):
    """What lies in host memory."""

    NONE = "none"
    OPTIMIZER = "optimizer"
    ALL = "all"


class Recompute(StrEnum):
    """What is computed again in the backward pass instead of kept."""

    NONE = "none"
    SELECTIVE = "selective"  # the scores of attention
    FULL = "full"  # all but each layer's input


class Kernels(StrEnum):
    """How what lies between matrix products runs: one by one, joined by hand, or by a compiler that computes it again."""

    EAGER = "eager"
    FUSED = "fused"
    COMPILED = "compiled"


class LossKind(StrEnum):
    """How the loss over the vocabulary is computed."""

    FULL = "full"
    CHUNKED = "chunked"  # logits whole, their FP32 copies in pieces
    FUSED = "fused"  # logits never whole


class AttentionKind(StrEnum):
    """Whether the scores are kept."""

    FLASH = "flash"
    EAGER = "eager"


class TrainingBudget(StrEnum):
    """How the amount of work is given."""

    TOKENS = "tokens"
    SAMPLES = "samples"


class AdapterTargets(StrEnum):
    """Which matrices get an adapter."""

    ALL = "all"
    ATTENTION = "attention"
    QUERY_VALUE = "query_value"


class ModelChoice(Asked):
    """The model: a catalogue id, or a whole record when it was imported (``custom`` then wins)."""

    id: Id = "llama-3.3-70b"
    custom: Imported = None


class PrecisionChoice(Asked):
    """Precision ids of the catalogue: weights, and the KV cache."""

    weights: Id = "fp8-e4m3"
    kv_cache: Id = "kv-fp8"


class LengthShare(Asked):
    """A bar of the histogram of lengths: so large a share of the requests is of this length."""

    input_tokens: Tokens = 2048
    output_tokens: Tokens = 512
    share: Annotated[float, Field(gt=0, le=1e9)] = 1.0


class Workload(Asked):
    """Lengths in tokens, and the load.

    ``load`` is requests in flight, per second or per day after ``load_kind``; a day's load is brought to a rate by
    ``busy_hours`` and ``peak_factor``, a number of users by ``think_time_s``. ``input_spread`` and ``output_spread`` are standard
    deviation over mean of the lengths, 0 for fixed ones; ``mix``, where it isn't empty, is a small histogram of lengths that
    takes the place of ``input_tokens`` and ``output_tokens``. ``cached_prefix`` is the share of input tokens found in the prefix
    cache. For a batch, ``load`` isn't used: the engine runs as full as it goes, and ``batch_requests`` is the pile.
    """

    kind: WorkloadKind = WorkloadKind.SERVE
    input_tokens: Tokens = 2048
    output_tokens: Tokens = 512
    load_kind: LoadKind = LoadKind.CONCURRENCY
    load: Annotated[float, Field(gt=0, le=1e9)] = 200
    busy_hours: Annotated[float, Field(gt=0, le=24)] = 8
    peak_factor: Annotated[float, Field(ge=1, le=100)] = 2
    think_time_s: Annotated[float, Field(ge=0, le=86_400)] = 30
    input_spread: Annotated[float, Field(ge=0, le=5)] = 0.0
    output_spread: Annotated[float, Field(ge=0, le=5)] = 0.0
    mix: Annotated[tuple[LengthShare, ...], Field(max_length=32)] = ()
    cached_prefix: Share = 0.0
    batch_requests: Annotated[float, Field(gt=0, le=1e12)] = 100_000
    batch_hours: Annotated[float, Field(gt=0, le=10_000)] = 8


class Targets(Asked):
    """Limits in seconds at ``percentile`` (0.5 to 0.99); None is no limit.

    ``e2e_s`` is from a request's arrival to its last token or its result.
    """

    ttft_s: Annotated[float, Field(gt=0, le=86_400)] | None = 1.0
    tpot_s: Annotated[float, Field(gt=0, le=3_600)] | None = 0.04
    e2e_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    percentile: Annotated[float, Field(ge=0.5, le=0.99)] = 0.95


class Deployment(Asked):
    """Engine, layout and reserve. None means automatic.

    ``gpu`` is the GPU the answer is given for; None lets the objective choose. ``second_gpu`` lets replicas of another GPU carry
    a part of the load. ``growth`` 0.3 plans for 30 % more load. ``memory_utilization``, ``max_batched_tokens`` and ``max_seqs``
    override the serving engine's own defaults.
    """

    engine: Id = "vllm"
    gpu: Id | None = None
    second_gpu: Id | None = None
    tensor_parallel: Degree | None = None
    pipeline_parallel: Degree | None = None
    objective: Objective = Objective.FEWEST
    availability: Availability = Availability.NONE
    growth: Annotated[float, Field(ge=0, le=100)] = 0.0
    max_gpus: Annotated[int, Field(ge=1, le=100_000)] = 1024
    memory_utilization: Annotated[float, Field(gt=0.05, le=1.0)] | None = None
    max_batched_tokens: Annotated[int, Field(ge=16, le=10_000_000)] | None = None
    max_seqs: Annotated[int, Field(ge=1, le=100_000)] | None = None


class TrainingChoice(Asked):
    """How a model is tuned or trained; used by those workloads alone. None means automatic.

    ``method`` is for tuning; training a model is always full. ``sequence_tokens`` a sequence holds, ``micro_batch`` sequences a
    GPU works on at once, ``global_batch`` sequences between two updates. Tensor and pipeline degrees stand in ``deployment``.
    ``gpus`` fixes the number of GPUs. The work is ``budget_tokens``, or ``budget_samples`` sequences seen ``epochs`` times, after
    ``budget``; ``within_days`` is a limit on its time. A checkpoint is written every ``checkpoint_minutes``;
    ``gpu_mtbf_hours`` is the mean time between failures of one GPU with its share of the machine (None: the catalogue's).
    """

    method: TuningMethod = TuningMethod.LORA
    precision: TrainingPrecision = TrainingPrecision.MIXED
    optimizer: Optimizer = Optimizer.ADAMW
    sequence_tokens: Tokens = 4096
    micro_batch: Annotated[int, Field(ge=1, le=65_536)] | None = None
    global_batch: Annotated[int, Field(ge=1, le=10_000_000)] = 128
    recompute: Recompute | None = None
    sharding: Sharding | None = None
    offload: Offload = Offload.NONE
    attention: AttentionKind = AttentionKind.FLASH
    kernels: Kernels = Kernels.FUSED
    loss: LossKind = LossKind.FULL
    adapter_rank: Annotated[int, Field(ge=1, le=8192)] = 16
    adapter_targets: AdapterTargets = AdapterTargets.ALL
    context_parallel: Degree = 1
    expert_parallel: Degree = 1
    virtual_stages: Annotated[int, Field(ge=1, le=64)] = 1
    gpus: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    budget: TrainingBudget = TrainingBudget.SAMPLES
    budget_tokens: Annotated[float, Field(gt=0, le=1e18)] = 1e12
    budget_samples: Annotated[float, Field(gt=0, le=1e15)] = 50_000
    epochs: Annotated[float, Field(gt=0, le=100_000)] = 3
    within_days: Annotated[float, Field(gt=0, le=10_000)] | None = None
    checkpoint_minutes: Annotated[float, Field(gt=0, le=100_000)] = 60
    gpu_mtbf_hours: Annotated[float, Field(gt=0, le=1e9)] | None = None


class Money(Asked):
    """Currency of the answer and what running costs are made of.

    ``cny_per_usd`` is the exchange rate as the user entered it on ``rate_date``; ``electricity_per_kwh`` is in ``currency``.
    """

    currency: Annotated[str, Field(pattern=r"^(CNY|USD)$")] = "CNY"
    cny_per_usd: Annotated[float, Field(gt=0, le=1000)] = 7.1
    rate_date: date | None = None
    electricity_per_kwh: Annotated[float, Field(ge=0, le=100)] = 0.75
    lifetime_years: Annotated[float, Field(gt=0, le=20)] = 3
    utilization: Annotated[float, Field(gt=0, le=1)] = 0.6
    pue: Annotated[float, Field(ge=1, le=4)] = 1.4


class Scenario(Asked):
    """One question of one customer."""

    name: Annotated[str, Field(max_length=200)] = ""
    customer: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=20_000)] = ""
    model: ModelChoice = ModelChoice()
    precision: PrecisionChoice = PrecisionChoice()
    workload: Workload = Workload()
    generation: GenerationChoice = GenerationChoice()
    encoding: EncodingChoice = EncodingChoice()
    serving: ServingChoice = ServingChoice()
    targets: Targets = Targets()
    training: TrainingChoice = TrainingChoice()
    deployment: Deployment = Deployment()
    money: Money = Money()


def get(scenario: Scenario, path: str) -> Any:
    """The value at a dotted path such as ``workload.input_tokens``."""
    value: Any = scenario
    for name in path.split("."):
        value = getattr(value, name)
    return value


def replace(scenario: Scenario, path: str, value: object) -> Scenario:
    """A copy of the scenario with one field changed and checked.

    Args:
        scenario: left as it is.
        path: dotted, one or two names.
        value: what the field shall hold.

    Raises:
        pydantic.ValidationError: when the field can't hold the value.
    """
    head, _, rest = path.partition(".")
    if rest:
        section = getattr(scenario, head)
        value = type(section).model_validate({**_fields(section), rest: value})
    return Scenario.model_validate({**_fields(scenario), head: value})


def _fields(model: BaseModel) -> dict[str, Any]:
    return {**{name: getattr(model, name) for name in type(model).model_fields}, **(model.model_extra or {})}
