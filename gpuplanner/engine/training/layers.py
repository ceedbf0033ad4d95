"""Layers of transformers on a tape: attention, feed-forward, experts, in the order in which a token meets them."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import Attention, Experts, LatentAttention, Layer, Mlp
from gpuplanner.engine.training.builder import FP32, Builder, Tensor
from gpuplanner.engine.training.mixers import mixed
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Norm, Style
from gpuplanner.engine.training.tape import Profile, Weight


def layer_profile(hidden: int, layer: Layer, setup: Setup, style: Style, *, first: bool = False) -> Profile:
    """What one layer of a kind takes on one GPU.

    Args:
        hidden: width of the residual stream.
        layer: the layer; its count isn't used.
        setup: of the run.
        style: what lies between the matrix products.
        first: the first of the model, whose input needs no gradient when the embedding is frozen.
    """
    build = Builder(setup, style, trains_base=not setup.trains_adapters)
    x = build.enter(hidden, graded=not first or not setup.trains_adapters)
    out = _layer(build, x, layer)
    return build.tape.profile(x.id, out.id)


def _layer(build: Builder, x: Tensor, layer: Layer) -> Tensor:
    if build.style.post_norm:
        return _layer_post(build, x, layer)
    normed = build.norm(x)
    branch = _attention(build, normed, layer.attention) if layer.attention is not None else None
    if layer.mixer is not None:
        other = mixed(build, normed, layer.mixer)
        branch = other if branch is None else build.add(branch, other)
    if branch is not None:
        branch = _scaled(build, build.dropout(branch))
        if not build.style.parallel:
            x = build.add(x, branch)
            normed = build.norm(x) if layer.feed_forward is not None else normed
        elif layer.norm_params > 2 * x.width:
            normed = build.norm(x)
    if layer.cross is not None:
        x = build.add(x, build.dropout(_cross(build, normed, layer.cross)))
        normed = build.norm(x)
    if layer.feed_forward is None:
        return x
    feed = _feed_forward(build, normed, layer.feed_forward)
    feed = _scaled(build, build.dropout(feed))
    if build.style.parallel and branch is not None:
        return build.add(build.add(feed, branch), x)
    return build.add(x, feed)


def _layer_post(build: Builder, x: Tensor, layer: Layer) -> Tensor:
    """Norms after the sums, as in the first transformers (BERT, BART)."""
    if layer.attention is not None:
        x = build.norm(build.add(x, build.dropout(_attention(build, x, layer.attention))))
    if layer.cross is not None:
        x = build.norm(build.add(x, build.dropout(_cross(build, x, layer.cross))))
    if layer.feed_forward is not None:
        x = build.norm(build.add(x, build.dropout(_feed_forward(build, x, layer.feed_forward))))
    return x


def _scaled(build: Builder, x: Tensor) -> Tensor:
    """A branch times a learned vector."""
    if not build.style.scaled_branches:
        return x
    size = max(x.bytes, build.mode.residual)
    scale = Weight("scale", 1, x.width, build.trains_base, build.mode.weight, matrix=False)
    return build.point((x,), x.width, size, saves=(x,), weights=(scale,))


def _cross(build: Builder, x: Tensor, attention: Attention) -> Tensor:
    """Attention to another sequence: queries of this one, keys and values of that."""
    tp = build.setup.tensor_parallel
    heads, kv_heads = max(1.0, attention.heads / tp), max(1.0, attention.kv_heads / tp)
    other = build.context(attention.context_dim or x.width)
    q = build.linear("q", x, heads * attention.head_dim, bias=attention.bias_q)
    k = build.linear("k", other, kv_heads * attention.head_dim, bias=attention.bias_kv and not attention.bias_v_alone)
    v = build.linear("v", other, kv_heads * (attention.v_head_dim or attention.head_dim), bias=attention.bias_kv)
    return build.linear(
        "o", build.scores(q, k, v, heads, kv_heads, cross=True), x.width, bias=attention.bias_o, share=build.stream
    )


def _attention(build: Builder, x: Tensor, attention: Attention | LatentAttention) -> Tensor:
    if isinstance(attention, LatentAttention):
        return _latent(build, x, attention)
    tp = build.setup.tensor_parallel
    heads = max(1.0, attention.heads / tp)
    kv_heads = max(1.0, attention.kv_heads / tp)
    value_dim = attention.v_head_dim or attention.head_dim
    widths = (heads * attention.head_dim * (2 if attention.gate else 1), kv_heads * attention.head_dim, kv_heads * value_dim)
    q, k, v = _projected(build, x, widths, attention)
    q, k = _turned(build, q, k, attention)
    mixed = build.scores(q, k, v, heads, kv_heads)
    return build.linear("o", mixed, x.width, bias=attention.bias_o, share=build.stream)


def _projected(
    build: Builder, x: Tensor, widths: tuple[float, float, float], attention: Attention
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values: three products, or views of one."""
    if build.style.fused_qkv:
        whole = build.linear("qkv", x, sum(widths), bias=attention.bias_q)
        q, k, v = (replace(whole, width=width) for width in widths)
        return q, k, v
    shared = build.norm(build.linear("q", x, attention.q_rank), kind=Norm.RMS) if attention.q_rank else x
    return (
        build.linear("q", shared, widths[0], bias=attention.bias_q),
        build.linear("k", x, widths[1], bias=attention.bias_kv and not attention.bias_v_alone),
        build.linear("v", x, widths[2], bias=attention.bias_kv),
    )


