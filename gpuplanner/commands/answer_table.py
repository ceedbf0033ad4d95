"""An estimate as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.commands.columns import columns, cut, rows
from gpuplanner.engine.result import Code, Estimate, Plan, Quantity, Status
from gpuplanner.format import format_bytes, format_figure, format_share
from gpuplanner.report import phrases, training
from gpuplanner.report.answer import answer_text
from gpuplanner.report.figure_keys import BY_KIND, figure_name
from gpuplanner.report.limits import AT_PERCENTILE, limits
from gpuplanner.report.names import engine_name, gpu_name, model_name
from gpuplanner.report.plain import one_line, visible
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

_SIGNS: Final = {Status.MEETS: "✓", Status.EXPECTED: "✓!", Status.MISSES: "!", Status.IMPOSSIBLE: "×"}


def answer_lines(
    scenario: Scenario, estimate: Estimate, catalog: Catalog, only: str | None = None, limit: int | None = None
) -> str:
    """The answer, its figures, the memory of the chosen GPU, then every GPU, best first.

    Args:
        scenario: what was asked.
        estimate: what followed.
        catalog: the facts it followed from.
        only: a GPU id, when the others shall be left out.
        limit: longest line in places; None for no limit.
    """
    parts = ["\n".join(_head(scenario, catalog)), answer_text(scenario, estimate, catalog)]
    plan = estimate.plan()
    if plan is not None and plan.memory is not None:
        parts += [_figures(scenario, plan), _memory(plan)]
    plans = [plan for plan in estimate.plans if only is None or plan.gpu_id == only]
    if plans:
        parts.append(_gpus(scenario, plans, catalog))
    notes = [code_text(code) for code in (*estimate.warnings, *(plan.warnings if plan else ()))]
    parts.append("\n".join([*notes, text("cli.estimate.foot", date=catalog.date, digest=catalog.digest)]))
    lines = [visible(line) for line in "\n\n".join(parts).split("\n")]
    return "\n".join(cut(line, limit) if limit else line for line in lines)


def _head(scenario: Scenario, catalog: Catalog) -> Iterator[str]:
    title = " · ".join(part for part in (one_line(scenario.name), one_line(scenario.customer)) if part)
    if title:
        yield title
    if scenario.workload.kind.trains:
        recipe = Code(f"choice.training.precision.{scenario.training.precision}")
        words = (recipe, phrases.load(scenario), phrases.lengths(scenario, catalog))
        yield " · ".join((model_name(scenario, catalog), *(code_text(code) for code in words)))
        return
    words = (phrases.precisions(scenario, catalog), phrases.load(scenario), phrases.lengths(scenario, catalog))
    precision, *rest = (code_text(code) for code in words)
    engine = () if scenario.workload.kind.passes else (engine_name(scenario, catalog),)
    yield " · ".join((model_name(scenario, catalog), precision, *engine, *rest))


def _figures(scenario: Scenario, plan: Plan) -> str:
    targets = limits(scenario)
    body = []
    for key, quantity in plan.figures.items():
        shown = format_figure(quantity, currency=scenario.money.currency)
        target = targets.get(key)
        limit = f"≤ {format_figure(Quantity(key, target, quantity.unit))}" if target is not None else ""
        body.append((_label(key, scenario, plan), str(shown), shown.range_text, limit))
    heads = [text(f"report.column.{name}") for name in ("figure", "expected", "range", "target")]
    return columns(heads, body, frozenset((1, 2, 3)))


def _label(key: str, scenario: Scenario, plan: Plan) -> str:
    name = text(figure_name(key, plan))
    if key not in AT_PERCENTILE:
        return name
    return text("report.at_percentile", name=name, percentile=f"{scenario.targets.percentile * 100:g}")


def _memory(plan: Plan) -> str:
    memory = plan.memory
    if memory is None:
        return ""
    lines = [(text(training.part_key(part, memory)), str(format_bytes(size))) for part, size in memory.parts.items() if size]
    need = f"{format_bytes(memory.need_bytes)} ({format_share(memory.need_bytes / memory.usable_bytes)})"
    lines += [
        (text("report.figure.memory_per_gpu"), need),
        (
            text("cli.estimate.planned_limit" if memory.moments else "cli.estimate.engine_limit"),
            f"{format_bytes(memory.limit_bytes)} / {format_bytes(memory.usable_bytes)}",
        ),
    ]
    for moment in memory.moments:
        name = text("cli.estimate.moment", moment=text(f"training.moment.{moment.name}"))
        lines.append((name, str(format_bytes(moment.need_bytes))))
    if phrases.writes(plan):
        lines.append((text("report.setting.fits"), code_text(phrases.counted("requests", memory.requests_fit))))
    return rows(lines)


def _gpus(scenario: Scenario, plans: list[Plan], catalog: Catalog) -> str:
    keys = tuple(key for key in BY_KIND[scenario.workload.kind].table if any(key in plan.figures for plan in plans))
    heads = [
        "",
        text("report.column.option"),
        text("report.setting.layout"),
        text("cli.estimate.gpus"),
        text("report.short.memory_per_gpu"),
    ]
    heads += [text(f"cli.estimate.column.{key}") for key in keys]
    return columns(heads, [_row(scenario, plan, catalog, keys) for plan in plans], frozenset(range(3, len(heads))))


def _row(scenario: Scenario, plan: Plan, catalog: Catalog, keys: tuple[str, ...]) -> tuple[str, ...]:
    start = (_SIGNS[plan.status], gpu_name(plan.gpu_id, catalog))
    if plan.status is Status.IMPOSSIBLE:
        codes = (*plan.reasons, *plan.remedies[:1]) or (Code("report.answer.no_reason"),)
        return (*start, " · ".join(code_text(code) for code in codes))
    memory = plan.memory
    share = str(format_share(memory.need_bytes / memory.usable_bytes)) if memory else ""
    shown = (str(format_figure(plan.figures.get(key), currency=scenario.money.currency)) for key in keys)
    return (*start, code_text(phrases.layout(plan)), phrases.gpus_words(plan), share, *shown)
