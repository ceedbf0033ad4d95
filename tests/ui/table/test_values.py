"""What the cards' price buys, against arithmetic by hand."""

from __future__ import annotations

import pytest

from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from tests.ui.conftest import MakeWindow

H100 = "nvidia-h100-sxm5-80gb"


def test_prices_by_resource(make_window: MakeWindow) -> None:
    window = make_window(replace(Scenario(), "money.currency", "USD"))
    model = window.bench.page.table.model
    row = next(row for row in model.shown_rows if row.gpu.id == H100)
    bought = row.plan.figures["purchase"].value
    assert bought is not None
    each = bought / row.plan.gpus
    by = {"per_tflops": 989.4, "per_gb": 80.0, "per_gb_s": 3350.0}
    for key, amount in by.items():
        column = COLUMNS[BY_KEY[key]]
        assert column.value(row, model.context) == pytest.approx(each / amount, rel=0.01)
        assert not column.default
    made = row.plan.figures["throughput"].value
    assert made is not None
    assert COLUMNS[BY_KEY["per_token_s"]].value(row, model.context) == pytest.approx(bought / made)
    assert COLUMNS[BY_KEY["per_gb"]].shown(row, model.context)
