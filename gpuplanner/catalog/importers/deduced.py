"""A decoder's shape from the tensors of its weights alone, where they have the common names and leave little open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import prod
from typing import Final

from pydantic import ValidationError

from gpuplanner.catalog.importers.tensors import Tensor
from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp
from gpuplanner.engine.architecture.readers.fields import MAX_LAYERS
from gpuplanner.engine.architecture.readers.parts import grouped

_LAYER: Final = re.compile(r"^(?:model\.)?(?:language_model\.)?(?:model\.)?layers\.(\d{1,4})\.(.+)$")
_MATRICES: Final = (*(f"self_attn.{name}_proj" for name in "qkvo"), "mlp.up_proj", "mlp.down_proj")
_HEAD, _SMALL_HEAD, _SMALL_MODEL = 128, 64, 1536

Shapes = Mapping[str, tuple[int, ...]]


def deduced_shape(tensors: Iterable[Tensor]) -> DecoderShape | None:
    """The shape of a dense decoder with the names that Llama, Qwen, Mistral and their kin use; None for any other.

    Parameters and the size of the KV cache come out exactly. The head dimension isn't in the tensors unless queries have a
    norm of their own; it is taken as 128, or 64 in small models, so the shape is an assumption.
    """
    layers: dict[int, dict[str, tuple[int, ...]]] = {}
    beside: dict[str, tuple[int, ...]] = {}
    for tensor in tensors:
        match = _LAYER.match(tensor.name)
        if match:
            layers.setdefault(int(match[1]), {})[match[2]] = tensor.shape
        else:
            beside[tensor.name.rpartition("model.")[2]] = tensor.shape
    embedding = beside.get("embed_tokens.weight", ())
    if len(embedding) != 2 or not layers or set(layers) != set(range(len(layers))) or len(layers) > MAX_LAYERS:
        return None
    kinds = [_layer(layers[index], embedding[1]) for index in range(len(layers))]
    try:
        return DecoderShape(
            hidden=embedding[1],
            vocab=embedding[0],
            layers=grouped([kind for kind in kinds if kind is not None]) if all(kinds) else (),
            tied="lm_head.weight" not in beside,
            final_params=_size(beside, "norm.weight") + _size(beside, "norm.bias"),
        )
    except ValidationError:
        return None


def _layer(shapes: Shapes, hidden: int) -> Layer | None:
    matrices = [shapes.get(f"{name}.weight", ()) for name in _MATRICES]
    if any(len(shape) != 2 or 0 in shape for shape in matrices):
        return None
    query, key, value, out, up, down = matrices
    head = _head_dim(shapes, hidden, query[0], key[0])
    if not head or key != value or query[0] != out[1] or up[0] != down[1] or {query[1], key[1], up[1], out[0]} != {hidden}:
        return None
    gate = shapes.get("mlp.gate_proj.weight")
    norms = {name: size for name, size in shapes.items() if "norm" in name}
    beside = sum(_size(norms, name) for name in norms if "self_attn" in name)
    attention = Attention(
        heads=query[0] // head,
        kv_heads=key[0] // head,
        head_dim=head,
        bias_q="self_attn.q_proj.bias" in shapes,
        bias_kv="self_attn.k_proj.bias" in shapes,
        bias_o="self_attn.o_proj.bias" in shapes,
        qk_norm_params=beside,
    )
    mlp = Mlp(
        intermediate=up[0], gated=gate is not None, bias_in="mlp.up_proj.bias" in shapes, bias_out="mlp.down_proj.bias" in shapes
    )
    return Layer(count=1, attention=attention, feed_forward=mlp, norm_params=sum(_size(norms, name) for name in norms) - beside)


def _head_dim(shapes: Shapes, hidden: int, query: int, key: int) -> int:
    """That of the norm of queries where there is one; else the usual; 0 where nothing divides."""
    normed = shapes.get("self_attn.q_norm.weight", ())
    usual: tuple[int, ...] = (_SMALL_HEAD, _HEAD) if hidden < _SMALL_MODEL else (_HEAD, _SMALL_HEAD)
    told: tuple[int, ...] = normed if len(normed) == 1 and 0 < normed[0] < query else ()
    for head in (*told, *usual):
        if query % head == 0 and key % head == 0 and (query // head) % (key // head) == 0:
            return head
    return 0


def _size(shapes: Shapes, name: str) -> int:
    size: int = prod(shapes[name]) if name in shapes else 0
    return size
