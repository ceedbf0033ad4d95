"""The fields of the form, in the order a customer is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from gpuplanner.format import SYMBOLS
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
    TrainingPrecision,
    TuningMethod,
    WorkloadKind,
)
from gpuplanner.scenario.fields import limits
from gpuplanner.texts import text
from gpuplanner.ui.fields.quantity import Asks
from gpuplanner.ui.form import options
from gpuplanner.units import QuantityKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model

Editor = Literal["quantity", "choice", "segmented", "model", "gpu", "line", "note"]
Condition = Callable[[Scenario], bool]


def _always(scenario: Scenario) -> bool:
    del scenario
    return True


def _serves(scenario: Scenario) -> bool:
    return scenario.workload.kind is WorkloadKind.SERVE


def _batch(scenario: Scenario) -> bool:
    return scenario.workload.kind is WorkloadKind.BATCH


def _answers(scenario: Scenario) -> bool:
    """Whether a finished model is put to work."""
    return not scenario.workload.kind.trains


def _trains(scenario: Scenario) -> bool:
    return scenario.workload.kind.trains


def _tunes(scenario: Scenario) -> bool:
    return scenario.workload.kind is WorkloadKind.TUNE


def _adapts(scenario: Scenario) -> bool:
    return _tunes(scenario) and scenario.training.method is not TuningMethod.FULL


def _trains_in_stages(scenario: Scenario) -> bool:
    return _trains(scenario) and scenario.deployment.pipeline_parallel != 1


def _has_experts(model: Model) -> bool:
    from gpuplanner.catalog.schema.shape import Experts  # after the first paint

    language = model.language
    return language is None or any(isinstance(layer.feed_forward, Experts) for layer in language.layers)


def _daily(scenario: Scenario) -> bool:
    return _serves(scenario) and scenario.workload.load_kind is LoadKind.PER_DAY


def _unit_text(path: str) -> Callable[[Scenario], str]:
    def unit(scenario: Scenario) -> str:
        del scenario
        return text(f"field.{path}.unit")

    return unit


def _load_unit(scenario: Scenario) -> str:
    return text(f"form.load.{scenario.workload.load_kind.value}")


def _limit_unit(scenario: Scenario) -> str:
    return text("form.limit_unit", percentile=f"{scenario.targets.percentile * 100:g}")


def _electricity_unit(scenario: Scenario) -> str:
    return f"{SYMBOLS[scenario.money.currency]}/kWh"


def _rate_date(scenario: Scenario) -> str:
    day = scenario.money.rate_date
    return text("form.rate_date", date=day.isoformat()) if day else ""


@dataclass(frozen=True)
class FieldSpec:
    """One field.

    ``asks`` and ``unit`` say what a quantity is, ``offers`` what can be chosen; ``shown`` whether the field applies.
    ``label`` is the key of its label where that isn't the field's own name, "" for none; ``wide`` fields stand without a label
    over the whole width. ``note`` is a quiet line below; ``also`` gives other fields that an edit sets along; ``suits`` says to
    which models the field applies.
    """

    path: str
    editor: Editor
    asks: Callable[[Scenario], Asks] | None = None
    unit: Callable[[Scenario], str] | None = None
    offers: options.Options | None = None
    shown: Condition = _always
    label: str | None = None
    wide: bool = False
    note: Callable[[Scenario], str] | None = None
    also: Callable[[], dict[str, object]] | None = None
    suits: Callable[[Model], bool] | None = None


@dataclass(frozen=True)
class SectionSpec:
    """A group of fields under a heading that folds."""

    key: str
    fields: tuple[FieldSpec, ...]
    folded: bool = field(default=False)


def _quantity(
    path: str,
    kind: QuantityKind,
    *,
    unit: Callable[[Scenario], str] | None = None,
    shown: Condition = _always,
    bare: str | None = None,
    prefix: str = "",
    empty: str = "form.automatic",
    note: Callable[[Scenario], str] | None = None,
    also: Callable[[], dict[str, object]] | None = None,
    label: str | None = None,
    suits: Callable[[Model], bool] | None = None,
) -> FieldSpec:
    asks = Asks(kind, limits(path), bare, prefix, empty)

    def asked(scenario: Scenario) -> Asks:
        del scenario
        return asks

    unit = unit or _unit_text(path)
    return FieldSpec(path, "quantity", asked, unit, shown=shown, note=note, also=also, label=label, suits=suits)


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


def _choice(
    path: str, offers: options.Options, editor: Editor = "choice", shown: Condition = _always, label: str | None = None
) -> FieldSpec:
    return FieldSpec(path, editor, offers=offers, shown=shown, label=label)


_K: Final = QuantityKind
SECTIONS: Final = (
    SectionSpec("model", (FieldSpec("model.id", "model", wide=True),)),
    SectionSpec(
        "precision",
        (
            _choice("precision.weights", options.weights, shown=_answers),
            _choice("precision.kv_cache", options.kv_caches, shown=_answers),
        ),
    ),
    SectionSpec(
        "workload",
        (
            FieldSpec("workload.kind", "segmented", offers=options.of_enum("workload.kind", WorkloadKind), wide=True),
            _quantity("workload.input_tokens", _K.TOKENS, shown=_answers),
            _quantity("workload.output_tokens", _K.TOKENS, shown=_answers),
            _quantity("workload.cached_prefix", _K.PERCENT, shown=_answers),
            _choice(
                "workload.load_kind", options.of_enum("workload.load_kind", LoadKind), "segmented", _serves, "field.workload.load"
            ),
            FieldSpec("workload.load", "quantity", _load_asks, _load_unit, shown=_serves, label=""),
            _quantity("workload.busy_hours", _K.HOURS, shown=_daily),
            _quantity("workload.peak_factor", _K.NUMBER, shown=_daily),
            _quantity("workload.batch_requests", _K.COUNT, shown=_batch),
            _quantity("workload.batch_hours", _K.HOURS, shown=_batch),
            _quantity("training.sequence_tokens", _K.TOKENS, shown=_trains),
            _quantity("training.global_batch", _K.WHOLE, shown=_trains),
            _quantity("training.micro_batch", _K.WHOLE, shown=_trains),
        ),
    ),
    SectionSpec(
        "training",
        (
            FieldSpec(
                "training.method",
                "segmented",
                offers=options.of_enum("training.method", TuningMethod),
                shown=_tunes,
                wide=True,
            ),
            _quantity("training.adapter_rank", _K.WHOLE, shown=_adapts),
            _choice("training.adapter_targets", options.of_enum("training.adapter_targets", AdapterTargets), shown=_adapts),
            _choice("training.precision", options.of_enum("training.precision", TrainingPrecision), shown=_trains),
            _choice("training.optimizer", options.of_enum("training.optimizer", Optimizer), shown=_trains),
            _choice("training.sharding", options.automatic_or("training.sharding", Sharding), shown=_trains),
            _choice("training.recompute", options.automatic_or("training.recompute", Recompute), shown=_trains),
            _choice("training.attention", options.of_enum("training.attention", AttentionKind), shown=_trains),
            _choice("training.offload", options.of_enum("training.offload", Offload), shown=_trains),
        ),
    ),
    SectionSpec(
        "targets",
        (
            _quantity(
                "targets.ttft_s", _K.SECONDS, unit=_limit_unit, bare="ms", prefix="≤ ", empty="form.no_limit", shown=_serves
            ),
            _quantity(
                "targets.tpot_s", _K.SECONDS, unit=_limit_unit, bare="ms", prefix="≤ ", empty="form.no_limit", shown=_serves
            ),
            _choice("targets.percentile", options.percentiles, shown=_serves),
        ),
    ),
    SectionSpec(
        "deployment",
        (
            _choice("deployment.engine", options.engines, shown=_answers),
            FieldSpec("deployment.gpu", "gpu"),
            _quantity("deployment.tensor_parallel", _K.WHOLE),
            _quantity("deployment.pipeline_parallel", _K.WHOLE),
            _quantity("training.context_parallel", _K.WHOLE, shown=_trains),
            _quantity("training.expert_parallel", _K.WHOLE, shown=_trains, suits=_has_experts),
            _choice("deployment.objective", options.objectives),
            _choice("deployment.availability", options.of_enum("deployment.availability", Availability), shown=_answers),
            _quantity("deployment.growth", _K.PERCENT, shown=_answers),
        ),
    ),
    SectionSpec(
        "advanced",
        (
            _quantity("deployment.memory_utilization", _K.PERCENT, empty="form.engine_default", label="form.label.memory_share"),
            _quantity("deployment.max_batched_tokens", _K.TOKENS, empty="form.engine_default", shown=_answers),
            _quantity("deployment.max_seqs", _K.WHOLE, empty="form.engine_default", shown=_answers),
            _choice("training.kernels", options.of_enum("training.kernels", Kernels), shown=_trains),
            _choice("training.loss", options.of_enum("training.loss", LossKind), shown=_trains),
            _quantity("training.virtual_stages", _K.WHOLE, shown=_trains_in_stages),
            _quantity("deployment.max_gpus", _K.WHOLE, prefix="≤ "),
        ),
        folded=True,
    ),
    SectionSpec(
        "money",
        (
            _choice("money.currency", options.currencies),
            _quantity("money.cny_per_usd", _K.NUMBER, note=_rate_date, also=_today),
            _quantity("money.electricity_per_kwh", _K.MONEY, unit=_electricity_unit, shown=_answers),
            _quantity("money.lifetime_years", _K.YEARS, shown=_answers),
            _quantity("money.utilization", _K.PERCENT, shown=_answers),
            _quantity("money.pue", _K.NUMBER, shown=_answers),
        ),
    ),
    SectionSpec(
        "about", (FieldSpec("name", "line"), FieldSpec("customer", "line"), FieldSpec("note", "note", wide=True)), folded=True
    ),
)
