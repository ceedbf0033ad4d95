"""The measurements nearest to a figure, as the Why panel lists them; computed beside the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from gpuplanner.engine.result import Plan, Unit
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse, Work
from gpuplanner.ui.why.measured import Measured

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.evidence.nearest import Near

_FIRST_MS: Final = 500  # before the first task: the program's first answer and its chart don't share the processor
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
        self._work: Work | None = None
        self._evidence: ModuleType | None = None  # imported beside the window too
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.setInterval(_FIRST_MS)
        self._start.timeout.connect(self._begin)
        self._background = Background(self)
        self._background.done.connect(self._done)

    def __call__(self, scenario: Scenario, plan: Plan, key: str) -> Sequence[Measured]:
        """The nearest to a figure, as far as they are known by now."""
        catalog, evidence = self._catalog(), self._evidence
        if catalog is None:
            return ()
        if evidence is None or not evidence.is_prepared(key, catalog):
            self._prepare(catalog, key, evidence.FIGURES[key] if evidence else key)
            return ()
        return tuple(_measured(item, catalog, key) for item in evidence.nearest(scenario, plan, key, catalog))

    def _prepare(self, catalog: Catalog, key: str, figure: str) -> None:
        now = self._wanted
        if self._background.busy and now is not None and now[0] is catalog and now[1] == figure:
            return  # on its way
        self._wanted = (catalog, figure)
        self._work = partial(_prepared, key, catalog)
        if self._evidence is None:
            self._start.start()
        else:
            self._begin()

    def _begin(self) -> None:
        if self._work is not None:
            self._background.start(self._work)

    def _done(self, evidence: ModuleType) -> None:
        self._evidence = evidence
        self.arrived.emit()


def _prepared(key: str, catalog: Catalog, _pulse: Pulse) -> ModuleType:
    from gpuplanner.evidence import nearest

    nearest.prepare(key, catalog)
    return nearest


def _measured(item: Near, catalog: Catalog, key: str) -> Measured:
    from gpuplanner.evidence.labels import machine_label, model_label, source_label
    from gpuplanner.evidence.nearest import FIGURES

    unit, factor = _UNITS[item.unit]
    return Measured(
        label=f"{model_label(item.model)}, {machine_label(item.gpu, item.gpus, catalog)}",
        engine=text("benchmark.yours", engine=item.engine) if item.own else item.engine,
        measured=item.measured * factor,
        estimated=item.predicted * factor,
        unit=unit,
        source=text("benchmark.source", file=item.source) if item.own else source_label(item.source),
        detail="\n".join(filter(None, (item.source, item.metric, item.date))),
        about=FIGURES[key] if key in _STAND_IN else "",
    )
