"""Every figure that a card of the page draws has a name, in both forms."""

from __future__ import annotations

import pytest

from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.load import lengths_card, sweep


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("key", lengths_card.SHOWN)
def test_figures_by_length_have_names(key: str, short: bool) -> None:
    assert sweep.figure_name(key, Scenario(), short=short)


def test_a_figure_of_the_lengths_alone_is_called_as_there() -> None:
    assert sweep.figure_name("kv", Scenario()) == "KV cache per request"
