"""The inputs of a scenario in words, and which of them differ between several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gpuplanner import texts
from gpuplanner.errors import shown
from gpuplanner.format import DASH
from gpuplanner.report.names import engine_name, gpu_name, model_name, precision_name
from gpuplanner.scenario import fields
from gpuplanner.scenario.document import Scenario, WorkloadKind, get
from gpuplanner.texts import has, text
from gpuplanner.units import format_quantity

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

#: What a scenario is called and filed under isn't what it asks.
_NO_INPUT: Final = ("name", "customer", "note", "library.", "calibration.", "model.custom")
_WRITES: Final = (WorkloadKind.SERVE, WorkloadKind.BATCH)
_RUNS: Final = (WorkloadKind.SERVE, WorkloadKind.GENERATE, WorkloadKind.ENCODE)
_OF_KIND: Final = {
    "precision.kv_cache": _WRITES,
    "workload.input_tokens": _WRITES,
    "workload.output_tokens": _WRITES,
    "workload.cached_prefix": _WRITES,
    "workload.load": _RUNS,
    "workload.load_kind": _RUNS,
    "workload.batch_requests": (WorkloadKind.BATCH,),
    "workload.batch_hours": (WorkloadKind.BATCH,),
    "targets.ttft_s": (WorkloadKind.SERVE,),
    "targets.tpot_s": (WorkloadKind.SERVE,),
    "targets.e2e_s": _RUNS,
    "generation": (WorkloadKind.GENERATE,),
    "encoding": (WorkloadKind.ENCODE,),
    "training": (WorkloadKind.TUNE, WorkloadKind.TRAIN),
    "serving": _WRITES,
}
#: Nothing given is no limit, elsewhere it is left to the program.
_NO_LIMIT: Final = ("targets.", "deployment.max_gpus", "training.within_days", "money.", "site.", "estate.")
#: Worth naming even where they hold their default.
_CORE: Final = frozenset(
    (
        "model.id", "precision.weights", "workload.kind", "workload.input_tokens", "workload.output_tokens", "workload.load",
        "targets.ttft_s", "targets.tpot_s", "deployment.gpu", "deployment.engine", "money.currency",
    )
)  # fmt: skip


def input_paths(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """The fields that matter to at least one of the scenarios, in the order of the document."""
    paths = [path for path in fields.paths() if not path.startswith(_NO_INPUT)]
    return tuple(path for path in paths if any(applies(path, scenario) for scenario in scenarios))


def applies(path: str, scenario: Scenario) -> bool:
    """Whether an input matters to the kind of work of a scenario."""
    suited = _OF_KIND.get(path) or _OF_KIND.get(path.partition(".")[0])
    return suited is None or scenario.workload.kind in suited


def differing(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """The inputs that aren't the same in all scenarios."""
    return tuple(
        path for path in input_paths(scenarios) if any(_held(each, path) != _held(scenarios[0], path) for each in scenarios)
    )


def equal(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """The inputs that are the same in all scenarios and worth naming: the chief ones, and what departs from its default."""
    apart, usual = set(differing(scenarios)), Scenario()
    paths = [path for path in input_paths(scenarios) if path not in apart]
    return tuple(path for path in paths if path in _CORE or _held(scenarios[0], path) != _held(usual, path))


def input_name(path: str, lang: str | None = None) -> str:
    """What an input is called."""
    return texts.text_in(lang or texts.language(), fields.name(path).key)


def input_text(scenario: Scenario, path: str, catalog: Catalog, *, unit: bool = True) -> str:
    """The value of an input in words.

    Args:
        scenario: that holds it.
        path: of the field.
        catalog: names models, GPUs and formats.
        unit: whether numbers carry theirs.
    """
    value = get(scenario, path)
    if not applies(path, scenario):
        return DASH
    if path in _NAMED:
        return _NAMED[path](scenario, catalog)
    if path == "deployment.gpu":
        return gpu_name(value, catalog) if value else text("form.automatic")
    if value is None or value == "":
        return text("input.none") if value == "" or path.startswith(_NO_LIMIT) else text("form.automatic")
    if path in fields.WRITTEN:
        kind, stands = fields.WRITTEN[path]
        number = format_quantity(int(value) if float(value).is_integer() else value, kind, unit=stands, lang=texts.language())
        after = text(f"field.{path}.unit") if unit and has(f"field.{path}.unit") else ""
        return number if not after or after in number else f"{number} {after}"
    word = f"choice.{path}.{str(value).lower()}"
    if has(word):
        return text(word)
    if isinstance(value, tuple | list | Mapping):
        return text("input.entries", count=len(value)) if value else text("input.none")
    return shown(str(value), 80)


_NAMED: Final = {
    "model.id": model_name,
    "precision.weights": lambda scenario, catalog: precision_name(scenario.precision.weights, catalog),
    "precision.kv_cache": lambda scenario, catalog: precision_name(scenario.precision.kv_cache, catalog),
    "deployment.engine": engine_name,
}


def _held(scenario: Scenario, path: str) -> object:
    if not applies(path, scenario):
        return None
    value = get(scenario, path)
    return (value, scenario.model.custom) if path == "model.id" else value
