"""Opening the pace of answers: tokens, whole answers, and the requests that are answered at once."""

from __future__ import annotations

from gpuplanner.engine.explain import terms, waiting, whole
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.pace import SURE


def tpot(book: Book) -> Explanation:
    """Time per output token at the percentile."""
    serving = book.serving
    given = {
        "mean": computed(terms.one(serving.tpot_mean), "tpot_mean"),
        "z": Given(book.request.z, Code("source.quantile", {"percentile": book.request.percentile}), "targets.percentile"),
        "share": terms.share(book),
        "output_tokens": Given(
            book.request.short_output_tokens * terms.pace(book).gain, Code("source.input"), "workload.output_tokens"
        ),
        "mixed_step": terms.mixed(book),
        "decode_step": computed(terms.one(serving.decode_step), "decode_step"),
        "open_loop": Given(0.0, Code("source.together"), "serving.batching") if terms.together(book) else waiting.varied(book),
        "alone": computed(terms.one(serving.alone)),
        "decoding": terms.decoding(book),
    }
    return book.opened("tpot", "speed.tpot", given, result=book.plan.figures.get("tpot"))


def tpot_mean(book: Book) -> Explanation:
    """Mean time per output token."""
    serving = book.serving
    given = {
        "share": terms.share(book),
        "decode_step": computed(terms.one(serving.decode_step), "decode_step"),
        "mixed_step": terms.mixed(book),
        "gain": terms.gain(book),
    }
    return book.opened("tpot_mean", "speed.tpot_mean", given, result=book.plan.figures.get("tpot_mean"))


def e2e(book: Book) -> Explanation:
    """The whole answer at the percentile."""
    if terms.together(book):
        return whole.e2e(book, "e2e")
    serving = book.serving
    given = {
        "mean": computed(terms.one(serving.e2e_mean), "e2e_mean"),
        "ttft": computed(terms.one(serving.ttft), "ttft"),
        "ttft_mean": computed(terms.one(serving.ttft_mean), "ttft_mean"),
        "output_tokens": terms.output(book),
        "tpot": computed(terms.one(serving.tpot), "tpot"),
        "tpot_mean": computed(terms.one(serving.tpot_mean), "tpot_mean"),
        "longer": Given(book.request.spread.output_quantile, Code("source.input"), "workload.output_spread"),
    }
    return book.opened("e2e", "speed.e2e", given, result=book.plan.figures.get("e2e"))


def e2e_mean(book: Book) -> Explanation:
    """The whole answer on average."""
    if terms.together(book):
        return whole.e2e(book, "e2e_mean")
    serving = book.serving
    given = {
        "ttft_mean": computed(terms.one(serving.ttft_mean), "ttft_mean"),
        "output_tokens": terms.output(book),
        "tpot_mean": computed(terms.one(serving.tpot_mean), "tpot_mean"),
    }
    return book.opened("e2e_mean", "speed.e2e_mean", given, result=book.plan.figures.get("e2e_mean"))


def decoding(book: Book) -> Explanation:
    """Requests that decode at the same time."""
    given = {
        "requests": Given(
            terms.one(book.serving.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"
        ),
        "budget": Given(
            book.point.batched_tokens / (1 + terms.pace(book).proposed), Code("source.budget"), "deployment.max_batched_tokens"
        ),
        "pipeline": terms.pipeline(book),
        "input_tokens": terms.prompt(book, 1 + terms.pace(book).proposed),
        "output_tokens": terms.steps(book),
    }
    return book.opened("decoding", "speed.decoding", given)


def residence(book: Book) -> Explanation:
    """Time from a request's admission to its end."""
    if terms.together(book):
        return whole.cycle(book)
    serving = book.serving
    given = {
        "chunks": terms.chunks(book),
        "mixed_step": computed(terms.one(serving.mixed_step), "mixed_step"),
        "output_tokens": terms.output(book),
        "tpot": computed(terms.one(serving.tpot_mean), "tpot_mean"),
    }
    return book.opened("residence", "speed.residence", given)


def prefill_share(book: Book) -> Explanation:
    """Share of the steps that carry prompts of others."""
    serving = book.serving
    given = {
        "decoding": terms.decoding(book),
        "input_tokens": terms.prompt(book),
        "output_tokens": terms.steps(book),
        "pipeline": terms.pipeline(book),
        "chunk": Given(terms.one(serving.chunk), Code("source.budget"), "deployment.max_batched_tokens"),
    }
    return book.opened("prefill_share", "speed.prefill_share", given)


def tokens_gained(book: Book) -> Explanation:
    """Tokens a step gives each request.

    Raises:
        KeyError: when nothing is proposed ahead.
    """
    pace = terms.pace(book)
    if not pace.proposed:
        raise KeyError("tokens_per_step")
    given = {
        "acceptance": Given(min(book.request.serving.acceptance, SURE), Code("source.input"), "serving.acceptance"),
        "proposed": Given(float(pace.proposed), Code("source.input"), "serving.draft_tokens"),
    }
    return book.opened("tokens_per_step", "speed.tokens_per_step", given)
