"""Workspace of engines that set nothing aside: it grows with the prompts, or with llama.cpp's compute graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "memory.prompt_workspace",
    result="A",
    text="R · max(Q · max(V · p, 2 · (n_h · h + n_m · m)) − K_o, c · K)",
    unit=Unit.BYTES,
    reference=(
        "Whole prompts in one pass: the widest layer or the logits of the prompt, while the cache of the answer is still empty; "
        "or the cache copied as it grows. Checked on the published memory tables of the Qwen models"
    ),
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "prompt_tokens": Symbol("Q", "term.prompt_tokens", Unit.TOKENS),
        "vocab": Symbol("V", "term.vocab"),
        "logit_bytes": Symbol("p", "term.prompt_logit_bytes", Unit.BYTES),
        "hidden": Symbol("h", "term.hidden"),
        "hidden_tensors": Symbol("n_h", "term.hidden_tensors"),
        "mlp_tensors": Symbol("n_m", "term.mlp_tensors"),
        "mlp_width": Symbol("m", "term.mlp_width"),
        "unfilled": Symbol("K_o", "term.unfilled_cache", Unit.BYTES),
        "copies": Symbol("c", "term.cache_copies"),
        "cache": Symbol("K", "term.cache_per_request", Unit.BYTES),
    },
)
def prompt_workspace_bytes(
    requests: Values, prompt_tokens: Values, vocab: Values, logit_bytes: Values, hidden: Values, hidden_tensors: Values,
    mlp_tensors: Values, mlp_width: Values, unfilled: Values, copies: Values, cache: Values,
) -> Values:  # fmt: skip
    """Workspace on one GPU on top of the full cache. [B]  ``mlp_width`` is that of one GPU; two bytes an element."""
    layer = 2 * (hidden_tensors * hidden + mlp_tensors * mlp_width)
    prompts = prompt_tokens * np.maximum(vocab * logit_bytes, layer) - unfilled
    return requests * np.maximum(prompts, copies * cache)


@formula(
    "memory.compute_buffer",
    result="A",
    text="max(M · 4 · (V + h), M · 2 · (n_h · h + n_m · m) + M · T · a · s)",
    unit=Unit.BYTES,
    reference=(
        "ggml allocates the largest point of one compute graph of n_ubatch tokens in 32 bit: the logits, or a layer with its "
        "attention scores; agrees with the compute buffers that llama.cpp prints"
    ),
    symbols={
        "batched_tokens": Symbol("M", "term.batched_tokens", Unit.TOKENS),
        "vocab": Symbol("V", "term.vocab"),
        "hidden": Symbol("h", "term.hidden"),
        "hidden_tensors": Symbol("n_h", "term.hidden_tensors"),
        "mlp_tensors": Symbol("n_m", "term.mlp_tensors"),
        "mlp_width": Symbol("m", "term.mlp_width"),
        "tokens": Symbol("T", "term.tokens_per_request", Unit.TOKENS),
        "heads": Symbol("a", "term.attention_heads"),
        "score_bytes": Symbol("s", "term.score_bytes", Unit.BYTES),
    },
)
def compute_buffer_bytes(
    batched_tokens: Values, vocab: Values, hidden: Values, hidden_tensors: Values, mlp_tensors: Values, mlp_width: Values,
    tokens: Values, heads: Values, score_bytes: Values,
) -> Values:  # fmt: skip
    """llama.cpp's compute buffer on one GPU. [B]"""
    layer = batched_tokens * 2 * (hidden_tensors * hidden + mlp_tensors * mlp_width)
    return np.maximum(batched_tokens * 4 * (vocab + hidden), layer + batched_tokens * tokens * heads * score_bytes)
