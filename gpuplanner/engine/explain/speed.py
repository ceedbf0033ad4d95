"""Opening the speed figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.explain import whole
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.batching import mean_wait_s, queue_wait_s
from gpuplanner.engine.speed.formulas import experts_touched
from gpuplanner.engine.speed.pace import SURE, Pace, pace_of
from gpuplanner.engine.speed.serving import queue_of
from gpuplanner.scenario.serving import Batching

STEP_PARTS = ("dense", "experts", "head", "kv_read", "attention", "movement", "communication", "overhead")


def ttft(book: Book, key: str = "ttft") -> Explanation:
    """First token, at the percentile or on average."""
    serving, spread = book.serving, book.request.spread
    if _together(book):
        return whole.ttft(book, key)
    if key == "ttft" and spread.input_cv:
        longer = {
            "mean": computed(_one(serving.ttft_mean), "ttft_mean"),
            "alike": computed(float(ttft(book, "ttft_alike").result.value or 0.0), "ttft_alike"),
            "chunks": _chunks(book),
            "mixed_step": computed(_one(serving.mixed_step), "mixed_step"),
            "decode_step": computed(_one(serving.decode_step), "decode_step"),
            "longer": Given(spread.input_quantile, Code("source.input"), "workload.input_spread"),
        }
        return book.opened(key, "speed.ttft_spread", longer, result=book.plan.figures.get(key))
    given = {
        "wait": computed(_wait(book, key == "ttft_mean"), "mean_wait" if key == "ttft_mean" else "queue_wait"),
        "backlog": computed(_one(serving.backlog), "backlog"),
        "chunks": _chunks(book),
        "mixed_step": computed(_one(serving.mixed_step), "mixed_step"),
        "open_loop": _open_loop(book),
        "residual": Given(0.5 if key == "ttft_mean" else book.request.percentile, Code("source.residual")),
        "tpot": computed(_one(serving.tpot_mean) * _pace(book).gain, "tpot_mean"),
        "per_request": book.constant("overhead.request_s", book.request.profile.runtime, book.gpu.family),
    }
    return book.opened(key, "speed.ttft", given, result=book.plan.figures.get(key))


def _wait(book: Book, mean: bool) -> float:
    serving, factor = book.serving, queue_of(book.request, book.point.model.inputs).factor
    others, busy, service = max(_one(serving.decoding) - 1, 0.0), _one(serving.busy), _one(serving.service)
    if mean:
        return float(mean_wait_s(others, busy, service, factor))
    return float(queue_wait_s(others, busy, book.request.percentile, service, factor))


def queue_wait(book: Book, key: str = "queue_wait") -> Explanation:
    """The wait behind other prompts."""
    serving = book.serving
    given = {
        "requests": Given(max(_one(serving.decoding) - 1, 0.0), Code("source.others"), "workload.load"),
        "busy": computed(_one(serving.busy), "prefill_busy"),
        "percentile": Given(book.request.percentile, Code("source.input"), "targets.percentile"),
        "service": computed(_one(serving.service), "prefill_service"),
        "factor": Given(queue_of(book.request, book.point.model.inputs).factor, _loop_source(book), "workload.load_kind"),
    }
    if key == "mean_wait":
        del given["percentile"]
    return book.opened(key, f"speed.{key}", given)


def decoding(book: Book) -> Explanation:
    """Requests that decode at the same time."""
    given = {
        "requests": Given(_one(book.serving.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "budget": Given(
            book.point.batched_tokens / (1 + _pace(book).proposed), Code("source.budget"), "deployment.max_batched_tokens"
        ),
        "pipeline": _pipeline(book),
        "input_tokens": Given(
            book.request.uncached_tokens / (1 + _pace(book).proposed), Code("source.input"), "workload.input_tokens"
        ),
        "output_tokens": _steps(book),
    }
    return book.opened("decoding", "speed.decoding", given)


def residence(book: Book) -> Explanation:
    """Time from a request's admission to its end."""
    if _together(book):
        return whole.cycle(book)
    serving = book.serving
    given = {
        "chunks": _chunks(book),
        "mixed_step": computed(_one(serving.mixed_step), "mixed_step"),
        "output_tokens": _output(book),
        "tpot": computed(_one(serving.tpot_mean), "tpot_mean"),
    }
    return book.opened("residence", "speed.residence", given)


