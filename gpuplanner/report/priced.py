"""A site and a scenario at the prices of a quote, so that the cost over the life follows what is really paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpuplanner.engine.result import Provenance, Quantity, Unit
from gpuplanner.engine.site.prices import times, total
from gpuplanner.engine.site.result import Line as SiteLine
from gpuplanner.engine.site.result import Site
from gpuplanner.report.content import Line
from gpuplanner.report.totals import amount, totals
from gpuplanner.scenario.document import Discount, Scenario

SPARE_PARTS = "spare_parts"


def priced_site(site: Site, lines: Sequence[Line]) -> Site:
    """The site with the numbers and unit prices of a quote's lines; what is optional or struck out is not bought."""
    by_key = {line.key: line for line in lines if not line.optional}
    kept = tuple(_priced(line, by_key[line.key]) for line in site.lines if line.key in by_key)
    return replace(site, lines=kept, figures={**site.figures, "purchase": total([line.price for line in kept])})


def _priced(line: SiteLine, quoted: Line) -> SiteLine:
    unit = None
    if quoted.unit_price is not None:
        known = line.unit_price
        if known is not None and known.value is not None and abs(known.value - quoted.unit_price) < 0.01:
            unit = known  # with its range
        else:
            price = quoted.unit_price
            unit = Quantity("unit_price", price, Unit.MONEY, price, price, Provenance.EXACT, at_least=quoted.at_least)
    return replace(line, count=quoted.count, unit_price=unit, price=times(unit, quoted.count))


def priced_scenario(scenario: Scenario, site: Site, lines: Sequence[Line]) -> Scenario:
    """The scenario with a quote's discounts; services and tax as the shares of the goods that they come to."""
    own = {line.key for line in site.lines}
    bought = [line for line in lines if not line.optional]
    goods = totals([line for line in bought if line.key in own]).net or 0.0
    services = [line for line in bought if line.key not in own]
    spare = sum(amount(line) or 0.0 for line in services if line.key == SPARE_PARTS)
    installed = sum(amount(line) or 0.0 for line in services) - spare
    sums = totals(bought)
    taxed = sum(one.tax for one in sums.taxes)
    money = scenario.money.model_copy(
        update={
            "discounts": tuple(Discount.model_construct(on=line.key, share=line.discount) for line in bought if line.key in own),
            "installation": installed / goods if goods else 0.0,
            SPARE_PARTS: spare / goods if goods else 0.0,
            "tax": taxed / sums.net if sums.net else 0.0,
        }
    )
    return scenario.model_copy(update={"money": money})
