"""Driver context by the multiprocessors of a card, against start-up logs of vLLM before 0.9."""

import numpy as np
import pytest

from gpuplanner.engine.fleet import USUAL_MULTIPROCESSORS, build_fleet
from gpuplanner.engine.memory.formulas import context_bytes

GIB = 2**30


@pytest.mark.parametrize(
    ("gpu", "printed_gib"),
    [  # vllm.csv, nontorch_overhead of one GPU; printed to a hundredth
        ("nvidia-rtx-4060", 0.03),
        ("nvidia-a10", 0.05),
        ("nvidia-v100-sxm2-16gb", 0.07),
        ("nvidia-a100-sxm4-40gb", 0.10),
        ("nvidia-rtx-5090", 0.12),
    ],
)
def test_as_logs_print_it(catalog, gpu, printed_gib):
    profile = next(item for item in catalog.engines["vllm"].profiles if item.versions == ">=0.6,<0.9")
    count = catalog.gpus[gpu].multiprocessors
    held = context_bytes(profile.context_bytes, profile.context_bytes_per_multiprocessor, count)
    assert held / GIB == pytest.approx(printed_gib, abs=0.016)


def test_unknown_counts_stand_at_a_usual_one(catalog):
    known, unknown = catalog.gpus["nvidia-h100-sxm5-80gb"], catalog.gpus["intel-gaudi3"]
    assert (known.multiprocessors, unknown.multiprocessors) == (132, None)
    fleet = build_fleet((known, unknown), catalog, catalog.precisions["bf16"], catalog.engines["vllm"])
    assert np.array_equal(fleet.multiprocessors, [132, USUAL_MULTIPROCESSORS])
