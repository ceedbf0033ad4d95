"""Cards for work that isn't text for people: time and throughput against GPUs, batch or sequence length."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QWidget

from gpuplanner.engine.result import Plan
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.background import Pulse, Work
from gpuplanner.ui.fields.choice import Choice, Option
from gpuplanner.ui.load import sweep
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import HeavyCard
from gpuplanner.ui.results.figures import label

if TYPE_CHECKING:
    from gpuplanner.engine.planner.sweep import Sweep

_MOST_GPUS: Final = 100_000
_FIGURES: Final = {
    "training.gpus": ("training_time", "mfu", "tokens_per_second", "samples_per_second", "run_cost", "goodput", "energy_kwh"),
    "training.sequence_tokens": ("step_time", "memory_per_gpu", "mfu", "tokens_per_second", "samples_per_second"),
    "generation.batch": ("e2e", "item_rate", "pass_time", "memory_per_gpu", "cost_per_thousand"),
    "encoding.batch": ("e2e", "item_rate", "pass_time", "memory_per_gpu", "cost_per_thousand"),
}


class ScaleCard(HeavyCard):
    """One field of the work in powers of two, over one of several figures."""

    def __init__(self, parent: QWidget | None = None, *, second: bool = False) -> None:
        """A card on the field that matters most for the work; with ``second`` on the next."""
        super().__init__(parent)
        self._second = second
        self._byte_unit = "GB"
        self._found: Sweep | None = None
        self.figures = Choice(self)
        self.figures.setMinimumWidth(200)
        self.add_control(self.figures)
        self.figures.edited.connect(self._redraw)
        self.reword()

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        self._redraw()

    def waiting(self, given: Given) -> None:
        """The figures follow the work at once, the curve when it is there."""
        path = self.path(given)
        if given.plan is None or not path:
            self._found = None
            self.say(text("load.no_plan"))
            return
        known = [key for key in _FIGURES[path] if key in given.plan.figures]
        self.figures.set_options([Option(key, label(key, given.scenario, given.plan)) for key in known])
        if self.figures.value() not in known and known:
            self.figures.set_value(known[0])
        self._name(given)

    def path(self, given: Given) -> str:
        """The field that is swept; empty where there is none."""
        if given.scenario.workload.kind.trains:
            return "training.sequence_tokens" if self._second else "training.gpus"
        return {WorkloadKind.GENERATE: "generation.batch", WorkloadKind.ENCODE: "encoding.batch"}.get(
            given.scenario.workload.kind, ""
        )

    def work(self, given: Given) -> Work | None:
        """Estimate at each value."""
        path = self.path(given)
        if given.plan is None or not path or not self.figures.value():
            return None
        return partial(_sweep, given, path, values(given.plan, path))

    def show_found(self, given: Given, found: Any) -> None:
        """Draw the sweep."""
        self._found = found
        self._name(given)
        figure = str(self.figures.value())
        picture = sweep.picture(given, found, figure, self._byte_unit, doubling=True) if figure in found.columns else None
        if picture is None or given.plan is None:
            self.say(text("load.sweep.nothing"))
            return
        on = text("load.sweep.on", gpu=gpu_name(given.plan.gpu_id, given.catalog))
        self.show_picture(picture, partial(sweep.table, given, found, figure), on)

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.figures.setAccessibleName(text("load.sweep.figure"))
        self.retranslate()
        if self.given is not None and self.isVisible():
            self.waiting(self.given)
            self._redraw()

    def _name(self, given: Given) -> None:
        path, figure = self.path(given), self.figures.value()
        if path and figure:
            self.set_title(text(f"load.scale.{path}", figure=label(str(figure), given.scenario, given.plan)))

    def _redraw(self, *_figure: object) -> None:
        if self._found is not None and self.given is not None and self.isVisible():
            self.show_found(self.given, self._found)


def values(plan: Plan, path: str) -> tuple[float, ...]:
    """Powers of two around what stands: GPUs from few to many, batches and lengths as usual."""
    if path == "training.gpus":
        now = max(1, plan.gpus)
        low = max(1, plan.gpus_per_replica // 2)
        found = {float(2**power) for power in range(18) if low <= 2**power <= min(_MOST_GPUS, 64 * now)}
        return tuple(sorted(found | {float(now)}))
    if path == "training.sequence_tokens":
        return tuple(float(2**power) for power in range(9, 18))
    return tuple(float(2**power) for power in range(8))


def _sweep(given: Given, path: str, at: tuple[float, ...], pulse: Pulse) -> Sweep:
    from gpuplanner.engine.planner.sweep import Sweep as Swept
    from gpuplanner.engine.planner.sweep import sweep as estimate_each

    assert given.plan is not None
    wanted = tuple(dict.fromkeys(("gpus", *_FIGURES[path])))
    columns: dict[str, list[Any]] = {key: [] for key in wanted}
    plans: list[Plan | None] = []
    for place, value in enumerate(at):
        pulse(place, len(at))  # raises where nobody waits any more
        one = estimate_each(given.scenario, given.catalog, path, (value,), wanted, given.plan.gpu_id)
        plans += one.plans
        for key in wanted:
            columns[key] += one.columns[key]
    return Swept(path, at, {key: tuple(cells) for key, cells in columns.items()}, tuple(plans))
