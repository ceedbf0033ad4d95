"""From a published config.json to a decoder's shape: one file a family, chosen by ``model_type``, structure from the fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import (
    bloom,
    cohere,
    dbrx,
    deepseek,
    falcon,
    gemma,
    glm,
    gpt,
    gpt_oss,
    llama,
    llama4,
    mimo,
    mixtures,
    mpt,
    opt,
    phi,
    qwen,
    stablelm,
)
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.refusals import refuse_others

__all__ = ["Reading", "UnsupportedArchitecture", "read_config", "shape_from_config"]

MAX_PARAMETERS: Final = 10**14

Reader = Callable[[Fields], DecoderShape]

_READERS: Final[tuple[tuple[Reader, str], ...]] = (
    (llama.read, "llama mistral ministral mixtral yi aquila baichuan internlm2 xverse seed_oss granite hunyuan_v1_dense"),
    (llama.read_tied, "smollm3 minicpm minicpm3 ernie4_5"),
    (llama.read_internlm, "internlm internlm3"),
    (llama.read_telechat, "telechat telechat2"),
    (llama.read_layer_norm, "orion"),
    (llama.read_starcoder2, "starcoder2"),
    (llama.read_nemotron, "nemotron"),
    (llama.read_olmo, "olmo"),
    (llama.read_olmo2, "olmo2 olmo3"),
    (llama.read_exaone4, "exaone4"),
    (llama4.read, "llama4_text"),
    (qwen.read_first, "qwen"),
    (qwen.read_second, "qwen2 mimo"),
    (qwen.read_second_moe, "qwen2_moe"),
    (qwen.read_third, "qwen3 qwen3_moe"),
    (deepseek.read, "deepseek_v2 deepseek_v3 deepseek_v32 kimi_k2 glm4_moe_lite"),
    (deepseek.read_first, "deepseek"),
    (deepseek.read_shared_indexer, "glm_moe_dsa"),
    (gemma.read_first, "gemma"),
    (gemma.read_second, "gemma2"),
    (gemma.read_third, "gemma3_text"),
    (phi.read_second, "phi phi-msft"),
    (phi.read_third, "phi3"),
    (phi.read_mixture, "phimoe"),
    (gpt.read_second, "gpt2"),
    (gpt.read_bigcode, "gpt_bigcode"),
    (gpt.read_neo, "gpt_neo"),
    (gpt.read_neox, "gpt_neox"),
    (gpt.read_j, "gptj codegen"),
    (gpt_oss.read, "gpt_oss"),
    (opt.read, "opt"),
    (bloom.read, "bloom"),
    (falcon.read, "falcon refinedweb refinedwebmodel"),
    (mpt.read, "mpt"),
    (stablelm.read, "stablelm stablelm_epoch"),
    (cohere.read, "cohere"),
    (cohere.read_second, "cohere2"),
    (dbrx.read, "dbrx"),
    (glm.read_chatglm, "chatglm"),
    (glm.read, "glm"),
    (glm.read_fourth, "glm4"),
    (glm.read_mixture, "glm4_moe"),
    (mixtures.read_olmoe, "olmoe"),
    (mixtures.read_minimax_m2, "minimax_m2"),
    (mixtures.read_granite, "granitemoe granitemoeshared"),
    (mixtures.read_ernie, "ernie4_5_moe"),
    (mimo.read_second, "mimo_v2_flash mimo_v2"),
)

_BY_TYPE: Final = {kind: reader for reader, kinds in _READERS for kind in kinds.split()}


@dataclass(frozen=True, slots=True)
class Reading:
    """A shape, and whether its family was known; ``assumed`` shapes were read as the nearest known kind."""

    shape: DecoderShape
    assumed: bool


def shape_from_config(config: Mapping[str, object]) -> DecoderShape:
    """The shape of a decoder-only language model.

    Args:
        config: the fields of a ``config.json`` as published with a model.

    Returns:
        The shape; the layers for multi-token prediction aren't part of it.

    Raises:
        UnsupportedArchitecture: it is something else, or a value is missing or impossible.
    """
    return read_config(config).shape


def read_config(config: Mapping[str, object]) -> Reading:
    """As :func:`shape_from_config`, and says whether the family was known."""
    fields = Fields(config)
    names = fields.items("architectures")
    architecture = names[0] if names and isinstance(names[0], str) else ""
    kind = fields.word("model_type").lower()
    refuse_others(fields, architecture)
    if not kind and not architecture and not fields.has("hidden_size", "num_hidden_layers"):
        raise UnsupportedArchitecture("not_a_config")
    reader = _BY_TYPE.get(kind)
    try:
        shape = (reader or llama.read)(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise UnsupportedArchitecture("too_large", field=".".join(map(str, first["loc"]))) from None
    if operator_list(shape).total_params > MAX_PARAMETERS:
        raise UnsupportedArchitecture("too_large", field="total")
    return Reading(shape, assumed=reader is None)
