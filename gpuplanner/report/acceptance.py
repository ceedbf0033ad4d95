"""The acceptance test: what to measure on site, with which command, what is expected, and when it has passed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.result import Plan, Quantity, Unit
from gpuplanner.engine.site.result import Site
from gpuplanner.report.content import Check
from gpuplanner.report.limits import AT_PERCENTILE, limits
from gpuplanner.report.room import slots_of
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

#: How a vendor's tool counts the cards, and reads the memory in use and the power of each.
_TOOLS: Final = {
    "NVIDIA": (
        "nvidia-smi --query-gpu=name --format=csv,noheader | wc -l",
        "nvidia-smi --query-gpu=memory.used --format=csv",
        "nvidia-smi --query-gpu=power.draw --format=csv -l 10",
    ),
    "AMD": (
        "rocm-smi --showproductname",
        "rocm-smi --showmeminfo vram",
        "rocm-smi --showpower",
    ),
    "Huawei": ("npu-smi info -l", "npu-smi info", "npu-smi info"),
}
_TIMED: Final = ("ttft", "tpot", "e2e", "throughput", "request_rate", "batch_time", "item_rate", "real_time_factor")
_TRAINED: Final = ("step_time", "tokens_per_second", "samples_per_second", "mfu", "training_time")
_MORE_IS_BETTER: Final = frozenset(
    ("throughput", "request_rate", "item_rate", "real_time_factor", "tokens_per_second", "samples_per_second", "mfu")
)
_PLAIN: Final = re.compile(r"[^\w./:+-]", re.ASCII)
_ROUNDS: Final = 5
_LEAST_PROMPTS: Final = 200


def checks(scenario: Scenario, plan: Plan, site: Site, catalog: Catalog) -> tuple[Check, ...]:
    """The lines of the acceptance test, hardware first."""
    gpu = catalog.gpus.get(plan.gpu_id)
    counting, memory, power = _TOOLS.get(gpu.vendor if gpu else "", ("", "", ""))
    count = float(slots_of(site) or plan.gpus)
    listed = [Check("report.check.gpus", counting, Quantity("gpus", count, Unit.COUNT, count, count), count, above=True)]
    if plan.memory is not None and (used := plan.figures.get("memory_per_gpu")) is not None and used.value is not None:
        listed.append(Check("report.check.memory", memory, used, _end(used, above=False)))
    held = limits(scenario)
    command = _benchmark(scenario)
    for key in _TRAINED if scenario.workload.kind.trains else _TIMED:
        figure = plan.figures.get(key)
        if figure is None or figure.value is None or (key == "request_rate" and "throughput" in plan.figures):
            continue
        above = key in _MORE_IS_BETTER
        name = "report.check.percentile" if key in AT_PERCENTILE else "report.check.figure"
        limit = held.get(key)
        listed.append(Check(name, command, figure, _end(figure, above) if limit is None else limit, above, limit is not None))
    drawn = plan.figures.get("power")
    if drawn is not None and drawn.value is not None:
        listed.append(Check("report.check.power", power, drawn, _end(drawn, above=False)))
    return tuple(listed)


def cautious(figure: Quantity) -> float | None:
    """The end of a figure's range that is worse for the customer; None where it has no range."""
    if figure.value is None or figure.low is None or figure.high is None or figure.low == figure.high:
        return None
    return figure.low if figure.key in _MORE_IS_BETTER else figure.high


def _end(figure: Quantity, above: bool) -> float:
    """The cautious end of a range: beyond it the estimate was wrong."""
    end = figure.low if above else figure.high
    return (figure.value or 0.0) if end is None else end


def _benchmark(scenario: Scenario) -> str:
    """The load of the scenario as a command against the running service; empty where no common tool makes that load."""
    workload = scenario.workload
    if not workload.kind.writes:
        return ""
    if workload.kind is WorkloadKind.BATCH:
        load, prompts = "--request-rate inf", min(math.ceil(workload.batch_requests), 10_000)
    elif workload.load_kind is LoadKind.PER_SECOND:
        load, prompts = f"--request-rate {workload.load:g}", max(_LEAST_PROMPTS, math.ceil(workload.load * 120))
    elif workload.load_kind is LoadKind.PER_DAY:
        rate = workload.load / (workload.busy_hours * 3600) * workload.peak_factor
        load, prompts = f"--request-rate {rate:.4g}", max(_LEAST_PROMPTS, math.ceil(rate * 120))
    else:
        load, prompts = f"--max-concurrency {math.ceil(workload.load)}", max(_LEAST_PROMPTS, math.ceil(workload.load * _ROUNDS))
    percentile = f"{scenario.targets.percentile * 100:g}"
    model = _PLAIN.sub("-", scenario.model.custom.id if scenario.model.custom else scenario.model.id)
    return (
        f"vllm bench serve --backend openai --base-url http://HOST:PORT --model {model} --dataset-name random"
        f" --random-input-len {round(workload.input_tokens)} --random-output-len {round(workload.output_tokens)} --ignore-eos"
        f" {load} --num-prompts {prompts} --percentile-metrics ttft,tpot,e2el --metric-percentiles {percentile}"
    )
