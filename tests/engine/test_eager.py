"""Servers without captured graphs, and graphs as start-up logs print them."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.memory.eager import without_graphs
from gpuplanner.engine.memory.formulas import engine_bytes
from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.document import Scenario

GIB = 2**30


@pytest.mark.parametrize(
    ("layers", "hidden", "degree", "printed_gib"),
    [
        (28, 3584, 1, 0.87),
        (28, 3584, 2, 0.71),
        (28, 3584, 4, 0.64),
        (32, 4096, 1, 0.89),
        (40, 5120, 1, 1.07),
        (80, 8192, 2, 1.61),
    ],
)
def test_graphs_as_logs_print_them(catalog: Catalog, layers: int, hidden: int, degree: int, printed_gib: float) -> None:
    """Qwen2.5-7B over 1, 2 and 4 GPUs, CodeLlama-7B, Phi-4 and Qwen2.5-72B with vLLM 0.19 on H100 (llm-d-planner)."""
    profile = next(item for item in catalog.engines["vllm"].profiles if item.versions.startswith(">=0.17"))
    graphs = engine_bytes(
        0.0, profile.graph_bytes, degree, profile.graph_bytes_per_width, profile.graph_bytes_per_layer,
        profile.graph_bytes_per_hidden, hidden, profile.graph_bytes_per_expert, 0, layers,
    )  # fmt: skip
    assert graphs / GIB == pytest.approx(printed_gib, rel=0.07)


def test_without_graphs_nothing_is_captured_and_no_fused_all_reduce(catalog: Catalog) -> None:
    for profile in catalog.engines["vllm"].profiles:
        bare = without_graphs(profile)
        captured = engine_bytes(
            0.0, bare.graph_bytes, 1, bare.graph_bytes_per_width, bare.graph_bytes_per_layer, bare.graph_bytes_per_hidden, 8192,
            bare.graph_bytes_per_expert, 8, 80,
        )  # fmt: skip
        assert captured == 0
        assert bare.communication_bytes <= profile.communication_bytes
        assert bare.context_bytes == profile.context_bytes


def test_switched_off_graphs_leave_room(catalog: Catalog) -> None:
    scenario = Scenario()
    eager = scenario.model_copy(update={"serving": scenario.serving.model_copy(update={"cuda_graphs": False})})
    held = []
    for asked in (scenario, eager):
        plan = next(plan for plan in estimate(asked, catalog).plans if plan.gpu_id == "nvidia-h100-sxm5-80gb")
        assert plan.memory is not None
        held.append(plan.memory.parts[MemoryPart.ENGINE])
    assert held[1] < held[0]
