"""What documents say of tuning and training: layout, recipe, assumptions, the course of a step."""

from __future__ import annotations

from gpuplanner.engine.result import Code, Memory, MemoryPart, Plan, TrainingPlan
from gpuplanner.format import format_bytes
from gpuplanner.report.content import Setting
from gpuplanner.report.words import Cell, Column, Table
from gpuplanner.scenario.document import Offload, Scenario, TuningMethod, WorkloadKind
from gpuplanner.texts import text_in


def layout(plan: Plan) -> Code:
    """How a step is laid out: degrees, what is shared out, micro-batch, recomputation."""
    step = plan.training
    if step is None:
        return Code("report.list", {"parts": ()})
    parts: list[Code | str] = list(degrees(plan))
    parts.append(Code("results.training.micro_batch", {"count": step.micro_batch}))
    if step.recompute != "none":
        parts.append(_recomputed(step, "results"))
    return Code("report.list", {"parts": tuple(parts)})


def _recomputed(step: TrainingPlan, place: str) -> Code:
    """What is computed again: nothing, scores, every layer or a share of them."""
    if step.recompute == "full" and step.recomputed < 1:
        return Code("results.training.recompute.part", {"percent": round(100 * step.recomputed)})
    return Code(f"{place}.training.recompute.{step.recompute}")


def degrees(plan: Plan) -> tuple[Code | str, ...]:
    """How a step is spread over GPUs: "TP 8", "PP 4", "ZeRO-3 over 16"; degrees of one are left out."""
    step = plan.training
    if step is None:
        return ()
    cut = {"TP": plan.tensor_parallel, "PP": plan.pipeline_parallel, "CP": step.context_parallel, "VP": step.virtual_stages}
    parts: list[Code | str] = [f"{name} {degree}" for name, degree in cut.items() if degree > 1]
    if plan.replicas > 1:
        shared = {"sharding": f"results.training.sharding.{step.sharding}", "n": plan.replicas}
        parts.append(Code("report.training.shared", shared))
    return tuple(parts)


def method(scenario: Scenario) -> Code:
    """What is trained: everything, or adapters of a rank."""
    if not adapts(scenario):
        name = "full" if scenario.workload.kind is WorkloadKind.TUNE else "train"
        return Code(f"training.method.{name}")
    chosen = scenario.training
    words = {
        "method": f"training.method.{chosen.method}",
        "rank": chosen.adapter_rank,
        "targets": f"choice.training.adapter_targets.{chosen.adapter_targets}",
    }
    return Code("report.training.adapters", words)


def adapts(scenario: Scenario) -> bool:
    """Whether adapters are trained beside a frozen base."""
    return scenario.workload.kind is WorkloadKind.TUNE and scenario.training.method is not TuningMethod.FULL


def settings(scenario: Scenario, plan: Plan) -> tuple[Setting, ...]:
    """The recipe, line by line."""
    chosen, step = scenario.training, plan.training
    rows = [
        Setting("field.training.method", method(scenario)),
        Setting("field.training.precision", Code(f"choice.training.precision.{chosen.precision}")),
        Setting("field.training.optimizer", Code(f"choice.training.optimizer.{chosen.optimizer}")),
        Setting("field.training.attention", Code(f"choice.training.attention.{chosen.attention}")),
    ]
    if chosen.offload is not Offload.NONE:
        rows.append(Setting("field.training.offload", Code(f"choice.training.offload.{chosen.offload}")))
    if step is not None:
        rows.append(Setting("field.training.recompute", _recomputed(step, "choice")))
        batch = {"micro": step.micro_batch, "count": step.micro_batches, "copies": step.data_parallel}
        rows.append(Setting("report.training.batch", Code("report.training.batch.made_of", batch)))
    return tuple(rows)


def assumptions(scenario: Scenario, plan: Plan) -> tuple[Code, ...]:
    """What a reader must know of the recipe to judge the memory."""
    chosen = scenario.training
    lengths = {"tokens": chosen.sequence_tokens, "n": chosen.global_batch}
    said = (Code("report.assume.training.lengths", lengths), Code("report.assume.training.peak"))
    timed = plan.figures.get("training_time")
    return said if timed is not None and timed.value is not None else (*said, Code("report.assume.training.no_time"))


def part_key(part: MemoryPart, memory: Memory) -> str:
    """The text key of a part's name; a step of training has no serving engine."""
    return "results.training.part.engine" if part is MemoryPart.ENGINE and memory.moments else f"report.part.{part.value}"


def course_table(memory: Memory, lang: str) -> Table:
    """The moments of a step as rows, the parts as columns; the moment at which most lives stands out."""
    parts = [part for part in MemoryPart if any(moment.parts.get(part) for moment in memory.moments)]
    columns = (
        Column(text_in(lang, "report.training.moment"), 1.9),
        *(Column(text_in(lang, part_key(part, memory)), 1.2, right=True) for part in parts),
        Column(text_in(lang, "report.training.together"), 1.1, right=True),
    )
    most = max(moment.need_bytes for moment in memory.moments)
    rows = tuple(
        (
            Cell(text_in(lang, f"training.moment.{moment.name}"), strong=moment.need_bytes == most),
            *(Cell(_gb(moment.parts.get(part, 0.0), lang)) for part in parts),
            Cell(_gb(moment.need_bytes, lang), strong=moment.need_bytes == most),
        )
        for moment in memory.moments
    )
    return Table(text_in(lang, "report.training.course"), columns, rows, text_in(lang, "report.training.course.aside"))


def _gb(size: float, lang: str) -> str:
    return str(format_bytes(size, "GB", lang)) if size else "—"
