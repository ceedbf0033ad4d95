"""Guard rails: what makes a plan impossible or foolish, though it can be computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.practice import Guard
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Code, Estimate, Plan, Status
from gpuplanner.engine.rules import predicates
from gpuplanner.engine.rules.predicates import Found
from gpuplanner.engine.rules.result import Warned
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.scenario.document import Scenario

Predicate = Callable[[Situation, Mapping[str, float]], Found]
ORDER: Final = ("stop", "warn", "note")

PREDICATES: Final[Mapping[str, Predicate]] = {
    "heads_divided": predicates.heads_divided,
    "format_native": predicates.format_native,
    "bf16_native": predicates.bf16_native,
    "flash_attention": predicates.flash_attention,
    "fast_link": predicates.fast_link,
    "one_socket": predicates.one_socket,
    "bridge": predicates.bridge,
    "one_server": predicates.one_server,
    "kv_heads": predicates.kv_heads,
    "training_link": predicates.training_link,
    "matches": predicates.matches,
    "cloud_only": predicates.cloud_only,
    "export": predicates.export,
    "single_server": predicates.single_server,
    "rack_power": predicates.rack_power,
    "liquid": predicates.liquid,
    "context": predicates.context,
    "near_overload": predicates.near_overload,
    "memory_tight": predicates.memory_tight,
    "spot_service": predicates.spot_service,
    "few_bits": predicates.few_bits,
    "host_layers": predicates.host_layers,
    "engine_port": predicates.engine_port,
    "price_unknown": predicates.price_unknown,
}


def warned_of(scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan | None = None) -> tuple[Warned, ...]:
    """The guard rails a plan runs into, the gravest first.

    Args:
        scenario: what was asked.
        catalog: what is known; its ``guards`` are the rules.
        answer: the estimate of the two.
        plan: one of its plans; when none is given that of the GPU asked for or chosen, be it possible or not.
    """
    plan = plan or answer.plan(scenario.deployment.gpu or answer.chosen)
    if plan is None:
        return ()
    at = Situation(scenario, catalog, answer, plan)
    found = [warned for guard in catalog.guards.values() if (warned := _warned(at, guard)) is not None]
    return tuple(sorted(found, key=lambda warned: ORDER.index(warned.severity)))


def _warned(at: Situation, guard: Guard) -> Warned | None:
    predicate = PREDICATES.get(guard.predicate)
    if predicate is None or not _about(guard, at.gpu):
        return None
    if at.plan.status is Status.IMPOSSIBLE and guard.predicate not in predicates.OF_ANY_PLAN:
        return None
    try:
        params = predicate(at, guard.values)
    except CannotEstimateError:
        return None
    if params is None:
        return None
    source = guard.sources[0]
    code = Code(f"guard.{guard.id}", {"gpu": at.gpu.name, **params})
    severity = "warn" if params.get("likely") and guard.severity == "stop" else guard.severity  # nobody said where it stands
    return Warned(guard.id, severity, code, source.title, source.date)


def _about(guard: Guard, gpu: Gpu) -> bool:
    return not guard.gpus or any(fnmatchcase(gpu.id, pattern) for pattern in guard.gpus)
