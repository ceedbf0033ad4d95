"""Axes with round numbers, and words that don't cover each other."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from gpuplanner.ui.charts.labels import Writer
from gpuplanner.ui.charts.picture import Axis, Curve, Dot, Picture, Rule, Zone, axis


def write(value: float) -> str:
    return f"{value:g}"


def test_a_linear_axis_ends_at_round_numbers() -> None:
    made = axis("load", 0, 487, write, count=5)
    assert [name for _, name in made.ticks] == ["0", "100", "200", "300", "400", "500"]
    assert (made.low, made.high) == (0, 500)


def test_numbers_are_round_in_the_unit_that_is_written() -> None:
    hours = axis("time", 0, 3600 * 11, lambda value: f"{value / 3600:g}", count=4, worth=3600)
    assert [name for _, name in hours.ticks] == ["0", "5", "10", "15"]


def test_a_logarithmic_axis() -> None:
    made = axis("length", 256, 131_072, write, log=True, count=9)
    assert [at for at, _ in made.ticks] == [500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
    assert made.share(256) == 0
    assert made.share(131_072) == pytest.approx(1)
    assert made.share(256 * 2**4.5) == pytest.approx(0.5)


@given(st.floats(0, 1e6), st.floats(1e-9, 1e9), st.integers(1, 12), st.booleans())
@example(low=1.0, width=0.998046875, count=1, log=True)  # a number just beyond the end
def test_every_axis_holds_its_values(low: float, width: float, count: int, log: bool) -> None:
    made = axis("", low, low + width, write, log=log, count=count)
    assert made.low <= max(low, 1e-12) * (1 + 1e-9)
    assert made.high >= (low + width) * (1 - 1e-9)
    assert all(made.low * (1 - 1e-9) <= at <= made.high * (1 + 1e-9) for at, _ in made.ticks)
    assert len(made.ticks) <= 3 * count + 4


@pytest.fixture
def writer(qapp: QApplication) -> Writer:
    return Writer(qapp.font())


def test_words_do_not_cover_each_other(writer: Writer) -> None:
    flat = Axis("", 0, 100)
    picture = Picture(
        flat,
        flat,
        (
            Curve("p50", (0.0, 50.0, 100.0), (10.0, 12.0, 14.0), side="below"),
            Curve("p99", (0.0, 100.0), (12.0, 16.0), side="above"),
        ),
        zones=(Zone(60, 90, "caution", ("over limit", "from 60")), Zone(90, 100, "bad", ("overload", "from 90"))),
        rules=(Rule(50, "limit", horizontal=True), Rule(40, "now", bold=True, height=0.2)),
        dots=(Dot(40, 20, name="here"), Dot(42, 21, name="there", ringed=True)),
        notes=("98 % within",),
    )
    area = QRectF(40, 10, 600, 220)
    found = writer.labels(picture, area)
    assert {label.text for label in found} >= {"over limit\nfrom 60", "limit", "now", "98 % within", "p99"}
    for first, second in itertools.combinations(found, 2):
        assert not first.box.intersects(second.box), (first.text, second.text)
    assert all(area.contains(label.box) for label in found)


def test_a_name_without_room_is_left_out(writer: Writer) -> None:
    flat = Axis("", 0, 1)
    picture = Picture(flat, flat, dots=(Dot(0.5, 0.5, name="a name much too long for a chart this small"),))
    assert writer.labels(picture, QRectF(0, 0, 60, 40)) == []
