"""Cards cut into slices: what a workload needs of a slice is estimated as on a small card of its own."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import DenseTflops, Gpu, Interconnect
from gpuplanner.catalog.schema.slicing import Profile, Slicing
from gpuplanner.engine.estate.memo import Estimator, Memo
from gpuplanner.engine.estate.packing import Cut
from gpuplanner.engine.result import Plan, Status
from gpuplanner.scenario.document import Scenario

_RANK: Final = {Status.MEETS: 0, Status.EXPECTED: 1, Status.MISSES: 2, Status.IMPOSSIBLE: 3}
MOST_CARDS: Final = 4  # a workload that fills more cards gains nothing from parts of one
_EIGHTHS: Final = 8  # slots of the cards that have seven slices of processors


@dataclasses.dataclass(frozen=True, slots=True)
class Sliced:
    """A workload on slices of one kind: its plan there, counted in slices, and how a slice lies on its card."""

    plan: Plan
    cut: Cut


def slicing_of(catalog: Catalog, gpu_id: str) -> Slicing | None:
    """How a card is cut; None where it can't be, or nobody has written down how."""
    return next((slicing for slicing in catalog.slicings.values() if gpu_id in slicing.gpus), None)


def sliced(scenario: Scenario, plan: Plan, catalog: Catalog, estimator: Estimator) -> Sliced | None:
    """The slices that carry a workload with least of its card.

    Args:
        scenario: one workload.
        plan: its plan on whole cards.
        catalog: cards and their slices.
        estimator: estimates one workload.

    Returns:
        None where no slice keeps the targets that the whole card keeps, or slices would take as much of a card as it does whole.
    """
    slicing = slicing_of(catalog, plan.gpu_id)
    if slicing is None or scenario.workload.kind.trains or plan.gpus_per_replica != 1 or plan.gpus > MOST_CARDS:
        return None
    key = f"slices of {plan.gpu_id}"
    known = estimator.kept(catalog, key, _cards) if isinstance(estimator, Memo) else _cards(catalog, key)
    alone = {"gpu": None, "second_gpu": None, "tensor_parallel": 1, "pipeline_parallel": 1}
    asked = scenario.model_copy(update={"deployment": scenario.deployment.model_copy(update=alone)})
    answer = estimator(asked, known)
    found = []
    for profile in slicing.profiles:
        there = answer.plan(_name(plan.gpu_id, profile))
        if there is None or there.memory is None or _RANK[there.status] > _RANK[plan.status]:
            continue
        taken = (there.replicas + there.spare_replicas) * profile.size
        if taken < plan.gpus * slicing.slots:
            found.append((taken, profile.compute, profile.name, there, profile))
    if not found:
        return None
    *_, best, profile = min(found, key=lambda one: one[:3])
    cut = Cut(profile.name, profile.starts, profile.size, slicing.slots)
    return Sliced(dataclasses.replace(best, gpu_id=plan.gpu_id), cut)


def _cards(catalog: Catalog, key: str) -> Catalog:
    """The catalogue with the slices of a card as its cards."""
    gpu = catalog.gpus[key.removeprefix("slices of ")]
    slicing = slicing_of(catalog, gpu.id)
    cards = [slice_card(gpu, slicing, profile, catalog) for profile in slicing.profiles] if slicing is not None else []
    return dataclasses.replace(catalog, gpus={card.id: card for card in cards})


def slice_card(gpu: Gpu, slicing: Slicing, profile: Profile, catalog: Catalog) -> Gpu:
    """A slice as a card: its part of memory, bandwidth and processors; slices don't talk to one another.

    Args:
        gpu: the whole card.
        slicing: how it is cut.
        profile: the kind of slice.
        catalog: the rule for what the vendor's tool doesn't list.
    """
    part = profile.size / slicing.slots
    memory = slice_bytes(gpu, slicing, profile, catalog)
    share = compute_share(slicing, profile, catalog)
    rates = {
        name: None if rate is None else rate * share
        for name in DenseTflops.model_fields
        for rate in (getattr(gpu.dense_tflops, name),)
    }
    return gpu.model_copy(
        update={
            "id": _name(gpu.id, profile),
            "memory_gb": memory / 1e9,
            "usable_memory_bytes": memory,
            "cuda_memory_bytes": memory,
            "multiprocessors": None if gpu.multiprocessors is None else max(1, round(gpu.multiprocessors * share)),
            "bandwidth_gb_s": None if gpu.bandwidth_gb_s is None else gpu.bandwidth_gb_s * part,
            "dense_tflops": gpu.dense_tflops.model_copy(update=rates),
            "interconnect": Interconnect(pcie_gen=gpu.interconnect.pcie_gen, pcie_lanes=gpu.interconnect.pcie_lanes),
            "tdp_w": None if gpu.tdp_w is None else gpu.tdp_w * part,
            "prices": (),
        }
    )


def slice_bytes(gpu: Gpu, slicing: Slicing, profile: Profile, catalog: Catalog) -> int:
    """Memory of a slice: what the vendor's tool lists, else its part of the card's less what others lose. [B]"""
    if profile.memory_gib is not None:
        return round(profile.memory_gib * 2**30)
    kept = catalog.rules["slice-planning"].values["memory_of_part"]
    return math.floor(gpu.usable_bytes * profile.size / slicing.slots * kept)


def compute_share(slicing: Slicing, profile: Profile, catalog: Catalog) -> float:
    """Share of the card's processors that a slice has, 0 to 1."""
    if slicing.sm is not None:
        if profile.sm is not None:
            return profile.sm / slicing.sm
        smallest = _smallest(slicing.profiles)
        if smallest is not None:
            return profile.compute * smallest / slicing.sm
    parts = slicing.slots - 1 if slicing.slots == _EIGHTHS else slicing.slots
    return profile.compute / parts * catalog.rules["slice-planning"].values["sm_of_part"]


def _smallest(profiles: Sequence[Profile]) -> float | None:
    """Multiprocessors of a single slice, where one is listed."""
    return next((float(one.sm) for one in profiles if one.compute == 1 and one.sm is not None), None)


def _name(gpu_id: str, profile: Profile) -> str:
    return f"{gpu_id}-{profile.name}"
