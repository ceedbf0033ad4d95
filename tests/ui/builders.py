"""Estimates made by hand, for views that are tested without the engine."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Export, Gpu
from gpuplanner.catalog.schema.price import Price
from gpuplanner.engine.result import Code, Estimate, Memory, MemoryPart, Plan, Provenance, Quantity, Status, Unit

GB = 10**9


def gpu(gpu_id: str, name: str, memory_gb: float, vendor: str = "NVIDIA", **more: object) -> Gpu:
    """A card with little known about it."""
    return Gpu.model_validate(
        {
            "id": gpu_id,
            "name": name,
            "vendor": vendor,
            "architecture": "Hopper",
            "form_factor": "SXM5",
            "memory_gb": memory_gb,
            **more,
        }
    )


def catalog() -> Catalog:
    """Five cards."""
    cards = (
        gpu(
            "h20",
            "NVIDIA H20 141GB",
            141,
            bandwidth_gb_s=4800,
            tdp_w=400,
            prices=(Price(kind="list", amount=110_000, currency="CNY", date="2026-10"),),
        ),
        gpu("h200", "NVIDIA H200 SXM 141GB", 141, bandwidth_gb_s=4800, tdp_w=700, export=Export(china_new_sale=False)),
        gpu("l20", "NVIDIA L20", 48, bandwidth_gb_s=864, tdp_w=275, export=Export(china_new_sale=True)),
        gpu("ascend", "Huawei Ascend 910B 64GB (280T, Atlas 800I A2 class)", 64, "Huawei", export=Export(china_new_sale=True)),
        gpu("t4", "NVIDIA T4", 16, bandwidth_gb_s=320, tdp_w=70),
    )
    return Catalog(gpus={card.id: card for card in cards}, date="2026-11", yours=frozenset({"gpu:l20"}))


def memory(*sizes_gb: float, usable_gb: float = 141, share: float = 0.9) -> Memory:
    """Parts of serving, in the order of :class:`MemoryPart`."""
    serving = [part for part in MemoryPart if part not in (MemoryPart.GRADIENTS, MemoryPart.OPTIMIZER)]
    parts = {part: size * GB for part, size in zip(serving, sizes_gb, strict=True)}
    return Memory(parts, usable_gb * GB, usable_gb * GB * share, 60 * GB, 360_000, 144)


def figures(
    need_gb: float, ttft: float, tpot: float, rate: float, price: float | None, per_million: float | None
) -> dict[str, Quantity]:
    """The figures of a plan, with ranges."""

    def made(key: str, value: float | None, unit: Unit, spread: float = 0.15) -> Quantity:
        low, high = (None, None) if value is None else (value * (1 - spread), value * (1 + spread))
        return Quantity(key, value, unit, low, high, Provenance.MODELLED, 41)

    return {
        "memory_per_gpu": made("memory_per_gpu", need_gb * GB, Unit.BYTES, 0.04),
        "ttft": made("ttft", ttft, Unit.SECONDS),
        "tpot": made("tpot", tpot, Unit.SECONDS),
        "throughput": made("throughput", rate, Unit.TOKENS_PER_SECOND),
        "purchase": made("purchase", price, Unit.MONEY, 0),
        "cost_per_million": made("cost_per_million", per_million, Unit.MONEY),
        "power": made("power", 5600, Unit.WATTS),
        "batch_time": made("batch_time", 5.2 * 3600, Unit.SECONDS),
    }


def estimate() -> Estimate:
    """One that meets, one that meets without a price, one that misses, one that runs another format, one that cannot run."""
    good = Plan(
        "h20",
        Status.MEETS,
        4,
        1,
        4,
        0,
        2,
        50,
        "fp8",
        memory=memory(17.8, 63.4, 6.9, 4.8, 3.2),
        figures=figures(96.1, 0.74, 0.027, 7410, 2_360_000, 4.12),
    )
    expected = replace(
        good, gpu_id="h200", status=Status.EXPECTED, replicas=1, servers=1, figures=figures(106, 0.95, 0.024, 8260, None, None),
        memory=memory(17.8, 73.1, 6.9, 4.8, 3.2),
    )  # fmt: skip
    misses = replace(
        good, gpu_id="l20", status=Status.MISSES, tensor_parallel=8, servers=4,
        memory=memory(8.9, 24.6, 5.9, 3.9, 2.6, usable_gb=48),
        figures=figures(45.9, 1.42, 0.039, 5080, 1_920_000, 9.6),
    )  # fmt: skip
    other = replace(
        good,
        gpu_id="ascend",
        compute_format="fp16",
        fallback=Code("fallback.format", {"precision": "FP8", "format": "fp16"}),
        figures=figures(50, 0.96, 0.039, 4730, 2_710_000, 9.57),
        memory=memory(17.8, 24.0, 4.9, 1.8, 1.2, usable_gb=64),
    )
    cannot = Plan(
        "t4",
        Status.IMPOSSIBLE,
        memory=memory(8.9, 24.6, 1.9, 0.9, 0.6, usable_gb=15.6),
        reasons=(Code("reason.weights_too_big", {"need_bytes": 36.9 * GB, "gpus": 16, "limit_bytes": 14.0 * GB}),),
        remedies=(Code("remedy.fewer_bits", {"bits": 4}),),
    )
    return Estimate((good, expected, other, misses, cannot), "h20", candidates=1000)
