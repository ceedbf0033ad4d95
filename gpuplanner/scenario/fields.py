"""What is known about each field of a scenario besides its type: how it is written, and what it may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, get_args

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gpuplanner import texts
from gpuplanner.errors import Named
from gpuplanner.scenario.document import Scenario
from gpuplanner.units import QuantityKind

_Written = tuple[QuantityKind, str | None]

#: How the numbers are written: their kind, and the unit of a number that stands alone.
WRITTEN: Final[dict[str, _Written]] = {
    "workload.input_tokens": (QuantityKind.TOKENS, None),
    "workload.output_tokens": (QuantityKind.TOKENS, None),
    "workload.load": (QuantityKind.COUNT, None),
    "workload.busy_hours": (QuantityKind.HOURS, None),
    "workload.peak_factor": (QuantityKind.NUMBER, None),
    "workload.cached_prefix": (QuantityKind.PERCENT, None),
    "workload.reused_prefix": (QuantityKind.PERCENT, None),
    "workload.reuse_s": (QuantityKind.SECONDS, "s"),
    "workload.batch_requests": (QuantityKind.COUNT, None),
    "workload.batch_hours": (QuantityKind.HOURS, None),
    "targets.ttft_s": (QuantityKind.SECONDS, "ms"),
    "targets.tpot_s": (QuantityKind.SECONDS, "ms"),
    "targets.percentile": (QuantityKind.PERCENT, None),
    "training.sequence_tokens": (QuantityKind.TOKENS, None),
    "training.micro_batch": (QuantityKind.WHOLE, None),
    "training.global_batch": (QuantityKind.WHOLE, None),
    "training.adapter_rank": (QuantityKind.WHOLE, None),
    "training.context_parallel": (QuantityKind.WHOLE, None),
    "training.expert_parallel": (QuantityKind.WHOLE, None),
    "training.virtual_stages": (QuantityKind.WHOLE, None),
    "deployment.tensor_parallel": (QuantityKind.WHOLE, None),
    "deployment.pipeline_parallel": (QuantityKind.WHOLE, None),
    "deployment.growth": (QuantityKind.PERCENT, None),
    "deployment.max_gpus": (QuantityKind.WHOLE, None),
    "deployment.memory_utilization": (QuantityKind.PERCENT, None),
    "deployment.max_batched_tokens": (QuantityKind.TOKENS, None),
    "deployment.max_seqs": (QuantityKind.WHOLE, None),
    "workload.think_time_s": (QuantityKind.SECONDS, "s"),
    "workload.input_spread": (QuantityKind.NUMBER, None),
    "workload.output_spread": (QuantityKind.NUMBER, None),
    "targets.e2e_s": (QuantityKind.SECONDS, "s"),
    "generation.width": (QuantityKind.WHOLE, None),
    "generation.height": (QuantityKind.WHOLE, None),
    "generation.frames": (QuantityKind.WHOLE, None),
    "generation.steps": (QuantityKind.WHOLE, None),
    "generation.images": (QuantityKind.WHOLE, None),
    "generation.batch": (QuantityKind.WHOLE, None),
    "generation.sequence_parallel": (QuantityKind.WHOLE, None),
    "encoding.items": (QuantityKind.WHOLE, None),
    "encoding.tokens": (QuantityKind.TOKENS, None),
    "encoding.image_px": (QuantityKind.WHOLE, None),
    "encoding.audio_s": (QuantityKind.SECONDS, "s"),
    "encoding.batch": (QuantityKind.WHOLE, None),
    "serving.dynamic_delay_s": (QuantityKind.SECONDS, "ms"),
    "serving.draft_tokens": (QuantityKind.WHOLE, None),
    "serving.acceptance": (QuantityKind.PERCENT, None),
    "serving.adapters": (QuantityKind.WHOLE, None),
    "serving.adapter_rank": (QuantityKind.WHOLE, None),
    "serving.host_kv_gib": (QuantityKind.NUMBER, None),
    "serving.gpu_layers": (QuantityKind.WHOLE, None),
    "serving.images": (QuantityKind.WHOLE, None),
    "serving.image_width": (QuantityKind.WHOLE, None),
    "serving.image_height": (QuantityKind.WHOLE, None),
    "training.gpus": (QuantityKind.WHOLE, None),
    "training.budget_tokens": (QuantityKind.COUNT, None),
    "training.budget_samples": (QuantityKind.COUNT, None),
    "training.epochs": (QuantityKind.NUMBER, None),
    "training.within_days": (QuantityKind.NUMBER, None),
    "training.checkpoint_minutes": (QuantityKind.NUMBER, None),
    "training.gpu_mtbf_hours": (QuantityKind.NUMBER, None),
    "money.eur_per_usd": (QuantityKind.NUMBER, None),
    "money.valley_per_kwh": (QuantityKind.MONEY, None),
    "money.valley_hours": (QuantityKind.HOURS, None),
    "money.valley_from_hour": (QuantityKind.HOURS, None),
    "money.tax": (QuantityKind.PERCENT, None),
    "money.installation": (QuantityKind.PERCENT, None),
    "money.spare_parts": (QuantityKind.PERCENT, None),
    "money.support": (QuantityKind.PERCENT, None),
    "money.residual": (QuantityKind.PERCENT, None),
    "money.discounting": (QuantityKind.PERCENT, None),
    "money.rack_rent_per_year": (QuantityKind.MONEY, None),
    "money.staff": (QuantityKind.NUMBER, None),
    "money.staff_per_year": (QuantityKind.MONEY, None),
    "money.weekend": (QuantityKind.NUMBER, None),
    "money.spot_interruptions_per_day": (QuantityKind.NUMBER, None),
    "money.cloud_least": (QuantityKind.WHOLE, None),
    "money.cloud_most": (QuantityKind.WHOLE, None),
    "money.egress_gb_per_month": (QuantityKind.NUMBER, None),
    "money.egress_per_gb": (QuantityKind.MONEY, None),
    "money.api_input_per_million": (QuantityKind.MONEY, None),
    "money.api_output_per_million": (QuantityKind.MONEY, None),
    "money.budget": (QuantityKind.MONEY, None),
    "money.cloud_storage_gb": (QuantityKind.NUMBER, None),
    "money.cloud_storage_per_gb": (QuantityKind.MONEY, None),
    "money.reserved_1y_discount": (QuantityKind.PERCENT, None),
    "money.reserved_3y_discount": (QuantityKind.PERCENT, None),
    "site.growth_per_year": (QuantityKind.PERCENT, None),
    "site.growth_years": (QuantityKind.WHOLE, None),
    "site.management_nodes": (QuantityKind.WHOLE, None),
    "site.storage_nodes": (QuantityKind.WHOLE, None),
    "site.load_balancers": (QuantityKind.WHOLE, None),
    "site.rack_units": (QuantityKind.WHOLE, None),
    "site.rack_kw": (QuantityKind.NUMBER, None),
    "site.rack_kg": (QuantityKind.NUMBER, None),
    "site.free_racks": (QuantityKind.WHOLE, None),
    "site.model_versions": (QuantityKind.WHOLE, None),
    "site.dataset_tb": (QuantityKind.NUMBER, None),
    "site.checkpoints_kept": (QuantityKind.WHOLE, None),
    "site.log_days": (QuantityKind.NUMBER, None),
    "site.vectors": (QuantityKind.COUNT, None),
    "site.vector_width": (QuantityKind.WHOLE, None),
    "site.oversubscription": (QuantityKind.NUMBER, None),
    "site.ups_minutes": (QuantityKind.NUMBER, None),
    "site.sockets": (QuantityKind.WHOLE, None),
    "site.cores": (QuantityKind.WHOLE, None),
    "site.ram_gb": (QuantityKind.NUMBER, None),
    "site.nvme_tb": (QuantityKind.NUMBER, None),
    "site.client_cards": (QuantityKind.WHOLE, None),
    "site.fabric_cards": (QuantityKind.WHOLE, None),
    "site.object_tb": (QuantityKind.NUMBER, None),
    "estate.position": (QuantityKind.WHOLE, None),
    "estate.from_hour": (QuantityKind.HOURS, None),
    "estate.to_hour": (QuantityKind.HOURS, None),
    "money.cny_per_usd": (QuantityKind.NUMBER, None),
    "money.electricity_per_kwh": (QuantityKind.MONEY, None),
    "money.lifetime_years": (QuantityKind.YEARS, None),
    "money.utilization": (QuantityKind.PERCENT, None),
    "money.pue": (QuantityKind.NUMBER, None),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number may be, in the unit it is kept in. ``above`` excludes ``low`` itself; ``empty`` allows no value."""

    low: float | None
    high: float | None
    above: bool
    whole: bool
    empty: bool


