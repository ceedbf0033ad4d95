"""The operations that layers are made of, on a tape: matrix products with or without adapters, norms, activations, attention."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpuplanner.engine.training.setup import Arithmetic, Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import CONTEXT, CROSS_PAIRS, ONCE, PAIRS, TOKENS, ZERO, Tape, Vector, Weight, per
from gpuplanner.scenario.document import Kernels, TrainingPrecision, TuningMethod

FP32 = 4.0
QUANTUM = 32  # the memory-efficient kernel pads its sums of exponents to this many tokens


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor on the tape: ``width`` elements for each of ``count``, ``bytes`` each.

    ``cheap``: computed without a matrix product, so a compiler computes it again rather than keep it. ``share`` of the tokens is
    on this GPU.
    """

    id: int
    width: float
    bytes: float
    count: int = TOKENS
    cheap: bool = False
    share: float = 1.0


@dataclass(slots=True)
class Builder:
    """Writes operations of one layer kind on a tape, for a setup."""

    setup: Setup
    style: Style
    tape: Tape = field(default_factory=Tape)
    trains_base: bool = True

    @property
    def mode(self) -> Arithmetic:
        """Bytes an element."""
        return self.setup.arithmetic

    @property
    def stream(self) -> float:
        """Share of the tokens of the residual stream that is on this GPU (sequence parallelism, arXiv 2205.05198)."""
        return 1.0 / self.setup.tensor_parallel if self.setup.sequence_parallel else 1.0

    @property
    def eager(self) -> bool:
        """Whether operations run one by one."""
        return self.setup.kernels is Kernels.EAGER

    def enter(self, width: float, count: int = TOKENS, *, graded: bool = True) -> Tensor:
        """A block's input, in the format of the residual stream."""
        size = self.mode.residual
        vector = per(count, width * size * self.stream)
        return Tensor(self.tape.tensor(vector, graded=graded), width, size, count, share=self.stream)

    def point(
        self,
        inputs: tuple[Tensor, ...],
        width: float,
        size: float,
        *,
        saves: tuple[Tensor, ...] = (),
        saves_out: bool = False,
        aux: float = 0.0,
        weights: tuple[Weight, ...] = (),
        passes: bool = False,
        in_place: bool = False,
        scratch: float = 0.0,
    ) -> Tensor:
        """An elementwise operation; ``aux`` and ``scratch`` in bytes for each of the count."""
        count, share = inputs[0].count, inputs[0].share
        out = self.tape.op(
            [item.id for item in inputs],
            per(count, width * size * share),
            saves=[item.id for item in saves],
            saves_out=saves_out,
            aux=per(count, aux * share) if aux else ZERO,
            weights=weights,
            passes=passes,
            in_place=in_place,
            scratch=per(count, scratch * share) if scratch else ZERO,
        )
        return Tensor(out, width, size, count, cheap=True, share=share)

    def cast(self, x: Tensor, size: float) -> Tensor:
        """A copy in another format; itself where that is its own."""
        return x if x.bytes == size else self.point((x,), x.width, size)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """A sum, in the wider format of the two."""
        size = max(a.bytes, b.bytes)
        alike = a.bytes == b.bytes
        return self.point((a, b), a.width, size, passes=alike)

    def mul(self, a: Tensor, b: Tensor) -> Tensor:
        """A product; each factor is kept for the other's gradient."""
        kept = tuple(item for item in (a, b) if self.eager or not item.cheap)
        return self.point((a, b), a.width, max(a.bytes, b.bytes), saves=kept)

    def dropout(self, x: Tensor) -> Tensor:
        """Dropout: a mask of a byte an element."""
        if not (self.style.dropout and self.setup.dropout):
            return x
        return self.point((x,), x.width, x.bytes, aux=x.width)

    def norm(self, x: Tensor, width: float | None = None, *, kind: Norm | None = None, bias: bool = True) -> Tensor:
        """A norm over ``width`` elements (all by default)."""
        kind = kind or self.style.norm
        width = width or x.width
        groups = x.width / width
        weight = Weight(
            "norm", 1, width * (2 if kind is Norm.LAYER and bias else 1), self.trains_base, self.mode.weight, matrix=False
        )
        if not self.eager:
            return self.point((x,), x.width, x.bytes, saves=(x,), aux=FP32 * groups, weights=(weight,))
        if kind is Norm.LAYER:
            wide = self.cast(x, FP32) if self.mode.autocast else x
            return self.point((wide,), x.width, wide.bytes, saves=(wide,), aux=2 * FP32 * groups, weights=(weight,))
        wide = self.cast(x, FP32)
        even = self.point((wide,), x.width, FP32, saves=(wide,), aux=FP32 * groups, scratch=2 * FP32 * x.width)
        even = self.cast(even, x.bytes)
        return self.point(
            (even,), x.width, x.bytes, saves=(even,) if self.trains_base or self.setup.scales_products else (), weights=(weight,)
        )

    def linear(
        self,
        name: str,
        x: Tensor,
        cols: float,
        *,
        bias: bool = False,
        copies: int = 1,
        spread: int = 1,
        share: float | None = None,
    ) -> Tensor:
        """A matrix product from ``x``; widths are those of the GPU.

        Args:
            name: of the matrix.
            x: what is multiplied.
            cols: width of the product.
            bias: whether a vector is added.
            copies: matrices side by side (experts).
            spread: how many of them a token passes.
            share: of the tokens the product stands for; all of them, or those of the residual stream when it goes back there.
        """
        mode = self.mode
        inner = self.cast(x, mode.compute) if mode.autocast else x
        weight = Weight(name, x.width / spread, cols / spread, self.trains_base, self.weight_bytes(name), copies)
        share = 1.0 if share is None else share
        out = self._product(inner, (weight, *self._bias(name, cols, bias)), cols, share=share)
        if self.setup.trains_adapters and self.setup.scales_products:
            scale = Weight(name, 2, cols / spread, True, self.setup.adapter_bytes, copies, adapter=True, matrix=False)
            return self.point((out,), cols, out.bytes, saves=(out,), weights=(scale,))
        if self.setup.trains_adapters and self._targeted(name):
            return self._adapted(name, x, out, cols, copies, spread)
        return out

    def _bias(self, name: str, cols: float, bias: bool) -> tuple[Weight, ...]:
        return (Weight(name, 1, cols, self.trains_base, self.mode.weight, matrix=False),) if bias else ()

    def _quantised(self, name: str) -> bool:
        kept = {"router", "embedding"} if self.setup.quantises_head else {"head", "router", "embedding"}
        return self.setup.method is TuningMethod.QLORA and name not in kept

    def weight_bytes(self, name: str) -> float:
        """Bytes a stored element of a matrix."""
        return self.setup.quantised_bytes if self._quantised(name) else self.mode.weight

    def unpacked(self, weight: Weight) -> Vector:
        """Bytes of the copies that a product with a quantised weight needs of it."""
        copies = 2.0 if self.setup.unpacks_through_half else 1.0
        return per(ONCE, copies * self.mode.compute * weight.rows * weight.cols) if weight.bytes < 2.0 else ZERO

    def _product(
        self,
        x: Tensor,
        weights: tuple[Weight, ...],
        cols: float,
        size: float | None = None,
        share: float = 1.0,
        keeps_besides: Vector = ZERO,
    ) -> Tensor:
        mode = self.mode
        trained = any(weight.trainable for weight in weights)
        unpacked = weights[0].bytes < 2.0
        copied = mode.compute if mode.autocast and not unpacked and weights[0].bytes != mode.compute else 0.0
        keeps = trained or (unpacked and self.setup.quantised_keeps_input)
        saves, aux = (x,) if keeps else (), 0.0
        if trained and self.setup.precision is TrainingPrecision.FP8 and not weights[0].adapter:
            saves, aux = (), x.width * x.share
        if trained and x.cheap and self.setup.drops_cheap:
            saves, aux = (), 0.0
        scratch = per(x.count, x.width * mode.compute * (share - x.share)) if share > x.share else ZERO  # gathered once more
        scratch = scratch + self.unpacked(weights[0])
        out = self.tape.op(
            [x.id],
            per(x.count, cols * (size or mode.compute) * share),
            saves=[item.id for item in saves],
            weights=weights,
            copy_bytes=copied,
            aux=(per(x.count, aux) if aux else ZERO) + keeps_besides,
            scratch=scratch,
        )
        return Tensor(out, cols, size or mode.compute, x.count, share=share)

    def _targeted(self, name: str) -> bool:
        targets = self.setup.adapter_targets
        return name in targets or ("all" in targets and name not in {"router", "head", "embedding"})

    def _adapted(self, name: str, x: Tensor, out: Tensor, cols: float, copies: int, spread: int) -> Tensor:
        """A low-rank adapter beside a frozen product (arXiv 2106.09685), in FP32 where the setup doesn't say otherwise."""
        rank, mode = self.setup.adapter_rank, self.mode
        wide = self.setup.adapter_bytes
        down = Weight(name, x.width / spread, rank, True, wide, copies, adapter=True)
        up = Weight(name, rank, cols / spread, True, wide, copies, adapter=True)
        size = mode.compute if mode.autocast else wide
        own = self.cast(self.cast(x, wide), size)
        if self.setup.adapter_dropout:
            own = self.point((own,), own.width, own.bytes, aux=own.width)
        low = self._product(own, (down,), rank * spread, size, share=out.share)
        rebuilt = per(ONCE, mode.compute * x.width * cols) if self.setup.rebuilds_weights else ZERO
        high = self._product(low, (up,), cols, size, share=out.share, keeps_besides=rebuilt)
        if self.setup.method is TuningMethod.DORA:
            magnitude = Weight(name, 1, cols, True, wide, adapter=True, matrix=False)
            out = self.point((out, high), cols, max(size, out.bytes), saves=(out, high), weights=(magnitude,))
            return self.cast(out, mode.compute)
        joins = self.setup.adapter_joins and name in {"q", "v", "qkv"} and not {"all", "k"} & set(self.setup.adapter_targets)
        placed = (2 / 3 if name == "qkv" else 1.0) * cols * size if joins else 0.0  # of a joint projection, keys have none
        high = self.point((high,), cols, size, aux=placed)
        return self.cast(self.add(out, high), mode.compute)

    def activate(self, x: Tensor) -> Tensor:
        """The activation function."""
        kind, width = self.style.activation, x.width
        if not self.eager:
            return self.point((x,), width, x.bytes, saves=(x,))
        if kind is Activation.RELU:
            return self.point((x,), width, x.bytes, saves_out=True)
        if kind is Activation.RELU_SQUARED:
            return self.point((self.point((x,), width, x.bytes, saves_out=True),), width, x.bytes, saves=(x,))
        if self.setup.native_activations:
            return self.point((x,), width, x.bytes, saves=(x,))
        if kind is Activation.GELU_WRITTEN:
            return self._written(x)
        if kind is Activation.GELU_QUICK:
            bent = self.point((self.point((x,), width, x.bytes),), width, x.bytes, saves_out=True)
            return self.mul(x, bent)
        scratch = 3 * x.bytes * width if kind is Activation.GELU_SCRIPT else 0.0
        return self.point((x,), width, x.bytes, saves=(x,), scratch=scratch)

    def _written(self, x: Tensor) -> Tensor:
        """0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), each step an operation; powers and what follows in FP32 under autocast."""
        wide = self.cast(x, FP32) if self.mode.autocast else x
        cube = self.point((self.point((wide,), x.width, wide.bytes, saves=(wide,)),), x.width, wide.bytes)
        inner = self.point((self.add(x, cube),), x.width, wide.bytes)
        bent = self.point((self.point((inner,), x.width, wide.bytes, saves_out=True),), x.width, wide.bytes, passes=True)
        lifted = self.point((bent,), x.width, wide.bytes)
        return self.mul(self.point((x,), x.width, x.bytes), lifted)

    def scores(self, q: Tensor, k: Tensor, v: Tensor, heads: float, kv_heads: float, *, cross: bool = False) -> Tensor:
        """Softmax attention; ``heads`` on this GPU. Keys and values are repeated for their groups where the kernel needs it."""
        value_width = v.width / kv_heads * heads
        if self.setup.flash and not self.style.scores_bias:
            return self._flash(q, k, v, heads, kv_heads, value_width)
        if kv_heads != heads:
            k = self._repeated(k, q.width)
            v = self._repeated(v, value_width)
        pairs = CROSS_PAIRS if cross else PAIRS
        return self._written_scores(q, k, v, heads, value_width, pairs)

    def _repeated(self, x: Tensor, width: float) -> Tensor:
        out = self.tape.op([x.id], per(x.count, width * x.bytes))
        return Tensor(out, width, x.bytes, x.count)

    def _flash(self, q: Tensor, k: Tensor, v: Tensor, heads: float, kv_heads: float, value_width: float) -> Tensor:
        compute = self.mode.compute
        q, k, v = (self.cast(item, compute) for item in (q, k, v))
        if compute == FP32 and kv_heads != heads:
            k, v = self._repeated(k, q.width), self._repeated(v, value_width)
        out = self.tape.op(
            dict.fromkeys((q.id, k.id, v.id)), per(q.count, value_width * compute), saves={q.id, k.id, v.id}, saves_out=True,
            aux=per(q.count, FP32 * heads),
        )  # fmt: skip
        if self.style.partial_rotary and compute != FP32 and self.eager:
            out = self.tape.op([out], per(q.count, value_width * compute))  # joined queries lie another way, so does the output
        return Tensor(out, value_width, compute, q.count)

    def _written_scores(self, q: Tensor, k: Tensor, v: Tensor, heads: float, value_width: float, pairs: int) -> Tensor:
        compute, tape = self.mode.compute, self.tape
        q, k, v = (self.cast(item, compute) for item in (q, k, v))
        raw = tape.op({q.id, k.id}, per(pairs, heads * compute), saves={q.id, k.id})
        scaled = tape.op([raw], per(pairs, heads * compute))
        masked = tape.op([scaled], per(pairs, heads * compute), passes=True)
        wide = compute if self.style.native_softmax and not self.mode.autocast else FP32
        soft = tape.op(
            [masked], per(pairs, heads * wide), saves_out=True, scratch=per(pairs, heads * (wide if compute != wide else 0))
        )
        if compute != wide:
            soft = tape.op([soft], per(pairs, heads * compute))
        if self.style.attention_dropout and self.setup.dropout:
            soft = tape.op([soft], per(pairs, heads * compute), aux=per(pairs, heads))
        mixed = tape.op([soft, v.id], per(q.count, value_width * compute), saves=[soft, v.id])
        return Tensor(tape.op([mixed], per(q.count, value_width * compute)), value_width, compute, q.count)

    def context(self, width: float) -> Tensor:
        """The other sequence's states, which all layers share."""
        entered = self.enter(width, CONTEXT)
        self.tape.share(entered.id)
        return entered
