"""What number format a checkpoint is stored in, by the ``quantization_config`` in its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.errors import shown

_BY_METHOD: Final = {"fbgemm_fp8": "fp8-e4m3", "mxfp4": "mxfp4", "mxfp8": "mxfp8", "modelopt_fp4": "nvfp4"}
_BY_ALGORITHM: Final = {
    "FP8": "fp8-e4m3", "NVFP4": "nvfp4", "W4A16_AWQ": "int4-awq-g128", "NVFP4_AWQ": "nvfp4", "MIXED_PRECISION": "nvfp4-fp8",
    "MXFP8": "mxfp8",
}  # fmt: skip
_BY_FORMAT: Final = {"nvfp4-pack-quantized": "nvfp4", "mxfp4-pack-quantized": "mxfp4"}
_FINE_GROUP: Final = 32
_SHOWN: Final = 40
_BY_INTEGER: Final = {("gptq", 4): "int4-gptq-g128", ("gptq", 8): "int8-w8a16", ("awq", 4): "int4-awq-g128"}


def stored_precision(config: Mapping[str, object]) -> str | None:
    """The id of the precision in the catalogue.

    Args:
        config: the fields of a ``config.json``.

    Returns:
        None where the weights aren't quantised, or in a way that the catalogue has no precision for.

    Raises:
        UnsupportedArchitecture: a field of the quantisation holds something impossible.
    """
    fields = Fields(config)
    stored = fields.part("quantization_config" if fields.has("quantization_config") else "compression_config")
    method = stored.word("quant_method").lower()
    if method == "fp8":
        return "fp8-block128" if stored.has("weight_block_size") else "fp8-e4m3"
    if method == "compressed-tensors":
        return _compressed(stored)
    if method == "modelopt":
        return _BY_ALGORITHM.get(stored.word("quant_algo").upper())
    if method == "bitsandbytes":
        return "bnb-nf4" if stored.flag("load_in_4bit") else "int8-w8a16" if stored.flag("load_in_8bit") else None
    return _BY_METHOD.get(method) or _BY_INTEGER.get((method, stored.count("bits", 4)))


def unknown_method(config: Mapping[str, object]) -> str | None:
    """The name of a quantisation that the catalogue has no precision for; None where there is none or it is known."""
    fields = Fields(config)
    stored = fields.part("quantization_config" if fields.has("quantization_config") else "compression_config")
    method = stored.word("quant_method") or stored.word("format")
    return shown(method, _SHOWN) if method and stored_precision(config) is None else None


def _compressed(stored: Fields) -> str | None:
    """compressed-tensors: the first group of layers that has quantised weights decides."""
    if stored.word("format") in _BY_FORMAT:
        return _BY_FORMAT[stored.word("format")]
    groups = stored.raw("config_groups")
    first = next(iter(groups.values()), None) if isinstance(groups, Mapping) else None
    if not isinstance(first, Mapping):
        return None
    group = Fields(first)
    weights = group.part("weights")
    kind, bits = weights.word("type"), weights.count("num_bits")
    if kind == "float":
        return {8: "fp8-block128" if weights.word("strategy") == "block" else "fp8-e4m3", 4: "nvfp4"}.get(bits)
    if bits == 8:
        return "int8-w8a8" if group.has("input_activations") else "int8-w8a16"
    if bits == 4:
        return "int4-w4a16-g32" if weights.raw("group_size") == _FINE_GROUP else "int4-gptq-g128"
    return None
