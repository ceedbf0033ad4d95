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
    """One training run on one kind of GPU. Degrees are numbers of GPUs.

    Attributes:
        precision: formats of weights, computation and updates.
        method: what is trained.
        optimizer: what is kept for each weight; None where nothing is updated.
        tokens: of a sequence.
        context_tokens: of the other sequence: audio frames, a prompt.
        micro_batch: sequences a GPU works on at once.
        micro_batches: between two updates; gradients are summed over them, and a pipeline holds several at once.
        recompute: what is computed again.
        flash: whether the scores of attention are never kept.
        kernels: how what lies between matrix products runs.
        loss: how the loss over the vocabulary is computed.
        adapter_rank: inner width of adapters.
        adapter_targets: names of matrices ("q", "k", "v", "o", "gate", "up", "down", "qkv"); "all" is all of the layers.
        frozen_bytes: of a frozen weight that isn't quantised.
        quantised_bytes: of a weight of a quantised base, scales included.
        adapter_bytes: of an adapter's weight.
        rebuilds_weights: adapters that are products of factors make the whole matrix anew, and the backward pass needs it.
        adapter_dropout: adapters drop out parts of their input.
        unpacks_through_half: weights of a quantised base are unpacked to FP16 and copied to the format of the products.
        quantises_head: the head of a quantised base is quantised, too.
        quantised_keeps_input: products with quantised weights keep their input (bitsandbytes).
        drops_cheap: what is computed without a matrix product is computed again (selective checkpointing by operation).
        native_activations: activation functions are single operations whatever the family's own code does.
        compiled_loss: fused and compiled kernels cover the loss too.
        shifted_loss: the loss copies the logits to move them by one token (older libraries).
        reference_model: a frozen copy of the model lies beside it (preference optimisation).
        gathers_16_bit: FP32 weights that are shared out are gathered in 16 bit, so that all is computed in it (FSDP).
        dropout: families that drop out do so.
        zero: ZeRO stage: 1 shares out optimizer states, 2 gradients too, 3 weights too.
        optimizer_in_backward: each weight is updated as soon as its gradient is there.
        gradient_bytes: of a summed gradient; the weight's own format when None.
        virtual_stages: a GPU has in an interleaved pipeline.
        buckets: without sharding, gradients are copied to buckets before they are summed over GPUs.
        bucket_bytes: flat buffers of a sharding framework, at most as large as the gradients.
        step_gradient_bytes: of the copy of its gradients that the optimizer's step makes, for each element.
        trains_ends: beside adapters, copies of embedding and head are trained.
        image_size: side of an image in pixels, the model's own when None.
        vocabulary_loss: an encoder learns to guess masked tokens; otherwise it learns one label a sequence.
        components_beside: a denoiser's text encoders and autoencoder lie beside it; False where latents were made before.
        offload_gradients: gradients go to the host as they are made (ZeRO-Offload, arXiv 2101.06840).
        recompute_mlp: feed-forwards are computed again, attention isn't.
        trains_towers: what looks or listens beside a language model is trained too; ``context_tokens`` are its own.
        recompute_towers: its layers are computed again, whatever the others do; as the others when None.
        native_loss: the loss is computed in the format of the logits (16-bit training without autocast).
        unties: head and embedding lie apart even where they are equal.
        adapter_joins: adapters of part of a joint projection are copied to their places in it, and the copy is kept.
        scales_products: what is trained is a scale and a shift of every product (adapters of the second kind).
        encode_bytes: the autoencoder needs to turn one sample into latents, before the denoiser learns from it.
        written_scan: state-space blocks run in single operations, without the kernels made for them.
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
    adapter_dropout: bool = False
    rebuilds_weights: bool = False
    quantised_keeps_input: bool = True
    unpacks_through_half: bool = False
    quantises_head: bool = False
    drops_cheap: bool = False
    native_activations: bool = False
    compiled_loss: bool = True
    shifted_loss: bool = False
    reference_model: bool = False
    gathers_16_bit: bool = False
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
    offload_gradients: bool = False
    recompute_mlp: bool = False
    trains_towers: bool = False
    recompute_towers: bool | None = None
    native_loss: bool = False
    unties: bool = False
    adapter_joins: bool = False
    scales_products: bool = False
    optimizer_in_backward: bool = False
    gradient_bytes: float | None = None
    virtual_stages: int = 1
    buckets: bool = True
    bucket_bytes: float = 0.0
    step_gradient_bytes: float = 0.0
    trains_ends: bool = False
    image_size: int | None = None
    vocabulary_loss: bool = True
    components_beside: bool = True
    written_scan: bool = False
    encode_bytes: float = 0.0

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
            case TrainingPrecision.AMP if self.gathers_16_bit:
                return Arithmetic(4.0, 2.0, 2.0, False)
            case TrainingPrecision.AMP if not self.trains_adapters or self.frozen_bytes == 4.0:
                return Arithmetic(4.0, 2.0, 4.0, True)
            case TrainingPrecision.AMP:
                return Arithmetic(2.0, 2.0, 2.0, True)
            case _:
                return Arithmetic(2.0, 2.0, 2.0, False)
