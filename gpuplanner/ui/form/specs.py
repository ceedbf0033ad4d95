"""The fields of the form, in the order a customer is asked."""

from __future__ import annotations

from datetime import date
from typing import Final

from gpuplanner.scenario.document import (
    AdapterTargets,
    AttentionKind,
    Availability,
    Kernels,
    LoadKind,
    LossKind,
    Offload,
    Optimizer,
    Recompute,
    Scenario,
    Sharding,
    TrainingBudget,
    TrainingPrecision,
    TuningMethod,
    WorkloadKind,
)
from gpuplanner.scenario.fields import limits
from gpuplanner.scenario.passes import DecodeKind, PipelineOffload
from gpuplanner.scenario.serving import Balancing, Batching, Speculation
from gpuplanner.ui.fields.quantity import Asks
from gpuplanner.ui.form import conditions as when
from gpuplanner.ui.form import options, usual
from gpuplanner.ui.form.field_spec import (
    FieldSpec,
    SectionSpec,
    choice,
    electricity_unit,
    limit_unit,
    limit_unit_s,
    load_unit,
    quantity,
    rate_date,
)
from gpuplanner.ui.form.specs_site import HOST, SITE
from gpuplanner.units import QuantityKind

_LOAD_KINDS: Final = {
    LoadKind.CONCURRENCY: QuantityKind.COUNT,
    LoadKind.PER_SECOND: QuantityKind.PER_SECOND,
    LoadKind.PER_DAY: QuantityKind.PER_DAY,
    LoadKind.USERS: QuantityKind.COUNT,
}


def _load_asks(scenario: Scenario) -> Asks:
    return Asks(_LOAD_KINDS[scenario.workload.load_kind], limits("workload.load"))


def _today() -> dict[str, object]:
    return {"money.rate_date": date.today()}


_K: Final = QuantityKind
_PUBLISHED: Final = "form.as_published"

_MODEL: Final = SectionSpec("model", (FieldSpec("model.id", "model", wide=True),))

_PRECISION: Final = SectionSpec(
    "precision",
    (
        choice("precision.weights", options.weights, shown=when.answers),
        choice("precision.kv_cache", options.kv_caches, shown=when.writes),
    ),
)

_KIND: Final = FieldSpec("workload.kind", "segmented", offers=options.of_enum("workload.kind", WorkloadKind), wide=True, across=3)

_WORKLOAD: Final = SectionSpec(
    "workload",
    (
        _KIND,
        quantity("workload.input_tokens", _K.TOKENS, shown=when.writes),
        quantity("workload.output_tokens", _K.TOKENS, shown=when.writes),
        quantity("workload.cached_prefix", _K.PERCENT, shown=when.writes),
        quantity("workload.input_spread", _K.NUMBER, shown=when.writes),
        quantity("workload.output_spread", _K.NUMBER, shown=when.writes),
        quantity("generation.images", _K.WHOLE, shown=when.generates),
        quantity("generation.width", _K.WHOLE, shown=when.generates, empty=_PUBLISHED, usual=usual.width),
        quantity("generation.height", _K.WHOLE, shown=when.generates, empty=_PUBLISHED, usual=usual.height),
        quantity(
            "generation.frames", _K.WHOLE, shown=when.generates, empty=_PUBLISHED, usual=usual.frames, suits=when.makes_video
        ),
        quantity("generation.steps", _K.WHOLE, shown=when.generates, empty=_PUBLISHED, usual=usual.steps),
        choice("generation.guidance", options.yes_or_no("generation.guidance", _PUBLISHED), shown=when.generates),
        quantity("encoding.items", _K.WHOLE, shown=when.encodes),
        quantity("encoding.tokens", _K.TOKENS, shown=when.encodes, suits=when.takes_texts),
        quantity(
            "encoding.image_px", _K.WHOLE, shown=when.encodes, empty=_PUBLISHED, usual=usual.image_px, suits=when.takes_images
        ),
        quantity("encoding.audio_s", _K.SECONDS, bare="s", shown=when.encodes, suits=when.takes_speech),
        FieldSpec(
            "workload.load_kind",
            "segmented",
            offers=options.of_enum("workload.load_kind", LoadKind),
            shown=when.waited_for,
            label="field.workload.load",
            across=2,
        ),
        FieldSpec("workload.load", "quantity", _load_asks, load_unit, shown=when.waited_for, label=""),
        quantity("workload.think_time_s", _K.SECONDS, bare="s", shown=when.of_users),
        quantity("workload.busy_hours", _K.HOURS, shown=when.daily),
        quantity("workload.peak_factor", _K.NUMBER, shown=when.daily),
        quantity("workload.batch_requests", _K.COUNT, shown=when.batch),
        quantity("workload.batch_hours", _K.HOURS, shown=when.batch),
        quantity("training.sequence_tokens", _K.TOKENS, shown=when.trains),
        quantity("training.global_batch", _K.WHOLE, shown=when.trains),
        quantity("training.micro_batch", _K.WHOLE, shown=when.trains),
        FieldSpec(
            "training.budget",
            "segmented",
            offers=options.of_enum("training.budget", TrainingBudget),
            shown=when.trains,
        ),
        quantity("training.budget_tokens", _K.COUNT, shown=when.counts_tokens),
        quantity("training.budget_samples", _K.COUNT, shown=when.counts_samples),
        quantity("training.epochs", _K.NUMBER, shown=when.counts_samples),
    ),
)

