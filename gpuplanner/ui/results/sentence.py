"""The answer as a sentence, and the state of it in a few words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Estimate, Plan, Status, TrainingPlan
from gpuplanner.format import format_integer
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import GLYPHS, Verdict, limits, verdict
from gpuplanner.ui.results.naming import gpu_label

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


@dataclass(frozen=True, slots=True)
class PillText:
    """A short statement with its glyph; ``hint`` says more."""

    verdict: Verdict
    words: str
    hint: str = ""

    @property
    def shown(self) -> str:
        """Glyph and words."""
        return f"{GLYPHS[self.verdict]} {self.words}".strip()


def sentence(estimate: Estimate, catalog: Catalog, byte_unit: str = "GB") -> str:
    """What it takes, or why there is no answer."""
    if estimate.refusal is not None:
        return code_text(estimate.refusal, byte_unit=byte_unit)
    plan = estimate.plan() or closest(estimate)
    if plan is None:
        return text("results.nothing")
    name = gpu_name(plan.gpu_id, catalog)
    if plan.status is Status.IMPOSSIBLE:
        reason = code_text(plan.reasons[0], byte_unit=byte_unit) if plan.reasons else ""
        return text("results.cannot" if estimate.chosen else "results.none_fits", gpu=name, reason=reason)
    return text("results.answer", machines=machines(plan, name), layout=layout(plan))


def way_out(estimate: Estimate, catalog: Catalog, byte_unit: str = "GB") -> str:
    """The smallest change that would make it work; empty when there is an answer, or no way out is known."""
    plan = estimate.plan() or closest(estimate)
    if estimate.refusal is not None or plan is None or plan.status is not Status.IMPOSSIBLE or not plan.remedies:
        return ""
    remedies = text("results.separator").join(code_text(remedy, byte_unit=byte_unit) for remedy in plan.remedies)
    return text("results.way_out", gpu=gpu_name(plan.gpu_id, catalog), remedies=remedies)


def closest(estimate: Estimate) -> Plan | None:
    """Of the plans that cannot run, the one to speak of: the first that some change would help, else the first."""
    return next((plan for plan in estimate.plans if plan.remedies), next(iter(estimate.plans), None))


def gpu_name(gpu_id: str, catalog: Catalog) -> str:
    """A GPU's name for a sentence; its id when the catalogue doesn't know it."""
    gpu = catalog.gpus.get(gpu_id)
    return gpu_label(gpu) if gpu else gpu_id


def machines(plan: Plan, name: str) -> str:
    """Servers and GPUs: "2 servers · 8 × H20 141 GB each"."""
    gpus = format_integer(plan.gpus)
    if not plan.servers:
        return text("results.machines.bare", gpus=gpus, gpu=name)
    if plan.servers == 1:
        return text("results.machines.one", gpus=gpus, gpu=name)
    if plan.gpus % plan.servers:
        return text("results.machines.uneven", servers=format_integer(plan.servers), gpus=gpus, gpu=name)
    each = format_integer(plan.gpus // plan.servers)
    return text("results.machines.each", servers=format_integer(plan.servers), gpus=each, gpu=name)


def layout(plan: Plan) -> str:
    """How the model is cut and how often it stands there: "TP 4, 4 replicas"; of training "ZeRO-3, micro-batch 2"."""
    if plan.training is not None:
        return text("results.list_separator").join([*training_degrees(plan), *_training_habits(plan.training)])
    cut = [f"TP {plan.tensor_parallel}"] + ([f"PP {plan.pipeline_parallel}"] if plan.pipeline_parallel > 1 else [])
    count = text("results.replicas.one" if plan.replicas == 1 else "results.replicas", replicas=format_integer(plan.replicas))
    spare = [text("results.spare", spares=format_integer(plan.spare_replicas))] if plan.spare_replicas else []
    return text("results.list_separator").join([*cut, " ".join([count, *spare])])


def training_degrees(plan: Plan, *, counted: bool = False) -> list[str]:
    """How a step is spread over GPUs: "TP 8", "PP 4", "ZeRO-3" (``counted``: "ZeRO-3 16"); degrees of one are left out."""
    if plan.training is None:
        return []
    degrees = {"TP": plan.tensor_parallel, "PP": plan.pipeline_parallel, "CP": plan.training.context_parallel}
    cut = [f"{name} {format_integer(degree)}" for name, degree in degrees.items() if degree > 1]
    if plan.replicas > 1:
        count = f" {format_integer(plan.replicas)}" if counted else ""
        cut.append(text(f"results.training.sharding.{plan.training.sharding}") + count)
    return cut


def _training_habits(step: TrainingPlan) -> list[str]:
    said = [text("results.training.micro_batch", count=format_integer(step.micro_batch))]
    return said + ([text(f"results.training.recompute.{step.recompute}")] if step.recompute != "none" else [])


def pills(estimate: Estimate, scenario: Scenario, byte_unit: str = "GB") -> tuple[PillText, ...]:
    """The state of the answer, most important first."""
    plan = estimate.plan()
    if estimate.refusal is not None:
        return (PillText(Verdict.BAD, text("results.pill.refused")),)
    if plan is None or plan.status is Status.IMPOSSIBLE:
        return (PillText(Verdict.BAD, text("results.pill.impossible")),)
    found = list(_targets(plan, scenario))
    if plan.spare_replicas:
        found.append(PillText(Verdict.GOOD, text("results.pill.spare"), text("results.pill.spare.hint")))
    if plan.fallback is not None:
        said = code_text(plan.fallback, byte_unit=byte_unit)
        found.append(PillText(Verdict.CAUTION, text("results.pill.fallback", format=plan.compute_format.upper()), said))
    return tuple(found)


def notes(estimate: Estimate, byte_unit: str = "GB") -> tuple[str, ...]:
    """Warnings of the scenario and of its plan, in words, each once."""
    plan = estimate.plan()
    codes: tuple[Code, ...] = (*estimate.warnings, *(plan.warnings if plan else ()))
    return tuple(dict.fromkeys(code_text(code, byte_unit=byte_unit) for code in codes))


def _targets(plan: Plan, scenario: Scenario) -> tuple[PillText, ...]:
    if plan.training is not None:
        return _training_state(plan)
    asked = limits(scenario)
    if plan.status is Status.MISSES:
        missed = [name for name, limit in asked.items() if verdict(plan.figures.get(name), limit) is Verdict.MISS]
        if len(missed) == 1:
            return (PillText(Verdict.MISS, text(f"results.pill.misses.{missed[0]}")),)
        return (PillText(Verdict.MISS, text("results.pill.misses")),)
    met = {0: "results.pill.fits", 1: "results.pill.meets_one"}.get(len(asked), "results.pill.meets_both")
    if plan.status is Status.EXPECTED:
        expected = PillText(Verdict.GOOD, text("results.pill.expected"), text(met))
        return (expected, PillText(Verdict.CAUTION, text("results.pill.cautious"), text("results.pill.cautious.hint")))
    return (PillText(Verdict.GOOD, text(met)),)


def _training_state(plan: Plan) -> tuple[PillText, ...]:
    fits = PillText(Verdict.GOOD, text("results.pill.training.fits"))
    if plan.status is not Status.EXPECTED:
        return (fits,)
    return (fits, PillText(Verdict.CAUTION, text("results.pill.training.tight"), text("results.pill.training.tight.hint")))
