"""How a latency spreads over simulated requests: picture, table and words. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gpuplanner.format import format_integer, format_seconds, format_share
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import OWN, Bin, Picture, Rule, Stop, axis
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.scales import scaled, seconds

if TYPE_CHECKING:
    from gpuplanner.engine.load.simulation import Distribution, SimulationResult


_NARROW: Final = 0.1


def of(found: SimulationResult, figure: str) -> Distribution:
    """The distribution of a figure ("ttft", "tpot", "e2e")."""
    return {"ttft": found.ttft, "tpot": found.tpot, "e2e": found.e2e}[figure]


def picture(given: Given, found: SimulationResult, figure: str) -> Picture:
    """A histogram; the part beyond the target in amber."""
    spread, limit = of(found, figure), given.limit(figure)
    whole = max(1, int(spread.counts.sum()))
    edges = [float(edge) for edge in spread.edges]
    shares = [float(count) / whole for count in spread.counts]
    factor, unit = seconds(edges[-1])
    right = max(edges[-1], 1.08 * limit) if limit is not None and limit < 1.8 * edges[-1] else edges[-1]
    low = edges[0] if edges[0] > 0.5 * edges[-1] else 0.0
    if edges[-1] - edges[0] < _NARROW * edges[-1]:  # all alike: beside zero, not in a magnified stretch
        low, right = 0.0, max(right, 1.6 * edges[-1])
    across = axis(f"{text(f'load.figure.{figure}')}, {unit}", low, right, scaled(factor), count=6, worth=factor)
    top = min(1.0, max(shares) * 1.25)
    bins = []
    for left, end, share in zip(edges, edges[1:], shares, strict=False):
        over = limit is not None and (left + end) / 2 > limit
        bins.append(Bin(left, end, share, "caution" if over else OWN))
    rules = [_mark(spread, key, place, bold=key == given.percentile) for place, key in enumerate(("p50", "p95", "p99"))]
    notes: tuple[str, ...] = ()
    if limit is not None:
        within = format_share(_within(spread, limit))
        notes = (text("load.within", share=str(within)),)
        if limit <= across.high:
            rules.insert(0, Rule(limit, text("load.limit", limit=str(format_seconds(limit)))))
    return Picture(
        across,
        axis("", 0.0, top, lambda at: str(format_share(at)), count=4, worth=0.01, exact=top == 1.0),
        bins=tuple(bins),
        rules=tuple(rules),
        stops=tuple(
            Stop((left + end) / 2, share, _bin_text(left, end, share))
            for left, end, share in zip(edges, edges[1:], shares, strict=False)
        ),
        notes=notes,
    )


def closed_text(given: Given, found: SimulationResult, figure: str) -> str:
    """How far simulation and closed form lie apart, in words."""
    closed = found.closed_form.get(figure)
    spread = of(found, figure)
    if not closed:
        return ""
    apart = spread.at(given.scenario.targets.percentile) / closed - 1
    return text("load.apart.above" if apart >= 0 else "load.apart.below", share=str(format_share(abs(apart))))


def table(found: SimulationResult) -> list[list[str]]:
    """The bins of all three latencies, raw numbers in seconds and requests."""
    rows = [[text("load.column.figure"), text("load.column.from"), text("load.column.to"), text("load.column.requests")]]
    for figure in ("ttft", "tpot", "e2e"):
        spread, name = of(found, figure), text(f"load.figure.{figure}")
        for left, end, count in zip(spread.edges, spread.edges[1:], spread.counts, strict=False):
            rows.append([name, f"{float(left):.6g}", f"{float(end):.6g}", f"{int(count)}"])
    return rows


def _within(spread: Distribution, limit: float) -> float:
    whole = np.concatenate([[0], np.cumsum(spread.counts)]) / max(1, int(spread.counts.sum()))
    return float(np.interp(limit, spread.edges, whole))


def _mark(spread: Distribution, key: str, place: int, *, bold: bool) -> Rule:
    at = spread.at(int(key[1:]) / 100)
    made = format_seconds(at)
    return Rule(at, f"{key} {made}", line="dash", bold=bold, height=(0.92, 0.62, 0.42)[place])


def _bin_text(left: float, right: float, share: float) -> str:
    return text("load.bin", low=str(format_seconds(left)), high=str(format_seconds(right)), share=str(format_share(share)))


def count_text(found: SimulationResult, seconds_taken: float) -> str:
    """What was simulated, in words."""
    return text(
        "load.simulated", requests=format_integer(found.requests), time=str(format_seconds(max(0.001, round(seconds_taken, 2))))
    )
