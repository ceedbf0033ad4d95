"""How many parameters a tensor of a safetensors file holds, where formats pack several into one element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gpuplanner.catalog.importers.tensors import Counted, Tensor

_PLAIN: Final = {
    "BF16": "bf16",
    "F16": "fp16",
    "F32": "fp32",
    "F64": "fp32",
    "F8_E4M3": "fp8-e4m3",
    "F8_E5M2": "fp8-e4m3",
    "F8_E4M3FNUZ": "fp8-e4m3",
    "F8_E5M2FNUZ": "fp8-e4m3",
    "F4": "mxfp4",
    "F6_E2M3": None,
    "F6_E3M2": None,
}
# Endings of what isn't a weight: scales, zero points, statistics and masks.
_BESIDE: Final = (
    "scale", "scales", "scale_inv", "qzeros", "zeros", "g_idx", "perm", "SCB", "absmax", "quant_map", "weight_scale_2",
    "zero_point", "weight_shape", "weight_format", "running_mean", "running_var", "num_batches_tracked", "inv_freq",
    "masked_bias", "position_ids", "token_type_ids",
)  # fmt: skip
_ENDINGS: Final = tuple(f"{mark}{word}" for word in _BESIDE for mark in "._")
_WORD: Final = 32
_FINE_GROUP: Final = 32


def counted(tensor: Tensor, beside: Mapping[str, Tensor], bits: int | None = None) -> Counted:
    """The parameters in a tensor.

    Args:
        tensor: the tensor.
        beside: all tensors of the same files by name; scales and zero points tell how their weights are packed.
        bits: of a packed weight, where the model's config says.
    """
    module, _, leaf = tensor.name.rpartition(".")
    if leaf == "qweight":
        return _words(tensor, module, beside, bits)
    if leaf == "weight_packed":
        return _compressed(tensor, module, beside, bits)
    if leaf.endswith("_blocks") and tensor.dtype == "U8":
        return Counted(tensor, 2 * tensor.elements, "mxfp4")
    if tensor.name.endswith(_ENDINGS) or leaf.startswith("bitsandbytes__") or tensor.dtype == "F8_E8M0":
        return Counted(tensor, 0)
    if tensor.dtype in {"U8", "I8"} and leaf == "weight":
        return _bytes(tensor, beside)
    if tensor.dtype not in _PLAIN or (leaf == "bias" and len(tensor.shape) > 2):  # an attention mask, kept by old checkpoints
        return Counted(tensor, 0)
    blocks = tensor.dtype == "F8_E4M3" and _in_blocks(beside.get(f"{tensor.name}_scale_inv"))
    return Counted(tensor, tensor.elements, "fp8-block128" if blocks else _PLAIN[tensor.dtype])


def _words(tensor: Tensor, module: str, beside: Mapping[str, Tensor], bits: int | None) -> Counted:
    """GPTQ and AWQ: weights in 32-bit words, zero points packed alike, a scale for each column and group."""
    scales, zeros = beside.get(f"{module}.scales"), beside.get(f"{module}.qzeros")
    if scales and zeros and scales.shape[-1:] > (0,) and zeros.shape:
        bits = _WORD * zeros.shape[-1] // scales.shape[-1] or bits
    bits = bits if bits in {2, 3, 4, 8} else 4
    if bits == 8:
        return Counted(tensor, tensor.elements * _WORD // bits, "int8-w8a16")
    # AWQ packs along the columns, GPTQ along the rows
    along_columns = bool(scales and tensor.shape and scales.shape[-1:] != tensor.shape[-1:])
    name = ("int4-awq-g128" if along_columns else "int4-gptq-g128") if bits == 4 else None
    return Counted(tensor, tensor.elements * _WORD // bits, name)


def _compressed(tensor: Tensor, module: str, beside: Mapping[str, Tensor], bits: int | None) -> Counted:
    """compressed-tensors: NVFP4 or MXFP4 in bytes, integers in 32-bit words."""
    scale = beside.get(f"{module}.weight_scale")
    if tensor.dtype in {"U8", "I8"}:
        return Counted(tensor, 2 * tensor.elements, "mxfp4" if scale and scale.dtype in {"U8", "F8_E8M0"} else "nvfp4")
    bits = bits if bits in {2, 3, 4, 8} else 4
    params = tensor.elements * _WORD // bits
    if bits == 8:
        return Counted(tensor, params, "int8-w8a16")
    fine = bool(scale and scale.elements and params // scale.elements <= _FINE_GROUP)
    return Counted(tensor, params, ("int4-w4a16-g32" if fine else "int4-gptq-g128") if bits == 4 else None)


def _bytes(tensor: Tensor, beside: Mapping[str, Tensor]) -> Counted:
    """Weights in bytes: two of 4 bit in unsigned ones (NVFP4, NF4), one of 8 bit in signed ones."""
    if tensor.dtype == "I8":
        return Counted(tensor, tensor.elements, "int8-w8a16" if f"{tensor.name[:-6]}SCB" in beside else "int8-w8a8")
    if f"{tensor.name}.absmax" in beside:
        return Counted(tensor, 2 * tensor.elements, "bnb-nf4")
    if f"{tensor.name}_scale_2" in beside:
        return Counted(tensor, 2 * tensor.elements, "nvfp4")
    return Counted(tensor, 2 * tensor.elements, "mxfp4" if f"{tensor.name}_scale" in beside else None)


def _in_blocks(scale: Tensor | None) -> bool:
    return scale is not None and len(scale.shape) == 2 and scale.elements > 1
