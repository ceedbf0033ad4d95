"""Constants that did not see some of the rows: one set of slopes at the fit over all of them serves every part left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # type: ignore[import-untyped]

from gpuplanner.evidence.fit_constants import SOFT, Floats, Problem

FAR: Final = 0.7  # logarithm by which a constant may move without the rows left out: straight lines hold no further


class Straight:
    """A problem drawn straight through its fit.

    Args:
        problem: rows and constants.
        touched: the constants fitted, and the rows each has a say in.
        values: all constants at the fit over all rows.
    """

    def __init__(self, problem: Problem, touched: Mapping[str, NDArray[np.bool_]], values: Mapping[str, float]) -> None:
        self._ground = problem.ground(touched, values)
        self._weights = problem.weights
        self._base = problem.errors(self._ground.values(self._ground.first))
        self._slopes = problem.slopes(self._ground, touched, self._ground.first)

    def without(self, keep: Floats) -> dict[str, float]:
        """All constants as a fit finds them with each row's weight times ``keep``, 0 to leave it out."""
        ground, weights = self._ground, self._weights * keep
        matrix = np.vstack([self._slopes * weights[:, None], ground.pulls])

        def residuals(logs: Floats) -> Floats:
            errors = self._base + self._slopes @ (logs - ground.first)
            joined: Floats = np.concatenate([errors * weights, ground.pulls @ logs - ground.target])
            return joined

        low, high = np.maximum(ground.low, ground.first - FAR), np.minimum(ground.high, ground.first + FAR)
        found = least_squares(
            residuals, ground.first, jac=lambda _: matrix, bounds=(low, high), loss="soft_l1", f_scale=SOFT, max_nfev=25
        )
        return ground.values(found.x)
