"""Opening the figures of a plan with prefill apart from decode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from gpuplanner.engine.apart import formulas as _formulas  # noqa: F401 (registers them)
from gpuplanner.engine.apart.pools import FOLLOWED, MANY, Pools
from gpuplanner.engine.explain import arrivals, terms, waiting
from gpuplanner.engine.explain.apart_steps import READING, plan_of, pools
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.balance import variability_of
from gpuplanner.scenario.serving import Balancing

_INPUT = Code("source.input")


def ttft(book: Book, key: str = "ttft") -> Explanation:
    """First token, at the percentile or on average."""
    of, given, spread = pools(book), plan_of(book), book.request.spread
    result = book.plan.figures.get(key)
    own = computed(terms.one(of.prompt(given.rate, float(given.prefill))), "prompt_time")
    if key == "ttft" and spread.input_cv:
        longer = {
            "mean": computed(terms.one(book.serving.ttft_mean), "ttft_mean"),
            "alike": computed(float(ttft(book, "ttft_alike").result.value or 0.0), "ttft_alike"),
            "prompt": own,
            "longer": Given(spread.input_quantile, _INPUT, "workload.input_spread"),
        }
        return book.opened(key, "apart.ttft_spread", longer, result=result)
    name = "mean_wait" if key == "ttft_mean" else "queue_wait"
    parts = {
        "wait": computed(float(wait(book, name).result.value or 0.0), name),
        "gate": computed(float(gate(book, key).result.value or 0.0), "gate_mean" if key == "ttft_mean" else "gate_wait"),
        "prompt": own,
        "transfer": computed(given.transfer_s, "kv_transfer"),
        "per_request": book.constant("overhead.request_s", book.request.profile.runtime, book.gpu.family),
    }
    return book.opened(key, "apart.ttft", parts, result=result)


def wait(book: Book, key: str) -> Explanation:
    """The wait for a replica that reads."""
    name = "mean_queue_factor" if key == "mean_wait" else "queue_factor"
    given = {
        "requests": Given(MANY, Code("source.apart.unbounded")),
        "busy": computed(busy_of(book), "prefill_busy"),
        "percentile": Given(book.request.percentile, _INPUT, "targets.percentile"),
        "service": computed(terms.one(pools(book).service), "prefill_service"),
        "factor": computed(float(factor(book, name).result.value or 0.0), name),
        "rarer": computed(float(rarer(book).result.value or 0.0), "rarer"),
    }
    if key == "mean_wait":
        del given["percentile"], given["rarer"]
    return book.opened(key, f"speed.{key}", given)


def factor(book: Book, key: str) -> Explanation:
    """The factor on that wait."""
    return waiting.factor_of(book, key, float(rarer(book).result.value or 0.0), float(balanced(book).result.value or 0.0))


def busy_of(book: Book) -> float:
    """Share of the time in which prompts are read."""
    given = plan_of(book)
    return terms.one(pools(book).busy(given.rate, float(given.prefill)))


def _shared(book: Book) -> dict[str, Given]:
    """How much arrivals and prompts vary."""
    balancing = book.request.serving.balancing
    shared = float(variability_of(balancing, float(plan_of(book).prefill)))
    source = Code(f"choice.serving.balancing.{balancing.value}")
    opens = None if balancing is Balancing.PREFIX_AWARE else "arrival_variability"
    return {
        "arrivals": Given(shared, source, "serving.balancing", opens),
        "spread": Given(pools(book).unequal, source, "workload.input_spread"),
    }


def balanced(book: Book) -> Explanation:
    """What is left of a wait by the way requests are shared out."""
    return book.opened("balance", "speed.balance", _shared(book))


def rarer(book: Book) -> Explanation:
    """How often there is a wait at all."""
    return book.opened("rarer", "speed.rarer", _shared(book) | {"busy": computed(busy_of(book), "prefill_busy")})


def variability(book: Book) -> Explanation:
    """How much arrivals vary at one of the replicas that read."""
    readers = float(plan_of(book).prefill)
    given = {"replicas": Given(readers, Code("source.readers"), "workload.load")}
    return book.opened("arrival_variability", "speed.arrival_variability", given)


def busy(book: Book) -> Explanation:
    """Share of the time in which prompts are read."""
    of, given = pools(book), plan_of(book)
    asked = {
        "rate": Given(given.rate, Code("source.apart.rate"), "workload.load"),
        "service": computed(terms.one(of.service), "prefill_service"),
        "readers": Given(float(given.prefill), Code("source.readers"), "workload.load"),
        "most": Given(FOLLOWED, Code("source.set", {"name": "FOLLOWED"})),
    }
    return book.opened("prefill_busy", "apart.busy", asked)


def service(book: Book) -> Explanation:
    """What a prompt takes of full steps."""
    of = pools(book)
    given = {
        "chunks": _chunks(of),
        "full_step": computed(terms.one(of.full_step), "full_stage"),
        "prompts": Given(terms.one(of.full_prompts / of.prompts), Code("source.budget"), "deployment.max_batched_tokens"),
    }
    return book.opened("prefill_service", "apart.service", given)


def prompt(book: Book) -> Explanation:
    """One's own prompt."""
    of = pools(book)
    given = {
        "chunks": _chunks(of),
        "pipeline": terms.pipeline(book),
        "stage": computed(terms.one(of.stage), "prompt_stage"),
        "together": computed(float(together(book).result.value or 0.0), "prompts_together"),
        "more": _more(of),
    }
    return book.opened("prompt_time", "apart.prompt", given)


def together(book: Book) -> Explanation:
    """Prompts that share a step."""
    of = pools(book)
    given = {
        "most": Given(terms.one(of.full_prompts / of.prompts), Code("source.budget"), "deployment.max_batched_tokens"),
        **_load(book),
        "stage": computed(terms.one(of.stage), "prompt_stage"),
        "more": _more(of),
    }
    return book.opened("prompts_together", "apart.together", given)


