"""The course of a training step: areas that add up, and a peak that is the bar's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.engine.result import MemoryPart, Moment
from gpuplanner.ui.charts.steps import WIDTHS, course

GB = 1e9
PARTS = (MemoryPart.WEIGHTS, MemoryPart.GRADIENTS, MemoryPart.OPTIMIZER, MemoryPart.ACTIVATIONS)


def moments(*rows: tuple[float, ...]) -> tuple[Moment, ...]:
    named = zip(WIDTHS, rows, strict=True)
    return tuple(Moment(name, dict(zip(PARTS, (size * GB for size in row), strict=True))) for name, row in named)


STEP = moments((13, 0, 80, 20), (13, 0, 80, 25), (13, 13, 80, 18), (13, 13, 80, 0))


def test_the_peak_has_the_whole_height() -> None:
    drawn = course(STEP, 400, 50)
    assert drawn.peak == "backward"
    assert min(y for area in drawn.areas for _, y in area.upper) == pytest.approx(0)
    assert drawn.areas[0].lower[0] == (0, 50)


def test_activations_rise_in_the_forward_pass_and_are_gone_at_the_end_of_the_backward_pass() -> None:
    drawn = course(STEP, 400, 50)
    held = next(area for area in drawn.areas if area.part == "activations")
    thick = {x: low - high for (x, high), (_, low) in zip(held.upper, held.lower, strict=True)}
    forward, backward = drawn.spans[0], drawn.spans[2]
    assert thick[forward.left] == 0
    assert thick[forward.right] > 0
    assert thick[backward.right] == 0


def test_a_place_tells_its_moment() -> None:
    drawn = course(STEP, 400, 50)
    assert [span.moment.name for span in drawn.spans] == list(WIDTHS)
    found = drawn.at(1)
    assert found is not None
    assert found.moment.name == "forward"
    assert drawn.at(400) is None


def test_nothing_is_drawn_of_nothing() -> None:
    assert course((), 400, 50).areas == ()


@given(st.lists(st.lists(st.floats(0.01, 500), min_size=4, max_size=4).map(tuple), min_size=4, max_size=4))
def test_areas_lie_on_each_other_and_inside(rows: list[tuple[float, ...]]) -> None:
    drawn = course(moments(*rows), 300, 40)
    for below, above in zip(drawn.areas, drawn.areas[1:], strict=False):
        assert below.upper == above.lower
    assert all(-1e-6 <= y <= 40 + 1e-6 for area in drawn.areas for _, y in area.upper)
    assert drawn.spans[-1].right == pytest.approx(300)
