"""Decoder-only language models: which reader reads which ``model_type``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers import (
    bloom,
    cohere,
    dbrx,
    deepseek,
    deepseek_v4,
    falcon,
    gated,
    gemma,
    gemma3n,
    glm,
    gpt,
    gpt_oss,
    hybrid,
    llama,
    llama4,
    longcat,
    mimo,
    mixtures,
    mllama,
    mpt,
    opt,
    phi,
    qwen,
    rwkv,
    stablelm,
    step,
    zamba,
)
from gpuplanner.engine.architecture.readers.fields import Fields

Reader = Callable[[Fields], DecoderShape]

_READERS: Final[tuple[tuple[Reader, str], ...]] = (
    (
        llama.read,
        "llama mistral ministral mixtral yi aquila baichuan internlm2 xverse seed_oss granite hunyuan_v1_dense "
        "hyperclovax cwm helium iquestcoder ministral3",
    ),
    (llama.read_nearest, "bailing_moe bailing_moe_v2 dots1 hunyuan_v1_moe"),
    (llama.read_tied, "smollm3 minicpm minicpm3 ernie4_5 paddleocr_vl_text vaultgemma"),
    (llama.read_internlm, "internlm internlm3"),
    (llama.read_telechat, "telechat telechat2"),
    (llama.read_layer_norm, "orion"),
    (llama.read_starcoder2, "starcoder2"),
    (llama.read_nemotron, "nemotron"),
    (llama.read_olmo, "olmo"),
    (llama.read_olmo2, "olmo2 olmo3"),
    (llama.read_exaone4, "exaone4 exaone_moe hy_v3"),
    (llama.read_squared, "arcee"),
    (llama.read_apertus, "apertus"),
    (llama.read_jais2, "jais2"),
    (llama.read_persimmon, "persimmon"),
    (llama.read_bitnet, "bitnet"),
    (llama4.read, "llama4_text"),
    (qwen.read_first, "qwen"),
    (qwen.read_second, "qwen2 mimo qwen2_vl_text qwen2_5_vl_text qwen2_vl qwen2_5_vl qwen2_5_omni_text"),
    (qwen.read_second_moe, "qwen2_moe"),
    (qwen.read_third, "qwen3 qwen3_moe qwen3_vl_text qwen3_vl_moe_text qwen3_omni_moe_text"),
    (deepseek.read, "deepseek_v2 deepseek_v3 deepseek_v32 kimi_k2 glm4_moe_lite"),
    (deepseek.read_first, "deepseek"),
    (deepseek.read_shared_indexer, "glm_moe_dsa"),
    (gemma.read_first, "gemma"),
    (gemma.read_second, "gemma2"),
    (gemma.read_third, "gemma3_text"),
    (gemma.read_fourth, "gemma4_text gemma4_unified_text"),
    (gemma3n.read, "gemma3n_text"),
    (gated.read_afmoe, "afmoe"),
    (gated.read_glimmer, "muse_glimmer_text"),
    (gated.read_beam, "beam"),
    (gated.read_laguna, "laguna"),
    (gated.read_nanochat, "nanochat"),
    (deepseek_v4.read, "deepseek_v4"),
    (longcat.read, "longcat_flash"),
    (rwkv.read, "rwkv"),
    (zamba.read_first, "zamba"),
    (zamba.read_second, "zamba2"),
    (mllama.read, "mllama_text_model"),
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
    (glm.read_vision, "glm4v_text"),
    (glm.read_mixture, "glm4v_moe_text"),
    (glm.read_mixture, "glm4_moe"),
    (mixtures.read_olmoe, "olmoe flex_olmo"),
    (mixtures.read_minimax_m2, "minimax_m2"),
    (mixtures.read_granite, "granitemoe granitemoeshared"),
    (mixtures.read_ernie, "ernie4_5_moe"),
    (mixtures.read_ernie_vl, "ernie4_5_moe_vl"),
    (step.read, "step3_text step3"),
    (mimo.read_second, "mimo_v2_flash mimo_v2"),
    (hybrid.read_qwen, "qwen3_next qwen3_5_text qwen3_5_moe_text"),
    (hybrid.read_olmo, "olmo_hybrid"),
    (hybrid.read_kimi, "kimi_linear"),
    (hybrid.read_bailing, "bailing_hybrid"),
    (hybrid.read_minimax, "minimax minimax_text_01 minimax_m1"),
    (hybrid.read_jamba, "jamba"),
    (hybrid.read_bamba, "bamba granitemoehybrid"),
    (hybrid.read_falcon_h1, "falcon_h1"),
    (hybrid.read_lfm2, "lfm2 lfm2_moe"),
    (hybrid.read_griffin, "recurrent_gemma"),
    (hybrid.read_nemotron, "nemotron_h"),
    (hybrid.read_mamba, "mamba falcon_mamba"),
    (hybrid.read_mamba2, "mamba2"),
)

BY_TYPE: Final = {kind: reader for reader, kinds in _READERS for kind in kinds.split()}


def read_decoder(fields: Fields) -> tuple[DecoderShape, bool]:
    """The shape of a decoder, and whether its family was unknown and it was read as the nearest."""
    reader = BY_TYPE.get(fields.word("model_type").lower())
    return (reader or _nearest(fields))(fields), reader is None


def _nearest(fields: Fields) -> Reader:
    """The reader for a family that isn't known: by the fields that only hybrids have, else as Llama."""
    return hybrid.read_unknown if hybrid.looks_hybrid(fields) else llama.read_nearest
