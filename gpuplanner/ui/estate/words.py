"""The estate in words: its sentence, its state, its six figures. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gpuplanner.codes import code_text
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.engine.result import Quantity, Status
from gpuplanner.format import format_figure, format_integer, format_number, format_seconds, format_share
from gpuplanner.report.limits import limits
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.estate import made_of
from gpuplanner.ui.results.figures import FigureText, Verdict, verdict
from gpuplanner.ui.results.sentence import PillText

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

HOURS: Final = 24


def sentence(estate: Estate, catalog: Catalog, *, together: bool) -> str:
    """What carries the workloads."""
    rows = [row for row in estate.rows if row.plan is not None]
    if not rows:
        return text("estate.sentence.none")
    kinds = dict.fromkeys(gpu.gpu_id for gpu in estate.placement)
    parts = [f"{_count(estate, kind)} × {gpu_name(kind, catalog)}" for kind in kinds]
    plural = "one" if estate.servers == 1 else "many"
    params = {"servers": format_integer(estate.servers), "gpus": text("list.comma").join(parts), "works": len(estate.rows)}
    if not together:
        return text("estate.sentence.alone", **params)
    if len(rows) < len(estate.rows):
        return text("estate.sentence.some", **params | {"works": len(rows), "of": len(estate.rows)})
    works = "one" if len(rows) == 1 else "many"
    return text(f"estate.sentence.{plural}.{works}", **params)


def _count(estate: Estate, kind: str) -> str:
    return format_integer(sum(gpu.gpu_id == kind for gpu in estate.placement))


def pills(estate: Estate) -> tuple[PillText, ...]:
    """Targets met, and what to be wary of."""
    met = sum(row.plan is not None and row.plan.status is not Status.MISSES for row in estate.rows)
    every = met == len(estate.rows)
    said = text("estate.pill.targets", met=met, of=len(estate.rows))
    found = [PillText(Verdict.GOOD if every else Verdict.MISS, said)]
    for code in (*estate.warnings, *estate.site.warnings):
        words = code_text(code)
        short = f"estate.pill.{code.code}"
        found.append(PillText(Verdict.CAUTION, text(short) if _has(short) else words, words))
    return tuple(found[:4])


def _has(key: str) -> bool:
    from gpuplanner.texts import has

    return has(key)


def figures(estate: Estate, scenario: Scenario) -> tuple[FigureText, ...]:
    """GPUs, purchase, running, cost over life, power, rack."""
    money = scenario.money.currency
    found = estate.figures
    gpus, used, alone = (found[key].value or 0.0 for key in ("gpus", "gpus_used", "gpus_alone"))
    years = format_number(scenario.money.lifetime_years)
    racks = int(found["racks"].value or 0) if "racks" in found else 0
    return (
        _text("gpus", text("estate.figure.used", used=format_number(used), gpus=format_integer(gpus)), "",
              text("estate.figure.alone", gpus=format_integer(alone)), made_of.gpus(estate)),
        _money("purchase", found.get("purchase_total"), money, made_of.purchase(estate, money)),
        _money("running", found.get("running"), money, made_of.running(estate, scenario)),
        _money("tco", found.get("tco"), money, made_of.life(estate, scenario), years=years),
        _power(found.get("power_load"), scenario, made_of.power(estate)),
        _text("rack", text("estate.figure.units", units=format_integer(found["rack_units"].value)), "U",
              text("estate.figure.racks", racks=racks, units=scenario.site.rack_units), made_of.racks(estate)) if racks
        else _text("rack", "–", "", ""),
    )  # fmt: skip


def _text(key: str, number: str, unit: str, detail: str, hint: str = "", **params: object) -> FigureText:
    name = text(f"estate.figure.{key}", **params)
    return FigureText(key, name, name, number, unit, (detail,) if detail else (), hint=hint)


def _money(key: str, quantity: Quantity | None, currency: str, hint: str, **params: object) -> FigureText:
    shown = format_figure(quantity, currency=currency)
    is_open = quantity is not None and quantity.at_least
    detail = text("results.at_least") if is_open else shown.range_text
    if quantity is None or quantity.value is None:
        detail = text("results.no_price")
    return _text(key, shown.number, shown.unit, detail, hint, **params)


def _power(quantity: Quantity | None, scenario: Scenario, hint: str) -> FigureText:
    shown = format_figure(quantity)
    per_rack = scenario.site.rack_kw
    detail = text("estate.figure.per_rack", kw=format_number(per_rack)) if per_rack else ""
    return _text("power", shown.number, shown.unit, detail, hint)


def load_words(row: Row) -> str:
    """The load as it is asked for, or the hours of a training."""
    scenario = row.scenario
    if scenario is None:
        return ""
    workload = scenario.workload
    if workload.kind.trains:
        return text("estate.load.training")
    if workload.kind is WorkloadKind.BATCH:
        return text("estate.load.batch", n=format_integer(workload.batch_requests))
    key = {LoadKind.CONCURRENCY: "at_once"}.get(workload.load_kind, workload.load_kind.value)
    return text(f"estate.load.{key}", n=format_number(workload.load))


def hours_words(row: Row) -> str:
    """When it runs: "22:00–06:00", empty for the whole day."""
    scenario_hours = row.hours
    if all(scenario_hours) or not scenario_hours:
        return text("estate.hours.all")
    starts = [hour for hour in range(HOURS) if scenario_hours[hour] and not scenario_hours[hour - 1]]
    ends = [hour for hour in range(HOURS) if not scenario_hours[hour] and scenario_hours[hour - 1]]
    return f"{starts[0]:02d}–{ends[0] if ends[0] > starts[0] else ends[-1] if ends[-1] > starts[0] else ends[0]:02d}"


def target(row: Row) -> tuple[str, str, Verdict]:
    """The tightest target, what is reached, and how they stand."""
    if row.plan is None or row.scenario is None:
        return "", "", Verdict.BAD
    asked = {key: limit for key, limit in limits(row.scenario).items() if key in row.plan.figures}
    if not asked:
        return text("estate.target.none"), "", Verdict.GOOD
    values = {key: (row.plan.figures[key].value or 0.0) * row.slowed for key in asked}
    key = max(asked, key=lambda name: values[name] / asked[name])
    name = text("estate.target", name=text(f"estate.target.{key}"), limit=str(format_seconds(asked[key])))
    return name, str(format_seconds(values[key])), verdict(row.plan.figures[key], asked[key] / row.slowed)


def gpus(row: Row) -> str:
    """How many GPUs a workload takes, in a word where it shares one."""
    if row.cut and row.plan is not None:
        return row.cut if row.plan.gpus == 1 else f"{format_integer(row.plan.gpus)}×{row.cut}"
    if row.shared and row.gpus < 1:
        return text("estate.shared")
    return format_number(row.gpus, digits=2 if row.gpus < 1 else 3)


def gpus_hint(row: Row, gpu: str) -> str:
    """What it takes by its share, and what it would take alone."""
    if row.plan is None:
        return ""
    said = text("estate.hint.gpus", gpus=format_number(row.gpus), alone=row.plan.gpus, gpu=gpu)
    if row.cut:
        said = text("estate.hint.gpus.cut", gpus=format_number(row.gpus), gpu=gpu)
        said += "\n" + text("estate.hint.cut", count=format_integer(row.plan.gpus), cut=row.cut)
    return said


def slowed(row: Row) -> str:
    """By how much sharing lengthens its times; empty where it doesn't."""
    if row.slowed <= 1.0:
        return ""
    return text("estate.hint.slowed", share=str(format_share(row.slowed - 1)))