_TRAINING: Final = SectionSpec(
    "training",
    (
        FieldSpec(
            "training.method",
            "segmented",
            offers=options.of_enum("training.method", TuningMethod),
            shown=when.tunes,
            wide=True,
        ),
        quantity("training.adapter_rank", _K.WHOLE, shown=when.adapts),
        choice("training.adapter_targets", options.of_enum("training.adapter_targets", AdapterTargets), shown=when.adapts),
        choice("training.precision", options.of_enum("training.precision", TrainingPrecision), shown=when.trains),
        choice("training.optimizer", options.of_enum("training.optimizer", Optimizer), shown=when.trains),
        choice("training.sharding", options.automatic_or("training.sharding", Sharding), shown=when.trains),
        choice("training.recompute", options.automatic_or("training.recompute", Recompute), shown=when.trains),
        choice("training.attention", options.of_enum("training.attention", AttentionKind), shown=when.trains),
        choice("training.offload", options.of_enum("training.offload", Offload), shown=when.trains),
    ),
)

_TARGETS: Final = SectionSpec(
    "targets",
    (
        quantity("targets.ttft_s", _K.SECONDS, unit=limit_unit, bare="ms", prefix="≤ ", empty="form.no_limit", shown=when.serves),
        quantity("targets.tpot_s", _K.SECONDS, unit=limit_unit, bare="ms", prefix="≤ ", empty="form.no_limit", shown=when.serves),
        quantity(
            "targets.e2e_s", _K.SECONDS, unit=limit_unit_s, bare="s", prefix="≤ ", empty="form.no_limit", shown=when.waited_for
        ),
        choice("targets.percentile", options.percentiles, shown=when.waited_for),
        choice("targets.cautious", options.yes_or_no("targets.cautious"), shown=when.waited_for),
        quantity("training.within_days", _K.NUMBER, prefix="≤ ", empty="form.no_limit", shown=when.trains),
    ),
)

_DEPLOYMENT: Final = SectionSpec(
    "deployment",
    (
        choice("deployment.engine", options.engines, shown=when.answers),
        FieldSpec("deployment.gpu", "gpu"),
        FieldSpec("deployment.second_gpu", "gpu", shown=when.serves, empty="form.second_gpu.none"),
        quantity("training.gpus", _K.WHOLE, shown=when.trains),
        quantity("deployment.tensor_parallel", _K.WHOLE, shown=lambda scenario: not when.passes(scenario)),
        quantity("deployment.pipeline_parallel", _K.WHOLE, shown=lambda scenario: not when.passes(scenario)),
        quantity("training.context_parallel", _K.WHOLE, shown=when.trains),
        quantity("training.expert_parallel", _K.WHOLE, shown=when.trains, suits=when.has_experts),
        quantity("generation.batch", _K.WHOLE, shown=when.generates),
        quantity("encoding.batch", _K.WHOLE, shown=when.encodes),
        choice("generation.cfg_parallel", options.yes_or_no("generation.cfg_parallel"), shown=when.guided, suits=when.guides),
        quantity("generation.sequence_parallel", _K.WHOLE, shown=when.generates, suits=when.shares_tokens),
        choice("generation.offload", options.of_enum("generation.offload", PipelineOffload), shown=when.generates),
        choice("generation.decode", options.of_enum("generation.decode", DecodeKind), shown=when.generates),
        choice("deployment.objective", options.objectives),
        choice("deployment.availability", options.of_enum("deployment.availability", Availability), shown=when.answers),
        quantity("deployment.growth", _K.PERCENT, shown=when.answers),
        choice("calibration.enabled", options.yes_or_no("calibration.enabled"), shown=when.is_measured),
    ),
)

