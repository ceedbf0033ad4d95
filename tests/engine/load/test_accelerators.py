"""Accelerators without rows of their own: told as extrapolated, with a range that holds what was published; and their links."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.point import Setup, point
from gpuplanner.engine.result import Provenance
from tests.engine.load.test_curve import with_changes

ANCHORS = json.loads((Path(__file__).parents[2] / "data" / "anchors" / "accelerators.json").read_text(encoding="utf-8"))
FAMILIES = ("ascend", "other-cn", "gaudi", "tpu", "xe", "apple", "trainium")


@pytest.mark.parametrize("row", ANCHORS["rows"], ids=lambda row: f"{row['engine']}-{row['input_tokens']}-{row['output_tokens']}")
def test_published_runs_lie_within_the_range(catalog: Catalog, row: dict[str, object]) -> None:
    setup = Setup(
        catalog.models[ANCHORS["model"]], catalog.precisions[str(row["weights"])], catalog.precisions["kv-fp16"],
        catalog.gpus[ANCHORS["gpu"]], catalog.engines[str(row["engine"])],
        input_tokens=int(str(row["input_tokens"])), output_tokens=int(str(row["output_tokens"])),
    )  # fmt: skip
    replica = point(setup, catalog)
    expected = float(np.ravel(replica.serving(replica.full_batch()).throughput)[0])
    factor, own = catalog.calibration.range("throughput", catalog.gpus[ANCHORS["gpu"]].family, "vllm")
    assert not own
    assert expected * factor.low <= float(str(row["output_tok_s"])) <= expected * factor.high


@pytest.mark.parametrize("figure", ["throughput", "ttft", "tpot"])
def test_families_without_rows_have_the_widest_ranges(catalog: Catalog, figure: str) -> None:
    usual, _ = catalog.calibration.range(figure, "hopper")
    for family in FAMILIES:
        factor, own = catalog.calibration.range(figure, family, "vllm")
        assert not own
        assert factor.high / factor.low > 2
        assert factor.low <= usual.low
        assert factor.high >= usual.high


def test_plans_on_them_say_so(catalog: Catalog) -> None:
    scenario = with_changes(
        deployment__gpu=None, model__id="qwen3-32b", precision__weights="bf16", precision__kv_cache="kv-fp16",
        workload__load=16.0,
        targets__ttft_s=None, targets__tpot_s=None,
    )  # fmt: skip
    plans = [plan for plan in estimate(scenario, catalog).plans if catalog.gpus[plan.gpu_id].family in FAMILIES and plan.figures]
    assert len(plans) >= 8
    assert {plan.figures[key].provenance for plan in plans for key in ("ttft", "tpot", "throughput")} == {Provenance.EXTRAPOLATED}


@pytest.mark.parametrize(
    ("gpu", "gb_s"),
    [
        ("nvidia-a100-sxm4-80gb", 300), ("nvidia-a800-sxm4-80gb", 200), ("nvidia-h100-sxm5-80gb", 450),
        ("nvidia-h800-sxm5-80gb", 200), ("nvidia-h20-96gb", 450), ("huawei-ascend-910b3", 196), ("amd-mi300x", 448),
    ],
)  # fmt: skip
def test_links_and_their_cuts_as_published(catalog: Catalog, gpu: str, gb_s: float) -> None:
    # one direction: NVLink 3 600 GB/s, cut to 400 on A800; NVLink 4 900, cut to 400 on H800, whole on H20; HCCS 392; xGMI 896
    found = catalog.gpus[gpu]
    assert found.scale_up_gb_s == pytest.approx(gb_s, rel=0.01)
