"""How a model is tuned or trained."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked, Degree, Tokens


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
    context_parallel: Degree | None = None
    expert_parallel: Degree | None = None
    virtual_stages: Annotated[int, Field(ge=1, le=64)] | None = None
    gpus: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    budget: TrainingBudget = TrainingBudget.SAMPLES
    budget_tokens: Annotated[float, Field(gt=0, le=1e18)] = 1e12
    budget_samples: Annotated[float, Field(gt=0, le=1e15)] = 50_000
    epochs: Annotated[float, Field(gt=0, le=100_000)] = 3
    within_days: Annotated[float, Field(gt=0, le=10_000)] | None = None
    checkpoint_minutes: Annotated[float, Field(gt=0, le=100_000)] = 60
    gpu_mtbf_hours: Annotated[float, Field(gt=0, le=1e9)] | None = None
