"""The tables of practice, computed: formats, cards, engines, ways to need less, balancing, resources, sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.precision import Execution, Precision
from gpuplanner.engine.advice.idea import Idea
from gpuplanner.engine.advice.ideas import ideas
from gpuplanner.engine.load.simulation import simulate_plan
from gpuplanner.engine.money.prices import card_amount
from gpuplanner.engine.planner.selection import CLASSES, selection
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Code, Estimate, Plan, Status, Unit
from gpuplanner.engine.rules.resources import resources
from gpuplanner.engine.rules.situation import Situation, nominal_bits
from gpuplanner.engine.rules.table import Cell, Table, exact, named
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from gpuplanner.scenario.serving import Balancing

FORMATS: Final = ("fp32", "bf16", "fp16", "fp8-e4m3", "int8-w8a8", "int4-awq-g128", "nvfp4", "gguf-q4-k-m")
CARDS: Final = ("nvidia-t4", "nvidia-v100-sxm2-32gb", "nvidia-a100-sxm4-80gb", "nvidia-l40s", "nvidia-h100-sxm5-80gb",
                "nvidia-b200-sxm-180gb")  # fmt: skip
ENGINES: Final = ("vllm", "sglang", "tensorrt-llm", "lmdeploy", "tgi", "llama-cpp")
WAYS: Final = {
    "advice.fewer_bits": "quantise", "advice.smaller_model": "distil", "advice.cached_prefix": "cache",
    "advice.other_engine": "engine", "advice.speculation": "ahead",
}  # fmt: skip
REQUESTS: Final = 3000
BITS: Final = 8


def precisions(at: Situation) -> Table:
    """Formats: bits in name and in fact, weights of this model, and on which cards they are computed natively."""
    rows: list[tuple[Cell, ...]] = []
    for name in FORMATS:
        item = at.catalog.precisions.get(name)
        if item is None or item.bits_per_weight_effective is None:
            continue
        each = item.bits_per_weight_effective / BITS
        rows.append(
            (
                named(item.name.partition(" (")[0]),
                exact("bits", nominal_bits(item)),
                exact("bits", round(item.bits_per_weight_effective, 2)),
                exact("weights", at.params * each if at.params else None, Unit.BYTES),
                *(_native(item, at.catalog, card) for card in CARDS),
            )
        )
    cards = tuple(f"practice.card.{card}" for card in CARDS)
    note = Code("practice.precisions.note")
    lines = ("S000-4", "S001-15", "S002-21", "S004-4", "S004-5")
    return Table("precisions", lines, ("format", "bits", "real_bits", "weights", *cards), tuple(rows), (note,))


def _native(item: Precision, catalog: Catalog, card: str) -> Cell:
    if card not in catalog.gpus:
        return None
    way = item.execution(catalog.gpus[card])
    if not isinstance(way, Execution):
        return Code("practice.native.no")
    if way.weight_only:
        return Code("practice.native.weights")
    return (
        Code("practice.native.other", {"format": way.compute_format.upper()}) if way.is_fallback else Code("practice.native.yes")
    )


def cards(at: Situation) -> Table:
    """Cards with a price: what a gigabyte, a gigabyte a second and a TFLOPS of each cost."""
    money = at.scenario.money
    found = []
    for gpu in at.catalog.gpus.values():
        amount = card_amount(gpu, money)
        flops = gpu.dense_tflops.rate("fp16")
        if amount is None or flops is None or gpu.bandwidth_gb_s is None:
            continue
        cells: tuple[Cell, ...] = (
            named(gpu.name),
            exact("memory", gpu.memory_gb * 1e9, Unit.BYTES),
            exact("bandwidth", gpu.bandwidth_gb_s * 1e9, Unit.BYTES_PER_SECOND),
            exact("tflops", flops),
            exact("price", amount, Unit.MONEY),
            exact("per_gb", amount / gpu.memory_gb, Unit.MONEY),
            exact("per_gb_s", amount / gpu.bandwidth_gb_s, Unit.MONEY),
            exact("per_tflops", amount / flops, Unit.MONEY),
        )
        found.append((amount / gpu.bandwidth_gb_s, gpu.id, cells))
    rows = tuple(cells for _, _, cells in sorted(found, key=lambda item: item[:2]))
    columns = ("card", "memory", "bandwidth", "tflops", "price", "per_gb", "per_gb_s", "per_tflops")
    lines = ("S000-16", "S001-18", "S001-19", "S003-2", "S003-7", "S003-20")
    return Table("cards", lines, columns, rows, (Code("practice.cards.note"),))


def engines(at: Situation) -> Table:
    """Serving engines on this plan's card: each a second estimate."""
    rows: list[tuple[Cell, ...]] = []
    for name in ENGINES:
        engine = at.catalog.engines.get(name)
        if engine is None or engine.profile is None:
            continue
        plan = at.with_changes(("deployment.engine", name), ("deployment.gpu", at.plan.gpu_id))
        runs = plan is not None and plan.status is not Status.IMPOSSIBLE
        rows.append(
            (
                named(engine.name),
                Code(f"practice.budget.{engine.profile.budget}"),
                exact("formats", len(engine.precisions)),
                *_figures(plan if runs else None, "gpus", "ttft", "tpot", "throughput"),
            )
        )
    columns = ("engine", "budget", "formats", "gpus", "ttft", "tpot", "throughput")
    return Table("engines", ("S001-9", "S001-10", "S003-14"), columns, tuple(rows), (Code("practice.engines.note"),))


