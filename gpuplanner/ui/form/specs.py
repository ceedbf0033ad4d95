"""The fields of the form, in the order a customer is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from gpuplanner.format import SYMBOLS
from gpuplanner.scenario.document import Availability, LoadKind, Objective, Scenario, WorkloadKind
from gpuplanner.scenario.fields import limits
from gpuplanner.texts import text
from gpuplanner.ui.fields.quantity import Asks
from gpuplanner.ui.form import options
from gpuplanner.units import QuantityKind

Editor = Literal["quantity", "choice", "segmented", "model", "gpu", "line", "note"]
Condition = Callable[[Scenario], bool]


def _always(scenario: Scenario) -> bool:
    del scenario
    return True


def _serves(scenario: Scenario) -> bool:
    return scenario.workload.kind is WorkloadKind.SERVE


def _batch(scenario: Scenario) -> bool:
    return scenario.workload.kind is WorkloadKind.BATCH


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
    over the whole width. ``note`` is a quiet line below; ``also`` gives other fields that an edit sets along.
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
) -> FieldSpec:
    asks = Asks(kind, limits(path), bare, prefix, empty)

    def asked(scenario: Scenario) -> Asks:
        del scenario
        return asks

    return FieldSpec(path, "quantity", asked, unit or _unit_text(path), shown=shown, note=note, also=also, label=label)


_LOAD_KINDS: Final = {
    LoadKind.CONCURRENCY: QuantityKind.COUNT,
    LoadKind.PER_SECOND: QuantityKind.PER_SECOND,
    LoadKind.PER_DAY: QuantityKind.PER_DAY,
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
SERVING: Final = (WorkloadKind.SERVE, WorkloadKind.BATCH)

SECTIONS: Final = (
    SectionSpec("model", (FieldSpec("model.id", "model", wide=True),)),
    SectionSpec("precision", (_choice("precision.weights", options.weights), _choice("precision.kv_cache", options.kv_caches))),
    SectionSpec(
        "workload",
        (
            FieldSpec("workload.kind", "segmented", offers=options.of_enum("workload.kind", SERVING), wide=True),
            _quantity("workload.input_tokens", _K.TOKENS),
            _quantity("workload.output_tokens", _K.TOKENS),
            _quantity("workload.cached_prefix", _K.PERCENT),
            _choice(
                "workload.load_kind", options.of_enum("workload.load_kind", LoadKind), "segmented", _serves, "field.workload.load"
            ),
            FieldSpec("workload.load", "quantity", _load_asks, _load_unit, shown=_serves, label=""),
            _quantity("workload.busy_hours", _K.HOURS, shown=_daily),
            _quantity("workload.peak_factor", _K.NUMBER, shown=_daily),
            _quantity("workload.batch_requests", _K.COUNT, shown=_batch),
            _quantity("workload.batch_hours", _K.HOURS, shown=_batch),
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
            _choice("deployment.engine", options.engines),
            FieldSpec("deployment.gpu", "gpu"),
            _quantity("deployment.tensor_parallel", _K.WHOLE),
            _quantity("deployment.pipeline_parallel", _K.WHOLE),
            _choice("deployment.objective", options.of_enum("deployment.objective", Objective)),
            _choice("deployment.availability", options.of_enum("deployment.availability", Availability)),
            _quantity("deployment.growth", _K.PERCENT),
        ),
    ),
    SectionSpec(
        "advanced",
        (
            _quantity("deployment.memory_utilization", _K.PERCENT, empty="form.engine_default", label="form.label.memory_share"),
            _quantity("deployment.max_batched_tokens", _K.TOKENS, empty="form.engine_default"),
            _quantity("deployment.max_seqs", _K.WHOLE, empty="form.engine_default"),
            _quantity("deployment.max_gpus", _K.WHOLE, prefix="≤ "),
        ),
        folded=True,
    ),
    SectionSpec(
        "money",
        (
            _choice("money.currency", options.currencies),
            _quantity("money.cny_per_usd", _K.NUMBER, note=_rate_date, also=_today),
            _quantity("money.electricity_per_kwh", _K.MONEY, unit=_electricity_unit),
            _quantity("money.lifetime_years", _K.YEARS),
            _quantity("money.utilization", _K.PERCENT),
            _quantity("money.pue", _K.NUMBER),
        ),
    ),
    SectionSpec(
        "about", (FieldSpec("name", "line"), FieldSpec("customer", "line"), FieldSpec("note", "note", wide=True)), folded=True
    ),
)
