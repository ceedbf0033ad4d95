"""One picture or clip over several GPUs: properties, parts that add up, and speed-ups published elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.result import Code, Estimate, MemoryPart, Plan, Provenance, Status
from gpuplanner.scenario.document import Scenario

CATALOG = load_catalog()
H100, L20, H20 = "nvidia-h100-sxm5-80gb", "nvidia-l20", "nvidia-h20-96gb"
VIDEO: dict[str, Any] = {"width": 1280, "height": 720, "frames": 129, "steps": 50}
PICTURE: dict[str, Any] = {"width": 1024, "height": 1024, "steps": 28}


def asked(model: str, *, deployment: dict[str, Any] | None = None, load: float = 1, **generation: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "model": {"id": model},
            "precision": {"weights": "bf16"},
            "workload": {"kind": "generate", "load_kind": "concurrency", "load": load},
            "generation": {"batch": 1, **generation},
            "deployment": deployment or {},
        }
    )


def answer(model: str, **words: Any) -> Estimate:
    return estimate(asked(model, **words), CATALOG)


def plan(model: str, gpu: str = H100, **words: Any) -> Plan:
    found = answer(model, **words).plan(gpu)
    assert found is not None
    return found


def seconds(found: Plan) -> dict[str, float]:
    assert found.passes is not None
    return {part.name: part.seconds for part in found.passes.parts}


def value(found: Plan, key: str = "pass_time") -> float:
    number = found.figures[key].value
    assert number is not None
    return number


# docs/performance/hunyuanvideo.md and flux.md of xdit-project/xDiT: Ulysses, 1280 x 720 of 129 frames in 50 steps; a picture of
# 1024 pixels a side in 28 steps, compiled. Published seconds on one GPU and on more.
@pytest.mark.parametrize(
    ("model", "size", "gpu", "gpus", "alone_s", "spread_s"),
    [
        ("hunyuanvideo-13b", VIDEO, H100, 2, 1904.08, 925.04),
        ("hunyuanvideo-13b", VIDEO, H100, 4, 1904.08, 514.08),
        ("hunyuanvideo-13b", VIDEO, H20, 2, 6639.17, 3400.55),
        ("hunyuanvideo-13b", VIDEO, H20, 4, 6639.17, 1762.86),
        ("hunyuanvideo-13b", VIDEO, H20, 8, 6639.17, 940.97),
        ("flux.1-dev", PICTURE, H100, 2, 4.30, 2.68),
    ],
)
def test_it_is_as_much_faster_as_published(
    model: str, size: dict[str, Any], gpu: str, gpus: int, alone_s: float, spread_s: float
) -> None:
    times = [value(plan(model, gpu, sequence_parallel=n, **size)) for n in (1, gpus)]
    assert times[0] / times[1] == pytest.approx(alone_s / spread_s, rel=0.2)


@pytest.mark.parametrize(("gpus", "published_s"), [(1, 6639.17), (2, 3400.55), (4, 1762.86), (8, 940.97)])
def test_a_long_clip_takes_as_long_as_published(gpus: int, published_s: float) -> None:
    found = plan("hunyuanvideo-13b", H20, sequence_parallel=gpus, **VIDEO)
    assert value(found) == pytest.approx(published_s, rel=0.2)
    figure = found.figures["pass_time"]
    assert (figure.low or 0) < published_s < (figure.high or 0)
    assert figure.provenance is Provenance.EXTRAPOLATED  # no row of such work stands behind it


def test_why_opens_the_share_that_attention_reaches() -> None:
    scenario = asked("hunyuanvideo-13b", **VIDEO)
    found = estimate(scenario, CATALOG).plan(H100)
    assert found is not None
    assert found.passes is not None
    place = [part.name for part in found.passes.parts].index("denoiser") + 1  # two text encoders before it
    heaviest = explain(scenario, CATALOG, found, f"operator@1.{place}")
    share = next(term for term in heaviest.terms if term.name == "term.compute_efficiency")
    opened = explain(scenario, CATALOG, found, share.opens or "")
    assert opened.result.value == pytest.approx(share.value)
    assert {term.name: term.value for term in opened.terms}["term.keys_seen"] == pytest.approx(118_800, rel=0.01)


@pytest.mark.parametrize("model", ["flux.1-dev", "wan2.1-t2v-14b", "sdxl-base-1.0", "wan2.2-t2v-a14b", "sd3.5-large"])
@pytest.mark.parametrize(("cfg", "sequence"), [(False, 1), (True, 1), (False, 2), (True, 4), (False, 8)])
def test_the_parts_add_up(model: str, cfg: bool, sequence: int) -> None:
    for gpu in (H100, "nvidia-l40s"):
        found = plan(model, gpu, cfg_parallel=cfg, sequence_parallel=sequence)
        if found.status is Status.IMPOSSIBLE:
            continue
        parts = seconds(found)
        assert sum(parts.values()) == pytest.approx(value(found))
        assert found.passes is not None
        assert value(found, "step_time") * found.passes.steps == pytest.approx(parts["denoiser"] + parts.get("exchange", 0))
        assert ("exchange" in parts) == (found.gpus_per_replica > 1)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([1, 2, 3, 4, 6, 8]), st.sampled_from([512, 1024, 2048]), st.booleans())
def test_more_gpus_cost_no_more_than_what_they_say_to_each_other(gpus: int, side: int, cfg: bool) -> None:
    size = {"width": side, "height": side, "steps": 20, "guidance": True}
    alone = plan("qwen-image", "nvidia-h200-sxm-141gb", **size)
    spread = plan("qwen-image", "nvidia-h200-sxm-141gb", sequence_parallel=gpus, cfg_parallel=cfg, **size)
    if spread.status is Status.IMPOSSIBLE:
        assert gpus * (1 + cfg) > 8
        return
    assert value(spread) <= value(alone) + seconds(spread).get("exchange", 0.0) + 1e-9
    assert seconds(spread)["denoiser"] >= seconds(alone)["denoiser"] / (gpus * (1 + cfg)) * (1 - 1e-9)
    assert seconds(spread)["autoencoder"] == pytest.approx(seconds(alone)["autoencoder"])


def test_gpus_servers_and_money_follow() -> None:
    alone, spread = plan("wan2.1-t2v-14b", load=3), plan("wan2.1-t2v-14b", load=3, cfg_parallel=True, sequence_parallel=4)
    assert (alone.gpus_per_replica, spread.gpus_per_replica) == (1, 8)
    assert spread.tensor_parallel == 1
    assert spread.gpus == 8 * (spread.replicas + spread.spare_replicas)
    assert spread.servers >= spread.replicas + spread.spare_replicas  # a server holds eight
    assert spread.bought >= spread.gpus
    assert value(spread, "purchase") / spread.bought == pytest.approx(value(alone, "purchase") / alone.bought)
    assert value(spread, "power") / spread.gpus == pytest.approx(value(alone, "power") / alone.gpus)


def test_the_limit_on_gpus_counts_every_one_of_a_replica() -> None:
    kept = plan("wan2.1-t2v-14b", load=8, sequence_parallel=4, deployment={"max_gpus": 8, "availability": "none"})
    assert kept.gpus <= 8
    none = plan("wan2.1-t2v-14b", sequence_parallel=4, deployment={"max_gpus": 3})
    assert none.status is Status.IMPOSSIBLE
    assert none.reasons[0].code == "reason.too_many_gpus"


def test_weights_lie_whole_on_each_gpu_and_activations_are_shared() -> None:
    size = {"width": 2048, "height": 2048, "decode": "tiled"}
    alone, spread = (plan("flux.1-dev", "nvidia-b200-sxm-180gb", sequence_parallel=n, **size).memory for n in (1, 4))
    assert alone is not None
    assert spread is not None
    assert spread.parts[MemoryPart.WEIGHTS] == alone.parts[MemoryPart.WEIGHTS]
    assert spread.parts[MemoryPart.ACTIVATIONS] < alone.parts[MemoryPart.ACTIVATIONS]
    assert spread.parts[MemoryPart.COMMUNICATION] > alone.parts[MemoryPart.COMMUNICATION] == 0


def test_what_has_no_effect_is_said() -> None:
    def codes(found: Estimate) -> set[str]:
        return {code.code for code in found.warnings}

    maps = answer("sdxl-base-1.0", sequence_parallel=4)
    assert Code("warning.sequence_maps", {"model": CATALOG.models["sdxl-base-1.0"].name}) in maps.warnings
    assert all(found.gpus_per_replica == 1 for found in maps.plans if found.replicas)
    assert "warning.cfg_unguided" in codes(answer("flux.1-dev", cfg_parallel=True))
    assert plan("sdxl-base-1.0", cfg_parallel=True).gpus_per_replica == 2  # halves of guidance suit a U-Net
    said = {"warning.cfg_unguided", "warning.sequence_maps", "warning.ring"}
    assert not said & codes(answer("sdxl-base-1.0", cfg_parallel=True))
    ring = answer("sd3.5-large", sequence_parallel=4)  # 38 heads: two ways, and a ring of two
    assert Code("warning.ring", {"gpus": 4, "heads": 2, "ring": 2}) in ring.warnings


def test_a_request_stays_within_a_server() -> None:
    wide = plan("flux.1-dev", sequence_parallel=16)
    assert (wide.status, wide.reasons[0].code) == (Status.IMPOSSIBLE, "reason.not_joined")


@pytest.mark.parametrize("gpu", [H100, "nvidia-a100-pcie-80gb"])
def test_why_opens_the_exchange_down_to_links_and_model(gpu: str) -> None:
    size: dict[str, Any] = {"width": 832, "height": 480, "frames": 81}
    scenario = asked("wan2.1-t2v-14b", cfg_parallel=True, sequence_parallel=2, steps=4, **size)
    found = estimate(scenario, CATALOG)
    spread = found.plan(gpu)
    assert spread is not None
    whole = explain(scenario, CATALOG, spread, "pass_time")
    exchange = next(line for line in whole.terms if line.name == "pass.part.exchange")
    assert exchange.value == pytest.approx(seconds(spread)["exchange"])
    opened = explain(scenario, CATALOG, spread, exchange.opens or "")
    assert opened.result.value == pytest.approx(exchange.value)
    volume = explain(scenario, CATALOG, spread, next(line.opens for line in opened.terms if line.opens) or "")
    # 32,760 tokens and 5,120 elements of 2 bytes on two GPUs: half of each of four tensors is sent
    assert volume.result.value == pytest.approx(32760 / 2 * 5120 * 2 * 4 / 2)