def _turned(build: Builder, q: Tensor, k: Tensor, attention: Attention) -> tuple[Tensor, Tensor]:
    """Query and key norms, then positions."""
    if attention.qk_norm_params:
        per_head = attention.qk_norm_params == 2 * attention.head_dim
        q = build.norm(q, attention.head_dim if per_head else None, kind=Norm.RMS)
        k = build.norm(k, attention.head_dim if per_head else None, kind=Norm.RMS)
    if not build.style.rotary:
        return q, k
    return _rotated(build, q), _rotated(build, k)


def _rotated(build: Builder, x: Tensor) -> Tensor:
    """X · cos + turned x · sin; the angles are shared by all layers. Angles come in the format of the residual stream."""
    size = max(x.bytes, build.mode.residual)
    turned = build.point((build.point((x,), x.width, x.bytes),), x.width, size)
    out = build.add(build.point((x,), x.width, size), turned)
    return replace(out, cheap=False)


def _latent(build: Builder, x: Tensor, mla: LatentAttention) -> Tensor:
    tp = build.setup.tensor_parallel
    heads = max(1.0, mla.heads / tp)
    head_dim = mla.qk_nope_head_dim + mla.qk_rope_head_dim
    if mla.q_lora_rank:
        q = build.linear("q", build.norm(build.linear("q", x, mla.q_lora_rank), kind=Norm.RMS), heads * head_dim)
    else:
        q = build.linear("q", x, heads * head_dim)
    latent = build.linear("k", x, mla.kv_lora_rank + mla.qk_rope_head_dim)
    if mla.direct:
        return _direct(build, x, mla, q, latent)
    inner = build.point((latent,), mla.kv_lora_rank, latent.bytes)
    up = build.linear("v", build.norm(inner, kind=Norm.RMS), heads * (mla.qk_nope_head_dim + mla.v_head_dim))
    q = build.point((q,), heads * head_dim, q.bytes)
    k = build.point((up, latent), heads * head_dim, up.bytes)
    v = build.point((up,), heads * mla.v_head_dim, up.bytes)
    mixed = build.scores(q, k, v, heads, heads)
    return build.linear("o", build.point((mixed,), heads * mla.v_head_dim, mixed.bytes), x.width, share=build.stream)


def _direct(build: Builder, x: Tensor, mla: LatentAttention, q: Tensor, latent: Tensor) -> Tensor:
    """One vector that is key and value of all heads; its output goes through groups of a lower rank where there are any."""
    heads = max(1.0, mla.heads / build.setup.tensor_parallel)
    shared = build.norm(latent, kind=Norm.RMS)
    q = build.point((q,), heads * (mla.qk_nope_head_dim + mla.qk_rope_head_dim), q.bytes)
    mixed = build.scores(q, shared, shared, heads, 1)
    mixed = build.point((mixed,), heads * mla.v_head_dim, mixed.bytes)
    if mla.out_rank:
        mixed = build.linear("o", mixed, max(1.0, mla.out_groups / build.setup.tensor_parallel) * mla.out_rank)
    return build.linear("o", mixed, x.width, share=build.stream)


def _feed_forward(build: Builder, x: Tensor, feed: Mlp | Experts) -> Tensor:
    if isinstance(feed, Experts):
        return _experts(build, x, feed)
    tp = build.setup.tensor_parallel
    return mlp(build, x, feed.intermediate / tp, x.width, gated=feed.gated, bias_in=feed.bias_in, bias_out=feed.bias_out)


def mlp(
    build: Builder,
    x: Tensor,
    wide: float,
    out: float,
    *,
    gated: bool,
    bias_in: bool = False,
    bias_out: bool = False,
    copies: int = 1,
    spread: int = 1,
    share: float | None = None,
) -> Tensor:
    """A feed-forward block; ``wide`` on this GPU."""
    if gated and copies > 1 and not build.setup.trains_adapters:  # experts lie in two tensors: gate and up in one
        both = build.linear("gate_up", x, 2 * wide, bias=bias_in, copies=copies, spread=spread, share=share)
        inner = build.mul(build.activate(replace(both, width=wide)), replace(both, width=wide))
    elif gated:
        gate = build.activate(build.linear("gate", x, wide, bias=bias_in, copies=copies, spread=spread, share=share))
        inner = build.mul(gate, build.linear("up", x, wide, bias=bias_in, copies=copies, spread=spread, share=share))
    else:
        inner = build.activate(build.linear("up", x, wide, bias=bias_in, copies=copies, spread=spread, share=share))
    return build.linear("down", inner, out, bias=bias_out, copies=copies, spread=spread, share=share or build.stream)


def _experts(build: Builder, x: Tensor, feed: Experts) -> Tensor:
    """Routed experts: each token stands in the buffer once for each of its experts."""
    setup = build.setup
    tp = setup.tensor_parallel if setup.expert_parallel == 1 else 1
    scores = build.linear("router", x, feed.experts, share=x.share)
    weights = build.point((build.cast(scores, FP32),), feed.experts, FP32, saves_out=True, aux=8.0 * feed.top_k)
    local = max(1, feed.experts // setup.expert_parallel)
    spread = build.point((x,), x.width * feed.top_k, x.bytes)
    inner = mlp(
        build,
        spread,
        feed.intermediate * feed.top_k / tp,
        x.width * feed.top_k,
        gated=feed.gated,
        copies=local,
        spread=feed.top_k,
        share=x.share,
    )
    mixed = build.point((inner, weights), x.width, build.mode.compute, saves=(inner,))
    if not feed.shared_intermediate:
        return mixed
    shared = mlp(build, x, feed.shared_intermediate / setup.tensor_parallel, x.width, gated=feed.gated)
    if feed.shared_gate:
        shared = build.point((shared, build.linear("router", x, 1, share=x.share)), x.width, shared.bytes, saves=(shared,))
    return build.add(mixed, shared)