def ways(at: Situation) -> Table:
    """Ways to need less on this plan's card: what each makes of GPUs, memory and speed."""
    columns = ("way", "gpus", "memory_per_gpu", "ttft", "tpot", "throughput")
    keys = columns[1:]
    rows: list[tuple[Cell, ...]] = [(Code("practice.way.now"), *_figures(at.plan, *keys))]
    fixed = replace(at.scenario, "deployment.gpu", at.plan.gpu_id)
    seen: set[str] = set()
    for idea in ideas(fixed, at.catalog, at.answer):
        way = WAYS.get(idea.variants[0].code.code)
        if way is None or way in seen:
            continue
        seen.add(way)
        code, plan = _first_that_runs(at, idea)
        rows.append((code, *_figures(plan, *keys)))
    if at.scenario.workload.kind is WorkloadKind.SERVE:
        alone = at.with_changes(("deployment.gpu", at.plan.gpu_id), ("deployment.max_seqs", 1))
        rows.append((Code("practice.way.unbatched"), *_figures(alone, *keys)))
    rows.append((Code("practice.way.queue"), *_figures(_queued(at), *keys)))
    return Table("ways", ("S000-6", "S000-22", "S003-14"), columns, tuple(rows), (Code("practice.ways.note"),))


def _first_that_runs(at: Situation, idea: Idea) -> tuple[Code, Plan | None]:
    """The first way to carry out an idea that this card can take; the first of all where it takes none."""
    for variant in idea.variants:
        plan = at.with_changes(("deployment.gpu", at.plan.gpu_id), *variant.change)
        if plan is not None and plan.status is not Status.IMPOSSIBLE:
            return variant.code, plan
    return idea.variants[0].code, None


def _queued(at: Situation) -> Plan | None:
    """The requests of eight hours as a batch through eight hours: nobody waits, so nothing is kept free."""
    rate = at.figure("request_rate")
    if not rate:
        return None
    hours = at.scenario.workload.busy_hours
    changes = (
        ("workload.kind", WorkloadKind.BATCH),
        ("workload.batch_requests", rate * hours * 3600),
        ("workload.batch_hours", hours),
        ("deployment.gpu", at.plan.gpu_id),
    )
    plan = at.with_changes(*changes)
    return plan if plan is not None and plan.status is not Status.IMPOSSIBLE else None


