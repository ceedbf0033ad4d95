"""Parts of an answer's JSON beyond the plans: each worked out only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.scenario.document import Scenario

Part = Callable[[Scenario, Estimate, Catalog], dict[str, Any] | None]
PLANS: Final = "plans"


def _money(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.report.money_json import money_json

    return money_json(scenario, estimate, catalog)


def _cloud(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.report.money_json import cloud_json

    return cloud_json(scenario, estimate, catalog)


def _site(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.report.site_json import site_json

    return site_json(scenario, estimate, catalog)


def _estate(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.report.site_json import estate_json

    return estate_json(scenario, estimate, catalog)


def _rules(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.engine.rules.judge import rules_of
    from gpuplanner.report.rules import rules_json

    return rules_json(rules_of(scenario, catalog, estimate)) if estimate.plan() is not None else None


def _advice(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    from gpuplanner.report.advice_json import advice_json

    return advice_json(scenario, estimate, catalog)


#: Every part by its field; None where there is nothing to say.
PARTS: Final[Mapping[str, Part]] = {
    "site": _site, "estate": _estate, "money": _money, "cloud": _cloud, "rules": _rules, "advice": _advice,
}  # fmt: skip
#: What stands there unless parts are named: advice takes dozens of further estimates.
USUAL: Final = (PLANS, *(name for name in PARTS if name != "advice"))
ALL: Final = "all"


def chosen_parts(asked: str | None, usual: Iterable[str]) -> frozenset[str]:
    """The parts named in a list with commas.

    Raises:
        InputError: when one isn't known.
    """
    if asked is None:
        return frozenset(usual)
    named = [name.strip() for name in asked.split(",") if name.strip()]
    if ALL in named:
        return frozenset((PLANS, *PARTS))
    for name in named:
        if name != PLANS and name not in PARTS:
            raise InputError("cli.estimate.no_such_part", part=shown(name), parts=", ".join((ALL, PLANS, *PARTS)))
    return frozenset(named)


def with_parts(
    answer: dict[str, Any], scenario: Scenario, estimate: Estimate, catalog: Catalog, parts: frozenset[str]
) -> dict[str, Any]:
    """The answer with the parts asked for, without the plans when they aren't."""
    made = {key: value for key, value in answer.items() if key != PLANS or PLANS in parts}
    return made | {name: make(scenario, estimate, catalog) for name, make in PARTS.items() if name in parts}
