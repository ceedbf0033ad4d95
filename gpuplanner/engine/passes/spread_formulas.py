"""What the GPUs that make one picture or clip together send each other, and how long it takes."""

from __future__ import annotations

from typing import Any

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "passes.exchanged",
    result="V",
    text="B · T · h · e ÷ p · (4 · (1 − 1 ÷ u) + 2 · (r − 1))",
    unit=Unit.BYTES,
    reference=(
        "Ulysses swaps tokens for heads and back: queries, keys, values and the result (DeepSpeed-Ulysses, arXiv 2309.14509); "
        "in a ring keys and values go round (Ring Attention, arXiv 2310.01889); both together: arXiv 2411.01738"
    ),
    symbols={
        "samples": Symbol("B", "term.spread_samples"),
        "tokens": Symbol("T", "term.spread_tokens"),
        "width": Symbol("h", "term.attention_width"),
        "element": Symbol("e", "term.element_bytes", Unit.BYTES),
        "gpus": Symbol("p", "term.spread_gpus"),
        "ulysses": Symbol("u", "term.ulysses_gpus"),
        "ring": Symbol("r", "term.ring_gpus"),
    },
)
def exchanged_bytes(
    samples: Values, tokens: Values, width: Values, element: Values, gpus: Values, ulysses: Values, ring: Values
) -> Values:
    """What a GPU sends in one layer. [B]"""
    return samples * tokens * width * element / gpus * (4 * (1 - 1 / ulysses) + 2 * (ring - 1))


@formula(
    "passes.exchange",
    result="t_x",
    text="N · (L · (k · λ + V ÷ (β · s)) + λ_g + G ÷ (β_g · s_g))",
    unit=Unit.SECONDS,
    reference=(
        "Each layer exchanges before and after its attention, each step joins the halves of guidance (xDiT, arXiv 2411.01738); "
        "counted in full, as if nothing of it hid behind computing. Link efficiency and latency fitted on published measurements"
    ),
    symbols={
        "steps": Symbol("N", "term.denoising_steps"),
        "layers": Symbol("L", "term.attention_layers"),
        "operations": Symbol("k", "term.exchanges_a_layer"),
        "latency": Symbol("λ", "term.exchange_latency", Unit.SECONDS),
        "moved": Symbol("V", "term.exchanged_bytes", Unit.BYTES),
        "link": Symbol("β", "term.exchange_link", Unit.BYTES_PER_SECOND),
        "share": Symbol("s", "term.exchange_link_share", Unit.SHARE),
        "join_latency": Symbol("λ_g", "term.join_latency", Unit.SECONDS),
        "joined": Symbol("G", "term.joined_bytes", Unit.BYTES),
        "join_link": Symbol("β_g", "term.join_link", Unit.BYTES_PER_SECOND),
        "join_share": Symbol("s_g", "term.join_link_share", Unit.SHARE),
    },
)
def exchange_time_s(
    steps: Values, layers: Values, operations: Values, latency: Values, moved: Values, link: Values, share: Values,
    join_latency: Values, joined: Values, join_link: Values, join_share: Values,
) -> Values:  # fmt: skip
    """All exchanges of a batch. [s]"""
    return steps * (layers * (operations * latency + moved / (link * share)) + join_latency + joined / (join_link * join_share))


@formula(
    "passes.memory_spread",
    result="M",
    text="W + A + C + N",
    unit=Unit.BYTES,
    reference=(
        "Sum of the parts on the fullest GPU; each GPU of a request holds all weights, decodes the whole picture and keeps "
        "buffers for what it exchanges"
    ),
    symbols={
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def spread_memory_bytes(weights: Values, activations: Values, engine: Values, communication: Values) -> Values:
    """What a full batch needs on the fullest GPU, where several work on one request. [B]"""
    return weights + activations + engine + communication
