"""The answer as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Estimate, Plan, Status
from gpuplanner.errors import Message
from gpuplanner.report.names import gpu_name
from gpuplanner.report.phrases import hardware, layout, state
from gpuplanner.scenario.document import Scenario

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


class SpokenCode(Message):
    """A code of the engine inside a sentence about bad input: its numbers get their units."""

    def sentence(self, lang: str | None = None) -> str:
        """The code in words."""
        return code_text(Code(self.code, self.params), lang)


def spoken(code: Code) -> SpokenCode:
    """The code as a parameter of an :class:`~gpuplanner.errors.InputError`."""
    return SpokenCode(code.code, code.params)


def headline(estimate: Estimate, catalog: Catalog) -> Code:
    """What carries the load, or why nothing does."""
    if estimate.refusal is not None:
        return estimate.refusal
    plan = estimate.plan() or closest(estimate)
    if plan is None:
        return Code("report.answer.nothing")
    if plan.status is Status.IMPOSSIBLE:
        reason = plan.reasons[0] if plan.reasons else Code("report.answer.no_reason")
        key = "report.answer.impossible" if estimate.chosen else "report.answer.none_fits"
        return Code(key, {"gpu": gpu_name(plan.gpu_id, catalog), "reason": reason})
    return Code("report.headline", {"hardware": hardware(plan, catalog), "layout": layout(plan)})


def headline_text(estimate: Estimate, catalog: Catalog, byte_unit: str = "GB") -> str:
    """:func:`headline` in words of the current language."""
    return code_text(headline(estimate, catalog), byte_unit=byte_unit)


def closest(estimate: Estimate) -> Plan | None:
    """Of the plans that cannot run, the one to speak of: the first that some change would help, else the first."""
    return next((plan for plan in estimate.plans if plan.remedies), next(iter(estimate.plans), None))


def answer(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> Code:
    """What carries the load and how it stands to the targets, or why nothing does."""
    said = headline(estimate, catalog)
    plan = estimate.plan()
    if plan is None or said.code != "report.headline":
        return said
    return Code("report.answer", {"headline": said, "state": state(plan, scenario)})


def answer_text(scenario: Scenario, estimate: Estimate, catalog: Catalog, lang: str | None = None) -> str:
    """:func:`answer` in words."""
    return code_text(answer(scenario, estimate, catalog), lang)
