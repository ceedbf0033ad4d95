"""StableLM: as Llama with full layer norms; newer ones put attention and feed-forward side by side."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder


def read(fields: Fields) -> DecoderShape:
    """StableLM 3B, StableLM 2 (1.6B, 12B); with ``qk_layernorm`` every head has a norm of its own."""
    bias = fields.flag("use_qkv_bias")
    family = Family(
        bias_q=bias,
        bias_kv=bias,
        norms=1 if fields.flag("use_parallel_residual") else 2,
        norm_bias=True,
        qk_norm="width" if fields.flag("qk_layernorm") else "none",
    )
    return decoder(fields, family)
