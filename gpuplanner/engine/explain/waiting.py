"""Opening the first token, and the waits before it."""

from __future__ import annotations

from gpuplanner.engine.explain import terms, whole
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.balance import sharing, variability_of
from gpuplanner.engine.speed.queueing import queue_of
from gpuplanner.scenario.serving import Balancing


def ttft(book: Book, key: str = "ttft") -> Explanation:
    """First token, at the percentile or on average."""
    serving, spread = book.serving, book.request.spread
    if terms.together(book):
        return whole.ttft(book, key)
    if key == "ttft" and spread.input_cv:
        longer = {
            "mean": computed(terms.one(serving.ttft_mean), "ttft_mean"),
            "alike": computed(float(ttft(book, "ttft_alike").result.value or 0.0), "ttft_alike"),
            "chunks": terms.chunks(book),
            "mixed_step": computed(terms.one(serving.mixed_step), "mixed_step"),
            "decode_step": computed(terms.one(serving.decode_step), "decode_step"),
            "longer": Given(spread.input_quantile, Code("source.input"), "workload.input_spread"),
        }
        return book.opened(key, "speed.ttft_spread", longer, result=book.plan.figures.get(key))
    given = {
        "wait": computed(_wait(book, key == "ttft_mean"), "mean_wait" if key == "ttft_mean" else "queue_wait"),
        "backlog": computed(terms.one(serving.backlog), "backlog"),
        "chunks": terms.chunks(book),
        "mixed_step": computed(terms.one(serving.mixed_step), "mixed_step"),
        "open_loop": terms.open_loop(book),
        "residual": Given(0.5 if key == "ttft_mean" else book.request.percentile, Code("source.residual")),
        "tpot": computed(terms.one(serving.tpot_mean) * terms.pace(book).gain, "tpot_mean"),
        "per_request": terms.outside(book),
    }
    return book.opened(key, "speed.ttft", given, result=book.plan.figures.get(key))


def _wait(book: Book, mean: bool) -> float:
    return float(queue_wait(book, "mean_wait" if mean else "queue_wait").result.value or 0.0)


def queue_wait(book: Book, key: str = "queue_wait") -> Explanation:
    """The wait behind other prompts."""
    serving = book.serving
    if not book.request.comes_by_itself:
        return _step_wait(book, key)
    name = "mean_queue_factor" if key == "mean_wait" else "queue_factor"
    given = {
        "requests": Given(max(terms.one(serving.decoding) - 1, 0.0), Code("source.others"), "workload.load"),
        "busy": computed(terms.one(serving.busy), "prefill_busy"),
        "percentile": Given(book.request.percentile, Code("source.input"), "targets.percentile"),
        "service": computed(terms.one(serving.service), "prefill_service"),
        "factor": computed(float(factor(book, name).result.value or 0.0), name),
        "rarer": computed(float(rarer(book).result.value or 0.0), "rarer"),
    }
    if key == "mean_wait":
        del given["percentile"], given["rarer"]
    return book.opened(key, f"speed.{key}", given)


def factor(book: Book, key: str) -> Explanation:
    """The factor on that wait."""
    return factor_of(book, key, float(rarer(book).result.value or 0.0), float(balanced(book).result.value or 0.0))


def factor_of(book: Book, key: str, often: float, left: float) -> Explanation:
    """The factor on a wait, of which ``left`` is left by sharing requests out, and which happens ``often``."""
    given = {
        "basis": book.constant("queue.open.factor"),
        "spread": Given(book.request.spread.input_cv, Code("source.input"), "workload.input_spread"),
        "left": computed(left, "balance"),
        "rarer": computed(often, "rarer") if key == "mean_queue_factor" else Given(1.0, Code("source.rarer_apart")),
    }
    return book.opened(key, "speed.queue_factor", given)