def balancing(at: Situation) -> Table:
    """Ways to balance load over the replicas: each by a simulation of the plan, request by request."""
    rows: list[tuple[Cell, ...]] = []
    for way in Balancing:
        scenario = replace(at.scenario, "serving.balancing", way)
        seen = None
        if at.plan.replicas > 1:
            seen = simulate_plan(scenario, at.catalog, at.plan, requests=REQUESTS)
        rows.append(
            (
                Code(f"choice.serving.balancing.{way.value}"),
                exact("ttft_mean", seen.ttft.mean if seen else None, Unit.SECONDS),
                exact("ttft_p99", seen.ttft.p99 if seen else None, Unit.SECONDS),
                Code(f"practice.balancing.{way.value}"),
            )
        )
    for key in ("response_time", "utilisation"):
        rows.append((Code(f"practice.balancing.{key}.name"), None, None, Code(f"practice.balancing.{key}")))
    notes = () if at.plan.replicas > 1 else (Code("practice.balancing.one"),)
    return Table("balancing", ("S001-17", "S001-21"), ("way", "ttft_mean", "ttft_p99", "suits"), tuple(rows), notes)


def sizes(at: Situation) -> Table:
    """Size of model by use: how many cards of each class, by estimates."""
    rows: list[tuple[Cell, ...]] = []
    for cell in selection(at.catalog):
        counts = [
            exact("gpus", float(plan.gpus)) if plan is not None else Code("practice.native.no") for plan in cell.plans.values()
        ]
        best = Code(f"practice.class.{cell.best}") if cell.best else None
        rows.append((named(at.catalog.models[cell.model_id].name), Code(f"practice.use.{cell.use}"), *counts, best))
    classes = tuple(f"practice.class.{name}" for name in CLASSES)
    lines = ("S002-28", "S003-1", "S003-11", "S003-23", "S004-10")
    return Table("sizes", lines, ("model", "use", *classes, "best"), tuple(rows), (Code("practice.sizes.note"),))


def _figures(plan: Plan | None, *keys: str) -> tuple[Cell, ...]:
    if plan is None:
        return tuple(None for _ in keys)
    return tuple(exact("gpus", float(plan.gpus)) if key == "gpus" else plan.figures.get(key) for key in keys)


HABITS: Final = ("ask", "order", "measure", "tools", "pilot", "accept", "small", "medium", "large", "operate", "share", "scale",
                 "phases", "principle", "plain", "numa", "promise", "tiers", "hot", "cpu")  # fmt: skip


def habits(_at: Situation) -> Table:
    """What practice does rather than computes, and where it is done here."""
    rows = tuple(tuple(Code(f"practice.habit.{name}.{part}") for part in ("topic", "text", "place")) for name in HABITS)
    return Table("habits", ("S000-27", "S000-28"), ("topic", "text", "place"), rows)


TABLES: Final[Mapping[str, Callable[[Situation], Table]]] = {
    "precisions": precisions,
    "ways": ways,
    "engines": engines,
    "balancing": balancing,
    "resources": resources,
    "cards": cards,
    "sizes": sizes,
    "habits": habits,
}
_OF_WRITERS: Final = frozenset(("ways", "engines"))


def table_of(key: str, scenario: Scenario, catalog: Catalog, answer: Estimate) -> Table | None:
    """One of the tables for a scenario; None where it doesn't apply.

    Args:
        key: of :data:`TABLES`.
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.

    Raises:
        KeyError: there is no such table.
    """
    make = TABLES[key]
    plan = answer.plan()
    if plan is None or plan.status is Status.IMPOSSIBLE or plan.memory is None:
        return None
    kind = scenario.workload.kind
    if (key in _OF_WRITERS and not kind.writes) or (key == "balancing" and kind is not WorkloadKind.SERVE):
        return None
    try:
        return make(Situation(scenario, catalog, answer, plan))
    except CannotEstimateError:
        return None