_SERVING: Final = SectionSpec(
    "serving",
    (
        choice("serving.speculation", options.of_enum("serving.speculation", Speculation), shown=when.writes),
        FieldSpec("serving.draft_model", "draft", shown=when.drafts),
        quantity("serving.draft_tokens", _K.WHOLE, shown=when.speculates),
        quantity("serving.acceptance", _K.PERCENT, shown=when.speculates),
        choice("serving.chunked_prefill", options.yes_or_no("serving.chunked_prefill", "form.engine_default"), shown=when.writes),
        choice("serving.cuda_graphs", options.yes_or_no("serving.cuda_graphs", "form.engine_default"), shown=when.writes),
        choice(
            "serving.data_parallel_attention",
            options.yes_or_no("serving.data_parallel_attention", "form.automatic"),
            shown=when.writes,
            suits=when.has_experts,
        ),
        quantity("serving.images", _K.WHOLE, shown=when.writes, suits=when.looks),
        quantity("serving.image_width", _K.WHOLE, shown=when.sees, suits=when.looks),
        quantity("serving.image_height", _K.WHOLE, shown=when.sees, suits=when.looks),
        quantity("serving.adapters", _K.WHOLE, shown=when.writes),
        quantity("serving.adapter_rank", _K.WHOLE, shown=when.holds_adapters),
        choice("serving.batching", options.of_enum("serving.batching", Batching), shown=when.writes),
        quantity("serving.dynamic_delay_s", _K.SECONDS, bare="ms", shown=when.waits_to_fill),
        choice("serving.disaggregated", options.yes_or_no("serving.disaggregated"), shown=when.serves),
        choice("serving.balancing", options.of_enum("serving.balancing", Balancing), shown=when.serves),
        quantity("workload.reused_prefix", _K.PERCENT, shown=when.converses),
        quantity("workload.reuse_s", _K.SECONDS, bare="s", shown=when.pauses),
        quantity("serving.host_kv_gib", _K.NUMBER, shown=when.comes_back),
        quantity("serving.gpu_layers", _K.WHOLE, shown=when.writes_by_layers),
    ),
    folded=True,
)

_ADVANCED: Final = SectionSpec(
    "advanced",
    (
        quantity("deployment.memory_utilization", _K.PERCENT, empty="form.engine_default", label="form.label.memory_share"),
        quantity("deployment.max_batched_tokens", _K.TOKENS, empty="form.engine_default", shown=when.writes),
        quantity("deployment.max_seqs", _K.WHOLE, empty="form.engine_default", shown=when.writes),
        choice("training.kernels", options.of_enum("training.kernels", Kernels), shown=when.trains),
        choice("training.loss", options.of_enum("training.loss", LossKind), shown=when.trains),
        quantity("training.checkpoint_minutes", _K.NUMBER, shown=when.trains),
        quantity("training.gpu_mtbf_hours", _K.NUMBER, empty="form.as_published", shown=when.trains),
        quantity("training.virtual_stages", _K.WHOLE, shown=when.trains_in_stages),
        quantity("deployment.max_gpus", _K.WHOLE, prefix="≤ "),
    ),
    folded=True,
)

_MONEY: Final = SectionSpec(
    "money",
    (
        choice("money.currency", options.currencies),
        quantity("money.cny_per_usd", _K.NUMBER, note=rate_date, also=_today),
        quantity("money.electricity_per_kwh", _K.MONEY, unit=electricity_unit, shown=when.answers),
        quantity("money.lifetime_years", _K.YEARS, shown=when.answers),
        quantity("money.utilization", _K.PERCENT, shown=when.answers),
        quantity("money.pue", _K.NUMBER, shown=when.answers),
    ),
)

_ABOUT: Final = SectionSpec(
    "about", (FieldSpec("name", "line"), FieldSpec("customer", "line"), FieldSpec("note", "note", wide=True)), folded=True
)

SECTIONS: Final = (
    _MODEL,
    _PRECISION,
    _WORKLOAD,
    _TRAINING,
    _TARGETS,
    _DEPLOYMENT,
    _SERVING,
    _ADVANCED,
    HOST,
    SITE,
    _MONEY,
    _ABOUT,
)
