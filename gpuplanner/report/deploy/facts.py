"""What the files are filled with: the plan in the words of the engines that run it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate, Plan, Quantity
from gpuplanner.errors import InputError
from gpuplanner.report.deploy.escape import label
from gpuplanner.report.deploy.words import Words, engine_words
from gpuplanner.report.kinds_of_gpu import parts_of
from gpuplanner.scenario.document import LoadKind, Scenario
from gpuplanner.scenario.serving import Speculation

PORT: Final = 8000
_ROUND_TO: Final = 1024


@dataclass(frozen=True, slots=True)
class Launch:
    """All that templates may name.

    ``expected`` holds figures as (low, value, high) in base units; ``words`` the flags an engine has for the formats. Lengths in
    tokens; ``share`` is the part of memory the engine may use. ``beside`` are the GPUs of other kinds that share the load, with
    their replicas; ``prefill`` and ``decode`` count replicas of either kind, where prefill runs apart.
    """

    name: str
    title: str
    customer: str
    model: str
    served: str
    gpu: str
    vendor: str
    words: Words
    tensor: int
    pipeline: int
    copies: int
    expert: bool
    replicas: int
    spare: int
    gpus_per_replica: int
    length: int
    share: float
    max_seqs: int | None
    max_batched: int | None
    prefix: bool
    chunked: bool | None
    graphs: bool | None
    speculation: Mapping[str, Any] | None
    adapters: int
    adapter_rank: int
    images: int
    gpu_layers: int | None
    input_tokens: int
    output_tokens: int
    concurrency: int
    rate: float | None
    batch: int
    percentile: float
    targets: Mapping[str, float]
    expected: Mapping[str, tuple[float, float, float]]
    beside: tuple[tuple[str, int], ...] = ()
    prefill: int = 0
    decode: int = 0
    host_kv_gib: float = 0.0
    training: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    port: int = PORT


def launch_of(scenario: Scenario, catalog: Catalog, answer: Estimate, engine: str) -> Launch:
    """The plan in an engine's words.

    Args:
        scenario: what was asked.
        catalog: engines, model and GPU.
        answer: the estimate; its chosen plan is what starts.
        engine: the engine the files are for.

    Raises:
        InputError: there is no plan that runs, or the engine doesn't run this precision.
    """
    plan = answer.plan()
    if plan is None or plan.memory is None:
        raise InputError("deploy.nothing_runs")
    workload, serving, gpu = scenario.workload, scenario.serving, catalog.gpus[plan.gpu_id]
    own, *others = parts_of(plan)
    model = scenario.model.custom or catalog.models[scenario.model.id]
    words = engine_words(catalog, engine, scenario.precision.weights, scenario.precision.kv_cache, gpu.vendor)
    longest = workload.input_tokens + workload.output_tokens
    spread = 1 + 2 * max(workload.input_spread, workload.output_spread)
    length = math.ceil(longest * spread / _ROUND_TO) * _ROUND_TO
    return Launch(
        name=label(model.id),
        title=scenario.name or model.name,
        customer=scenario.customer,
        model=model.hf_id or model.name,
        served=model.id,
        gpu=gpu.name,
        vendor=gpu.vendor,
        words=words,
        tensor=plan.tensor_parallel,
        pipeline=plan.pipeline_parallel,
        copies=getattr(plan, "attention_copies", 1),
        expert=getattr(plan, "attention_copies", 1) > 1,
        replicas=max(own.replicas, 1),
        spare=own.spare_replicas,
        gpus_per_replica=plan.gpus_per_replica,
        length=min(length, model.max_context) if model.max_context else length,
        share=round(plan.memory.limit_bytes / plan.memory.usable_bytes, 3) if plan.memory.usable_bytes else 0.9,
        max_seqs=scenario.deployment.max_seqs,
        max_batched=scenario.deployment.max_batched_tokens,
        prefix=workload.cached_prefix > 0 or workload.reused_prefix > 0,
        chunked=serving.chunked_prefill,
        graphs=serving.cuda_graphs,
        speculation=_speculation(scenario, catalog),
        adapters=serving.adapters,
        adapter_rank=serving.adapter_rank,
        images=serving.images,
        gpu_layers=serving.gpu_layers,
        input_tokens=workload.input_tokens,
        output_tokens=workload.output_tokens,
        concurrency=_concurrency(scenario, plan),
        rate=_rate(scenario, plan),
        batch=max(plan.batch, 1),
        percentile=scenario.targets.percentile,
        targets=_targets(scenario),
        expected={key: triple for key, figure in plan.figures.items() if (triple := _triple(figure)) is not None},
        beside=tuple((catalog.gpus[other.gpu_id].name, other.replicas + other.spare_replicas) for other in others),
        prefill=plan.pools.prefill if plan.pools else 0,
        decode=plan.pools.decode if plan.pools else 0,
        host_kv_gib=serving.host_kv_gib if plan.reuse else 0.0,
        training=_training(scenario, plan) if workload.kind.trains else MappingProxyType({}),
    )


def _targets(scenario: Scenario) -> Mapping[str, float]:
    asked = scenario.targets
    limits = {"ttft": asked.ttft_s, "tpot": asked.tpot_s, "e2e": asked.e2e_s}
    return {key: limit for key, limit in limits.items() if limit is not None}


def _triple(figure: Quantity) -> tuple[float, float, float] | None:
    if figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    return low, figure.value, figure.value if figure.high is None else figure.high


def _concurrency(scenario: Scenario, plan: Plan) -> int:
    if scenario.workload.load_kind is LoadKind.CONCURRENCY and scenario.workload.kind.writes:
        return max(1, round(scenario.workload.load * (1 + scenario.deployment.growth)))
    return max(1, plan.batch * plan.replicas)


def _rate(scenario: Scenario, plan: Plan) -> float | None:
    if scenario.workload.load_kind is LoadKind.CONCURRENCY:
        return None
    figure = plan.figures.get("request_rate")
    return None if figure is None or figure.value is None else round(figure.value, 3)


def _speculation(scenario: Scenario, catalog: Catalog) -> Mapping[str, Any] | None:
    serving = scenario.serving
    draft = catalog.models.get(serving.draft_model or "")
    if serving.speculation is Speculation.DRAFT and draft is not None:
        return {"method": "draft_model", "model": draft.hf_id or draft.name, "num_speculative_tokens": serving.draft_tokens}
    if serving.speculation is Speculation.HEADS:
        return {"method": "mtp", "num_speculative_tokens": serving.draft_tokens}
    if serving.speculation is Speculation.NGRAM:
        return {"method": "ngram", "num_speculative_tokens": serving.draft_tokens, "prompt_lookup_max": 4}
    return None


def _training(scenario: Scenario, plan: Plan) -> Mapping[str, Any]:
    asked, done = scenario.training, plan.training
    if done is None:
        return {}
    return {
        "method": asked.method.value if scenario.workload.kind.value == "tune" else "full",
        "tunes": scenario.workload.kind.value == "tune",
        "precision": asked.precision.value,
        "optimizer": asked.optimizer.value,
        "rank": asked.adapter_rank,
        "targets": asked.adapter_targets.value,
        "sequence": asked.sequence_tokens,
        "micro_batch": done.micro_batch,
        "accumulation": max(done.micro_batches, 1),
        "data_parallel": done.data_parallel,
        "sharding": done.sharding,
        "recompute": done.recompute,
        "offload": asked.offload.value,
        "gpus": plan.gpus,
        "per_node": min(plan.gpus, 8),
        "nodes": max(1, math.ceil(plan.gpus / 8)),
        "epochs": asked.epochs,
        "save_minutes": asked.checkpoint_minutes,
        "flash": asked.attention.value == "flash",
        "context_parallel": done.context_parallel,
    }
