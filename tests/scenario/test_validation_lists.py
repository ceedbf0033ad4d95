"""Entries of lists that can't be taken: the sentence says what an entry is."""

from __future__ import annotations

import pytest

from gpuplanner.errors import InputError
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.validation import replace_checked


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("money.prices", [{"on": "x", "amount": -4}], "amount (above 0)"),
        ("money.prices", [{"on": "x", "amount": 4, "currency": "GBP"}], "CNY, USD or EUR"),
        ("money.discounts", [{"on": "x", "share": 7}], "share (0 to 1)"),
        ("money.day_curve", [0.0, 0.0], "above 0"),
    ],
)
def test_an_entry_is_told_as_one(path: str, value: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        replace_checked(Scenario(), path, value)
    assert said in refused.value.sentence()
