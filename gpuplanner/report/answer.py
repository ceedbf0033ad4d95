"""The answer as a sentence."""

from __future__ import annotations

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Estimate, Status
from gpuplanner.errors import Message
from gpuplanner.report.names import gpu_name
from gpuplanner.report.phrases import hardware, layout, state
from gpuplanner.scenario.document import Scenario


class SpokenCode(Message):
    """A code of the engine inside a sentence about bad input: its numbers get their units."""

    def sentence(self, lang: str | None = None) -> str:
        """The code in words."""
        return code_text(Code(self.code, self.params), lang)


def spoken(code: Code) -> SpokenCode:
    """The code as a parameter of an :class:`~gpuplanner.errors.InputError`."""
    return SpokenCode(code.code, code.params)


def answer(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> Code:
    """What carries the load and how it stands to the targets, or why nothing does."""
    if estimate.refusal is not None:
        return estimate.refusal
    plan = estimate.plan()
    if plan is None:
        return Code("report.answer.nothing")
    if plan.status is Status.IMPOSSIBLE:
        reasons = plan.reasons or (Code("report.answer.nothing"),)
        return Code("report.answer.impossible", {"gpu": gpu_name(plan.gpu_id, catalog), "reason": reasons[0]})
    return Code(
        "report.answer",
        {"hardware": hardware(plan, catalog), "layout": layout(plan), "state": state(plan, scenario)},
    )


def answer_text(scenario: Scenario, estimate: Estimate, catalog: Catalog, lang: str | None = None) -> str:
    """:func:`answer` in words."""
    return code_text(answer(scenario, estimate, catalog), lang)
