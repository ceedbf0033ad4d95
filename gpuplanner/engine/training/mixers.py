"""Blocks that mix tokens through a state of fixed size, on a tape: Mamba, gated DeltaNet, lightning attention and their kin."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape import StateMixer
from gpuplanner.engine.training.builder import FP32, Builder, Tensor
from gpuplanner.engine.training.tape import TOKENS, Weight, per

CHUNK: Final = 256  # tokens that a scan takes at once; a state stays for each (Mamba-2, arXiv 2405.21060, section 6)
# written out in single operations: tensors as large as the state for every token, or as the scores within a chunk
WRITTEN_STATES: Final = 5.5
WRITTEN_SCORES: Final = 8.0


def mixed(build: Builder, x: Tensor, mixer: StateMixer) -> Tensor:
    """A mixer's branch: in, a short convolution, the scan, a gate, out. What tensor parallelism divides is divided."""
    tp = build.setup.tensor_parallel
    inner = mixer.out_of / tp
    whole = build.linear("in", x, mixer.into / tp, bias=mixer.bias_in)
    scanned = whole
    if mixer.conv_channels:
        weight = Weight("convolution", mixer.conv_channels / tp, mixer.conv_kernel + 1, build.trains_base, build.mode.weight)
        scanned = build.point((whole,), mixer.conv_channels / tp, whole.bytes, saves=(whole,), weights=(weight,))
        scanned = build.point((scanned,), mixer.conv_channels / tp, scanned.bytes, saves=(scanned,))
    for rows, columns in mixer.inner:
        source = Tensor(scanned.id, rows / tp if rows == mixer.out_of else rows, scanned.bytes, scanned.count)
        build.linear("inner", source, columns / tp if columns == mixer.out_of else columns)
    out = _scan(build, scanned, mixer, inner)
    gate = build.point((whole,), inner, whole.bytes)
    return build.linear("out", build.mul(out, gate), x.width, bias=mixer.bias_out, share=build.stream)


def _scan(build: Builder, x: Tensor, mixer: StateMixer, width: float) -> Tensor:
    """The recurrence over the tokens: a kernel keeps its inputs and a state a chunk; single operations keep far more."""
    tp = build.setup.tensor_parallel
    aux = FP32 * mixer.state_elements / tp / CHUNK
    if build.setup.written_scan:
        mamba = mixer.form == "mamba"
        aux += FP32 / tp * (WRITTEN_STATES * mixer.state_elements if mamba else WRITTEN_SCORES * CHUNK * mixer.heads)
    small = Weight("small", 1, mixer.small_params / tp, build.trains_base, build.mode.weight, matrix=False)
    scratch = per(TOKENS, FP32 * width)
    out = build.tape.op(
        [x.id],
        per(TOKENS, width * x.bytes),
        saves=[x.id],
        saves_out=True,
        aux=per(TOKENS, aux),
        weights=(small,),
        scratch=scratch,
    )
    return Tensor(out, width, x.bytes)
