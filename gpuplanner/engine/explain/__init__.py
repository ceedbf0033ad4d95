"""How a figure came about: the formula that computed it, laid open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import arrivals, memory, money, reuse, speed, steps, waiting, whole, workspace
from gpuplanner.engine.explain.book import Book
from gpuplanner.engine.request import CannotEstimateError, resolve
from gpuplanner.engine.result import Explanation, Plan
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.serving import Batching

OPENERS: Mapping[str, Callable[[Book], Explanation]] = {
    "memory_per_gpu": memory.total,
    "weights": memory.weights,
    "beside": memory.beside,
    "kv_cache": memory.kv_cache,
    "activations": workspace.activations,
    "expert_workspace": workspace.expert_workspace,
    "engine": workspace.engine,
    "context": workspace.context,
    "communication": workspace.communication,
    "spread_requests": memory.held_requests,
    "limit": memory.limit,
    "pool": memory.pool,
    "ttft": waiting.ttft,
    "ttft_mean": partial(waiting.ttft, key="ttft_mean"),
    "ttft_alike": partial(waiting.ttft, key="ttft_alike"),
    "queue_wait": waiting.queue_wait,
    "mean_wait": partial(waiting.queue_wait, key="mean_wait"),
    "queue_factor": partial(waiting.factor, key="queue_factor"),
    "mean_queue_factor": partial(waiting.factor, key="mean_queue_factor"),
    "longest_output": whole.longest,
    "largest": whole.largest,
    "balance": waiting.balanced,
    "rarer": waiting.rarer,
    "uncached": reuse.uncached,
    "kept_share": reuse.kept,
    "kept_on_gpu": partial(reuse.kept, key="kept_on_gpu"),
    "cache_left": reuse.left,
    "cache_left_on_gpu": partial(reuse.left, key="cache_left_on_gpu"),
    "reload": reuse.reload,
    "outside": reuse.outside,
    "arrival_variability": waiting.variability,
    "tpot": speed.tpot,
    "e2e": speed.e2e,
    "e2e_mean": speed.e2e_mean,
    "tpot_mean": speed.tpot_mean,
    "prefill_share": speed.prefill_share,
    "decode_step": partial(steps.step, key="decode_step"),
    "mixed_step": partial(steps.step, key="mixed_step"),
    "decode_step_checked": partial(steps.step, key="decode_step_checked"),
    "mixed_step_checked": partial(steps.step, key="mixed_step_checked"),
    "decode_stage": partial(steps.stage, key="decode_stage"),
    "mixed_stage": partial(steps.stage, key="mixed_stage"),
    "tokens_per_step": speed.tokens_gained,
    "prefill_service": waiting.prefill_service,
    "prefill_busy": waiting.prefill_busy,
    "decoding": speed.decoding,
    "residence": speed.residence,
    "backlog": waiting.backlog,
    "throughput": arrivals.throughput,
    "token_capacity": arrivals.token_capacity,
    "arrivals": arrivals.arrivals,
    "request_rate": arrivals.request_rate,
    "batch_time": arrivals.batch_time,
    "purchase": money.purchase,
    "bought": money.bought,
    "power": money.power,
    "cost_per_million": money.cost_per_million,
    **{f"{kind}.{name}": partial(steps.part, key=f"{kind}.{name}") for kind in ("decode", "mixed") for name in steps.STEP_PARTS},
    **{
        f"{kind}.read.{name}": partial(steps.read_share, key=f"{kind}.read.{name}")
        for kind in ("decode", "mixed")
        for name in ("weights", "experts", "kv")
    },
}


OF_BATCHES = frozenset(("longest_output", "largest"))  # what only they have
OF_CONTINUOUS = frozenset(
    (
        "queue_wait",
        "mean_wait",
        "prefill_share",
        "prefill_service",
        "prefill_busy",
        "decoding",
        "backlog",
        "ttft_alike",
        "queue_factor",
        "mean_queue_factor",
        "balance",
        "rarer",
        "step_basis",
        "arrival_variability",
    )
)  # what batches that start and end together don't have


def explain(scenario: Scenario, catalog: Catalog, plan: Plan, key: str) -> Explanation:
    """Lay a figure of a plan open.

    Args:
        scenario: what was asked.
        catalog: what is known.
        plan: one that runs.
        key: of :data:`OPENERS`.

    Raises:
        KeyError: when the plan has no such figure: it doesn't run, the price isn't known, or the scenario was changed meanwhile
            into one that can't be estimated.
    """
    if plan.memory is None:
        raise KeyError(key)
    try:
        return _opened(scenario, catalog, plan, key)
    except CannotEstimateError as error:
        raise KeyError(key) from error


def _opened(scenario: Scenario, catalog: Catalog, plan: Plan, key: str) -> Explanation:
    """A figure by the kind of its plan."""
    if key.startswith("life."):
        from gpuplanner.engine.explain import life  # site and clouds, which only money asks for

        return life.opened(life.LifeBook(scenario, catalog, plan), key)
    if key.startswith("site."):
        from gpuplanner.engine.explain import site

        return site.opened(site.SiteBook(scenario, catalog, plan), key)
    if plan.training is not None:
        from gpuplanner.engine.explain import training  # a third of the engine, for those who train

        return training.OPENERS[key](training.TrainingBook(scenario, catalog, plan))
    if plan.passes is not None:
        from gpuplanner.engine.explain import passes

        return passes.opened(passes.PassBook(scenario, catalog, plan), key)
    if scenario.calibration.rows and scenario.calibration.enabled:
        from gpuplanner.engine.explain import own

        return own.opened(scenario, catalog, plan, key, _plain)
    return _plain(scenario, catalog, plan, key)


def _plain(scenario: Scenario, catalog: Catalog, plan: Plan, key: str) -> Explanation:
    """A figure of a plan that serves text, without a correction of its own."""
    if key in OF_BATCHES and scenario.serving.batching is Batching.CONTINUOUS:
        raise KeyError(key)
    if key in OF_CONTINUOUS and scenario.serving.batching is not Batching.CONTINUOUS:
        raise KeyError(key)
    if plan.pools is not None:
        from gpuplanner.engine.explain import apart  # a seldom wish

        if key in apart.WITHOUT or key.startswith("mixed"):
            raise KeyError(key)
        return apart.OPENERS.get(key, OPENERS.get(key, _unknown))(Book(scenario, catalog, plan, resolve(scenario, catalog)))
    return OPENERS[key](Book(scenario, catalog, plan, resolve(scenario, catalog)))


def _unknown(book: Book) -> Explanation:
    raise KeyError(book.plan.gpu_id)
