"""The card "what if": any number of the form, from here to there, over any figure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.fields import WRITTEN, limits
from gpuplanner.texts import text
from gpuplanner.ui.background import Pulse, Work
from gpuplanner.ui.fields.choice import Choice, Option
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.ui.load import sweep
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import HeavyCard
from gpuplanner.ui.load.scales import field_unit
from gpuplanner.units import QuantityKind

if TYPE_CHECKING:
    from gpuplanner.engine.planner.sweep import Sweep

_CALM_MS: Final = 60
_FIRST: Final = ("ttft", "request_time", "training_time", "batch_time", "gpus")


class SweepCard(HeavyCard):
    """Sweeps one input on the GPU that the answer is given for; what else follows is planned anew at each value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, _CALM_MS)
        self.along, self.figure = Choice(self), Choice(self)
        self.low, self.high = (QuantityEdit(Asks(QuantityKind.NUMBER), self) for _ in range(2))
        self.labels = tuple(QLabel(self) for _ in range(5))
        self._ends: dict[str, tuple[float, float]] = {}  # what the user asked for, by field
        self._found: tuple[Sweep, str] | None = None
        self._byte_unit = "GB"
        self._lay_out()
        self.along.edited.connect(self._field_chosen)
        self.figure.edited.connect(self._figure_chosen)
        for end in (self.low, self.high):
            end.edited.connect(self._end_edited)
        self.reword()

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        self._redraw()

    def waiting(self, given: Given) -> None:
        """The controls follow the workload at once, the curve when it is there."""
        self._fill(given)
        if given.plan is None:
            self.say(text("load.no_plan"))

    def work(self, given: Given) -> Work | None:
        """Estimate at each value."""
        path, figure = str(self.along.value()), str(self.figure.value())
        low, high = self._range(given, path)
        if given.plan is None or high <= low:
            return None
        return partial(_sweep, given, path, figure, sweep.spread(path, low, high))

    def show_found(self, given: Given, found: Any) -> None:
        """Draw the sweep."""
        self._found = found
        swept, figure = found
        self._name(given, swept.path, figure)
        picture = sweep.picture(given, swept, figure, self._byte_unit)
        if picture is None:
            self.say(text("load.sweep.nothing"))
            return
        on = text("load.sweep.on", gpu=gpu_name(given.plan.gpu_id, given.catalog)) if given.plan else ""
        self.show_picture(picture, partial(sweep.table, given, swept, figure), on)

    def reword(self) -> None:
        """Say everything again, in the current language."""
        for label, key in zip(self.labels, ("figure", "along", "from", "to"), strict=False):
            label.setText(text(f"load.sweep.{key}"))
        for widget, key in ((self.figure, "figure"), (self.along, "along"), (self.low, "from"), (self.high, "to")):
            widget.setAccessibleName(text(f"load.sweep.{key}"))
        self.retranslate()
        if self.given is not None:
            self._fill(self.given)
            self._redraw()

    def _fill(self, given: Given) -> None:
        from gpuplanner.engine.planner.sweep import sweepable

        paths, figures = sweepable(given.scenario), sweep.figures_of(given)
        self.along.set_options([Option(path, text(f"field.{path}")) for path in paths])
        names = partial(sweep.figure_name, scenario=given.scenario)
        self.figure.set_options([Option(key, names(key, short=True), names(key)) for key in figures])
        if self.along.value() not in paths:
            self.along.set_value(paths[0])
        if self.figure.value() not in figures:
            self.figure.set_value(next((key for key in _FIRST if key in figures), figures[0]))
        path = str(self.along.value())
        kind, unit = WRITTEN.get(path, (QuantityKind.NUMBER, None))
        low, high = self._range(given, path)
        for end, value in ((self.low, low), (self.high, high)):
            end.set_asks(Asks(kind, limits(path), unit))
            end.set_currency(given.scenario.money.currency)
            if not end.line.hasFocus():
                end.set_value(int(value) if limits(path).whole else value)
        self.labels[-1].setText(field_unit(path, given.scenario))
        self._name(given, path, str(self.figure.value()))

    def _range(self, given: Given, path: str) -> tuple[float, float]:
        if path not in self._ends:
            low, high = sweep.usual_range(given.scenario, path)
            return float(f"{low:.3g}"), float(f"{high:.3g}")
        return self._ends[path]

    def _name(self, given: Given, path: str, figure: str) -> None:
        name = sweep.figure_name(figure, given.scenario)
        self.set_title(text("load.sweep.title", figure=name, field=text(f"field.{path}")))

    def _field_chosen(self, _path: object) -> None:
        if self.given is not None:
            self.renew(self.given)

    def _figure_chosen(self, figure: object) -> None:
        if self.given is None:
            return
        if self._found is not None and str(figure) in self._found[0].columns:
            self._found = (self._found[0], str(figure))
            self._redraw()
        else:
            self.renew(self.given)

    def _end_edited(self, _value: object) -> None:
        low, high = self.low.value(), self.high.value()
        if low is not None and high is not None and low < high and self.given is not None:
            self._ends[str(self.along.value())] = (float(low), float(high))
            self.renew(self.given)

    def _redraw(self) -> None:
        if self._found is not None and self.given is not None and self.isVisible():
            self.show_found(self.given, self._found)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(7)
        for end in (self.low, self.high):
            end.setMinimumWidth(84)
        for label, widget, stretch in zip(
            self.labels, (self.figure, self.along, self.low, self.high), (4, 4, 2, 2), strict=False
        ):
            row.addWidget(label)
            row.addWidget(widget, stretch)
        row.addWidget(self.labels[-1])
        for label in self.labels:
            label.setProperty("quiet", True)
        column = self.layout()
        assert column is not None
        column.insertLayout(1, row)  # type: ignore[attr-defined]


def _sweep(given: Given, path: str, figure: str, values: tuple[float, ...], pulse: Pulse) -> tuple[Sweep, str]:
    from gpuplanner.engine.planner.sweep import FIGURES
    from gpuplanner.engine.planner.sweep import Sweep as Swept
    from gpuplanner.engine.planner.sweep import sweep as estimate_each

    assert given.plan is not None
    wanted = tuple(dict.fromkeys((*FIGURES, *sweep.figures_of(given), figure)))
    columns: dict[str, list[Any]] = {key: [] for key in wanted}
    plans: list[Any] = []
    for place, value in enumerate(values):
        pulse(place, len(values))  # raises where nobody waits any more
        one = estimate_each(given.scenario, given.catalog, path, (value,), wanted, given.plan.gpu_id)
        plans += one.plans
        for key in wanted:
            columns[key] += one.columns[key]
    return Swept(path, values, {key: tuple(cells) for key, cells in columns.items()}, tuple(plans)), figure
