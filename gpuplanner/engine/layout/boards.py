"""GPUs that are sold together."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit


@formula(
    "layout.bought",
    result="n",
    text="max(s, ⌈g ÷ b⌉) · b",
    unit=Unit.COUNT,
    reference="Modules come by the board: each server holds whole boards, also where fewer of their GPUs are needed",
    symbols={
        "gpus": Symbol("g", "term.gpus"),
        "servers": Symbol("s", "term.servers"),
        "board": Symbol("b", "term.board"),
    },
)
def bought(gpus: Any, servers: Any, board: Any) -> Any:
    """GPUs that are bought for so many in use.

    Args:
        gpus: in use, spares included.
        servers: over which they are spread, one board in each at least.
        board: how many are sold together.
    """
    return np.maximum(servers, np.ceil(gpus / board)) * board
