"""The glossary: a page for each word of the trade, with the fields and formulas it belongs to. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gpuplanner.texts import text
from gpuplanner.ui.help.page import HelpPage, bullets, heading, link, paragraph, part
from gpuplanner.ui.help.titles import title_of

#: The words in the order they are listed, and the pages they lead to.
TERMS: Final[dict[str, tuple[str, ...]]] = {
    "ttft": ("formula.speed.ttft", "field.targets.ttft_s", "term.prefill", "term.percentile"),
    "tpot": ("formula.speed.tpot", "field.targets.tpot_s", "term.decode"),
    "e2e": ("formula.speed.e2e", "field.targets.e2e_s"),
    "throughput": ("formula.speed.throughput", "term.concurrency"),
    "concurrency": ("field.workload.load", "formula.speed.users", "term.littles_law"),
    "littles_law": ("formula.speed.users", "field.workload.load_kind"),
    "percentile": ("field.targets.percentile", "formula.speed.ttft"),
    "prefill": ("formula.speed.prefill_service", "field.workload.input_tokens"),
    "decode": ("formula.speed.step", "field.workload.output_tokens"),
    "token": ("field.workload.input_tokens", "field.workload.output_tokens"),
    "kv_cache": ("formula.memory.kv_cache", "field.precision.kv_cache", "term.gqa"),
    "weights": ("formula.memory.weights", "field.precision.weights", "term.quantisation"),
    "activations": ("formula.memory.activations", "formula.training.activations"),
    "quantisation": ("field.precision.weights", "formula.memory.weights"),
    "memory_bandwidth": ("formula.speed.dense", "formula.speed.kv_read", "term.roofline"),
    "roofline": ("formula.speed.step", "formula.speed.dense"),
    "gb_gib": ("formula.memory.total",),
    "gqa": ("formula.memory.kv_cache", "term.kv_cache"),
    "moe": ("formula.speed.experts_touched", "formula.speed.experts", "term.expert_parallel"),
    "tensor_parallel": ("field.deployment.tensor_parallel", "formula.speed.communication"),
    "pipeline_parallel": ("field.deployment.pipeline_parallel",),
    "data_parallel": ("formula.training.gpus", "term.replica"),
    "expert_parallel": ("field.serving.data_parallel_attention", "field.training.expert_parallel"),
    "replica": ("field.deployment.availability", "term.tensor_parallel"),
    "continuous_batching": ("field.serving.batching", "formula.speed.decoding"),
    "prefix_cache": ("field.workload.cached_prefix",),
    "speculation": ("field.serving.speculation", "formula.speed.tokens_per_step"),
    "disaggregation": ("formula.apart.transfer",),
    "lora": ("field.serving.adapters", "field.training.adapter_rank"),
    "optimizer_states": ("formula.training.optimizer", "field.training.optimizer"),
    "zero": ("field.training.sharding", "formula.training.optimizer"),
    "recompute": ("field.training.recompute", "formula.training.activations"),
    "mfu": ("formula.training.speed.mfu",),
    "goodput": ("formula.training.run.goodput", "formula.training.run.best_interval"),
    "nvlink": ("formula.speed.communication", "term.tensor_parallel"),
    "tdp": ("formula.money.power", "formula.site.power_load"),
    "pue": ("field.money.pue", "formula.site.power_meter"),
    "tco": ("formula.money.tco", "field.money.lifetime_years"),
    "n_plus_one": ("field.deployment.availability", "term.replica"),
    "slice": ("field.estate.slices", "term.kv_cache"),
    "phase": ("field.site.phases", "field.site.growth_per_year"),
    "rail": ("field.site.fabric", "field.site.oversubscription"),
    "range": ("task.read-answer",),
}


def pages() -> Iterator[HelpPage]:
    """The glossary in the current language."""
    for key, see in TERMS.items():
        yield HelpPage(f"term.{key}", text(f"glossary.{key}"), text(f"glossary.{key}.text"), _Body(key, see))


class _Body:
    """Writes one page."""

    def __init__(self, key: str, see: tuple[str, ...]) -> None:
        self._key, self._see = key, see

    def __call__(self) -> str:
        said = [paragraph(line) for line in text(f"glossary.{self._key}.text").split("\n")]
        links = bullets(link(page, title_of(page)) for page in self._see)
        return heading(text(f"glossary.{self._key}")) + "".join(said) + part("help.see", links)


def about(page_id: str) -> tuple[str, ...]:
    """The words of the glossary that lead to a page."""
    return tuple(f"term.{key}" for key, see in TERMS.items() if page_id in see)
