"""Order and choice of rows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.engine.result import Plan, Quantity, Status, Unit
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.filter import Filter
from gpuplanner.ui.table.order import ordered
from gpuplanner.ui.table.row import Context, Row, rows_of
from tests.ui import builders

CONTEXT = Context(Scenario())
COLUMN = COLUMNS[BY_KEY["throughput"]]


def rows(values: list[float | None]) -> list[Row]:
    card = builders.gpu("x", "NVIDIA X", 80)
    plans = [
        Plan("x", Status.MEETS, 1, 1, 1, figures={"throughput": Quantity("throughput", value, Unit.TOKENS_PER_SECOND)})
        for value in values
    ]
    return [Row(card, plan, rank, chosen=False, yours=False, name="X") for rank, plan in enumerate(plans)]


@given(st.lists(st.none() | st.integers(0, 2**70) | st.floats(0, 1e20), max_size=40), st.booleans())
def test_large_numbers_sort_and_unknown_ones_stand_last(values: list[float | None], descending: bool) -> None:
    found = [row.plan.figures["throughput"].value for row in ordered(rows(values), COLUMN, CONTEXT, descending=descending)]
    known = [value for value in found if value is not None]
    assert known == sorted(known, reverse=descending)
    assert found[len(known) :] == [None] * (len(found) - len(known))


def test_the_order_that_qt_gets_wrong() -> None:
    found = ordered(rows([5e9, 1e9, 8e10, 3e9, 1.41e11]), COLUMN, CONTEXT, descending=False)
    assert [row.plan.figures["throughput"].value for row in found] == [1e9, 3e9, 5e9, 8e10, 1.41e11]


def test_equals_stand_best_first_in_both_directions() -> None:
    for descending in (False, True):
        found = ordered(reversed(rows([7.0, 7.0, 7.0])), COLUMN, CONTEXT, descending=descending)
        assert [row.rank for row in found] == [0, 1, 2]


def test_best_first_is_the_order_of_the_estimate() -> None:
    found = ordered(rows_of(builders.estimate(), builders.catalog()), COLUMNS[BY_KEY["state"]], CONTEXT, descending=False)
    assert [row.gpu.id for row in found] == ["h20", "h200", "ascend", "l20", "t4"]


def test_gpus_that_cannot_run_have_no_place_among_the_figures() -> None:
    for key in ("memory", "ttft", "gpus", "servers"):
        for descending in (False, True):
            found = ordered(
                rows_of(builders.estimate(), builders.catalog()), COLUMNS[BY_KEY[key]], CONTEXT, descending=descending
            )
            assert found[-1].gpu.id == "t4"


def ids(wanted: Filter) -> list[str]:
    return [row.gpu.id for row in rows_of(builders.estimate(), builders.catalog()) if wanted.accepts(row)]


def test_filters() -> None:
    assert ids(Filter()) == ["h20", "h200", "l20", "ascend", "t4"]
    assert ids(Filter(fits_only=True)) == ["h20", "h200", "ascend"]
    assert ids(Filter(in_china=True)) == ["l20", "ascend"]  # not where the sources don't say
    assert ids(Filter(priced=True)) == ["h20"]
    assert ids(Filter(vendors=frozenset({"Huawei"}))) == ["ascend"]
    assert ids(Filter("H20  141")) == ["h20", "h200"]
    assert ids(Filter("huawei")) == ["ascend"]
    assert ids(Filter("nothing like it")) == []
    assert not Filter("  ").active
    assert replace(Filter(), priced=True).active
