"""A quote with every kind of line, for the tests of its documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code
from gpuplanner.report.content import Line, Metadata, Seller
from gpuplanner.report.quotes.make import draft
from gpuplanner.report.quotes.quote import Quote, edited
from gpuplanner.report.quotes.terms import with_terms
from gpuplanner.scenario.document import Deployment, Scenario, Targets, Workload
from gpuplanner.settings import Company

DAY = date(2026, 11, 21)
AT = "2026-11-21T08:00:00+00:00"
SCENARIO = Scenario(
    name="政务热线 Q&A",
    customer="示例市 <Service>",
    deployment=Deployment(gpu="nvidia-h800-sxm5-80gb", availability="n_plus_1"),
    targets=Targets(ttft_s=2.0, tpot_s=0.05),
    workload=Workload(load=60),
)
META = Metadata(
    "Q-2026-1147",
    DAY,
    "1.0",
    "林明",
    Seller("云衡智算", "锦绣路 2777 号", "a@example.org"),
    contact="陈工",
    valid_until=date(2026, 12, 21),
)


def offered(catalog: Catalog, scenario: Scenario = SCENARIO, meta: Metadata = META) -> Quote:
    """Two rates of tax, a discount, an optional line, one added by hand, one without a price."""
    answer = estimate(scenario, catalog)
    plain = draft(scenario, answer, catalog, meta, AT).content.lines
    priced = []
    for number, line in enumerate(plain):
        price = line.unit_price if line.unit_price is not None else 1_234.57 + number
        priced.append(replace(line, unit_price=None if number == 3 else price, discount=0.075, tax=0.13, optional=number == 4))
    name, nothing = Code("report.word", {"word": "三年维保"}), Code("report.spec.none")
    service = Line(name, nothing, 3, 53_000.35, key="extra.1", unit="report.unit.item", tax=0.06)
    made = draft(scenario, answer, catalog, meta, AT, (*priced, service))
    company = Company(terms="付款：签约 30 %，到货 60 %。")
    return edited(made, with_terms(made.metadata, made.content.lines, "CNY", company))
