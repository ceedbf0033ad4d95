"""Cards cut into slices."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.memo import Memo
from gpuplanner.engine.estate.packing import Cut, Tenant, pack
from gpuplanner.engine.estate.slices import compute_share, slice_bytes, slice_card, slicing_of
from gpuplanner.engine.estate.works import hours, letter, work_of
from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.document import EstateChoice, Phase, Scenario, Work, WorkloadKind, replace

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"
SLICING = CATALOG.slicings["h100-80gb"]
CUTS = {one.name: Cut(one.name, one.starts, one.size, SLICING.slots) for one in SLICING.profiles}


def on(name: str, profile: str, replicas: int = 1) -> Tenant:
    parts = {MemoryPart.WEIGHTS: 4 * 2**30}
    return Tenant(name, H100, 1, replicas, 0, parts, 72e9, 80e9, 0.5, hours(0, 24), False, cut=CUTS[profile])


def test_the_slices_of_an_h100() -> None:
    """nvidia-smi lists 9.75 GiB and 16 of 132 multiprocessors for 1g.10gb; an eighth of 3,350 GB/s is 419."""
    card = CATALOG.gpus[H100]
    profile = SLICING.profiles[0]
    small = slice_card(card, SLICING, profile, CATALOG)
    assert small.usable_bytes == round(9.75 * 2**30)
    assert small.bandwidth_gb_s == pytest.approx(3350 / 8)
    assert small.dense_tflops.bf16 == pytest.approx((card.dense_tflops.bf16 or 0) * 16 / 132)
    assert not small.has_scale_up
    assert slicing_of(CATALOG, "nvidia-l40s") is None


def test_where_the_tool_is_not_on_record_the_smallest_ratio_is_taken() -> None:
    b200 = CATALOG.slicings["b200-180gb"]
    half = b200.profiles[3]
    assert slice_bytes(CATALOG.gpus["nvidia-b200-sxm-180gb"], b200, half, CATALOG) < 90 * 2**30
    assert compute_share(b200, half, CATALOG) == pytest.approx(3 * 18 / 148)
    h20 = CATALOG.slicings["h20-96gb"]
    assert compute_share(h20, h20.profiles[0], CATALOG) == pytest.approx(0.848 / 7)


def test_seven_small_ones_fill_a_card_and_two_halves_another() -> None:
    slots = pack([on("A", "1g.10gb", 7), on("B", "3g.40gb", 2)], {H100: 8})
    held = [[(tenant.letter, start) for (tenant, _), start in zip(slot.tenants, slot.starts, strict=True)] for slot in slots]
    assert sorted(start for _, start in held[0]) == [0, 4]
    assert sorted(start for _, start in held[1]) == list(range(7))
    assert not any(held[2:])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(CUTS)), st.integers(1, 6)), min_size=1, max_size=8))
def test_slices_never_overlap_and_lie_where_the_card_allows(drawn: list[tuple[str, int]]) -> None:
    tenants = [on(letter(i), profile, replicas) for i, (profile, replicas) in enumerate(drawn)]
    slots = pack(tenants, {H100: 8})
    placed = 0
    for slot in slots:
        taken: set[int] = set()
        for (tenant, _), start in zip(slot.tenants, slot.starts, strict=True):
            assert tenant.cut is not None
            assert start in tenant.cut.starts
            here = set(range(start, start + tenant.cut.size))
            assert not taken & here
            taken |= here
            placed += 1
        assert sum(tenant.part for tenant, _ in slot.tenants) <= 1
    assert placed == sum(replicas for _, replicas in drawn)


def small_ones(*, slices: bool) -> Scenario:
    base = Scenario(name="chat")
    embedding = work_of(base).model_copy(
        update={
            "name": "embedding",
            "model": base.model.model_copy(update={"id": "bge-m3"}),
            "workload": base.workload.model_copy(update={"kind": WorkloadKind.ENCODE, "load": 4.0, "load_kind": "per_second"}),
            "precision": base.precision.model_copy(update={"weights": "fp16"}),
        }
    )
    small = embedding.model_copy(
        update={
            "name": "assistant",
            "model": base.model.model_copy(update={"id": "llama-3.2-3b"}),
            "workload": base.workload.model_copy(update={"load": 2.0}),
            "precision": base.precision,
        }
    )
    more: tuple[Work, ...] = (embedding, small)
    return base.model_copy(update={"estate": EstateChoice(more=more, gpu=H100, slices=slices)})


def test_small_workloads_get_slices_and_the_shares_close_at_the_whole() -> None:
    memo = Memo()
    cut, turns = (estate_of(small_ones(slices=one), CATALOG, memo) for one in (True, False))
    assert cut.rows[0].cut == ""
    assert all(row.cut in CUTS for row in cut.rows[1:])
    assert not any(row.cut for row in turns.rows)
    assert sum(row.gpus for row in cut.rows) + cut.free == pytest.approx(len(cut.placement))
    for row in cut.rows[1:]:
        assert row.plan is not None
        assert row.plan.gpu_id == H100
        assert row.gpus == pytest.approx(row.plan.replicas * CUTS[row.cut].size / 8)
        assert row.slowed == 1.0
    (gpu,) = [gpu for gpu in cut.placement if gpu.slots]
    assert gpu.slots == 8
    for share in gpu.shares:
        assert share.start in CUTS[share.cut].starts
        profile = next(one for one in SLICING.profiles if one.name == share.cut)
        assert sum(share.memory.values()) <= (profile.memory_gib or 0) * 2**30


def test_a_card_that_cannot_be_cut_shares_in_turn() -> None:
    estate = estate_of(replace(small_ones(slices=True), "estate.gpu", "nvidia-l40s"), CATALOG)
    assert not any(row.cut for row in estate.rows)


def test_a_phase_has_the_gpus_and_layouts_of_the_whole() -> None:
    memo = Memo()
    scenario = replace(small_ones(slices=True), "workload.load", 900)
    scenario = replace(scenario, "site.phases", (Phase(name="pilot", share=0.1), Phase(name="all", share=1.0)))
    whole, pilot, last = (estate_of(scenario, CATALOG, memo, phase=phase) for phase in (None, 0, 1))
    assert [row.plan.tensor_parallel for row in pilot.rows if row.plan] == [
        row.plan.tensor_parallel for row in whole.rows if row.plan
    ]
    assert [bool(row.cut) for row in pilot.rows] == [bool(row.cut) for row in whole.rows]
    assert len(pilot.placement) < len(whole.placement) == len(last.placement)
    columns = {line.key: line.phases for line in whole.site.lines}
    for place, there in enumerate((pilot, last)):
        found = {line.key: line.count for line in there.site.lines}
        assert all(count == found.get(key, 0) for key, column in columns.items() for count in (column[place],))
