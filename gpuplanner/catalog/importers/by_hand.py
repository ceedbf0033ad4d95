"""Models without a file: scaled from a known one to a size ("7B-like"), or given by their dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from gpuplanner.catalog.importers.hf_config import identifier
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, LatentAttention, Layer
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import UnsupportedArchitecture, read_config
from gpuplanner.errors import InputError, shown
from gpuplanner.texts import text
from gpuplanner.units import QuantityKind, parse_quantity

SMALLEST, LARGEST = 10**8, 10**14
_USUAL: Final = ("llama-3.2-1b", "llama-3.2-3b", "llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b")
_VOCAB: Final = 128_256
_HIDDEN_STEP, _WIDTH_STEP, _HEADS_STEP, _SPREAD = 64, 16, 8, 6
_NAME_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What a decoder consists of, in the words of a config.json; what is None is taken as usual."""

    num_hidden_layers: int | None = None
    hidden_size: int | None = None
    num_attention_heads: int | None = None
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    intermediate_size: int | None = None
    vocab_size: int | None = None
    num_experts: int | None = None
    num_experts_per_tok: int | None = None
    moe_intermediate_size: int | None = None
    max_position_embeddings: int | None = None
    tie_word_embeddings: bool = False


def scaled_model(size: str, catalog: Catalog, like: str | None = None, name: str | None = None) -> Model:
    """A plausible model of a size: a known one, made wider or narrower, deeper or shallower. Marked as assumed.

    Args:
        size: parameters as people write them, "7B" or "70亿".
        catalog: where the known ones are.
        like: id of the known one; the Llama nearest in size when None.
        name: what to call it.

    Raises:
        InputError: the size isn't one, or ``like`` isn't a language model with a known structure.
    """
    params = parse_quantity(size, QuantityKind.COUNT).value
    if not SMALLEST <= params <= LARGEST:
        raise InputError("import.new.size", size=shown(size))
    known = _known(catalog, like, params)
    if known.shape is None or not isinstance(known.shape, DecoderShape):
        raise InputError("import.new.like", model=shown(known.name))
    shape = scaled_shape(known.shape, int(params))
    operators = operator_list(shape)
    called = shown(name or f"{size.strip()}-like ({known.name})", _NAME_LIMIT)
    return Model(
        id=identifier(called),
        name=called,
        family=known.family,
        kind=ModelKind.LLM,
        params_total=operators.total_params,
        params_active=operators.active_params,
        params_basis=text("import.new.basis", model=known.name),
        shape=shape,
        shape_is_assumed=True,
        max_context=shape.max_context or known.max_context,
        notes=text("import.new.note", model=known.name),
        sources=(Source(title=text("import.new.by_hand"), date="n/a"),),
    )


def model_of_dimensions(dimensions: Dimensions, name: str | None = None) -> Model:
    """The model that dimensions describe: a Llama, or a Mixtral where there are experts.

    Raises:
        InputError: layers, width or heads are missing, or a value is impossible.
    """
    given = {field: value for field, value in asdict(dimensions).items() if value is not None}
    if not {"num_hidden_layers", "hidden_size", "num_attention_heads"} <= set(given):
        raise InputError("import.new.dims")
    try:
        shape = read_config({"model_type": "llama", **_usual(given), **given}).shape
    except UnsupportedArchitecture as refused:
        field, value = refused.params.get("field", "heads"), refused.params.get("value", refused.params.get("heads", "–"))
        raise InputError("import.new.value", field=shown(str(field)), value=shown(str(value))) from refused
    operators = operator_list(shape)
    called = shown(name or f"{given['num_hidden_layers']} × {given['hidden_size']}", _NAME_LIMIT)
    return Model(
        id=identifier(called),
        name=called,
        kind=ModelKind.LLM,
        params_total=operators.total_params,
        params_active=operators.active_params,
        params_basis=text("import.new.by_hand"),
        shape=shape,
        max_context=dimensions.max_position_embeddings,
        sources=(Source(title=text("import.new.by_hand"), date="n/a"),),
    )


def scaled_shape(shape: DecoderShape, params: int) -> DecoderShape:
    """A shape of nearly so many parameters, with the proportions of another.

    Vocabulary, head dimension, number of experts and, as far as they go, key-value heads stay; depth and width change together.
    """
    embedding = shape.vocab * (1 if shape.tied else 2)
    before = max(operator_list(shape).total_params - embedding * shape.hidden, 1)
    found: list[tuple[float, DecoderShape]] = []
    for hidden in _widths(shape, before, embedding, params):
        factor = (params - embedding * hidden) / before / (hidden / shape.hidden) ** 2
        deep = _resized(shape, hidden, max(factor, 0.001), 1.0)
        fitted, stretch = _fitted(shape, deep, hidden, max(factor, 0.001), params)
        error = abs(operator_list(fitted).total_params / params - 1)
        aspect = abs(math.log(max(factor, 0.001) / (hidden / shape.hidden)))
        found.append((50 * error + aspect + abs(math.log(stretch)), fitted))
    return min(found, key=lambda each: each[0])[1]


