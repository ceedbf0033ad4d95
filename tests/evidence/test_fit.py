from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.fit_constants import Problem, folds, with_constants
from gpuplanner.evidence.fit_folds import Straight
from gpuplanner.evidence.rows import Row


def rows(values=None) -> list[Row]:
    found = []
    for i, (isl, osl) in enumerate([(128, 128), (128, 2048), (2048, 128), (2048, 2048), (500, 2000), (5000, 500)]):
        for gpu in ("H100-SXM-80GB", "H200-SXM"):
            name = f"{gpu}-{isl}-{osl}"
            found.append(
                Row(
                    name, "f", i, "speed", "llm_offline_throughput", "Llama-3.1-8B", gpu, "tokens_per_s_total_output",
                    1.0 if values is None else values[name], weight_precision="fp8", kv_precision="fp8", gpus=1, tp=1, pp=1,
                    framework="TensorRT-LLM", version="0.15", isl=isl, osl=osl, batch="max", source_table="T",
                )
            )  # fmt: skip
    return found


def configured(catalog, found) -> list[Configuration]:
    ready = [Configurer(catalog)(row) for row in found]
    assert all(isinstance(item, Configuration) for item in ready)
    return ready


def test_a_fit_finds_the_constants_that_made_the_rows(catalog):
    hidden = {"compute.hopper.fp8": 0.5, "bandwidth.kv": 0.7}
    truth = Problem(catalog, configured(catalog, rows())).predicted(hidden)
    made = dict(zip([row.id for row in rows()], truth.tolist(), strict=True))
    problem = Problem(catalog, configured(catalog, rows(made)))
    touched = {name: mask for name, mask in problem.touched().items() if name in hidden}
    assert all(mask.sum() >= 8 for mask in touched.values())
    # few rows are pulled to the general constant, so that agrees here
    start = {**problem.start, "compute.hopper": 0.5, "compute.hopper.fp8": 0.65, "bandwidth.kv": 0.85}
    fitted = problem.fit(touched, start)
    assert fitted["compute.hopper.fp8"] == pytest.approx(0.5, rel=0.02)
    assert fitted["bandwidth.kv"] == pytest.approx(0.7, rel=0.03)
    assert fitted == problem.fit(touched, start)


def test_a_fit_stays_within_bounds_and_leaves_out_what_it_must(catalog):
    problem = Problem(catalog, configured(catalog, rows()))  # every row measured 1 token a second: absurd
    touched = {name: mask for name, mask in problem.touched().items() if name == "compute.hopper.fp8"}
    constant = catalog.calibration.constants["compute.hopper.fp8"]
    fitted = problem.fit(touched, problem.start)
    assert fitted["compute.hopper.fp8"] == pytest.approx(constant.low, rel=0.01)
    kept = problem.fit(touched, problem.start, np.zeros(len(rows())))
    assert kept["compute.hopper.fp8"] == pytest.approx(problem.start["compute.hopper.fp8"], rel=0.25)


def test_other_constants_leave_the_catalogue_as_it_is(catalog):
    other = with_constants(catalog, {"bandwidth.kv": 0.123})
    assert other.calibration.constant("bandwidth.kv", "hopper") == 0.123
    assert catalog.calibration.constants["bandwidth.kv"].value != 0.123
    assert other.gpus is catalog.gpus


def test_folds_deal_every_key_once_and_evenly():
    keys = ["a"] * 50 + ["b"] * 30 + ["c"] * 20 + ["d"] * 5
    parts = folds(keys, 3)
    assert sorted(key for part in parts for key in part) == ["a", "b", "c", "d"]
    assert parts == [["a"], ["b"], ["c", "d"]]
    assert folds(["x"], 6) == [["x"]]


def test_every_constant_and_range_of_the_catalogue_says_what_it_rests_on(catalog):
    for name, constant in catalog.calibration.constants.items():
        assert constant.basis, name
        if constant.low is not None and constant.high is not None:
            assert constant.low <= constant.value <= constant.high, name
    for name, factor in catalog.calibration.ranges.items():
        assert factor.low <= 1 <= factor.high, name


def test_straight_lines_find_what_the_rows_left_say(catalog):
    hidden = {"compute.hopper.fp8": 0.5, "bandwidth.kv": 0.7}
    truth = Problem(catalog, configured(catalog, rows())).predicted(hidden)
    names = [row.id for row in rows()]
    # half of the rows were measured a tenth slower: without them the constants stay, without the others they fall
    slow = np.array([place % 2 == 0 for place in range(len(names))])
    made = dict(zip(names, np.where(slow, 0.9, 1.0) * truth, strict=True))
    problem = Problem(catalog, configured(catalog, rows(made)))
    touched = {name: mask for name, mask in problem.touched().items() if name in hidden}
    straight = Straight(problem, touched, {**problem.start, "compute.hopper": 0.5, **hidden})
    kept = straight.without(np.where(slow, 0.0, 1.0))
    assert kept["compute.hopper.fp8"] == pytest.approx(0.5, rel=0.03)
    fallen = straight.without(np.where(slow, 1.0, 0.0))
    assert fallen["compute.hopper.fp8"] < 0.48
