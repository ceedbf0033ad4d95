"""Benchmark rows computed as they were run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.benchmarks import burst_size, offered, run_size
from gpuplanner.evidence.predict import predict
from gpuplanner.evidence.rows import Row

SERVING = Row(
    id="x", file="x.csv", line=2, table="speed", task="llm_serving_at_concurrency", model="Llama-3.1-8B", gpu="H100-SXM-80GB",
    metric="ttft_ms", value=100.0, weight_precision="bf16", gpus=1, tp=1, framework="vLLM", version="0.11", isl=1024.0, osl=512.0,
    batch="64",
)  # fmt: skip


def value(row: Row, catalog: Catalog) -> float:
    found = predict([row], catalog)[0].value
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "size"), [("320 prompts at once", 320), ("burst of 50", 50), ("max-num-seq 256", None), ("8", None)]
)
def test_bursts_are_read_off_the_load(text: str, size: int | None) -> None:
    assert burst_size(text) == size


def test_a_source_says_how_many_prompts_it_sent() -> None:
    told = offered(replace(SERVING, source_table="Vultr-vLLM-B200"), 512.0)
    assert told is not None
    assert (told.prompts, told.slots, told.spread, told.told) == (400, 400, "0", True)
    silent = offered(SERVING, 64.0)
    assert silent is not None
    assert (silent.prompts, silent.told) == (640, False)
    assert offered(replace(SERVING, request_rate=4.0), 64.0) is None


def test_runs_for_throughput_have_a_size_where_it_is_published() -> None:
    row = replace(SERVING, task="llm_offline_throughput", source_table="TRTLLM-perf-overview-0.15", isl=128.0, osl=4096.0)
    assert run_size(row) == 1500
    assert run_size(replace(row, osl=4000.0)) is None


def test_first_tokens_wait_longest_where_all_prompts_come_at_once(catalog: Catalog) -> None:
    at_once = value(replace(SERVING, note="64 prompts"), catalog)
    in_waves = value(replace(SERVING, note="640 prompts"), catalog)
    alone = value(replace(SERVING, batch="1"), catalog)
    assert at_once > 3 * in_waves > 3 * alone


def test_the_median_first_token_does_not_see_the_first_wave(catalog: Catalog) -> None:
    assert value(replace(SERVING, note="median"), catalog) < 0.6 * value(SERVING, catalog)


def test_a_run_of_one_and_a_half_batches_falls_behind_a_long_one(catalog: Catalog) -> None:
    row = replace(SERVING, metric="tokens_per_s_total_output", batch="64")
    assert value(replace(row, note="96 prompts"), catalog) < 0.85 * value(replace(row, note="6400 prompts"), catalog)