def backlog(book: Book) -> Explanation:
    """Wait for a slot."""
    serving = book.serving
    given = {
        "requests": Given(_one(serving.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "decoding": _decoding(book),
        "residence": computed(_one(serving.residence), "residence"),
    }
    return book.opened("backlog", "speed.backlog", given)


def prefill_service(book: Book) -> Explanation:
    """Time of full steps that one prompt takes up."""
    serving = book.serving
    given = {
        "input_tokens": _input(book),
        "room": Given(_one(serving.room), Code("source.budget"), "deployment.max_batched_tokens"),
        "decode_step": computed(_one(serving.decode_step), "decode_step"),
        "mixed_step": computed(_one(serving.mixed_step), "mixed_step"),
        "chunk": Given(_one(serving.chunk), Code("source.budget"), "deployment.max_batched_tokens"),
    }
    return book.opened("prefill_service", "speed.prefill_service", given)


def prefill_busy(book: Book) -> Explanation:
    """Load of the prompt queue."""
    serving = book.serving
    given = {
        "decoding": _decoding(book),
        "service": computed(_one(serving.service), "prefill_service"),
        "pipeline": _pipeline(book),
        "residence": computed(_one(serving.residence), "residence"),
        "most": Given(queue_of(book.request, book.point.model.inputs).limit, Code("source.simulation")),
    }
    return book.opened("prefill_busy", "speed.prefill_busy", given)


def tpot(book: Book) -> Explanation:
    """Time per output token at the percentile."""
    serving = book.serving
    given = {
        "mean": computed(_one(serving.tpot_mean), "tpot_mean"),
        "z": Given(book.request.z, Code("source.quantile", {"percentile": book.request.percentile}), "targets.percentile"),
        "share": _share(book),
        "output_tokens": Given(
            book.request.short_output_tokens * _pace(book).gain, Code("source.input"), "workload.output_tokens"
        ),
        "mixed_step": _mixed(book),
        "decode_step": computed(_one(serving.decode_step), "decode_step"),
        "open_loop": Given(0.0, Code("source.together"), "serving.batching") if _together(book) else _open_loop(book),
        "alone": computed(_one(serving.alone)),
        "decoding": _decoding(book),
    }
    return book.opened("tpot", "speed.tpot", given, result=book.plan.figures.get("tpot"))


def tpot_mean(book: Book) -> Explanation:
    """Mean time per output token."""
    serving = book.serving
    given = {
        "share": _share(book),
        "decode_step": computed(_one(serving.decode_step), "decode_step"),
        "mixed_step": _mixed(book),
        "gain": _gain(book),
    }
    return book.opened("tpot_mean", "speed.tpot_mean", given, result=book.plan.figures.get("tpot_mean"))


def e2e(book: Book) -> Explanation:
    """The whole answer at the percentile."""
    if _together(book):
        return whole.e2e(book, "e2e")
    serving = book.serving
    given = {
        "mean": computed(_one(serving.e2e_mean), "e2e_mean"),
        "ttft": computed(_one(serving.ttft), "ttft"),
        "ttft_mean": computed(_one(serving.ttft_mean), "ttft_mean"),
        "output_tokens": _output(book),
        "tpot": computed(_one(serving.tpot), "tpot"),
        "tpot_mean": computed(_one(serving.tpot_mean), "tpot_mean"),
        "longer": Given(book.request.spread.output_quantile, Code("source.input"), "workload.output_spread"),
    }
    return book.opened("e2e", "speed.e2e", given, result=book.plan.figures.get("e2e"))


def e2e_mean(book: Book) -> Explanation:
    """The whole answer on average."""
    if _together(book):
        return whole.e2e(book, "e2e_mean")
    serving = book.serving
    given = {
        "ttft_mean": computed(_one(serving.ttft_mean), "ttft_mean"),
        "output_tokens": _output(book),
        "tpot_mean": computed(_one(serving.tpot_mean), "tpot_mean"),
    }
    return book.opened("e2e_mean", "speed.e2e_mean", given, result=book.plan.figures.get("e2e_mean"))


def prefill_share(book: Book) -> Explanation:
    """Share of the steps that carry prompts of others."""
    serving = book.serving
    given = {
        "decoding": _decoding(book),
        "input_tokens": _input(book),
        "output_tokens": _steps(book),
        "pipeline": _pipeline(book),
        "chunk": Given(_one(serving.chunk), Code("source.budget"), "deployment.max_batched_tokens"),
    }
    return book.opened("prefill_share", "speed.prefill_share", given)


def tokens_gained(book: Book) -> Explanation:
    """Tokens a step gives each request.

    Raises:
        KeyError: when nothing is proposed ahead.
    """
    pace = _pace(book)
    if not pace.proposed:
        raise KeyError("tokens_per_step")
    given = {
        "acceptance": Given(min(book.request.serving.acceptance, SURE), Code("source.input"), "serving.acceptance"),
        "proposed": Given(float(pace.proposed), Code("source.input"), "serving.draft_tokens"),
    }
    return book.opened("tokens_per_step", "speed.tokens_per_step", given)


def step(book: Book, key: str) -> Explanation:
    """A decode step, or a step that carries a prompt chunk; ``_checked`` is the model's pass within a step that is more.

    Raises:
        KeyError: when a step is one pass of the model, and that pass is asked for.
    """
    inner = key.removesuffix("_checked")
    if inner == key and _extended(book):
        return _longer_step(book, key)
    if inner != key and not _extended(book):
        raise KeyError(key)
    if book.plan.pipeline_parallel == 1:
        return _single(book, key, inner.removesuffix("_step"))
    name = inner.replace("_step", "_stage")
    given = {"pipeline": _pipeline(book), "stage": computed(float(stage(book, name).result.value or 0.0), name)}
    return book.opened(key, "speed.staged", given)


def stage(book: Book, key: str) -> Explanation:
    """A step on one of several pipeline stages.

    Raises:
        KeyError: when there is only one.
    """
    if book.plan.pipeline_parallel == 1:
        raise KeyError(key)
    return _single(book, key, key.removesuffix("_stage"))


def _single(book: Book, key: str, kind: str) -> Explanation:
    """The parts of a step on one pipeline stage."""
    terms = _terms(book, f"{kind}_step")
    given = {name: computed(_one(terms[name]), f"{kind}.{name}") for name in STEP_PARTS}
    if not book.request.experts:
        given["experts"] = Given(0.0, Code("source.no_experts"))
    return book.opened(key, "speed.step", given)


def part(book: Book, key: str) -> Explanation:
    """One part of a step, such as ``decode.dense`` or ``mixed.attention``.

    Raises:
        KeyError: when the model has no such part.
    """
    kind, name = key.split(".", 1)
    if name == "experts" and not book.request.experts:
        raise KeyError(key)
    tokens = _tokens(book, f"{kind}_step")
    return book.opened(
        key,
        _FORMULA[name],
        {argument: _given(book, argument, column, tokens, kind) for argument, column in _ARGUMENTS[name].items()},
    )


_FORMULA = {
    "dense": "speed.dense", "experts": "speed.experts", "head": "speed.dense", "kv_read": "speed.kv_read",
    "attention": "speed.prefill_attention", "movement": "speed.movement",
    "communication": "speed.communication", "overhead": "speed.overhead",
}  # fmt: skip
_DENSE = {
    "flops": "dense_flops", "tokens": "*own", "padding": "token_padding", "peak": "peak", "efficiency": "compute",
    "weights": "dense_bytes", "bandwidth": "bandwidth", "bandwidth_share": "*read.weights",
}  # fmt: skip
_ARGUMENTS: dict[str, dict[str, str]] = {
    "dense": _DENSE,
    "head": _DENSE | {"flops": "head_flops", "tokens": "*head", "peak": "peak_16", "weights": "head_bytes"},
    "experts": {
        "flops": "experts_flops", "tokens": "*tokens", "padding": "expert_padding", "touched": "*touched", "experts": "experts",
        "top_k": "top_k", "peak": "peak", "efficiency": "expert_compute", "weights": "experts_bytes", "bandwidth": "bandwidth",
        "bandwidth_share": "*read.experts", "imbalance": "imbalance",
    },
    "kv_read": {
        "requests": "*own_decoding", "kv_bytes": "kv_bytes", "bandwidth": "bandwidth", "bandwidth_share": "*read.kv",
        "score_flops": "decode_scores", "peak": "peak_16", "efficiency": "attention",
    },
    "movement": {
        "factor": "movement", "rank_tokens": "*own", "dense_moved": "dense_moved", "tokens": "*tokens",
        "experts_moved": "experts_moved", "bandwidth": "bandwidth", "bandwidth_share": "weight_share",
    },
    "attention": {"tokens": "*own_prefill", "score_flops": "prefill_scores", "peak": "peak_16", "efficiency": "attention"},
    "communication": {
        "operations": "all_reduces", "latency": "latency", "tensor_parallel": "tensor_parallel", "tokens": "*gathered",
        "hidden": "hidden",
        "link": "link", "efficiency": "link_share",
    },
    "overhead": {
        "layers": "layers", "per_layer": "layer_overhead", "expert_layers": "expert_layers",
        "per_expert_layer": "expert_layer_overhead", "per_step": "step_overhead", "per_sequence": "sequence_overhead",
        "requests": "*own_decoding",
    },
}  # fmt: skip
_FITTED = {
    "token_padding": "padding.tokens", "expert_padding": "padding.experts", "compute": "compute", "expert_compute":
    "experts.compute",
    "attention": "attention.compute", "weight_share": "bandwidth.weights", "kv_share": "bandwidth.kv", "latency":
    "latency.fast_s",
    "link_share": "link.fast", "layer_overhead": "overhead.layer_s", "step_overhead": "overhead.step_s",
    "sequence_overhead": "overhead.sequence_s", "expert_layer_overhead": "overhead.expert_layer_s",
    "movement": "movement.passes", "imbalance": "experts.imbalance",
}  # fmt: skip
_DATASHEET = frozenset({"peak", "peak_16", "bandwidth", "link"})


def read_share(book: Book, key: str) -> Explanation:
    """The share of the bandwidth at which a step reads, such as ``decode.read.weights``."""
    kind, _, name = key.split(".")
    tokens = _tokens(book, f"{kind}_step")
    column = "kv" if name == "kv" else "weights"
    passing = {"weights": "own", "experts": "tokens", "kv": "own_decoding"}[name]
    given = {
        "share": _given(book, "share", "kv_share" if name == "kv" else "weight_share", tokens, kind),
        "single": book.constant(
            f"kernels.bandwidth.{column}", book.request.profile.runtime, value=_one(book.point.model.inputs[f"single_{column}"])
        ),
        "tokens": _given(book, "tokens", f"*{passing}", tokens, kind),
    }
    return book.opened(key, "speed.read_share", given)


def _given(book: Book, argument: str, column: str, tokens: dict[str, float], tokens_of: str) -> Given:
    if column.startswith("*read."):
        return computed(tokens[column[1:]], f"{tokens_of}.{column[1:]}")
    if column.startswith("*"):
        return Given(tokens[column[1:]], Code(f"source.step_{column[1:]}"))
    value = _one(book.point.model.inputs[column])
    if column in _DATASHEET:
        return Given(value, Code("source.datasheet", {"gpu": book.gpu.name}))
    if column in _FITTED:
        name = _FITTED[column]
        runtime = (book.request.profile.runtime,) if name.startswith("overhead") else ()
        slow = column in {"latency", "link_share"} and book.plan.tensor_parallel > int(book.point.fleet.domain[0])
        if slow:
            name = name.replace("fast", "pcie")
        return book.constant(name, *runtime, book.gpu.family, book.plan.compute_format, value=value)
    if argument == "tensor_parallel":
        return Given(value, Code("source.layout"), "deployment.tensor_parallel")
    return Given(
        value,
        Code(
            "source.operators", {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
        ),
    )


def _tokens(book: Book, key: str) -> dict[str, float]:
    decoding = _one(book.serving.decoding) / book.plan.pipeline_parallel
    mixed = key == "mixed_step"
    proposals = decoding * _pace(book).proposed
    prefill = (_one(book.serving.chunk) if mixed else 0.0) + proposals
    prompts = (_one(book.serving.prompts) if mixed else 0.0) + proposals
    touched = 0.0
    if book.request.experts:
        touched = float(experts_touched(book.request.experts, book.request.top_k, decoding + prefill))
    model = book.point.model
    on_rank = model.on_rank(decoding, prefill, prompts)
    own = {name: _one(value) for name, value in on_rank.items()}
    shares = {f"read.{name}": _one(value) for name, value in model.read_shares(decoding, prefill, on_rank).items()}
    return {
        "decoding": decoding,
        "prefill": prefill,
        "tokens": decoding + prefill,
        "prompts": prompts,
        "touched": touched,
        "own": own["tokens"],
        "own_decoding": own["decoding"],
        "own_prefill": own["prefill"],
        "head": own["head"],
        "gathered": own["gathered"],
        **shares,
    }


def _terms(book: Book, key: str) -> dict[str, Any]:
    tokens = _tokens(book, key)
    return dict(book.point.model.terms(tokens["decoding"], tokens["prefill"], tokens["prompts"]))


def _extended(book: Book) -> bool:
    """Whether a step is more than one pass of the model: proposals, kernels launched one by one, prompts that halt the rest."""
    request = book.request
    beside = request.beside.adapters or request.on_gpu < 1
    return bool(_pace(book).proposed or request.launched_layer_s or request.serving.chunked_prefill is False or beside)


def _longer_step(book: Book, key: str) -> Explanation:
    serving, pace, stages = book.serving, _pace(book), book.plan.pipeline_parallel
    decoding = _one(serving.decoding) / stages
    prefill = _one(serving.chunk) if key == "mixed_step" else 0.0
    drafted = stages * float(np.max(pace.draft_s(decoding))) if pace.proposed else 0.0
    whole = key == "mixed_step" and book.request.serving.chunked_prefill is False
    checked = stages * sum(_one(term) for term in _terms(book, key).values())
    halted = _one(serving.mixed_step) - _one(serving.decode_step) if whole else 0.0
    floor = stages * _one(pace.model.inputs.get("launch_floor", 0.0))
    given = {
        "checked": computed(_one(serving.decode_step) if whole else checked, "decode_step" if whole else f"{key}_checked"),
        "drafted": computed(0.0 if whole else drafted),
        "adapters": computed(0.0 if whole else stages * _one(pace.adapters_s(decoding, prefill))),
        "host": computed(0.0 if whole else stages * _one(pace.host_s(decoding, prefill))),
        "floor": Given(0.0 if whole else floor, Code("source.set", {"name": "overhead.launched_layer_s"}), "serving.cuda_graphs"),
        "halted": computed(halted),
    }
    return book.opened(key, "speed.longer_step", given)


def _pace(book: Book) -> Pace:
    return pace_of(book.request, book.point.model)


def _gain(book: Book) -> Given:
    gain = _pace(book).gain
    return computed(gain, "tokens_per_step") if gain > 1 else Given(1.0, Code("source.no_speculation"), "serving.speculation")


def _steps(book: Book) -> Given:
    return Given(book.request.output_tokens / _pace(book).gain, Code("source.input"), "workload.output_tokens")


def _share(book: Book) -> Given:
    """Batches that start together read all prompts first."""
    if _together(book):
        return Given(0.0, Code("source.together"), "serving.batching")
    return computed(_one(book.serving.share), "prefill_share")


def _mixed(book: Book) -> Given:
    if _together(book):
        return computed(_one(book.serving.decode_step), "decode_step")
    return computed(_one(book.serving.mixed_step), "mixed_step")


def _decoding(book: Book) -> Given:
    if _together(book):
        return Given(_one(book.serving.decoding), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load")
    return computed(_one(book.serving.decoding), "decoding")


def _together(book: Book) -> bool:
    return book.request.serving.batching is not Batching.CONTINUOUS


def _open_loop(book: Book) -> Given:
    return Given(queue_of(book.request, book.point.model.inputs).open_loop, _loop_source(book), "workload.load_kind")


def _loop_source(book: Book) -> Code:
    return Code("source.open_loop" if book.request.comes_by_itself else "source.closed_loop")


def _input(book: Book) -> Given:
    return Given(book.request.uncached_tokens, Code("source.input"), "workload.input_tokens")


def _pipeline(book: Book) -> Given:
    return Given(float(book.plan.pipeline_parallel), Code("source.layout"), "deployment.pipeline_parallel")


def _chunks(book: Book) -> Given:
    source = Code("source.chunks", {"chunk_tokens": _one(book.serving.chunk)})
    return Given(_one(book.serving.chunks), source, "deployment.max_batched_tokens")


def _output(book: Book) -> Given:
    return Given(float(book.request.output_tokens), Code("source.input"), "workload.output_tokens")


def _one(array: Any) -> float:
    return float(np.ravel(array)[0])
