"""Plausibility of links, servers, cloud instances, precisions, tariffs and models."""

from __future__ import annotations

from gpuplanner.catalog.checks.finding import Shelf
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.architecture.operators import operator_list

USD = {"USD": 1.0, "EUR": 1.1, "CNY": 1 / 7.2}
GPU_HOUR_USD = (0.02, 60.0)
KWH = {"CNY": (0.2, 2.0), "USD": (0.02, 0.6), "EUR": (0.02, 0.6)}
SHAPE_TOLERANCE = 0.001
SHAPE_TOLERANCE_ASSUMED = 0.07  # a part is missing whose sizes are not known, an autoencoder say
ASCENDING = (
    ("gguf-q2-k", "gguf-q3-k-s"), ("gguf-q4-k-m", "gguf-q5-k-m"), ("gguf-q6-k", "gguf-q8-0"), ("mxfp4", "nvfp4"),
    ("int4-gptq-g128", "int4-awq-g128"),
)  # fmt: skip


def check_links(shelf: Shelf) -> None:
    """Both directions are twice one; a line rate in bits is eight times the bytes."""
    for entry, link in shelf.records("links"):
        note = shelf.reporter(entry)
        one, both, line = link.unidirectional_gb_s, link.bidirectional_gb_s, link.line_rate_gbps
        if one and both and abs(both / one - 2) > 0.02:
            note("bidirectional_gb_s", "duplex", one=one, both=both)
        if one and line and abs(one * 8 / line - 1) > 0.01:
            note("line_rate_gbps", "line_rate", one=one, line=line)


def check_servers(shelf: Shelf) -> None:
    """Memory is the sum of the cards; a server draws more than its GPUs."""
    for entry, server in shelf.records("servers"):
        note = shelf.reporter(entry)
        gpu = shelf.of("gpus").get(server.gpu_id or "")
        if gpu is None or not isinstance(gpu.record, Gpu) or not server.gpu_count:
            continue
        whole = gpu.record.memory_gb * server.gpu_count
        if server.gpu_memory_total_gb and not 0.85 <= server.gpu_memory_total_gb / whole <= 1.1:
            note("gpu_memory_total_gb", "server_memory", error=False, value=server.gpu_memory_total_gb, sum=whole)
        cards_kw = (gpu.record.tdp_w or 0) * server.gpu_count / 1000
        if server.power_max_kw and cards_kw and not 1.05 <= server.power_max_kw / cards_kw <= 2.6:
            note("power_max_kw", "server_power", error=False, value=server.power_max_kw, cards=cards_kw)


def check_clouds(shelf: Shelf) -> None:
    """An instance costs what its GPUs can cost."""
    for entry, instance in shelf.records("clouds"):
        note = shelf.reporter(entry)
        cards = max(instance.gpu_fraction or instance.gpu_count or 1, 0.05)
        for number, price in enumerate(instance.prices):
            usd = price.hourly * USD[price.currency] / cards
            if not GPU_HOUR_USD[0] <= usd <= GPU_HOUR_USD[1]:
                note(f"prices.{number}.hourly", "gpu_hour", usd=round(usd, 3))


def check_precisions(shelf: Shelf) -> None:
    """What a role needs is there, and fewer bits are fewer bits."""
    for entry, precision in shelf.records("precisions"):
        note = shelf.reporter(entry)
        if precision.role == "weights" and (precision.native is None or precision.bits_per_weight_effective is None):
            note("native", "weights_incomplete")
        if precision.role == "kv" and precision.kv_bits is None:
            note("kv_bits", "kv_incomplete")
        bits, size = precision.bits_per_weight_effective, precision.bytes_per_weight_effective
        if bits and size and abs(bits / 8 - size) > 1e-4:
            note("bytes_per_weight_effective", "bytes_and_bits", bits=bits, bytes=size)
    for smaller, larger in ASCENDING:
        few, many = shelf.of("precisions").get(smaller), shelf.of("precisions").get(larger)
        if few and many and not few.raw["bits_per_weight_effective"] < many.raw["bits_per_weight_effective"]:
            shelf.reporter(few)("bits_per_weight_effective", "order", other=larger)


def check_tariffs(shelf: Shelf) -> None:
    """A kilowatt-hour costs cents, not euros."""
    for entry, tariff in shelf.records("electricity"):
        low, high = KWH[tariff.currency]
        if not low <= tariff.price <= high:
            shelf.reporter(entry)("price", "range", value=tariff.price, low=low, high=high, unit=tariff.currency)


def check_models(shelf: Shelf) -> None:
    """The shape has as many parameters as were published, and no more are active than there are."""
    for entry, model in shelf.records("models"):
        note = shelf.reporter(entry)
        if model.params_active and model.params_total and model.params_active > model.params_total:
            note("params_active", "active_above_total", active=model.params_active, total=model.params_total)
        if model.shape is None:
            continue
        counted = operator_list(model.shape).total_params
        least = SHAPE_TOLERANCE_ASSUMED if model.shape_is_assumed else SHAPE_TOLERANCE
        if model.params_total and abs(counted / model.params_total - 1) > least:
            note("shape", "count", counted=counted, published=model.params_total)