def gate(book: Book, key: str) -> Explanation:
    """Wait for the end of the step under way."""
    mean = key in ("ttft_mean", "gate_mean")
    residual = Given(0.5 if mean else book.request.percentile, Code("source.residual"))
    given = {
        "residual": residual,
        **_load(book),
        "stage": computed(terms.one(pools(book).stage), "prompt_stage"),
        "prompt": computed(float(prompt(book).result.value or 0.0), "prompt_time"),
    }
    return book.opened("gate_mean" if mean else "gate_wait", "apart.gate", given)


def _load(book: Book) -> dict[str, Given]:
    given = plan_of(book)
    return {
        "rate": Given(given.rate, Code("source.apart.rate"), "workload.load"),
        "readers": Given(float(given.prefill), Code("source.readers"), "workload.load"),
    }


def _more(of: Pools) -> Given:
    return Given(terms.one(of.more), Code("source.apart.more"), "deployment.max_batched_tokens")


def transfer(book: Book) -> Explanation:
    """The way of a prompt's cache."""
    one, near = book.point, plan_of(book).fast_link
    fleet, rows = one.fleet, one.rows
    link, share = (fleet.fast_link, "link.fast") if near else (fleet.slow_link, "link.pcie")
    cut = {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    given = {
        "tokens": Given(float(book.request.input_tokens), _INPUT, "workload.input_tokens"),
        "each": Given(float(rows.kv_per_request[0]) / book.request.full_tokens, Code("source.operators", cut)),
        "link": Given(max(float(link[0]), 1.0), Code("source.datasheet", {"gpu": book.gpu.name})),
        "efficiency": book.constant(share, book.gpu.family),
    }
    return book.opened("kv_transfer", "apart.transfer", given)


def tpot(book: Book) -> Explanation:
    """Time per output token at the percentile: no prompts in between, but as many to write for as happen to come."""
    serving = book.serving
    nothing = Given(0.0, Code("source.apart.none"), "serving.disaggregated")
    step = computed(terms.one(serving.decode_step), "decode_step")
    given = {
        "mean": computed(terms.one(serving.tpot_mean), "tpot_mean"),
        "z": Given(book.request.z, Code("source.quantile", {"percentile": book.request.percentile}), "targets.percentile"),
        "share": nothing,
        "output_tokens": Given(book.request.short_output_tokens * terms.pace(book).gain, _INPUT, "workload.output_tokens"),
        "mixed_step": step,
        "decode_step": step,
        "open_loop": Given(1.0, Code("source.open_loop"), "workload.load_kind"),
        "alone": computed(terms.one(serving.alone)),
        "decoding": _writing(book),
    }
    return book.opened("tpot", "speed.tpot", given, result=book.plan.figures.get("tpot"))


def tpot_mean(book: Book) -> Explanation:
    """Mean time per output token."""
    step = computed(terms.one(book.serving.decode_step), "decode_step")
    nothing = Given(0.0, Code("source.apart.none"), "serving.disaggregated")
    given = {"share": nothing, "decode_step": step, "mixed_step": step, "gain": terms.gain(book)}
    return book.opened("tpot_mean", "speed.tpot_mean", given, result=book.plan.figures.get("tpot_mean"))


def capacity(book: Book) -> Explanation:
    """Output tokens per second that the writing replicas make."""
    given = {
        "writers": Given(float(plan_of(book).decode), Code("source.writers"), "workload.load"),
        "decoding": _writing(book),
        "output_tokens": terms.output(book),
        "tpot": computed(terms.one(book.serving.tpot_mean), "tpot_mean"),
        "most": Given(FOLLOWED, Code("source.set", {"name": "FOLLOWED"})),
        "readers": Given(float(plan_of(book).prefill), Code("source.readers"), "workload.load"),
        "service": computed(terms.one(pools(book).service), "prefill_service"),
    }
    return book.opened("token_capacity", "apart.throughput", given)


def throughput(book: Book) -> Explanation:
    """Output tokens per second at the load."""
    return arrivals.carried(book, float(capacity(book).result.value or 0.0))


def _chunks(of: Pools) -> Given:
    source = Code("source.chunks", {"chunk_tokens": terms.one(of.tokens)})
    return Given(terms.one(of.chunks), source, "deployment.max_batched_tokens")


def _writing(book: Book) -> Given:
    return Given(float(book.plan.batch), Code("source.writers_each", {"replicas": plan_of(book).decode}), "workload.load")


OPENERS: Mapping[str, Callable[[Book], Explanation]] = {
    "ttft": ttft,
    "ttft_mean": partial(ttft, key="ttft_mean"),
    "ttft_alike": partial(ttft, key="ttft_alike"),
    "queue_wait": partial(wait, key="queue_wait"),
    "mean_wait": partial(wait, key="mean_wait"),
    "balance": balanced,
    "rarer": rarer,
    "arrival_variability": variability,
    "prefill_busy": busy,
    "prefill_service": service,
    "prompt_time": prompt,
    "prompts_together": together,
    "gate_wait": partial(gate, key="gate_wait"),
    "gate_mean": partial(gate, key="gate_mean"),
    "kv_transfer": transfer,
    "tpot": tpot,
    "tpot_mean": tpot_mean,
    "token_capacity": capacity,
    "throughput": throughput,
    "queue_factor": partial(factor, key="queue_factor"),
    "mean_queue_factor": partial(factor, key="mean_queue_factor"),
    **READING,
}
"""Instead of those of replicas that do both."""
WITHOUT = frozenset(("prefill_share", "decoding", "backlog", "residence"))
"""What such a plan doesn't have."""
