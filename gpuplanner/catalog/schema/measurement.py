"""A published measurement, as a line of ``catalogs/measurements``: nobody of this project measured it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from gpuplanner.catalog.schema.common import Record


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Count = Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, BeforeValidator(_empty_is_none)]
Number = Annotated[Annotated[float, Field(ge=0, le=1e15)] | None, BeforeValidator(_empty_is_none)]
Word = Annotated[str, Field(max_length=300)]
Needed = Annotated[str, Field(min_length=1, max_length=300)]


class Measurement(Record):
    """What speed and memory rows share. ``quality`` A: the configuration is fully given; B: something is assumed.

    ``caveat`` holds short marks joined by "; ": "beam width 4", "kv assumed", "dataset=OpenOrca", "static batching" …
    """

    id: Needed
    model: Needed
    weight_precision: Word = ""
    kv_precision: Word = ""
    gpu: Word = ""
    gpus: Count = None
    tp: Count = None
    pp: Count = None
    dp: Count = None
    framework: Word = ""
    framework_version: Word = ""
    source: Needed
    caveat: Word = ""
    date: Word = ""
    quality: Literal["A", "B"]


class SpeedMeasurement(Measurement):
    """A speed: ``isl`` and ``osl`` are input and output tokens; the unit follows from ``metric``.

    Milliseconds for ``*_ms``, seconds for ``step_time_s`` and ``s_per_image``, minutes for ``time_to_train`` (seconds where a
    caveat says so), a share for ``mfu``; ``tokens_per_s_total`` of prefill counts prompt tokens.
    """

    task: Literal[
        "llm_offline_throughput", "llm_serving_at_concurrency", "llm_latency", "llm_prefill", "llm_decode", "image_gen",
        "encoder", "cnn", "asr", "train_pretrain", "train_finetune",
    ]  # fmt: skip
    ep: Count = None
    isl: Number = None
    osl: Number = None
    batch_or_concurrency: Word = ""
    request_rate: Word = ""
    metric: Literal[
        "tokens_per_s_total_output", "tokens_per_s_total", "tokens_per_s_per_gpu", "ttft_ms", "tpot_ms", "itl_ms", "e2e_ms",
        "images_per_s", "samples_per_s", "s_per_image", "time_to_train", "tflops_per_gpu", "step_time_s", "mfu",
    ]  # fmt: skip
    value: Annotated[float, Field(gt=0, le=1e12)]
    source_table: Needed


class MemoryMeasurement(Measurement):
    """A memory figure: ``measured_gib`` is the figure in GiB; ``metric`` says what it contains, ``scope`` over what it sums.

    ``fits`` rows hold 1 (ran) or 0 (out of memory), ``kv_tokens_capacity`` and ``train_max_context`` tokens. ``extra`` is
    "key=value;…": the engine's settings.
    """

    kind: Literal[
        "infer_weights", "infer_peak", "kv_cache", "kv_tokens_capacity", "activation", "nontorch_overhead", "cudagraph",
        "diffusion_peak", "encoder_peak", "train_peak", "train_max_context", "checkpoint_size", "fits",
    ]  # fmt: skip
    params_b: Number = None
    zero_stage: Word = ""
    batch: Word = ""
    seq_in: Number = None
    seq_out: Number = None
    optimizer: Word = ""
    recompute: Word = ""
    method: Word = ""
    lora_rank: Word = ""
    measured_value: Annotated[float, Field(ge=0, le=1e15)]
    unit: Word = ""
    measured_gib: Number = None
    scope: Word = ""
    metric: Needed
    extra: Annotated[str, Field(max_length=2000)] = ""
