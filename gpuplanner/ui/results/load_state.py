"""How a plan stands to its load: stable, near its limit, overloaded. No Qt."""

from __future__ import annotations

import math
from typing import Final

from gpuplanner.engine.result import Plan
from gpuplanner.engine.result import Verdict as LoadVerdict
from gpuplanner.format import format_share
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import Verdict

STATES: Final = {
    LoadVerdict.STABLE: Verdict.GOOD,
    LoadVerdict.NEAR: Verdict.CAUTION,
    LoadVerdict.OVERLOADED: Verdict.BAD,
}


def load_words(plan: Plan | None) -> str:
    """The verdict in a word; empty where the plan has none."""
    return "" if plan is None or plan.verdict is None else text(f"load.verdict.{plan.verdict.value}")


def headroom_words(plan: Plan) -> str:
    """How much more load would still meet the targets; empty where that isn't known."""
    room = plan.figures.get("headroom")
    if room is None or room.value is None or not math.isfinite(room.value):
        return ""
    if room.value <= -1:
        return text("load.headroom.never")
    key = "load.headroom" if room.value >= 0 else "load.headroom.negative"
    return text(key, share=str(format_share(abs(room.value))))
