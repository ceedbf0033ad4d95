"""The answer as a sentence, and the state of it in a few words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Estimate, Plan, Status
from gpuplanner.report.answer import closest, headline_text
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Availability, Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import GLYPHS, Verdict, limits, verdict
from gpuplanner.ui.results.load_state import STATES, headroom_words, load_words

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


_MET: Final = {0: "results.pill.fits", 1: "results.pill.meets_one", 2: "results.pill.meets_both"}


@dataclass(frozen=True, slots=True)
class PillText:
    """A short statement with its glyph; ``hint`` says more, ``about`` what it is about where that matters."""

    verdict: Verdict
    words: str
    hint: str = ""
    about: str = ""

    @property
    def shown(self) -> str:
        """Glyph and words."""
        return f"{GLYPHS[self.verdict]} {self.words}".strip()


def sentence(estimate: Estimate, catalog: Catalog, byte_unit: str = "GB") -> str:
    """What it takes, or why there is no answer."""
    return headline_text(estimate, catalog, byte_unit)


def way_out(estimate: Estimate, catalog: Catalog, byte_unit: str = "GB") -> str:
    """The smallest change that would make it work; empty when there is an answer, or no way out is known."""
    plan = estimate.plan() or closest(estimate)
    if estimate.refusal is not None or plan is None or plan.status is not Status.IMPOSSIBLE or not plan.remedies:
        return ""
    remedies = text("results.separator").join(code_text(remedy, byte_unit=byte_unit) for remedy in plan.remedies)
    return text("results.way_out", gpu=gpu_name(plan.gpu_id, catalog), remedies=remedies)


def pills(estimate: Estimate, scenario: Scenario, byte_unit: str = "GB") -> tuple[PillText, ...]:
    """The state of the answer, most important first."""
    plan = estimate.plan()
    if estimate.refusal is not None:
        return (PillText(Verdict.BAD, text("results.pill.refused")),)
    if plan is None or plan.status is Status.IMPOSSIBLE:
        return (PillText(Verdict.BAD, text("results.pill.impossible")),)
    found = [*_shared(estimate, plan, byte_unit), *_targets(plan, scenario), *_load(plan)]
    if plan.spare_replicas and scenario.deployment.availability is not Availability.FIFTH:  # a fifth may stand in the same server
        found.append(PillText(Verdict.GOOD, text("results.pill.spare"), text("results.pill.spare.hint")))
    if plan.fallback is not None:
        said = code_text(plan.fallback, byte_unit=byte_unit)
        found.append(PillText(Verdict.CAUTION, text("results.pill.fallback", format=plan.compute_format.upper()), said))
    return tuple(found)


def _shared(estimate: Estimate, plan: Plan, byte_unit: str) -> tuple[PillText, ...]:
    """Whether a second kind of GPU takes a part: the sentence is about the first one alone."""
    if plan.mix is None:
        return ()
    said = [code_text(code, byte_unit=byte_unit) for code in estimate.warnings if code.code.startswith("note.mix")]
    first, second = plan.mix.parts
    return (PillText(Verdict.GOOD, text("results.pill.mix", first=first.gpus, second=second.gpus), " ".join(said)),)


def notes(estimate: Estimate, byte_unit: str = "GB") -> tuple[str, ...]:
    """Warnings of the scenario and of its plan, in words, each once."""
    plan = estimate.plan()
    codes: tuple[Code, ...] = (*estimate.warnings, *(plan.warnings if plan else ()))
    return tuple(dict.fromkeys(code_text(code, byte_unit=byte_unit) for code in codes))


def _targets(plan: Plan, scenario: Scenario) -> tuple[PillText, ...]:
    if plan.training is not None:
        return _training_state(plan, scenario)
    asked = limits(scenario)
    if plan.status is Status.MISSES:
        missed = [name for name, limit in asked.items() if verdict(plan.figures.get(name), limit) is Verdict.MISS]
        if len(missed) == 1:
            return (PillText(Verdict.MISS, text(f"results.pill.misses.{missed[0]}")),)
        return (PillText(Verdict.MISS, text("results.pill.misses")),)
    met = _MET.get(len(asked), "results.pill.meets_all")
    if plan.status is Status.EXPECTED:
        expected = PillText(Verdict.GOOD, text("results.pill.expected"), text(met))
        return (expected, PillText(Verdict.CAUTION, text("results.pill.cautious"), text("results.pill.cautious.hint")))
    return (PillText(Verdict.GOOD, text(met)),)


def _load(plan: Plan) -> tuple[PillText, ...]:
    """Whether the load is carried with ease, just so, or not at all."""
    if plan.verdict is None:
        return ()
    return (PillText(STATES[plan.verdict], load_words(plan), headroom_words(plan), "load"),)


def _training_state(plan: Plan, scenario: Scenario) -> tuple[PillText, ...]:
    if plan.status is Status.MISSES:
        return (PillText(Verdict.MISS, text("results.pill.misses.training_time")),)
    limit = limits(scenario).get("training_time")
    timed = verdict(plan.figures.get("training_time"), limit)
    found = [PillText(Verdict.GOOD, text("results.pill.training.fits" if limit is None else "results.pill.meets_one"))]
    if timed is Verdict.CAUTION:
        found.append(PillText(Verdict.CAUTION, text("results.pill.cautious"), text("results.pill.cautious.hint")))
    elif plan.status is Status.EXPECTED:
        found.append(PillText(Verdict.CAUTION, text("results.pill.training.tight"), text("results.pill.training.tight.hint")))
    return tuple(found)