def _widths(shape: DecoderShape, before: int, embedding: int, params: int) -> Iterator[int]:
    """Widths around the one at which depth and width grow alike."""
    low, high = 0.001, 1000.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        total = before * middle**3 + embedding * shape.hidden * middle
        low, high = (middle, high) if total < params else (low, middle)
    centre = max(round(shape.hidden * low / _HIDDEN_STEP), 1)
    for step in range(-_SPREAD, _SPREAD + 1):
        if centre + step > 0:
            yield (centre + step) * _HIDDEN_STEP


def _fitted(shape: DecoderShape, deep: DecoderShape, hidden: int, depth: float, params: int) -> tuple[DecoderShape, float]:
    """The feed-forward blocks made wider or narrower until the parameters fit."""
    low, high = 0.3, 3.0
    for _ in range(24):
        middle = math.sqrt(low * high)
        total = operator_list(_resized(shape, hidden, depth, middle)).total_params
        low, high = (middle, high) if total < params else (low, middle)
    best = min((low, high, 1.0), key=lambda each: abs(operator_list(_resized(shape, hidden, depth, each)).total_params - params))
    return (deep if best == 1.0 else _resized(shape, hidden, depth, best)), best


def _resized(shape: DecoderShape, hidden: int, depth: float, stretch: float) -> DecoderShape:
    ratio = hidden / shape.hidden
    layers = tuple(_layer(layer, ratio, depth, stretch) for layer in shape.layers)
    return shape.model_copy(
        update={
            "hidden": hidden,
            "layers": layers,
            "embedding_dim": None,
            "position_params": round(shape.position_params * ratio),
            "final_params": round(shape.final_params * ratio),
            "extra_params": 0,
        }
    )


def _layer(layer: Layer, ratio: float, depth: float, stretch: float) -> Layer:
    feed = layer.feed_forward
    changes: dict[str, object] = {
        "count": max(1, round(layer.count * depth)),
        "norm_params": round(layer.norm_params * ratio),
    }
    if layer.attention is not None:
        changes["attention"] = layer.attention.model_copy(update=_heads(layer.attention, ratio))
    if feed is not None:
        width = {"intermediate": _stepped(feed.intermediate * ratio * stretch)}
        if isinstance(feed, Experts) and feed.shared_intermediate:
            width["shared_intermediate"] = _stepped(feed.shared_intermediate * ratio * stretch)
        changes["feed_forward"] = feed.model_copy(update=width)
    return layer.model_copy(update=changes)


def _heads(attention: Attention | LatentAttention, ratio: float) -> Mapping[str, int]:
    """Heads in steps that common degrees of parallelism divide; key-value heads stay as long as there are heads for them."""
    wanted = max(1, round(attention.heads * ratio))
    if isinstance(attention, LatentAttention):
        return {"heads": _in_steps(wanted, _HEADS_STEP)}
    group = min(attention.kv_heads, wanted)
    heads = _in_steps(wanted, math.lcm(group, _HEADS_STEP) if wanted >= 2 * _HEADS_STEP else group)
    norms, dim = attention.qk_norm_params, attention.head_dim
    return {"heads": heads, "kv_heads": group, "qk_norm_params": norms if norms <= 2 * dim else (heads + group) * dim}


def _in_steps(count: int, step: int) -> int:
    return max(1, round(count / step)) * step if count >= step else count


def _stepped(width: float) -> int:
    return max(1, round(width / _WIDTH_STEP)) * _WIDTH_STEP


def _usual(given: Mapping[str, int]) -> dict[str, int]:
    """What is left out: a feed-forward block of 8/3 of the width, and a vocabulary as Llama's."""
    return {"intermediate_size": max(256, round(given["hidden_size"] * 8 / 3 / 256) * 256), "vocab_size": _VOCAB}


def _known(catalog: Catalog, like: str | None, params: float) -> Model:
    if like is not None:
        if like not in catalog.models:
            raise InputError("model.unknown", id=shown(like), near="")
        return catalog.models[like]
    usual = [catalog.models[name] for name in _USUAL if name in catalog.models]
    return min(usual, key=lambda model: abs(math.log((model.params_total or 1) / params)))
