"""The card of latency against load."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gpuplanner.texts import text
from gpuplanner.ui.fields.choice import Option, Segmented
from gpuplanner.ui.load import latency
from gpuplanner.ui.load.given import TIMES, Given
from gpuplanner.ui.load.live import LiveCard

PERCENTILES: Final = (0.5, 0.9, 0.95, 0.99)


class LatencyCard(LiveCard):
    """First token, per token or whole answer against the load, at the percentile of the targets.

    Signals:
        percentile_wanted: the targets shall hold at another percentile.
    """

    percentile_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures, self.percentiles = Segmented(self), Segmented(self)
        for control in (self.figures, self.percentiles):
            self.add_control(control)
        self.reword()
        self.figures.set_value("ttft")
        self.figures.edited.connect(self._chosen)
        self.percentiles.edited.connect(self.percentile_wanted)

    def renew(self, given: Given) -> None:
        """Draw the curve."""
        self.percentiles.set_value(int(given.percentile[1:]) / 100)
        figure = str(self.figures.value())
        self.set_title(text("load.latency.title", figure=text(f"load.figure.{figure}")))
        if given.curve is None:
            self.say(text("load.no_plan"))
            return
        picture = latency.picture(given, given.curve, figure)
        self.show_picture(picture, partial(latency.table, given, given.curve))

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.figures.set_options([Option(key, text(f"load.figure.{key}.short"), text(f"load.figure.{key}")) for key in TIMES])
        shares = [Option(share, f"p{round(share * 100)}", text(f"load.percentile.{round(share * 100)}")) for share in PERCENTILES]
        self.percentiles.set_options(shares)
        super().reword()

    def _chosen(self, _figure: object) -> None:
        if self.given is not None:
            self.renew(self.given)
