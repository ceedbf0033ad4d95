"""What passes compute and how long they take: properties, and figures published elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.passes.load import most_requests_per_s, waiting
from gpuplanner.engine.passes.planning import between
from gpuplanner.engine.passes.stages import PassLoad, stages_of
from gpuplanner.scenario.document import Scenario

CATALOG = load_catalog()
H100, A100 = "nvidia-h100-sxm5-80gb", "nvidia-a100-sxm4-80gb"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return CATALOG


def gflops(model: str, name: str, **load: float) -> float:
    stages = stages_of(CATALOG.models[model], PassLoad(**load))
    return sum(stage.work.total_flops for stage in stages if stage.name == name) / 1e9


@pytest.mark.parametrize(
    ("model", "stage", "load", "published"),
    [
        ("resnet-50", "network", {}, 2 * 4.09),  # torchvision
        ("efficientnet-b0", "network", {}, 2 * 0.39),  # torchvision
        ("convnext-tiny", "network", {}, 2 * 4.46),  # torchvision
        ("vit-b-16", "encoder", {}, 2 * 17.56),  # torchvision
        ("swin-t", "encoder", {}, 2 * 4.49),  # torchvision
        ("mobilenet-v2", "network", {}, 2 * 0.30),  # torchvision
        ("ssd-resnet34", "network", {}, 433.0),  # MLPerf Inference, arXiv 1911.02549
        ("ssd-mobilenet-v1", "network", {}, 2.47),  # the same
        ("3d-unet-kits19", "network", {}, 947.0),  # MLPerf Inference, model table
        ("stable-diffusion-1.5", "denoiser", {"width": 512, "height": 512}, 2 * 401.0),  # arXiv 2305.15798, MACs of one step
        ("bert-base-uncased", "encoder", {"tokens": 128}, 22.4),  # 12 layers of 24 b s h^2 + 4 b s^2 h
    ],
)
def test_operations_are_those_published(model: str, stage: str, load: dict[str, float], published: float) -> None:
    assert gflops(model, stage, **load) == pytest.approx(published, rel=0.04)


def asked(model: str, kind: str, **sections: object) -> Scenario:
    workload = {"kind": kind, "load_kind": "concurrency", "load": 1}
    return Scenario.model_validate({"model": {"id": model}, "precision": {"weights": "fp16"}, "workload": workload, **sections})


def figure(scenario: Scenario, key: str, gpu: str = H100) -> float:
    plan = estimate(scenario, CATALOG).plan(gpu)
    assert plan is not None
    value = plan.figures[key].value
    assert value is not None
    return value


@settings(max_examples=8, deadline=None)
@given(steps=st.integers(2, 60))
def test_more_steps_are_never_faster(steps: int) -> None:
    few = figure(asked("sdxl-base-1.0", "generate", generation={"steps": steps, "batch": 1}), "pass_time")
    more = figure(asked("sdxl-base-1.0", "generate", generation={"steps": steps + 1, "batch": 1}), "pass_time")
    assert more > few


@settings(max_examples=6, deadline=None)
@given(batch=st.integers(1, 24), model=st.sampled_from(["bge-m3", "resnet-50", "whisper-small", "vit-b-16"]))
def test_more_at_once_takes_more_of_everything(batch: int, model: str) -> None:
    small = asked(model, "encode", encoding={"batch": batch})
    large = asked(model, "encode", encoding={"batch": batch + 1})
    assert figure(large, "memory_per_gpu") >= figure(small, "memory_per_gpu")
    assert figure(large, "pass_time") >= figure(small, "pass_time")


@pytest.mark.parametrize("changed", [{"guidance": False}, {"width": 768, "height": 768}, {"steps": 20}])
def test_less_work_is_faster(changed: dict[str, object]) -> None:
    full = figure(asked("sdxl-base-1.0", "generate", generation={"batch": 8}), "pass_time")  # the GPU sets the pace, not the host
    assert figure(asked("sdxl-base-1.0", "generate", generation={"batch": 8, **changed}), "pass_time") < 0.8 * full


def test_offload_trades_time_for_memory() -> None:
    plain = asked("flux.1-dev", "generate", generation={"batch": 1})
    moved = asked("flux.1-dev", "generate", generation={"batch": 1, "offload": "model"})
    assert figure(moved, "memory_per_gpu") < figure(plain, "memory_per_gpu")
    assert figure(moved, "pass_time") > figure(plain, "pass_time")


def test_an_image_of_sdxl_takes_what_others_measured() -> None:
    """5.2 to 5.9 s for 50 steps at 1024 x 1024 on an A100 (fal.ai benchmark, 2023-11)."""
    assert 4.0 < figure(asked("sdxl-base-1.0", "generate", generation={"batch": 1}), "pass_time", A100) < 7.0


def test_between_batches_lies_a_line() -> None:
    times = np.array([[1.0, 1.5, 3.0], [2.0, 2.0, 4.0]])
    batches = np.array([1.0, 2.0, 4.0])
    found = between(times, batches, np.array([[[1.0], [1.5], [3.0]], [[2.0], [4.0], [3.0]]]))
    assert found[..., 0] == pytest.approx(np.array([[1.0, 1.25, 2.25], [2.0, 4.0, 3.0]]))


def test_waiting_agrees_with_a_queue_played_through() -> None:
    """Poisson arrivals, a server that takes what waits (at most 8) and needs the same time for each size."""
    batches = np.array([1.0, 2.0, 4.0, 8.0])
    times = np.array([0.010, 0.012, 0.016, 0.024])
    random = np.random.default_rng(7)
    for rate in (60.0, 150.0, 250.0):
        arrivals = np.cumsum(random.exponential(1 / rate, 60_000))
        free, done, at = 0.0, np.zeros(len(arrivals)), 0
        while at < len(arrivals):
            start = max(free, arrivals[at])
            size = min(8, int(np.searchsorted(arrivals, start, side="right")) - at)
            free = start + float(np.interp(size, batches, times))
            done[at : at + size] = free
            at += size
        played = float((done - arrivals).mean())
        service, busy, queue = waiting(np.array([rate]), 8.0, batches, times)
        told = float((service + busy * service / 2 + queue)[0])
        assert told == pytest.approx(played, rel=0.15)


def test_a_limit_costs_rate() -> None:
    batches, times = np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.array([0.01, 0.012, 0.016, 0.024, 0.04])
    rates = [most_requests_per_s(batches, times, limit, 0.99) for limit in (0.03, 0.06, 0.2)]
    assert rates == sorted(rates)
    assert rates[-1] <= 16 / 0.04


@pytest.mark.parametrize("model", ["resnet-50", "retinanet-resnext50", "ssd-resnet34", "convnext-base", "swin-t"])
def test_a_picture_of_twice_the_side_is_four_times_the_work(model: str) -> None:
    def work(side: int) -> float:
        return sum(stage.work.total_flops for stage in stages_of(CATALOG.models[model], PassLoad(image_px=side)))

    assert work(1280) / work(640) == pytest.approx(4, rel=0.02)
