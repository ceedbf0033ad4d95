"""What a training run is set up with, as far as memory is concerned."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.scenario.document import Kernels, LossKind, Optimizer, Recompute, TrainingPrecision, TuningMethod


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Bytes an element: of weights, of what is computed, of the residual stream; ``autocast`` copies weights as they are used."""

    weight: float
    compute: float
    residual: float
    autocast: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """One training run on one kind of GPU. Degrees are numbers of GPUs; ``micro_batch`` sequences a GPU works on at once.

    ``adapter_targets``: ids of matrices ("q", "k", "v", "o", "gate", "up", "down"); ("all",) all of the layers. ``weight_bits``
    of the frozen base under QLoRA. ``micro_batches`` a step, for the number in flight of a pipeline. ``virtual_stages`` a GPU of
    an interleaved pipeline. ``buckets``: without sharding, gradients are copied to buckets before they are summed over GPUs.
    ``image_size`` is the side of an image in pixels, the model's own when None. ``vocabulary_loss``: an encoder learns to guess
    masked tokens; otherwise it learns one label a sequence.
    ``frozen_bytes`` an element of frozen weights that aren't quantised, ``adapter_bytes`` one of adapters.
    """

    precision: TrainingPrecision = TrainingPrecision.BF16
    method: TuningMethod = TuningMethod.FULL
    optimizer: Optimizer | None = Optimizer.ADAMW
    tokens: float = 2048  # a sequence
    context_tokens: float = 0  # of the other sequence: audio frames, a prompt
    micro_batch: float = 1
    micro_batches: int = 1
    recompute: Recompute = Recompute.NONE
    flash: bool = True
    kernels: Kernels = Kernels.EAGER
    loss: LossKind = LossKind.FULL
    adapter_rank: int = 16
    adapter_targets: tuple[str, ...] = ("all",)
    frozen_bytes: float = 2.0
    quantised_bytes: float = 0.516
    adapter_bytes: float = 4.0
    dropout: bool = True
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    context_parallel: int = 1
    expert_parallel: int = 1
    sequence_parallel: bool = False
    zero: int = 0
    offload_optimizer: bool = False
    offload_params: bool = False
    offload_activations: bool = False
    optimizer_in_backward: bool = False
    gradient_bytes: float | None = None
    virtual_stages: int = 1
    buckets: bool = True
    image_size: int | None = None
    vocabulary_loss: bool = True

    @property
    def trains_adapters(self) -> bool:
        """Whether the base stays frozen."""
        return self.method is not TuningMethod.FULL

    @property
    def arithmetic(self) -> Arithmetic:
        """Bytes an element of weights, computation and residual stream."""
        match self.precision:
            case TrainingPrecision.FP32:
                return Arithmetic(4.0, 4.0, 4.0, False)
            case TrainingPrecision.AMP if not self.trains_adapters or self.frozen_bytes == 4.0:
                return Arithmetic(4.0, 2.0, 4.0, True)
            case TrainingPrecision.AMP:
                return Arithmetic(2.0, 2.0, 2.0, True)
            case _:
                return Arithmetic(2.0, 2.0, 2.0, False)
