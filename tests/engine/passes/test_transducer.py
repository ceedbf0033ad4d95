"""Recurrent transducers: work by hand, steps one after the other, and published throughputs nobody fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.passes.transducer import SYMBOLS_PER_S, transducer_stages

MODEL = "rnn-t-librispeech"


def shape(catalog: Catalog) -> BlocksShape:
    found = catalog.models[MODEL].shape
    assert isinstance(found, BlocksShape)
    return found


def test_parameters_of_the_published_configuration(catalog: Catalog) -> None:
    """Five LSTM layers of 1,024 behind 240 features, two of 320 behind 28 letters, a joint of 512 over 29 symbols."""

    def lstm(inputs: int, hidden: int) -> int:
        return 4 * hidden * (inputs + hidden + 2)

    encoder = lstm(240, 1024) + lstm(1024, 1024) + lstm(2048, 1024) + 2 * lstm(1024, 1024)
    joint = (1024 + 320) * 512 + 512 + 512 * 29 + 29
    assert operator_list(shape(catalog)).total_params == encoder + 28 * 320 + 2 * lstm(320, 320) + joint


def test_work_of_a_second_by_hand(catalog: Catalog) -> None:
    """33 1/3 frames of 30 ms through two layers, half as many through three, letters through the rest."""
    stages = transducer_stages(shape(catalog), 1.0)
    found = [stage.work.total_flops * stage.repeats for stage in stages]
    frames = 1000 / 30
    assert found[0] == pytest.approx(2 * frames * 4 * 1024 * (1264 + 2048))
    assert found[1] == pytest.approx(2 * frames / 2 * 4 * 1024 * (3072 + 2 * 2048))
    assert found[2] == pytest.approx(2 * SYMBOLS_PER_S * 2 * 4 * 320 * 640)
    assert found[3] == pytest.approx(2 * (frames / 2 + SYMBOLS_PER_S) * (1344 * 512 + 512 * 29))


@given(st.floats(0.5, 60))
def test_twice_the_speech_takes_twice_the_steps(catalog: Catalog, seconds: float) -> None:
    once, twice = (transducer_stages(shape(catalog), length) for length in (seconds, 2 * seconds))
    assert np.allclose([stage.repeats for stage in twice], [2 * stage.repeats for stage in once])
    assert [stage.work.total_flops for stage in twice] == [stage.work.total_flops for stage in once]
