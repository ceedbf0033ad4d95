"""Where bars lie."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.ui.charts.bars import FREE, MOST_OVERFLOW, PARTS, Bar, bar_of, place, shown_gpus
from tests.ui import builders

GB = builders.GB
SIZES = st.lists(st.floats(0, 400e9), min_size=len(PARTS), max_size=len(PARTS))
BARS = st.lists(
    st.builds(
        lambda sizes, usable: Bar("x", tuple(zip(PARTS, sizes, strict=True)), usable, usable * 0.9),
        SIZES,
        st.floats(8e9, 300e9),
    ),
    min_size=1,
    max_size=4,
)


@given(BARS, st.floats(50, 3000))
def test_segments_meet_and_stay_inside(bars: list[Bar], width: float) -> None:
    placed = place(bars, width)
    for row in range(len(bars)):
        pieces = [piece for piece in placed.segments if piece.row == row]
        assert all(first.right == second.left for first, second in pairwise(pieces))
        assert all(0 <= piece.left < piece.right <= width for piece in pieces)


@given(BARS, st.floats(200, 3000))
def test_widths_are_in_proportion(bars: list[Bar], width: float) -> None:
    placed = place(bars, width)
    scale = max(
        max(bar.usable_bytes for bar in bars),
        min(max(bar.need_bytes for bar in bars), MOST_OVERFLOW * max(bar.usable_bytes for bar in bars)),
    )
    for piece in placed.segments:
        if piece.right < int(width):
            assert abs((piece.right - piece.left) - piece.size_bytes / scale * width) <= 1.0


def test_what_a_card_lacks_is_marked_beyond_its_end() -> None:
    bar = Bar("t4", (("weights", 10 * GB), ("kv_cache", 10 * GB)), 16 * GB, 14.4 * GB)
    placed = place([bar], 1000)
    assert bar.over
    assert bar.free_bytes == 0
    assert [piece.part for piece in placed.segments] == ["weights", "kv_cache"]
    assert placed.overflows == ((0, 800.0, 1000.0),)
    assert placed.ends == ((0, 800.0),)
    assert placed.limits == ((0, 720),)


def test_one_giant_need_does_not_shrink_the_others() -> None:
    placed = place(
        [Bar("a", (("weights", 9000 * GB),), 80 * GB, 72 * GB), Bar("b", (("weights", 40 * GB),), 80 * GB, 72 * GB)], 1000
    )
    other = next(piece for piece in placed.segments if piece.row == 1 and piece.part == "weights")
    assert other.right - other.left == 400
    assert max(piece.right for piece in placed.segments) == 1000


def test_the_point_under_the_pointer() -> None:
    placed = place([Bar("a", (("weights", 40 * GB),), 80 * GB, 72 * GB)], 1000)
    found = placed.at(0, 10)
    assert found is not None
    assert found.part == "weights"
    free = placed.at(0, 900)
    assert free is not None
    assert free.part == FREE
    assert placed.at(1, 10) is None


def test_chosen_first_then_the_next_best_then_what_was_selected() -> None:
    answer = builders.estimate()
    assert shown_gpus(answer, []) == ("h20", "h200", "ascend")
    assert shown_gpus(answer, ["t4", "l20"]) == ("h20", "t4", "l20")
    assert shown_gpus(answer, ["h20"]) == ("h20", "h200", "ascend")
    assert shown_gpus(answer, ["gone"]) == ("h20", "h200", "ascend")


def test_a_plan_without_memory_has_no_bar() -> None:
    from gpuplanner.engine.result import Plan, Status

    assert bar_of(Plan("x", Status.IMPOSSIBLE)) is None
