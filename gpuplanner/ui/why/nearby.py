"""The measurements nearest to a figure, as the Why panel lists them; computed beside the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from gpuplanner.engine.result import Plan, Unit
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.why.measured import Measured

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.evidence.nearest import Near

_UNITS: Final = {"B": (Unit.BYTES, 1.0), "ms": (Unit.SECONDS, 1e-3), "tok/s": (Unit.TOKENS_PER_SECOND, 1.0)}

_STAND_IN: Final = frozenset(
    {"memory_per_gpu", "kv_cache", "engine", "communication", "request_rate", "batch_time", "cost_per_million"}
)  # beside these another figure was measured


class Nearby(QObject):
    """A :data:`~gpuplanner.ui.why.measured.Nearest` that never makes anyone wait.

    The engine's answers to the rows beside a figure are computed once for a catalogue, in a thread; until then there are no
    measurements, and :attr:`arrived` tells when there are.

    Args:
        catalog: gives the catalogue in force.

    Signals:
        arrived: asking again would find more.
    """

    arrived = Signal()

    def __init__(self, catalog: Callable[[], Catalog | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._wanted: tuple[Catalog, str] | None = None
        self._background = Background(self)
        self._background.done.connect(self._done)

    def __call__(self, scenario: Scenario, plan: Plan, key: str) -> Sequence[Measured]:
        """The nearest to a figure, as far as they are known by now."""
        from gpuplanner.evidence import nearest

        catalog = self._catalog()
        if catalog is None:
            return ()
        if not nearest.is_prepared(key, catalog):
            self._prepare(catalog, key, nearest.FIGURES[key])
            return ()
        return tuple(_measured(item, catalog, key) for item in nearest.nearest(scenario, plan, key, catalog))

    def _prepare(self, catalog: Catalog, key: str, figure: str) -> None:
        now = self._wanted
        if self._background.busy and now is not None and now[0] is catalog and now[1] == figure:
            return  # on its way
        self._wanted = (catalog, figure)
        self._background.start(partial(_prepare, key, catalog))

    def _done(self, _result: object) -> None:
        self.arrived.emit()


def _prepare(key: str, catalog: Catalog, _pulse: Pulse) -> None:
    from gpuplanner.evidence.nearest import prepare

    prepare(key, catalog)


def _measured(item: Near, catalog: Catalog, key: str) -> Measured:
    from gpuplanner.evidence.labels import machine_label, model_label, source_label
    from gpuplanner.evidence.nearest import FIGURES

    unit, factor = _UNITS[item.unit]
    return Measured(
        label=f"{model_label(item.model)}, {machine_label(item.gpu, item.gpus, catalog)}",
        engine=item.engine,
        measured=item.measured * factor,
        estimated=item.predicted * factor,
        unit=unit,
        source=source_label(item.source),
        detail="\n".join(filter(None, (item.source, item.metric, item.date))),
        about=FIGURES[key] if key in _STAND_IN else "",
    )
