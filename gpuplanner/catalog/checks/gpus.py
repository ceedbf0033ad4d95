"""Whether a GPU's figures can be: units, ranges, ratios between formats, sparse rates given as dense."""

from __future__ import annotations

from collections.abc import Callable

from gpuplanner.catalog.checks.finding import Shelf
from gpuplanner.catalog.schema.gpu import Gpu

Note = Callable[..., None]

BANDWIDTH_GB_S = {"HBM": (250, 30_000), "GDDR": (100, 2_500), "LPDDR": (50, 1_500)}
"""What memory of a type reaches, slowest and fastest part on the market, GB/s."""
FLOP_PER_BYTE = (10, 900)
POWER_W = (10, 3_000)
USABLE = (0.85, 1.08)
TWICE = (1.85, 2.15)
USD = {"USD": 1.0, "EUR": 1.1, "CNY": 1 / 7.2}
PRICE_USD = (50, 120_000)


def check_gpus(shelf: Shelf) -> None:
    """Note implausible figures of all GPUs."""
    exceptions = shelf.knowledge.get("exceptions", {})
    for entry, gpu in shelf.records("gpus"):
        note = shelf.reporter(entry)
        _memory(gpu, note)
        _bandwidth(gpu, note)
        if gpu.id not in exceptions:
            _ratios(gpu, note)
        _prices(gpu, note)
        if gpu.tdp_w is not None and not _within(gpu.tdp_w, POWER_W):
            note("tdp_w", "range", value=gpu.tdp_w, low=POWER_W[0], high=POWER_W[1], unit="W")
    _sparse(shelf)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _memory(gpu: Gpu, note: Note) -> None:
    for name in ("usable_memory_bytes", "cuda_memory_bytes"):
        value = getattr(gpu, name)
        if value is not None and not _within(value / (gpu.memory_gb * 1e9), USABLE):
            note(name, "usable", value=value, memory_gb=gpu.memory_gb)
    listed, seen = gpu.usable_memory_bytes, gpu.cuda_memory_bytes
    if listed is not None and seen is not None and seen > listed:
        note("cuda_memory_bytes", "seen_above_listed", seen=seen, listed=listed)


def _bandwidth(gpu: Gpu, note: Note) -> None:
    rate = gpu.bandwidth_gb_s
    if rate is None:
        return
    kind = next((kind for kind in ("HBM", "LPDDR", "GDDR") if kind in (gpu.memory_type or "")), None)
    if kind is not None and not _within(rate, BANDWIDTH_GB_S[kind]):
        low, high = BANDWIDTH_GB_S[kind]
        note("bandwidth_gb_s", "range", value=rate, low=low, high=high, unit=f"GB/s ({kind})")
    if gpu.dense_tflops.fp16 is not None and not _within(gpu.dense_tflops.fp16 * 1000 / rate, FLOP_PER_BYTE):
        note("bandwidth_gb_s", "intensity", error=False, value=round(gpu.dense_tflops.fp16 * 1000 / rate))


def _ratios(gpu: Gpu, note: Note) -> None:
    rates = gpu.dense_tflops
    full16, full8 = rates.fp16_fp16acc or rates.fp16, rates.fp8_fp16acc or rates.fp8
    if rates.fp16 and rates.bf16 and not _within(rates.fp16 / rates.bf16, (0.98, 1.02)):
        note("dense_tflops.bf16", "ratio", error=False, of="bf16 / fp16", value=round(rates.bf16 / rates.fp16, 2), wanted="1")
    if gpu.vendor == "NVIDIA" and rates.tf32 and rates.fp16 and not _within(rates.fp16 / rates.tf32, (1.9, 2.12)):
        note("dense_tflops.tf32", "ratio", error=False, of="fp16 / tf32", value=round(rates.fp16 / rates.tf32, 2), wanted="2")
    for name, value, base in (("fp8", rates.fp8, rates.fp16), ("int8", rates.int8, full16)):
        if value and base and not _within(value / base, TWICE):
            wild = not _within(value / base, (0.9, 2.6))
            note(f"dense_tflops.{name}", "ratio", error=wild, of=f"{name} / fp16", value=round(value / base, 2), wanted="2")
    if rates.fp4 and full8 and not _within(rates.fp4 / full8, (0.9, 2.2)):
        note("dense_tflops.fp4", "ratio", of="fp4 / fp8", value=round(rates.fp4 / full8, 2), wanted="1–2")


def _prices(gpu: Gpu, note: Note) -> None:
    for number, price in enumerate(gpu.prices):
        if not _within(price.amount * USD[price.currency], PRICE_USD):
            low, high = (round(bound / USD[price.currency]) for bound in PRICE_USD)
            note(f"prices.{number}.amount", "range", value=price.amount, low=low, high=high, unit=price.currency)


def _sparse(shelf: Shelf) -> None:
    for trap in shelf.knowledge.get("sparse", ()):
        entry = shelf.of("gpus").get(trap["gpu"])
        if entry is None or not isinstance(entry.record, Gpu):
            continue
        rate = entry.record.dense_tflops.rate(trap["format"])
        if rate is not None and rate >= 0.9 * trap["sparse"]:
            shelf.reporter(entry)(f"dense_tflops.{trap['format']}", "sparse", value=rate, sparse=trap["sparse"])
