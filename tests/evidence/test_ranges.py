from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.evidence.fit_ranges import BETWEEN, BORROWED_ROWS, Residual, held_out_share, ranges


def residuals(key: tuple[str, str, str], ratios, groups: int = 10) -> list[Residual]:
    return [Residual(key, f"model-{i % groups}", float(ratio)) for i, ratio in enumerate(ratios)]


def test_edges_are_the_tenth_and_ninetieth_percentile():
    spread = np.exp(np.linspace(-0.5, 0.5, 1001))
    made = ranges(residuals(("tpot", "hopper", "vllm"), spread))
    assert made["tpot"].low == pytest.approx(np.exp(-0.4), rel=0.01)
    assert made["tpot"].high == pytest.approx(np.exp(0.4), rel=0.01)
    assert made["tpot.hopper.vllm"].rows == 1001


def test_few_rows_lean_on_the_general_range():
    many = residuals(("tpot", "hopper", "vllm"), np.exp(np.linspace(-0.5, 0.5, 200)))
    few = residuals(("tpot", "ada", "vllm"), np.exp(np.linspace(-0.02, 0.02, 6)))
    made = ranges([*many, *few])
    general, ada = np.log(made["tpot"].high), np.log(made["tpot.ada"].high)
    assert 0.02 < ada < general
    own = 6 / (6 + BORROWED_ROWS)
    assert ada == pytest.approx(own * 0.02 + (1 - own) * general, abs=0.01)


def test_fewer_than_five_rows_make_no_entry_of_their_own():
    made = ranges([*residuals(("tpot", "hopper", "vllm"), np.ones(20)), *residuals(("tpot", "ada", "vllm"), np.ones(4))])
    assert "tpot.ada" not in made
    assert made["tpot"].rows == 24


def test_the_expected_value_always_lies_inside():
    made = ranges(residuals(("ttft", "hopper", "vllm"), np.linspace(1.5, 2.5, 30)))
    assert made["ttft"].low < 1 < made["ttft"].high


def test_unseen_models_fall_inside_about_as_often_as_promised():
    random = np.random.default_rng(7)
    found = residuals(("throughput", "hopper", "trt"), np.exp(random.normal(0, 0.2, 400)), groups=20)
    assert 0.75 <= held_out_share(found)["throughput"] <= 0.87


def test_rows_of_one_source_promise_less_than_rows_of_many():
    spread = np.exp(np.linspace(-0.3, 0.3, 200))
    key = ("tpot", "hopper", "vllm")
    one = ranges([Residual(key, "m", float(ratio), "A") for ratio in spread])["tpot"]
    many = ranges([Residual(key, "m", float(ratio), f"S{place % 20}") for place, ratio in enumerate(spread)])["tpot"]
    unknown = ranges([Residual(key, "m", float(ratio)) for ratio in spread])["tpot"]
    assert one.high > many.high > unknown.high
    assert np.log(one.high) == pytest.approx(np.sqrt(1 + BETWEEN) * np.log(unknown.high), rel=0.01)


def test_the_catalogue_finds_the_most_special_range():
    calibration = Calibration(constants={}, ranges=ranges(residuals(("tpot", "hopper", "vllm"), np.linspace(0.8, 1.2, 50))))
    factor, own = calibration.range("tpot", "hopper", "another")
    assert own
    assert factor.rows == 50
    assert calibration.range("tpot", "ada", "vllm")[1] is False