@cache
def paths() -> tuple[str, ...]:
    """The dotted paths of all fields, sections themselves left out."""
    return tuple(_walk(Scenario, ""))


def name(path: str) -> Named:
    """The name of a field, for sentences; of the nearest known one around it when it is not ours."""
    while path and not texts.has(f"field.{path}"):
        path = path.rpartition(".")[0]
    return Named(f"field.{path}" if path else "field.unnamed")


@cache
def limits(path: str) -> Limits:
    """What the number at ``path`` may be.

    Raises:
        KeyError: when there is no such field.
    """
    field = _field(path)
    marks = [*field.metadata, *_nested_marks(field.annotation)]
    low = next((mark for mark in marks if isinstance(mark, Ge | Gt)), None)
    high = next((mark for mark in marks if isinstance(mark, Le)), None)
    return Limits(
        low=None if low is None else _float(low.ge if isinstance(low, Ge) else low.gt),
        high=None if high is None else _float(high.le),
        above=isinstance(low, Gt),
        whole=int in _types(field.annotation),
        empty=type(None) in _types(field.annotation),
    )


@cache
def longest(path: str) -> int:
    """How many characters the text at ``path`` may have.

    Raises:
        KeyError: when there is no such field, or it isn't a text with a limit.
    """
    field = _field(path)
    for mark in [*field.metadata, *_nested_marks(field.annotation)]:
        if isinstance(mark, MaxLen):
            return mark.max_length
    raise KeyError(path)


