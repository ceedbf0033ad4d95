"""The ends of a language model on a tape: embedding, last norm, head and loss."""

from __future__ import annotations

from gpuplanner.engine.training.builder import FP32, Builder, Tensor
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Style
from gpuplanner.engine.training.tape import ONCE, TOKENS, Profile, Weight, per
from gpuplanner.scenario.document import Kernels, LossKind

CHUNKS = 8.0  # pieces of a chunked loss


def head_profile(hidden: int, width: int, vocab: float, setup: Setup, style: Style, *, bias: bool) -> Profile:
    """Last norm, head and loss. ``width`` of the embedding, ``vocab`` entries on this GPU."""
    build = Builder(setup, style, trains_base=not setup.trains_adapters)
    x = build.enter(hidden)
    normed = build.norm(x)
    if width != hidden:
        normed = build.linear("embedding_out", normed, width)
    if setup.loss is not LossKind.FULL:
        return build.tape.profile(x.id, _in_pieces(build, normed, vocab, setup, bias=bias).id)
    out = loss(build, build.linear("head", normed, vocab, bias=bias), setup)
    return build.tape.profile(x.id, out.id)


def _in_pieces(build: Builder, x: Tensor, vocab: float, setup: Setup, *, bias: bool) -> Tensor:
    """Head and loss together, a piece of the tokens at a time.

    In chunks, the logits of all pieces stay for the backward pass, in single operations their log-softmax too. A kernel fused
    with the head works on pieces so small that their logits take no more than its input, and keeps the input's gradient.
    """
    mode, fused = build.mode, setup.loss is LossKind.FUSED
    weights = [Weight("head", x.width, vocab, build.trains_base, build.weight_bytes("head"))]
    weights += [Weight("head", 1, vocab, build.trains_base, mode.weight, matrix=False)] if bias else []
    inner = build.cast(x, mode.compute)
    kept = x.width * mode.compute if fused else vocab * mode.compute * (2 if build.eager else 1)
    pieces = FP32 * 2 * x.width if fused else FP32 * 3 * vocab / CHUNKS
    out = build.tape.op(
        [inner.id],
        per(ONCE, FP32),
        saves=[] if fused or not build.trains_base else [inner.id],
        aux=per(TOKENS, kept),
        weights=weights,
        copy_bytes=mode.compute if mode.autocast and mode.weight != mode.compute else 0.0,
        scratch=per(TOKENS, pieces) + build.unpacked(weights[0]),
    )
    return Tensor(out, 0.0, FP32, ONCE)


def loss(build: Builder, logits: Tensor, setup: Setup, *, native: bool = False) -> Tensor:
    """Cross entropy over FP32 copies of the logits: the copy, its log-softmax, and their gradients.

    ``native``: the copies are in the format of the logits.
    """
    width, tape, native = logits.width, build.tape, native or setup.native_loss
    if setup.shifted_loss and not native:  # the FP32 logits stay beside a copy that is moved by one token
        logits = build.cast(logits, FP32)
        logits = build.point((logits,), width, FP32, aux=FP32 * width)
    tape.hold(logits.id)
    if (
        not build.eager and setup.compiled_loss
    ):  # one kernel: softmax in FP32, or again from the logits, and a gradient in their own format
        kept = logits.bytes if setup.kernels is Kernels.COMPILED else FP32
        out = tape.op([logits.id], per(ONCE, FP32), aux=per(TOKENS, kept * width))
        return Tensor(out, 0.0, FP32, ONCE)
    size = logits.bytes if native and not build.mode.autocast else FP32
    wide = build.cast(logits, size)
    chances = build.point((wide,), width, size, saves_out=True)
    out = tape.op([chances.id], per(ONCE, FP32), aux=per(TOKENS, 8.0))
    return Tensor(out, 0.0, FP32, ONCE)


def trivial_loss(build: Builder, x: Tensor) -> Tensor:
    """A loss over one vector a sequence: its gradient is as large as what the layers give."""
    return Tensor(build.tape.op([x.id], per(ONCE, FP32)), 0.0, FP32, ONCE)
