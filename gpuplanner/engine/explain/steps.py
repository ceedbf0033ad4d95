"""Opening the steps of a serving engine: their parts, and what each part is computed from."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.explain import terms
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.formulas import experts_touched

STEP_PARTS = ("dense", "experts", "head", "kv_read", "attention", "movement", "communication", "overhead")


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
        return single(book, key, inner.removesuffix("_step"))
    name = inner.replace("_step", "_stage")
    given = {"pipeline": terms.pipeline(book), "stage": computed(float(stage(book, name).result.value or 0.0), name)}
    return book.opened(key, "speed.staged", given)


def stage(book: Book, key: str) -> Explanation:
    """A step on one of several pipeline stages.

    Raises:
        KeyError: when there is only one.
    """
    if book.plan.pipeline_parallel == 1:
        raise KeyError(key)
    return single(book, key, key.removesuffix("_stage"))


def single(book: Book, key: str, kind: str) -> Explanation:
    """The parts of a step on one pipeline stage."""
    times = _terms(book, f"{kind}_step")
    given = {name: computed(terms.one(times[name]), f"{kind}.{name}") for name in STEP_PARTS}
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
        "operations": "all_reduces", "at_once": "one_shot", "latency": "latency",
        "tensor_parallel": "tensor_parallel", "tokens": "*gathered",
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
    "one_shot": "latency.one_shot_s", "movement": "movement.passes", "imbalance": "experts.imbalance",
}  # fmt: skip
_DATASHEET = frozenset({"peak", "peak_16", "bandwidth", "link"})


def read_share(book: Book, key: str) -> Explanation:
    """The share of the bandwidth at which a step reads, such as ``decode.read.weights``."""
    kind, _, name = key.split(".")
    tokens = _tokens(book, f"{kind}_step")
    column = "kv" if name == "kv" else "weights"
    single = terms.one(book.point.model.inputs[f"single_{column}"])
    passing = {"weights": "own", "experts": "tokens", "kv": "own_decoding"}[name]
    given = {
        "share": _given(book, "share", "kv_share" if name == "kv" else "weight_share", tokens, kind),
        "single": book.constant(f"kernels.bandwidth.{column}", book.request.profile.runtime, value=single),
        "tokens": _given(book, "tokens", f"*{passing}", tokens, kind),
    }
    return book.opened(key, "speed.read_share", given)


def _given(book: Book, argument: str, column: str, tokens: dict[str, float], tokens_of: str) -> Given:
    if column.startswith("*read."):
        return computed(tokens[column[1:]], f"{tokens_of}.{column[1:]}")
    if column.startswith("*"):
        return Given(tokens[column[1:]], Code(f"source.step_{column[1:]}"))
    value = terms.one(book.point.model.inputs[column])
    if column in _DATASHEET:
        return Given(value, Code("source.datasheet", {"gpu": book.gpu.name}))
    if column in _FITTED:
        name = _FITTED[column]
        runtime = (book.request.profile.runtime,) if name.startswith("overhead") else ()
        slow = column in {"latency", "link_share", "one_shot"} and book.plan.tensor_parallel > int(book.point.fleet.domain[0])
        if slow:
            name = name.replace("fast", "pcie").replace("one_shot_s", "pcie_s")
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
    decoding = terms.one(book.serving.decoding) / book.plan.pipeline_parallel
    mixed = key == "mixed_step"
    proposals = decoding * terms.pace(book).proposed
    prefill = (terms.one(book.serving.chunk) if mixed else 0.0) + proposals
    prompts = (terms.one(book.serving.prompts) if mixed else 0.0) + proposals
    touched = 0.0
    if book.request.experts:
        touched = float(experts_touched(book.request.experts, book.request.top_k, decoding + prefill))
    model = book.point.model
    on_rank = model.on_rank(decoding, prefill, prompts)
    own = {name: terms.one(value) for name, value in on_rank.items()}
    shares = {f"read.{name}": terms.one(value) for name, value in model.read_shares(decoding, prefill, on_rank).items()}
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
    return bool(terms.pace(book).proposed or request.launched_layer_s or request.serving.chunked_prefill is False or beside)


def _longer_step(book: Book, key: str) -> Explanation:
    serving, pace, stages = book.serving, terms.pace(book), book.plan.pipeline_parallel
    decoding = terms.one(serving.decoding) / stages
    prefill = terms.one(serving.chunk) if key == "mixed_step" else 0.0
    drafted = stages * float(np.max(pace.draft_s(decoding))) if pace.proposed else 0.0
    whole = key == "mixed_step" and book.request.serving.chunked_prefill is False
    checked = stages * sum(terms.one(term) for term in _terms(book, key).values())
    halted = terms.one(serving.mixed_step) - terms.one(serving.decode_step) if whole else 0.0
    floor = stages * terms.one(pace.model.inputs.get("launch_floor", 0.0))
    given = {
        "checked": computed(terms.one(serving.decode_step) if whole else checked, "decode_step" if whole else f"{key}_checked"),
        "drafted": computed(0.0 if whole else drafted),
        "adapters": computed(0.0 if whole else stages * terms.one(pace.adapters_s(decoding, prefill))),
        "host": computed(0.0 if whole else stages * terms.one(pace.host_s(decoding, prefill))),
        "floor": Given(0.0 if whole else floor, Code("source.set", {"name": "overhead.launched_layer_s"}), "serving.cuda_graphs"),
        "halted": computed(halted),
    }
    return book.opened(key, "speed.longer_step", given)
