"""Phrases that the answer, the table and the quote share, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuplanner.engine.result import Code, Plan
from gpuplanner.format import format_integer
from gpuplanner.report.limits import limits
from gpuplanner.report.names import gpu_name, precision_name
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind
from gpuplanner.texts import text

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


def counted(key: str, number: float) -> Code:
    """A number of things, in the singular where it is one."""
    return Code(f"report.{key}.{'one' if number == 1 else 'many'}", {"n": number})


def hardware(plan: Plan, catalog: Catalog) -> Code:
    """What is bought: servers with so many GPUs each, or just GPUs; and how many of them are used where not all are."""
    said = _bought(plan, gpu_name(plan.gpu_id, catalog))
    return said if plan.bought == plan.gpus else Code("report.hardware.used", {"hardware": said, "used": plan.gpus})


def _bought(plan: Plan, name: str) -> Code:
    if plan.servers > 1 and plan.bought % plan.servers == 0:
        servers = counted("servers", plan.servers)
        return Code("report.hardware.each", {"servers": servers, "per_server": plan.bought // plan.servers, "gpu": name})
    if plan.servers:
        key = "report.hardware.one" if plan.servers == 1 else "report.hardware.uneven"
        return Code(key, {"servers": counted("servers", plan.servers), "gpus": plan.bought, "gpu": name})
    return Code("report.hardware.gpus", {"gpus": plan.bought, "gpu": name})


def gpus_words(plan: Plan) -> str:
    """GPUs in use and, where more of them must be bought, how many."""
    if plan.bought == plan.gpus:
        return format_integer(plan.gpus)
    return text("report.gpus_of", used=format_integer(plan.gpus), bought=format_integer(plan.bought))


def layout(plan: Plan) -> Code:
    """How the model lies on the GPUs: degrees, replicas, spares; how a step of training is laid out."""
    from gpuplanner.report import training  # after the first paint

    if plan.training is not None:
        return training.layout(plan)
    if plan.passes is not None:
        return _at_once(plan)
    degrees = {"tp": plan.tensor_parallel, "pp": plan.pipeline_parallel}
    replicas = counted("replicas", plan.replicas)
    if plan.pools is not None:
        replicas = Code("report.layout.apart", {"prefill": plan.pools.prefill, "decode": plan.pools.decode})
    spare = {"replicas": replicas, "spare": plan.spare_replicas}
    return Code(
        "report.layout",
        {
            "degrees": Code("report.layout.tp_pp" if plan.pipeline_parallel > 1 else "report.layout.tp", degrees),
            "replicas": Code("report.layout.with_spare", spare) if plan.spare_replicas else replicas,
        },
    )


def writes(plan: Plan) -> bool:
    """Whether a language model writes token by token in this plan."""
    return plan.training is None and plan.passes is None


def _at_once(plan: Plan) -> Code:
    """Whole models side by side, and how much each takes at once."""
    replicas = counted("replicas", plan.replicas)
    spare = {"replicas": replicas, "spare": plan.spare_replicas}
    carried = Code("report.layout.with_spare", spare) if plan.spare_replicas else replicas
    if plan.gpus_per_replica > 1:
        carried = Code("report.layout.spread", {"replicas": carried, "gpus": plan.gpus_per_replica})
    return Code("report.layout.at_once", {"replicas": carried, "batch": plan.batch})


def state(plan: Plan, scenario: Scenario) -> Code:
    """How the plan stands to the targets."""
    if plan.training is not None:
        return Code(f"report.state.training.{plan.status.value}")
    if not limits(scenario):
        return Code("report.state.no_targets")
    return Code(f"report.state.{plan.status.value}")


def load(scenario: Scenario) -> Code:
    """The load in the way it was given, with the growth that is planned for."""
    from gpuplanner.report import training  # after the first paint

    workload, growth = scenario.workload, scenario.deployment.growth
    if workload.kind.trains:
        return Code("report.load.training", {"n": scenario.training.global_batch, "method": training.method(scenario)})
    if workload.kind is WorkloadKind.BATCH:
        return Code("report.load.batch", {"n": workload.batch_requests, "within_hours": workload.batch_hours})
    given = _load_given(scenario)
    return Code("report.load.growth", {"load": given, "growth_share": growth}) if growth else given


def _load_given(scenario: Scenario) -> Code:
    workload = scenario.workload
    given: dict[str, object] = {"n": workload.load}
    if workload.load_kind is LoadKind.USERS:
        given["think_s"] = workload.think_time_s
    if workload.load_kind is LoadKind.PER_DAY:
        given |= {"busy_hours": workload.busy_hours, "peak": workload.peak_factor}
    return Code(f"report.load.{workload.load_kind.value}", given)


def lengths(scenario: Scenario, catalog: Catalog) -> Code:
    """What a request is: lengths of texts, sizes of pictures, seconds of speech."""
    from gpuplanner.report import passes  # after the first paint

    workload = scenario.workload
    if workload.kind.trains:
        return Code("report.lengths.training", {"tokens": scenario.training.sequence_tokens})
    if workload.kind.passes:
        return passes.lengths(scenario, catalog)
    return Code("report.lengths", {"input": workload.input_tokens, "output": workload.output_tokens})


def precisions(scenario: Scenario, catalog: Catalog) -> Code:
    """Number formats: of the weights, and of the KV cache where there is one."""
    chosen = scenario.precision
    weights = precision_name(chosen.weights, catalog)
    if not scenario.workload.kind.writes:
        return Code("report.setting.precision_alone", {"weights": weights})
    names = {"weights": weights, "kv_cache": precision_name(chosen.kv_cache, catalog)}
    return Code("report.setting.precisions", names)
