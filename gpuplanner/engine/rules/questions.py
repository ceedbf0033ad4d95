"""Questions that customers ask, answered by estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.sweep import only
from gpuplanner.engine.result import Code, Estimate, MemoryPart, Plan, Status
from gpuplanner.engine.rules.guards import warned_of
from gpuplanner.scenario.document import Scenario, replace

PAIR: Final = ("nvidia-rtx-3090", "nvidia-a10")
HOME: Final = ("nvidia-rtx-4060", "nvidia-rtx-3060-12gb", "nvidia-rtx-4090")
HOME_MODEL: Final = "llama-2-7b"
HOME_FORMAT: Final = "gguf-q4-k-m"
_LONG: Final = (("workload.load", 16.0), ("workload.input_tokens", 7168), ("workload.output_tokens", 1024))
_SHORT: Final = (("workload.load", 1.0), ("workload.input_tokens", 1024), ("workload.output_tokens", 256))


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer in sentences; ``lines`` are its places in the collected practice."""

    id: str
    lines: tuple[str, ...]
    question: Code
    answer: tuple[Code, ...]


def questions_of(scenario: Scenario, catalog: Catalog, answer: Estimate) -> tuple[Answered, ...]:
    """The questions with answers for this scenario; those that don't apply are left out."""
    found = [
        _same_model(scenario, catalog, answer),
        _which_card(scenario, catalog, answer),
        _own_computer(catalog),
        _no_gpu(catalog),
    ]
    return tuple(item for item in found if item is not None)


def _same_model(scenario: Scenario, catalog: Catalog, answer: Estimate) -> Answered | None:
    """Why does 13 GB do for one and not for another?"""
    if not scenario.workload.kind.writes:
        return None
    open_ended = (
        ("targets.ttft_s", None),
        ("targets.tpot_s", None),
        ("targets.e2e_s", None),
        ("workload.load_kind", "concurrency"),
        ("deployment.gpu", answer.chosen),
    )
    one, many = (_planned(scenario, catalog, *open_ended, *load) for load in (_SHORT, _LONG))
    if one is None or many is None or one.memory is None or many.memory is None:
        return None
    params = {
        "one_bytes": _total(one),
        "one_cache_bytes": _total(one, MemoryPart.KV_CACHE),
        "many_bytes": _total(many),
        "many_cache_bytes": _total(many, MemoryPart.KV_CACHE),
        "weight_bytes": _total(one, MemoryPart.WEIGHTS),
        "limit_bytes": one.memory.limit_bytes,
        "gpu": catalog.gpus[one.gpu_id].name,
    }
    told = (Code("faq.same_model.weights", params), Code("faq.same_model.cache", params), Code("faq.same_model.engine", params))
    return Answered("same_model", ("S004-13", "S004-9"), Code("faq.same_model"), told)


def _which_card(scenario: Scenario, catalog: Catalog, answer: Estimate) -> Answered | None:
    """3090 or A10?"""
    plans = [answer.plan(card) for card in PAIR]
    if any(plan is None for plan in plans):
        return None
    told = [_card(plan, catalog, scenario.money.currency) for plan in plans if plan is not None]
    bands = [catalog.gpus[card].bandwidth_gb_s or 0.0 for card in PAIR]
    told.append(Code("faq.which_card.bandwidth", {"ratio": bands[0] / bands[1]}))
    first = plans[0]
    if first is not None:
        told += [warned.code for warned in warned_of(scenario, catalog, answer, first) if warned.severity == "stop"]
    return Answered("which_card", ("S004-13", "S003-2", "S003-17"), Code("faq.which_card"), tuple(told))


def _card(plan: Plan, catalog: Catalog, currency: str) -> Code:
    name = catalog.gpus[plan.gpu_id].name
    if plan.status is Status.IMPOSSIBLE:
        reason = plan.reasons[0] if plan.reasons else Code("practice.native.no")
        return Code("faq.which_card.not", {"gpu": name, "reason": reason})
    price = plan.figures.get("purchase")
    params = {"gpu": name, "gpus": plan.gpus, "status": f"faq.status.{plan.status.value}"}
    if price is None or price.value is None:
        return Code("faq.which_card.runs", params)
    return Code("faq.which_card.costs", {**params, "price_money": price.value, "currency": currency})


def _own_computer(catalog: Catalog) -> Answered | None:
    """Is my PC enough for 7B?"""
    scenario = _home(catalog)
    if scenario is None:
        return None
    told = []
    for card in HOME:
        if card not in catalog.gpus:
            continue
        plan = estimate(scenario, only(catalog, card)).plan(card)
        gpu = catalog.gpus[card].name
        if plan is None or plan.memory is None or plan.gpus > 1:
            told.append(Code("faq.own_computer.no", {"gpu": gpu}))
            continue
        pace = plan.figures["tpot"].value or 0.0
        speed = 1 / pace if pace else 0.0
        told.append(Code("faq.own_computer.yes", {"gpu": gpu, "need_bytes": plan.memory.need_bytes, "tokens_per_s": speed}))
    told.append(Code("faq.own_computer.six", {"limit_bytes": 6e9}))
    return Answered("own_computer", ("S004-13", "S004-10"), Code("faq.own_computer"), tuple(told))


def _no_gpu(catalog: Catalog) -> Answered | None:
    """Does it run without a GPU?"""
    scenario = _home(catalog)
    if scenario is None:
        return None
    plan = estimate(replace(scenario, "serving.gpu_layers", 0), only(catalog, HOME[0])).plan(HOME[0])
    slow = plan.figures["tpot"].value if plan is not None and plan.figures else None
    if not slow:
        return None
    params = {"tokens_per_s": 1 / slow, "host_gb_s": catalog.calibration.constant("host.bandwidth_gb_s")}
    told = (Code("faq.no_gpu.host", params), Code("faq.no_gpu.unified"))
    return Answered("no_gpu", ("S000-7", "S004-14"), Code("faq.no_gpu"), told)


def _home(catalog: Catalog) -> Scenario | None:
    """One person, a 7B model in 4 bit, a context of 4K."""
    if HOME_MODEL not in catalog.models or HOME_FORMAT not in catalog.precisions:
        return None
    scenario = Scenario()
    for path, value in (
        ("model.id", HOME_MODEL),
        ("precision.weights", HOME_FORMAT),
        ("precision.kv_cache", "kv-fp16"),
        ("deployment.engine", "llama-cpp"),
        ("workload.load", 1.0),
        ("workload.input_tokens", 3584),
        ("workload.output_tokens", 512),
        ("targets.ttft_s", None),
        ("targets.tpot_s", None),
    ):
        scenario = replace(scenario, path, value)
    return scenario


def _planned(scenario: Scenario, catalog: Catalog, *changes: tuple[str, object]) -> Plan | None:
    changed = scenario
    for path, value in changes:
        changed = replace(changed, path, value)
    return estimate(changed, catalog).plan()


def _total(plan: Plan, *parts: MemoryPart) -> float:
    """Of all GPUs of a replica. [B]"""
    held = plan.memory.parts if plan.memory else {}
    wanted = parts or tuple(held)
    return sum(held.get(part, 0.0) for part in wanted) * plan.gpus_per_replica
