"""An estimate as a JSON object: the stable form that other programs read. Described in docs/estimate-json.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from gpuplanner import __version__
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.result import (
    Code,
    Estimate,
    Memory,
    Mix,
    MixPart,
    PassPlan,
    Plan,
    PoolPlan,
    Quantity,
    ReusePlan,
    TrainingPlan,
)
from gpuplanner.report.answer import answer_text
from gpuplanner.report.names import gpu_name, model_name
from gpuplanner.scenario.document import Scenario

FORMAT: Final = "gpuplanner-estimate"
VERSION: Final = 1


def estimate_json(scenario: Scenario, estimate: Estimate, catalog: Catalog, only: str | None = None) -> dict[str, Any]:
    """The estimate as an object of plain values, ready for ``json.dumps``.

    Bytes, seconds and tokens are plain numbers in those units, unknown is null.

    Args:
        scenario: what was asked.
        estimate: what followed.
        catalog: the facts it followed from.
        only: a GPU id, when the plans of other GPUs shall be left out.
    """
    plans = [plan for plan in estimate.plans if only is None or plan.gpu_id == only]
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "catalogue": {"date": catalog.date, "digest": catalog.digest},
        "scenario": {"name": scenario.name, "customer": scenario.customer},
        "model": {
            "id": scenario.model.custom.id if scenario.model.custom else scenario.model.id,
            "name": model_name(scenario, catalog),
            "total_parameters": estimate.params_total or None,
            "active_parameters": estimate.params_active or None,
            "kv_bytes_per_token": estimate.kv_bytes_per_token or None,
        },
        "currency": scenario.money.currency,
        "gpu": estimate.chosen,
        "answer": {
            "text_en": answer_text(scenario, estimate, catalog, "en"),
            "text_zh": answer_text(scenario, estimate, catalog, "zh"),
        },
        "refusal": code_json(estimate.refusal) if estimate.refusal else None,
        "mix": _mix(estimate.mix) if estimate.mix else None,
        "plans": [_plan(plan, catalog) for plan in plans],
        "warnings": _codes(estimate.warnings),
    }


def _plan(plan: Plan, catalog: Catalog) -> dict[str, Any]:
    return {
        "gpu": plan.gpu_id,
        "name": gpu_name(plan.gpu_id, catalog),
        "status": plan.status.value,
        "layout": {
            "tensor_parallel": plan.tensor_parallel,
            "pipeline_parallel": plan.pipeline_parallel,
            "replicas": plan.replicas,
            "spare_replicas": plan.spare_replicas,
            "gpus": plan.gpus,
            "bought_gpus": plan.bought,
            "servers": plan.servers,
        }
        if plan.replicas
        else None,
        "batch": plan.batch or None,
        "compute_format": plan.compute_format or None,
        "fallback": code_json(plan.fallback) if plan.fallback else None,
        "prefill_apart": _pools(plan.pools) if plan.pools else None,
        "conversations": _reuse(plan.reuse) if plan.reuse else None,
        "training": _training(plan.training) if plan.training else None,
        "passes": _passes(plan.passes) if plan.passes else None,
        "memory": _memory(plan.memory) if plan.memory else None,
        "figures": {key: quantity_json(quantity) for key, quantity in plan.figures.items()},
        "reasons": _codes(plan.reasons),
        "remedies": _codes(plan.remedies),
        "warnings": _codes(plan.warnings),
    }


def _pools(pools: PoolPlan) -> dict[str, Any]:
    return {
        "prefill_replicas": pools.prefill,
        "decode_replicas": pools.decode,
        "request_rate": pools.rate,
        "prefill_busy": pools.busy,
        "transfer_s": pools.transfer_s,
        "fast_link": pools.fast_link,
        "gpus_together": pools.together_gpus,
    }


def _reuse(reuse: ReusePlan) -> dict[str, Any]:
    return {
        "kept_share": reuse.kept,
        "on_gpu_share": reuse.on_gpu,
        "reload_s": reuse.reload_s,
        "fit": reuse.conversations,
        "history_tokens": reuse.history_tokens,
    }


def _mix(mix: Mix) -> dict[str, Any]:
    def part(one: MixPart) -> dict[str, Any]:
        return {"gpu": one.gpu_id, "replicas": one.replicas, "spare_replicas": one.plan.spare_replicas, "gpus": one.gpus,
                "bought_gpus": one.plan.bought, "load_share": one.share, "cost": one.cost}  # fmt: skip

    return {"parts": [part(one) for one in mix.parts], "gpus": mix.gpus, "cost": mix.cost, "alone": part(mix.alone)}


def _memory(memory: Memory) -> dict[str, Any]:
    return {
        "parts_bytes": {part.value: size for part, size in memory.parts.items()},
        "need_bytes": memory.need_bytes,
        "usable_bytes": memory.usable_bytes,
        "limit_bytes": memory.limit_bytes,
        "kv_pool_bytes": memory.kv_pool_bytes,
        "kv_tokens_fit": memory.kv_tokens_fit,
        "requests_fit": memory.requests_fit,
        "moments": [
            {"name": moment.name, "parts_bytes": {part.value: size for part, size in moment.parts.items()}}
            for moment in memory.moments
        ],
    }


def _training(step: TrainingPlan) -> dict[str, Any]:
    return {
        "micro_batch": step.micro_batch,
        "micro_batches": step.micro_batches,
        "data_parallel": step.data_parallel,
        "context_parallel": step.context_parallel,
        "expert_parallel": step.expert_parallel,
        "sharding": step.sharding,
        "recompute": step.recompute,
        "recomputed_share": step.recomputed,
        "virtual_stages": step.virtual_stages,
        "peak": step.peak,
    }


def _passes(made: PassPlan) -> dict[str, Any]:
    """What does not apply to the item is null."""
    drawn, heard = made.item in ("image", "clip"), made.item == "audio"
    return {
        "item": made.item,
        "items_per_request": made.items,
        "parts_s": {part.name: part.seconds for part in made.parts},
        "steps": made.steps if drawn else None,
        "guided": made.guided if drawn else None,
        "width": made.width if drawn else None,
        "height": made.height if drawn else None,
        "frames": made.frames if drawn else None,
        "tokens": made.tokens if made.item in ("text", "pair") else None,
        "audio_s": made.audio_s if heard else None,
        "utilization": made.utilization,
        "runtime": made.runtime,
        "cfg_parallel": made.cfg_parallel if drawn else None,
        "sequence_parallel": made.sequence_parallel if drawn else None,
    }


def quantity_json(quantity: Quantity) -> dict[str, Any]:
    """A figure with its range."""
    return {
        "value": quantity.value,
        "low": quantity.low,
        "high": quantity.high,
        "unit": quantity.unit.value,
        "provenance": quantity.provenance.value,
        "rows": quantity.rows,
        "at_least": quantity.at_least,
    }


def _codes(codes: Iterable[Code]) -> list[dict[str, Any]]:
    return [code_json(code) for code in codes]


def code_json(code: Code) -> dict[str, Any]:
    """A message in both languages."""
    return {
        "code": code.code,
        "params": {name: _value(value) for name, value in code.params.items()},
        "text_en": code_text(code, "en"),
        "text_zh": code_text(code, "zh"),
    }


def _value(value: object) -> object:
    """A parameter as JSON: numbers and words as they are, nested codes as objects, the rest as text."""
    if isinstance(value, Code):
        return code_json(value)
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_value(part) for part in value]
    return str(value)