def _step_wait(book: Book, key: str) -> Explanation:
    """The same where the number in flight is fixed."""
    late = Given(max(0.0, book.request.z), Code("source.quantile", {"percentile": book.request.percentile}), "targets.percentile")
    given = {
        "factor": book.constant("queue.closed.factor"),
        "requests": Given(max(terms.one(book.serving.decoding) - 1, 0.0), Code("source.others"), "workload.load"),
        **_counted(book),
        "z": Given(0.0, Code("source.mean")) if key == "mean_wait" else late,
        "busy": computed(terms.one(book.serving.busy), "prefill_busy"),
        "spread": Given(book.request.spread.input_cv, Code("source.input"), "workload.input_spread"),
        "service": computed(terms.one(book.serving.service), "prefill_service"),
    }
    return book.opened(key, "speed.step_wait", given)


def _counted(book: Book) -> dict[str, Given]:
    """Prompts that come in a step, and steps that one takes up."""
    others = max(terms.one(book.serving.decoding) - 1, 0.0)
    answer = terms.steps(book).value * book.plan.pipeline_parallel
    steps = book.request.uncached_tokens / terms.one(book.serving.room)
    return {
        "steps": Given(steps, Code("source.budget"), "deployment.max_batched_tokens"),
        "coming": Given(others / answer, Code("source.others"), "workload.output_tokens"),
    }


def _shared(book: Book) -> dict[str, Given]:
    """How much arrivals and prompts vary."""
    balancing = book.request.serving.balancing
    opens = None if balancing is Balancing.PREFIX_AWARE else "arrival_variability"
    shared = float(variability_of(balancing, _sharing(book)))
    return {
        "arrivals": Given(shared, Code(f"choice.serving.balancing.{balancing.value}"), "serving.balancing", opens),
        "spread": Given(book.request.spread.input_cv, Code("source.input"), "workload.input_spread"),
    }


def balanced(book: Book) -> Explanation:
    """What is left of the wait by the way requests are shared out."""
    return book.opened("balance", "speed.balance", _shared(book))


def rarer(book: Book) -> Explanation:
    """How often there is a wait at all."""
    given = _shared(book) | {"busy": computed(terms.one(book.serving.busy), "prefill_busy")}
    return book.opened("rarer", "speed.rarer", given)


def varied(book: Book) -> Given:
    """How much the number in flight varies: not at all where it is fixed, less where replicas take turns."""
    if not book.request.comes_by_itself:
        return terms.open_loop(book)
    return _shared(book)["arrivals"]


def variability(book: Book) -> Explanation:
    """How much arrivals vary at one of the replicas."""
    given = {"replicas": Given(_sharing(book), Code("source.sharing"), "workload.load")}
    return book.opened("arrival_variability", "speed.arrival_variability", given)


def _sharing(book: Book) -> float:
    return terms.one(sharing(book.request, terms.one(book.serving.batch), terms.one(book.serving.residence)))


def backlog(book: Book) -> Explanation:
    """Wait for a slot."""
    serving = book.serving
    given = {
        "requests": Given(terms.one(serving.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "decoding": terms.decoding(book),
        "residence": computed(terms.one(serving.residence), "residence"),
    }
    return book.opened("backlog", "speed.backlog", given)


def prefill_service(book: Book) -> Explanation:
    """Time of full steps that one prompt takes up."""
    serving = book.serving
    given = {
        "input_tokens": terms.prompt(book),
        "room": Given(terms.one(serving.room), Code("source.budget"), "deployment.max_batched_tokens"),
        "decode_step": computed(terms.one(serving.decode_step), "decode_step"),
        "mixed_step": computed(terms.one(serving.mixed_step), "mixed_step"),
        "chunk": Given(terms.one(serving.chunk), Code("source.budget"), "deployment.max_batched_tokens"),
        "pipeline": terms.pipeline(book),
    }
    return book.opened("prefill_service", "speed.prefill_service", given)


def prefill_busy(book: Book) -> Explanation:
    """Load of the prompt queue."""
    serving, most = book.serving, Given(queue_of(book.request, book.point.model.inputs).limit, Code("source.simulation"))
    if not book.request.comes_by_itself:
        counted = {**_counted(book), "most": most}
        return book.opened("prefill_busy", "speed.step_busy", counted)
    given = {
        "decoding": terms.decoding(book),
        "service": computed(terms.one(serving.service), "prefill_service"),
        "residence": computed(terms.one(serving.residence), "residence"),
        "most": most,
    }
    return book.opened("prefill_busy", "speed.prefill_busy", given)
