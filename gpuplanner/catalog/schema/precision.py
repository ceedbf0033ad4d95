"""A number format of weights or of the KV cache, and what it takes to compute with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.gpu import Format, Gpu

Bits = Annotated[float, Field(gt=0, le=64)]
PartName = Literal["embedding", "attention", "mixer", "mlp", "shared_expert", "experts", "router", "norm", "head"]


class Condition(Record):
    """Which GPUs a way of computing is for; an empty field admits all. The greatest compute capability is excluded."""

    vendors: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    min_compute_capability: float | None = None
    max_compute_capability: float | None = None

    def admits(self, gpu: Gpu) -> bool:
        """Whether the GPU meets the condition; a compute capability it doesn't have (other vendors) is no obstacle."""
        if (self.vendors and gpu.vendor not in self.vendors) or (self.families and gpu.family not in self.families):
            return False
        capability = gpu.compute_capability
        return capability is None or (self.min_compute_capability or 0) <= capability < (self.max_compute_capability or 1e9)


class Way(Condition):
    """One way of computing with stored weights: products run in ``compute_format``, by ``kernel``.

    ``weight_only``: weights are brought to the compute format on the fly; they save memory and bandwidth, not arithmetic.
    """

    compute_format: Format
    kernel: str | None = None
    weight_only: bool = False


class Checkpoint(Record):
    """What a published quantised checkpoint keeps in 16 bit: as its file names it, and as parts of the operator list."""

    algo: str | None = None
    kv_cache: str | None = None
    group_size: int | None = None
    kept_high_precision: tuple[str, ...] = ()
    kept_parts: tuple[PartName, ...] | None = None


class Precision(Record):
    """A number format.

    ``bits_per_weight_effective`` contains scales and zero points. ``native`` is how it is meant to run; ``fallback``
    lists what to try, in order, on GPUs that lack it; a GPU that fits none is refused. ``kept_parts`` stay in 16 bit
    (``kept_parts_moe`` instead in models with experts, ``kept_parts_latent`` besides in models with latent attention,
    ``kept_parts_state`` besides in models with linear attention or state-space blocks), but for those that ``kept_bits`` gives
    a size of their own.
    ``whole_model``: the effective bits were measured over whole files, embedding and head included (GGUF).
    ``kv_bits`` per element of a KV precision contains ``kv_scale_bits_per_head`` per token and KV head at head dimension 128.
    """

    id: Identifier
    name: str
    role: Literal["weights", "kv", "compute"]
    kind: Literal["float", "int", "gguf", "kv-cache"]
    weight_bits_nominal: Bits | None = None
    activation_bits: Bits | None = None
    bits_per_weight_effective: Bits | None = None
    bytes_per_weight_effective: Bits | None = None
    scale_layout: str | None = None
    group_size: Annotated[int, Field(ge=1)] | None = None
    native: Way | None = None
    fallback: tuple[Way, ...] = ()
    kept_parts: tuple[PartName, ...] = ()
    kept_parts_moe: tuple[PartName, ...] | None = None
    kept_parts_latent: tuple[PartName, ...] = ()
    kept_parts_state: tuple[PartName, ...] = ()
    kept_bits: dict[PartName, Bits] = {}
    unquantised_modules: str | None = None
    whole_model: bool = False
    kv_bits: Bits | None = None
    kv_scale_bits_per_head: Annotated[float, Field(ge=0)] = 0
    native_compute: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    quality_impact: str | None = None
    quality_metric: dict[str, Any] | None = None
    gguf: dict[str, Any] | None = None
    checkpoint_examples: dict[str, Checkpoint] = {}
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def compute_format(self) -> str | None:
        """The format its matrix products run in where the GPU has it; None for KV precisions."""
        return self.native.compute_format if self.native else None

    @property
    def weight_only(self) -> bool:
        """Whether weights are brought to 16 bit before they are multiplied, on every GPU."""
        return self.native is not None and self.native.weight_only

    def execution(self, gpu: Gpu) -> Execution | Refusal:
        """How a GPU computes with weights of this precision: natively, through a named fallback, or not at all."""
        if self.native is None:
            return Refusal("no_weights", "")
        ways = (self.native, *self.fallback)
        admitted = [way for way in ways if way.admits(gpu)]
        for way in admitted:
            rate = gpu.dense_tflops.rate(way.compute_format)
            if rate is not None:
                return Execution(way.compute_format, rate, way.weight_only, way.kernel, way is not self.native)
        supported = next((way for way in admitted if gpu.supports(way.compute_format)), None)
        if supported is not None:
            return Refusal("rate_unknown", supported.compute_format)
        return Refusal("format_missing", self.native.compute_format)

    def kept_for(
        self, hf_id: str | None = None, *, moe: bool = False, latent: bool = False, state: bool = False
    ) -> frozenset[str]:
        """Parts of a model that stay in 16 bit.

        Args:
            hf_id: the model's name on Hugging Face; a published checkpoint of it in this precision decides if there is one.
            moe: the model has experts.
            latent: its attention is multi-head latent attention.
            state: it has blocks that keep a state of fixed size.
        """
        published = self._published(hf_id)
        if published is not None:
            return frozenset(published)
        kept = self.kept_parts_moe if moe and self.kept_parts_moe is not None else self.kept_parts
        besides = (*(self.kept_parts_latent if latent else ()), *(self.kept_parts_state if state else ()))
        return frozenset((*kept, *besides))

    def _published(self, hf_id: str | None) -> tuple[str, ...] | None:
        if not hf_id:
            return None
        wanted = hf_id.rpartition("/")[2].lower()
        for name, checkpoint in self.checkpoint_examples.items():
            base = name.rpartition("/")[2].lower()
            if checkpoint.kept_parts is not None and (base == wanted or base.startswith(f"{wanted}-")):
                return checkpoint.kept_parts
        return None


@dataclass(frozen=True, slots=True)
class Execution:
    """How a GPU computes with a precision: the format of its products, their dense peak, and the kernel where it matters."""

    compute_format: str
    tflops: float
    weight_only: bool
    kernel: str | None
    is_fallback: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a GPU can't compute with a precision.

    ``reason``: ``format_missing`` (the GPU has neither the format nor a fallback), ``rate_unknown`` (it has the format, nobody
    published how fast), ``no_weights`` (a KV precision).
    """

    reason: Literal["format_missing", "rate_unknown", "no_weights"]
    compute_format: str
