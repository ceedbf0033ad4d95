"""How a language model is served, beyond its layout: what most leave as it is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked, Id, Pixels


class Batching(StrEnum):
    """When requests join: at every step, when the batch before is done, or as dynamic waits for a full batch or a delay."""

    CONTINUOUS = "continuous"
    STATIC = "static"
    DYNAMIC = "dynamic"


class Balancing(StrEnum):
    """Which replica gets a request."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    PREFIX_AWARE = "prefix_aware"


class Speculation(StrEnum):
    """What proposes tokens ahead: nothing, a small model, heads of the model itself, or the text so far."""

    NONE = "none"
    DRAFT = "draft"
    HEADS = "heads"  # MTP, EAGLE, Medusa
    NGRAM = "ngram"


class ServingChoice(Asked):
    """Choices of the serving engine. None means automatic.

    ``data_parallel_attention`` keeps attention whole on each GPU and shares out only the experts. ``draft_tokens`` are
    proposed a step, of which a share ``acceptance`` holds, one after the other. ``adapters`` LoRA adapters of
    ``adapter_rank`` stay on the GPU. ``host_kv_gib`` of host memory per GPU hold KV cache that doesn't fit. ``gpu_layers`` is
    how many layers lie on the GPU, the rest in host memory. A request brings ``images`` of ``image_width`` by
    ``image_height`` pixels.
    """

    batching: Batching = Batching.CONTINUOUS
    dynamic_delay_s: Annotated[float, Field(ge=0, le=60)] = 0.01
    chunked_prefill: bool | None = None
    cuda_graphs: bool | None = None
    balancing: Balancing = Balancing.LEAST_LOADED
    data_parallel_attention: bool | None = None
    speculation: Speculation = Speculation.NONE
    draft_model: Id | None = None
    draft_tokens: Annotated[int, Field(ge=1, le=64)] = 3
    acceptance: Annotated[float, Field(ge=0, le=1)] = 0.7
    disaggregated: bool = False
    adapters: Annotated[int, Field(ge=0, le=100_000)] = 0
    adapter_rank: Annotated[int, Field(ge=1, le=8192)] = 16
    host_kv_gib: Annotated[float, Field(ge=0, le=100_000)] = 0.0
    gpu_layers: Annotated[int, Field(ge=0, le=10_000)] | None = None
    images: Annotated[int, Field(ge=0, le=10_000)] = 0
    image_width: Pixels = 1024
    image_height: Pixels = 1024
