"""The numbered remarks of a quote: where prices, ranges, the model's values and the GPU's were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.common import Source
from gpuplanner.engine.result import Code, Plan, Provenance
from gpuplanner.report.content import Footnote, Topic
from gpuplanner.report.names import gpu_name, model_name
from gpuplanner.report.plain import one_line
from gpuplanner.report.price_age import is_stale
from gpuplanner.report.pricing import unit_price
from gpuplanner.scenario.document import Scenario


def footnotes(scenario: Scenario, plan: Plan, catalog: Catalog, day: date) -> tuple[Footnote, ...]:
    """All remarks, in the order of their numbers."""
    notes = [_price(scenario, plan, catalog, day), _range(plan), _model(scenario, catalog), _gpu(plan, catalog)]
    return tuple(note for note in notes if note is not None)


def _price(scenario: Scenario, plan: Plan, catalog: Catalog, day: date) -> Footnote | None:
    gpu = catalog.gpus.get(plan.gpu_id)
    priced = unit_price(gpu, scenario.money)
    if gpu is None or priced is None:
        return None
    price = priced[1]
    source = next((entry for entry in gpu.sources if entry.key == price.source), None)
    params = {
        "gpu": gpu_name(plan.gpu_id, catalog),
        "amount": price.amount,
        "currency": price.currency,
        "kind": f"report.price_kind.{price.kind}",
        "region": price.region or "—",
        "date": price.date,
        "source": _title(source) if source else one_line(price.source or "—"),
    }
    yours = f"gpu:{plan.gpu_id}" in catalog.yours
    note = Code("report.note.price_yours" if yours else "report.note.price", params)
    return Footnote(Topic.PRICE, Code("report.note.price_old", {"note": note}) if is_stale(price.date, day) else note)


def _range(plan: Plan) -> Footnote | None:
    timed = ("tpot", "throughput", "ttft", "e2e", "training_time")
    figure = next((plan.figures[key] for key in timed if key in plan.figures), None)
    if figure is None:
        return Footnote(Topic.RANGE, Code("report.note.range_training")) if plan.training is not None else None
    if figure.provenance is Provenance.EXTRAPOLATED or not figure.rows:
        return Footnote(Topic.RANGE, Code("report.note.range_extrapolated"))
    return Footnote(
        Topic.RANGE, Code("report.note.range", {"n": figure.rows, "provenance": f"report.provenance.{figure.provenance.value}"})
    )


def _model(scenario: Scenario, catalog: Catalog) -> Footnote | None:
    custom = scenario.model.custom
    model = custom or catalog.models.get(scenario.model.id)
    if model is None:
        return None
    name = model_name(scenario, catalog)
    if not model.sources:
        return Footnote(Topic.MODEL, Code("report.note.model_given", {"model": name}))
    return Footnote(Topic.MODEL, Code("report.note.model", {"model": name, "source": _titles(model.sources, 2)}))


def _gpu(plan: Plan, catalog: Catalog) -> Footnote | None:
    gpu = catalog.gpus.get(plan.gpu_id)
    if gpu is None or not gpu.sources:
        return None
    return Footnote(
        Topic.GPU, Code("report.note.gpu", {"gpu": gpu_name(plan.gpu_id, catalog), "source": _titles(gpu.sources, 2)})
    )


def _titles(sources: Sequence[Source], count: int) -> str:
    return "; ".join(_title(source) for source in sources[:count])


def _title(source: Source) -> str:
    title = one_line(source.title)
    return title if not source.date or source.date == "n/a" or source.date in title else f"{title} ({one_line(source.date)})"
