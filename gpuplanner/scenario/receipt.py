"""The receipt in a scenario file: the figures as they were when it was saved. Never an input of anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from gpuplanner import __version__
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import shown

_MOST_FIGURES: Final = 60
_COUNTS: Final = (
    "tensor_parallel", "pipeline_parallel", "replicas", "spare_replicas", "servers", "gpus", "batch", "attention_copies",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure as it was, in the engine's unit; None was unknown."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = "1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the answer was.

    ``day`` is the date of saving (ISO), ``catalog`` the digest and ``catalog_date`` the date of the facts. ``status`` is a word
    of the engine's Status, or "refused". ``counts`` hold degrees, replicas, servers and GPUs; ``memory`` the parts in bytes.
    """

    program: str
    catalog: str
    catalog_date: str
    day: str
    status: str
    gpu_id: str = ""
    currency: str = ""
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    figures: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    memory: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    usable_bytes: float = 0.0
    limit_bytes: float = 0.0


def receipt_of(estimate: Estimate, currency: str, catalog: str, catalog_date: str, day: str) -> Receipt:
    """The receipt of an answer.

    Args:
        estimate: the answer.
        currency: that its money is in.
        catalog: digest of the facts it rests on.
        catalog_date: their date.
        day: when it is written, ISO.
    """
    empty = Receipt(__version__, catalog, catalog_date, day, "impossible", currency=currency)
    plan = estimate.plan()
    if estimate.refusal is not None:
        return replace(empty, status="refused", reason=estimate.refusal.code)
    if plan is None:
        return empty
    memory = plan.memory
    return replace(
        empty,
        status=plan.status.value,
        gpu_id=plan.gpu_id,
        reason=plan.reasons[0].code if plan.reasons else "",
        counts={name: int(getattr(plan, name)) for name in _COUNTS},
        figures={key: Kept(item.value, item.low, item.high, item.unit.value) for key, item in plan.figures.items()},
        memory={part.value: size for part, size in memory.parts.items()} if memory else {},
        usable_bytes=memory.usable_bytes if memory else 0.0,
        limit_bytes=memory.limit_bytes if memory else 0.0,
    )


def as_fields(receipt: Receipt) -> dict[str, Any]:
    """The receipt as it stands in a file; figures rounded to what a reader could check."""
    return {
        "program": receipt.program,
        "catalog": receipt.catalog,
        "catalog_date": receipt.catalog_date,
        "day": receipt.day,
        "status": receipt.status,
        "gpu": receipt.gpu_id,
        "currency": receipt.currency,
        "reason": receipt.reason,
        "counts": dict(receipt.counts),
        "figures": {
            key: [_round(kept.value), _round(kept.low), _round(kept.high), kept.unit] for key, kept in receipt.figures.items()
        },
        "memory": {part: _round(size) for part, size in receipt.memory.items()},
        "usable_bytes": _round(receipt.usable_bytes),
        "limit_bytes": _round(receipt.limit_bytes),
    }


def from_fields(fields: object) -> Receipt | None:
    """A receipt as read from a file; None where it makes no sense. It is never a reason not to open the file."""
    if not isinstance(fields, dict):
        return None
    status = _word(fields.get("status"))
    if not status:
        return None
    figures, counts, memory = fields.get("figures"), fields.get("counts"), fields.get("memory")
    return Receipt(
        program=_word(fields.get("program")),
        catalog=_word(fields.get("catalog")),
        catalog_date=_word(fields.get("catalog_date")),
        day=_word(fields.get("day")),
        status=status,
        gpu_id=_word(fields.get("gpu")),
        currency=_word(fields.get("currency")),
        reason=_word(fields.get("reason")),
        counts={key: int(value) for key, value in _numbers(counts)},
        figures=_figures(figures),
        memory=dict(_numbers(memory)),
        usable_bytes=number(fields.get("usable_bytes")) or 0.0,
        limit_bytes=number(fields.get("limit_bytes")) or 0.0,
    )


def _figures(found: object) -> dict[str, Kept]:
    if not isinstance(found, dict):
        return {}
    kept: dict[str, Kept] = {}
    for key, item in list(found.items())[:_MOST_FIGURES]:
        if isinstance(item, list) and len(item) == 4 and isinstance(item[3], str):
            value, low, high = (number(part) for part in item[:3])
            kept[shown(key, 40)] = Kept(value, low, high, shown(item[3], 20))
    return kept


def _numbers(found: object) -> list[tuple[str, float]]:
    if not isinstance(found, dict):
        return []
    pairs = [(shown(key, 40), number(value)) for key, value in list(found.items())[:_MOST_FIGURES]]
    return [(key, value) for key, value in pairs if value is not None]


def number(value: object) -> float | None:
    """A number from a file, None for what is none or makes no sense."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e30 or not math.isfinite(value):
        return None
    return float(value)


def _word(value: object) -> str:
    return shown(value, 120) if isinstance(value, str) else ""


def _round(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
