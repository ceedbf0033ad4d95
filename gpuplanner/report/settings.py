"""How the model is deployed, and what the figures take for granted."""

from __future__ import annotations

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money.prices import card_price
from gpuplanner.engine.money.use import use_of
from gpuplanner.engine.result import Code, Estimate, Plan
from gpuplanner.report import passes, phrases, training
from gpuplanner.report.content import Setting
from gpuplanner.report.names import engine_name, model_name
from gpuplanner.scenario.document import Scenario


def deployment(scenario: Scenario, estimate: Estimate, plan: Plan, catalog: Catalog) -> tuple[Setting, ...]:
    """Model, precision, engine, layout and how full it runs."""
    model = Setting("report.setting.model", _model(scenario, estimate, catalog))
    if plan.training is not None:
        compute = _compute(plan)
        return (model, *training.settings(scenario, plan), *compute, Setting("report.setting.layout", phrases.layout(plan)))
    rows = [model, Setting("report.setting.precision", phrases.precisions(scenario, catalog)), *_compute(plan)]
    layout = Setting("report.setting.layout", phrases.layout(plan))
    if scenario.workload.kind.passes:
        return (*rows, layout, *passes.settings(scenario, plan))
    engine = catalog.engines.get(scenario.deployment.engine)
    version = engine.version_checked if engine and engine.version_checked else ""
    rows.append(
        Setting("report.setting.engine", Code("report.word", {"word": f"{engine_name(scenario, catalog)} {version}".strip()}))
    )
    rows.append(layout)
    rows.append(Setting("report.setting.batch", phrases.counted("requests", plan.batch)))
    if plan.memory:
        rows.append(Setting("report.setting.fits", phrases.counted("requests", plan.memory.requests_fit)))
    return tuple(rows)


def _compute(plan: Plan) -> tuple[Setting, ...]:
    if not plan.compute_format:
        return ()
    return (Setting("report.setting.compute", plan.fallback or Code("report.word", {"word": plan.compute_format.upper()})),)


def _model(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> Code:
    params = {
        "model": model_name(scenario, catalog),
        "total_params": estimate.params_total,
        "active_params": estimate.params_active,
    }
    sparse = estimate.params_active and estimate.params_active < 0.9 * estimate.params_total
    return Code("report.setting.model_sparse" if sparse else "report.setting.model_dense", params)


def assumptions(scenario: Scenario, plan: Plan, catalog: Catalog) -> tuple[Code, ...]:
    """What a reader must know to judge the figures, each in a short sentence."""
    workload, deploy, money = scenario.workload, scenario.deployment, scenario.money
    said: list[Code] = []
    if workload.kind.trains:
        said += training.assumptions(scenario, plan)
    else:
        if workload.kind.passes:
            said += passes.assumptions(scenario, catalog)
        else:
            said.append(Code("report.assume.lengths", {"input": workload.input_tokens, "output": workload.output_tokens}))
        said.append(Code("report.assume.load", {"load": phrases.load(scenario)}))
        if workload.cached_prefix and workload.kind.writes:
            said.append(Code("report.assume.prefix", {"cached_share": workload.cached_prefix}))
        said.append(Code(f"report.assume.spare.{deploy.availability.value}"))
    said.append(Code("report.assume.range"))
    purchase = plan.figures.get("purchase")
    if purchase is not None and purchase.value is not None:
        said.append(Code("report.assume.prices"))
        said += _rate(scenario, plan, catalog)
    else:
        said.append(Code("report.assume.no_prices"))
    params = {"years": money.lifetime_years, "busy_share": use_of(money, scenario.workload).mean, "pue": money.pue}
    said.append(Code("report.assume.life", {**params, "kwh": money.electricity_per_kwh, "currency": money.currency}))
    said.append(Code("report.assume.not_included"))
    return tuple(said)


def _rate(scenario: Scenario, plan: Plan, catalog: Catalog) -> list[Code]:
    """The exchange rate, where a price was converted."""
    money = scenario.money
    gpu = catalog.gpus.get(plan.gpu_id)
    price = card_price(gpu, money) if gpu else None
    if price is None or price.currency == money.currency:
        return []
    if money.rate_date is None:
        return [Code("report.assume.rate", {"rate": money.cny_per_usd})]
    return [Code("report.assume.rate_of", {"rate": money.cny_per_usd, "day": money.rate_date.isoformat()})]
