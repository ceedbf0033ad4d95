"""What became of a scenario's figures since it was saved: its receipt against today's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner import __version__
from gpuplanner.engine.result import Estimate, Quantity, Unit
from gpuplanner.scenario.receipt import Kept, Receipt

LEAST: Final = 0.005  # of the value: less is rounding
_COUNTS: Final = ("gpus", "servers", "tensor_parallel", "pipeline_parallel", "replicas", "spare_replicas")
_UNITS: Final = frozenset(unit.value for unit in Unit)


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure as saved and as it is now; None where there was, or is, none."""

    key: str
    was: Quantity | None
    now: Quantity | None

    @property
    def relative(self) -> float | None:
        """The change as a share of what was."""
        if self.was is None or self.now is None or not self.was.value or self.now.value is None:
            return None
        return self.now.value / self.was.value - 1

    @property
    def differs(self) -> bool:
        """Whether that is a change worth telling."""
        known = [side is not None and side.value is not None for side in (self.was, self.now)]
        relative = self.relative
        return known[0] != known[1] or (relative is not None and abs(relative) > LEAST)


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since saving.

    Attributes:
        gpu: the GPU as saved and now, where it is another.
        status: the word of the status as saved and now, where it is another.
        counts: names of counts with both values, where they differ.
        figures: every figure of both, in today's order.
        catalog: whether the facts are others.
        program: whether the program is another version.
    """

    gpu: tuple[str, str] | None
    status: tuple[str, str] | None
    counts: tuple[tuple[str, int, int], ...]
    figures: tuple[FigureChange, ...]
    catalog: bool
    program: bool

    @property
    def changed(self) -> tuple[FigureChange, ...]:
        """The figures that differ."""
        return tuple(figure for figure in self.figures if figure.differs)

    @property
    def same(self) -> bool:
        """Whether every figure is as saved."""
        return self.gpu is None and self.status is None and not self.counts and not self.changed


def since_saved(receipt: Receipt, estimate: Estimate, catalog_digest: str) -> Since:
    """Compare a receipt with an answer made now.

    Args:
        receipt: as kept in the file.
        estimate: of the same inputs, made with today's facts.
        catalog_digest: of today's facts.
    """
    plan = estimate.plan()
    figures = plan.figures if plan is not None else {}
    keys = dict.fromkeys((*figures, *receipt.figures))
    status = "refused" if estimate.refusal is not None else plan.status.value if plan is not None else "impossible"
    gpu = plan.gpu_id if plan is not None else ""
    counts = [(name, receipt.counts.get(name, 0), int(getattr(plan, name)) if plan is not None else 0) for name in _COUNTS]
    return Since(
        gpu=(receipt.gpu_id, gpu) if receipt.gpu_id != gpu else None,
        status=(receipt.status, status) if receipt.status != status else None,
        counts=tuple((name, was, now) for name, was, now in counts if was != now),
        figures=tuple(FigureChange(key, quantity_of(key, receipt.figures.get(key)), figures.get(key)) for key in keys),
        catalog=receipt.catalog != catalog_digest,
        program=receipt.program != __version__,
    )


def quantity_of(key: str, kept: Kept | None) -> Quantity | None:
    """A kept figure as the engine's; None where its unit is none of ours."""
    if kept is None or kept.unit not in _UNITS:
        return None
    return Quantity(key, kept.value, Unit(kept.unit), kept.low, kept.high)
