"""The card of the length sweep: what a longer input does to the first token, the cache, and the requests that fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QWidget

from gpuplanner.engine.result import Plan, Provenance, Quantity, Unit
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.background import Pulse, Work
from gpuplanner.ui.fields.choice import Option, Segmented
from gpuplanner.ui.load import sweep
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import HeavyCard

if TYPE_CHECKING:
    from gpuplanner.engine.planner.sweep import Sweep

SHOWN: Final = ("ttft", "kv", "fit")
PATH: Final = "workload.input_tokens"
_SHORTEST: Final = 256
_LONGEST: Final = 131_072
_POINTS: Final = 20


class LengthsCard(HeavyCard):
    """Sweeps the length of the input up to the model's longest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Sweep | None = None
        self._byte_unit = "GB"
        self.figures = Segmented(self)
        self.add_control(self.figures)
        self.reword()
        self.figures.set_value("ttft")
        self.figures.edited.connect(self._redraw)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        self._redraw()

    def waiting(self, given: Given) -> None:
        """What was drawn stays until the new lengths are there."""
        self._name()
        if given.plan is None:
            self.say(text("load.no_plan"))

    def work(self, given: Given) -> Work | None:
        """Estimate at each length."""
        if given.plan is None or not given.scenario.workload.kind.writes:
            return None
        return partial(_sweep, given, lengths(given))

    def show_found(self, given: Given, found: Any) -> None:
        """Draw the sweep."""
        self._found = found
        self._name()
        shown = str(self.figures.value())
        picture = sweep.picture(given, found, shown, self._byte_unit)
        if picture is None:
            self.say(text("load.sweep.nothing"))
        else:
            self.show_picture(picture, partial(table, found))

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.figures.set_options([Option(key, text(f"load.lengths.{key}"), text(f"load.lengths.{key}.long")) for key in SHOWN])
        self._name()
        self.retranslate()
        self._redraw()

    def _name(self) -> None:
        self.set_title(text("load.lengths.title"))

    def _redraw(self, *_shown: object) -> None:
        self._name()
        if self._found is not None and self.given is not None and self.isVisible():
            self.show_found(self.given, self._found)


def lengths(given: Given) -> tuple[float, ...]:
    """From short prompts to the model's whole context, or as far as the scenario goes."""
    workload = given.scenario.workload
    model = given.scenario.model.custom or given.catalog.models.get(given.scenario.model.id)
    longest = (model.max_context if model is not None else None) or _LONGEST
    most = max(min(longest, 1_048_576) - workload.output_tokens, workload.input_tokens, 2 * _SHORTEST)
    found = set(sweep.spread(PATH, min(_SHORTEST, workload.input_tokens), most, _POINTS))
    return tuple(sorted(found | {float(workload.input_tokens)}))


def table(found: Sweep) -> list[list[str]]:
    """Raw numbers of all three figures."""
    names = [
        text(f"field.{PATH}"),
        *(f"{text(f'load.lengths.{key}.long')}, {unit}" for key, unit in zip(SHOWN, ("s", "B", ""), strict=True)),
    ]
    rows = [[name.removesuffix(", ") for name in names]]
    for place, length in enumerate(found.values):
        cells = [found.columns[key][place] for key in SHOWN]
        rows.append([f"{length:.0f}", *("" if cell is None or cell.value is None else f"{cell.value:.6g}" for cell in cells)])
    return rows


def _sweep(given: Given, values: tuple[float, ...], pulse: Pulse) -> Sweep:
    from gpuplanner.engine.planner.sweep import Sweep as Swept
    from gpuplanner.engine.planner.sweep import sweep as estimate_each

    assert given.plan is not None
    plans: list[Plan | None] = []
    for place, value in enumerate(values):
        pulse(place, len(values))
        plans += estimate_each(given.scenario, given.catalog, PATH, (value,), (), given.plan.gpu_id).plans
    columns = {
        "ttft": tuple(None if plan is None else plan.figures.get("ttft") for plan in plans),
        "kv": tuple(_cache(given, plan, value) for plan, value in zip(plans, values, strict=True)),
        "fit": tuple(_fits(plan) for plan in plans),
    }
    return Swept(PATH, values, columns, tuple(plans))


def _cache(given: Given, plan: Plan | None, length: float) -> Quantity | None:
    if plan is None:
        return None
    size = given.estimate.kv_bytes_per_token * (length + _output(given.scenario))
    return Quantity("kv", size, Unit.BYTES, provenance=Provenance.EXACT)


def _output(scenario: Scenario) -> int:
    return scenario.workload.output_tokens


def _fits(plan: Plan | None) -> Quantity | None:
    if plan is None or plan.memory is None:
        return None
    return Quantity("fit", float(plan.memory.requests_fit), Unit.COUNT)
