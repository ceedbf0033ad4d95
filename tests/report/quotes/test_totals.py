"""Sums to the cent, as an invoice has them."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.engine.result import Code
from gpuplanner.report.content import Line
from gpuplanner.report.totals import amount, listed_amount, totals

LINE = Line(Code("report.spec.none"), Code("report.spec.none"), 1, None)
_LINES = st.lists(
    st.builds(
        lambda count, price, discount, tax, optional: replace(
            LINE, count=count, unit_price=price, discount=discount, tax=tax, optional=optional
        ),
        st.integers(1, 5000),
        st.none() | st.integers(0, 10**9).map(lambda cents: cents / 100),
        st.sampled_from([0.0, 0.05, 0.075, 0.1, 0.333, 1.0]),
        st.sampled_from([0.0, 0.06, 0.13]),
        st.booleans(),
    ),
    max_size=12,
)


def test_the_invoice_of_the_design():
    """The numbers of the design's sample, which were summed by hand."""
    rows = [
        (3, 960_000, 0.08, 0.13), (2, 46_000, 0.08, 0.13), (1, 98_000, 0.08, 0.13), (2, 44_000, 0.08, 0.13),
        (1, 6_800, 0.08, 0.13), (16, 950, 0.08, 0.13), (1, 96_000, 0, 0.06), (3, 53_000, 0, 0.06),
    ]  # fmt: skip
    lines = [replace(LINE, count=n, unit_price=float(price), discount=off, tax=tax) for n, price, off, tax in rows]
    assert [amount(line) for line in lines][:3] == [2_649_600.0, 84_640.0, 90_160.0]
    sums = totals(lines)
    assert sums.listed == 3_435_000.0
    assert sums.discount == 254_400.0
    assert sums.net == 3_180_600.0
    assert [(one.rate, one.base, one.tax) for one in sums.taxes] == [(0.13, 2_925_600.0, 380_328.0), (0.06, 255_000.0, 15_300.0)]
    assert sums.gross == 3_576_228.0
    assert not sums.at_least


@given(_LINES)
def test_parts_and_whole_agree(lines):
    sums = totals(lines)
    counted = [line for line in lines if not line.optional]
    known = [line for line in counted if line.unit_price is not None]
    assert (sums.gross is None) == (not known)
    assert sums.at_least == (len(known) < len(counted))
    if not known:
        return
    cents = [Decimal(str(amount(line))) for line in known]
    assert Decimal(str(sums.net)) == sum(cents)
    assert Decimal(str(sums.listed)) - Decimal(str(sums.discount)) == Decimal(str(sums.net))
    for one in sums.taxes:
        exact = Decimal(str(one.base)) * Decimal(str(one.rate))
        assert Decimal(str(one.tax)) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(str(sums.gross)) == Decimal(str(sums.net)) + sum(Decimal(str(one.tax)) for one in sums.taxes)


def test_half_a_cent_goes_up():
    assert amount(replace(LINE, unit_price=0.25, discount=0.1)) == pytest.approx(0.23)  # 0.225
    assert listed_amount(replace(LINE, unit_price=1.005, count=1)) == pytest.approx(1.01)


def test_a_price_of_a_part_keeps_the_sum_open():
    assert totals([replace(LINE, unit_price=5.0, at_least=True)]).at_least
