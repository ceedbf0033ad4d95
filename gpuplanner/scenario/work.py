"""What a model is wanted for: the model, its precision, the load, the targets and where it runs."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from gpuplanner.scenario.asked import Asked, Degree, Id, Share, Tokens


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
    FIFTH = "fifth"  # 20 % of the replicas, one at least


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
    cache; ``reused_prefix`` the share that repeats the conversation so far, found where its cache is still there when it comes
    back after ``reuse_s`` seconds (users: after thinking). For a batch, ``load`` isn't used: the
    engine runs as full as it goes, and ``batch_requests`` is the pile.
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
    reused_prefix: Share = 0.0
    reuse_s: Annotated[float, Field(gt=0, le=604_800)] = 60.0
    batch_requests: Annotated[float, Field(gt=0, le=1e12)] = 100_000
    batch_hours: Annotated[float, Field(gt=0, le=10_000)] = 8


class Targets(Asked):
    """Limits in seconds at ``percentile`` (0.5 to 0.99); None is no limit.

    ``e2e_s`` is from a request's arrival to its last token or its result. ``cautious`` holds them over the whole range of a
    figure, not only by its expected value.
    """

    ttft_s: Annotated[float, Field(gt=0, le=86_400)] | None = 1.0
    tpot_s: Annotated[float, Field(gt=0, le=3_600)] | None = 0.04
    e2e_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    percentile: Annotated[float, Field(ge=0.5, le=0.99)] = 0.95
    cautious: bool = False


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
