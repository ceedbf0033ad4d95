"""What operations keep, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.engine.training.builder import Builder
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import ONCE, PAIRS, TOKENS, Tape, Weight, per
from gpuplanner.scenario.document import TrainingPrecision

PLAIN = Style(Norm.LAYER, Activation.GELU)


def builder(**changed: object) -> Builder:
    return Builder(Setup(precision=TrainingPrecision.BF16, **changed), PLAIN)  # type: ignore[arg-type]


def test_a_linear_layer_keeps_its_input() -> None:
    build = builder()
    x = build.enter(100)
    out = build.linear("up", x, 400)
    profile = build.tape.profile(x.id, out.id)
    assert profile.kept[TOKENS] == 200
    assert profile.kept[ONCE] == 0
    assert profile.gradients[-1] == 100 * 400 * 2


def test_a_frozen_linear_layer_keeps_nothing() -> None:
    build = Builder(Setup(), PLAIN, trains_base=False)
    x = build.enter(100)
    profile = build.tape.profile(x.id, build.linear("up", x, 400).id)
    assert not profile.kept.any()
    assert profile.gradients[-1] == 0


def test_autocast_keeps_copies_of_input_and_weight() -> None:
    build = Builder(Setup(precision=TrainingPrecision.AMP), PLAIN)
    x = build.enter(100)
    profile = build.tape.profile(x.id, build.linear("up", x, 400).id)
    assert profile.kept[TOKENS] == 200
    assert profile.kept[ONCE] == 100 * 400 * 2
    assert profile.copies == 100 * 400 * 2
    assert profile.gradients[-1] == 100 * 400 * 4


@pytest.mark.parametrize(
    ("activation", "kept"),
    [
        (Activation.GELU, 2.0),
        (Activation.SILU, 2.0),
        (Activation.RELU, 2.0),
        (Activation.GELU_QUICK, 4.0),  # its input, the sigmoid
        (Activation.GELU_WRITTEN, 8.0),  # its input, the hyperbolic tangent, one plus it, half the input
    ],
)
def test_activations_keep_what_their_derivative_needs(activation: Activation, kept: float) -> None:
    build = Builder(Setup(), Style(Norm.LAYER, activation))
    x = build.enter(64)
    assert build.tape.profile(x.id, build.activate(x).id).kept[TOKENS] == kept * 64


def test_scores_written_out_keep_a_value_for_every_pair() -> None:
    build = builder(flash=False)
    q, k, v = (build.enter(64) for _ in range(3))
    profile = build.tape.profile(q.id, build.scores(q, k, v, 4, 4).id)
    assert profile.kept[PAIRS] == 4 * (4 + 2)  # softmax in FP32, and its copy in 16 bit
    flash = builder()
    q, k, v = (flash.enter(64) for _ in range(3))
    assert flash.tape.profile(q.id, flash.scores(q, k, v, 4, 4).id).kept[PAIRS] == 0


def test_a_sum_hands_its_gradient_on_without_a_copy() -> None:
    tape = Tape()
    a, b = tape.tensor(per(TOKENS, 8)), tape.tensor(per(TOKENS, 8))
    out = tape.op([a, b], per(TOKENS, 8), passes=True)
    assert tape.profile(a, out).backward[:, TOKENS].max() == 8


def test_gradients_of_all_weights_are_there_at_the_end() -> None:
    tape = Tape()
    x = tape.tensor(per(TOKENS, 4))
    weights = [Weight(name, 3, 5, True, 4.0) for name in "abc"]
    out = x
    for weight in weights:
        out = tape.op([out], per(TOKENS, 4), saves=[out], weights=(weight,))
    profile = tape.profile(x, out)
    assert profile.gradients[-1] == 3 * 15 * 4
    assert np.all(profile.backward[-1] == per(TOKENS, 4))