def choices(path: str) -> tuple[str, ...]:
    """The words that a field may hold, where they are few and fixed."""
    if path == "money.currency":
        return ("CNY", "USD", "EUR")
    if bool in _types(_field(path).annotation):
        return ("true", "false")
    kinds = [kind for kind in _types(_field(path).annotation) if issubclass(kind, StrEnum)]
    return tuple(member.value for kind in kinds for member in kind)


def _field(path: str) -> FieldInfo:
    head, _, rest = path.partition(".")
    field = Scenario.model_fields[head]
    if not rest:
        return field
    section = field.annotation
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        raise KeyError(path)
    return section.model_fields[rest]


def _walk(section: type[BaseModel], before: str) -> Iterator[str]:
    for key, field in section.model_fields.items():
        kind = field.annotation
        if not before and isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _walk(kind, f"{key}.")
        else:
            yield before + key


def _types(annotation: object) -> list[type]:
    """The classes that an annotation is made of."""
    if isinstance(annotation, type):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _types(part)]


def _nested_marks(annotation: object) -> list[object]:
    """Limits inside ``Annotated[…] | None``."""
    marks: list[object] = []
    for part in get_args(annotation):
        for mark in getattr(part, "__metadata__", ()):
            marks.extend(mark.metadata if isinstance(mark, FieldInfo) else [mark])
    return marks


def _float(value: object) -> float:
    return float(str(value))
