"""Fitting the calibration constants to published measurements: a few physical numbers, bounded, with a robust loss.

A tool for developers; needs scipy. The same rows and starting values give the same constants.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # type: ignore[import-untyped]

from gpuplanner.catalog.schema.calibration import Calibration, Constant
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.configuration import Configuration
from gpuplanner.evidence.evaluate import Evaluator
from gpuplanner.evidence.reasons import NotDone

Floats = NDArray[np.float64]
PREFIXES: Final = ("compute", "experts", "attention", "bandwidth", "kernels", "padding", "overhead", "link", "latency")
LEAST_ROWS: Final = 8  # a constant that touches fewer rows stays as it is
SOFT: Final = 0.1  # relative error from which a row pulls less than its square
SOURCE_WEIGHT: Final = -0.25  # a table's rows weigh with this power of their number: sources count, not rows alone
PULL: Final = 0.05  # how firmly a special constant is held to the general one, in errors per e-fold
TOUCH: Final = 1e-4  # relative change of a prediction that counts as touching the row
TINY: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted values, and how many rows each constant touches."""

    values: dict[str, float]
    rows: dict[str, int]


class Problem:
    """Rows and constants to be brought together.

    Args:
        catalog: the starting values, their bounds, and all facts.
        configurations: speed rows.
    """

    def __init__(self, catalog: Catalog, configurations: Sequence[Configuration]) -> None:
        self._catalog = catalog
        self._evaluator = Evaluator(catalog, configurations)
        self.configurations = self._evaluator.configurations
        self.measured = np.array([configuration.row.value for configuration in configurations])
        tables = Counter(configuration.row.source_table for configuration in configurations)
        weights = np.array([tables[item.row.source_table] ** SOURCE_WEIGHT for item in configurations])
        self._weights = weights / weights.mean()
        self.start = {
            name: constant.value
            for name, constant in sorted(catalog.calibration.constants.items())
            if name.split(".")[0] in PREFIXES and constant.low is not None and constant.high is not None
        }

    def predicted(self, values: Mapping[str, float]) -> Floats:
        """Predictions with these constants, not-a-number where there is none."""
        answers = self._evaluator(with_constants(self._catalog, values))
        return np.array([np.nan if isinstance(answer, NotDone) else answer for answer in answers])

    def errors(self, values: Mapping[str, float]) -> Floats:
        """Logarithm of predicted over measured; 0 where there is no prediction."""
        with np.errstate(divide="ignore", invalid="ignore"):
            errors = np.log(self.predicted(values) / self.measured)
        return np.where(np.isfinite(errors), errors, 0.0)

    def touched(self) -> dict[str, int]:
        """How many rows each constant has a say in."""
        base = self.errors(self.start)
        return {
            name: int((np.abs(self.errors({**self.start, name: value * 1.05 + TINY}) - base) > TOUCH).sum())
            for name, value in self.start.items()
        }

    def fit(
        self, names: Collection[str], start: Mapping[str, float], keep: Floats | None = None, steps: int = 30
    ) -> dict[str, float]:
        """Least squares of the robust, weighted errors over the logarithms of the constants.

        Args:
            names: constants to fit; the others stay at ``start``.
            start: values of all constants.
            keep: weight of each row, 0 to leave it out; all count when None.
            steps: how often the errors may be linearised.

        Returns:
            All constants, those named fitted.
        """
        order = sorted(names)
        low, high = (np.log([self._bound(name, side) for name in order]) for side in (0, 1))
        first = np.clip(np.log([max(start[name], TINY) for name in order]), low + 1e-6, high - 1e-6)
        weights = self._weights if keep is None else self._weights * keep
        general = [_general(name, start) for name in order]

        def residuals(logs: Floats) -> Floats:
            values = {**start, **dict(zip(order, np.exp(logs).tolist(), strict=True))}
            pulls = [
                PULL * (np.log(values[name]) - np.log(max(values[parent], TINY)))
                for name, parent in zip(order, general, strict=True)
                if parent is not None
            ]
            return np.concatenate([self.errors(values) * weights, pulls])

        found = least_squares(
            residuals, first, bounds=(low, high), loss="soft_l1", f_scale=SOFT, diff_step=1e-3, max_nfev=steps, x_scale=1.0
        )
        return {**start, **dict(zip(order, np.exp(found.x).tolist(), strict=True))}

    def _bound(self, name: str, side: int) -> float:
        constant = self._catalog.calibration.constants[name]
        return max((constant.low, constant.high)[side] or 0.0, TINY * (1 + side))


def with_constants(catalog: Catalog, values: Mapping[str, float]) -> Catalog:
    """The same facts with other values of some constants."""
    constants: dict[str, Constant] = dict(catalog.calibration.constants)
    for name, value in values.items():
        constants[name] = constants[name].model_copy(update={"value": value})
    calibration = Calibration.model_construct(constants=constants, ranges=catalog.calibration.ranges)
    return dataclasses.replace(catalog, calibration=calibration)


def folds(keys: Sequence[str], count: int) -> list[list[str]]:
    """The distinct keys dealt into parts of about equal weight, largest first; the same keys give the same parts."""
    sizes = Counter(keys)
    parts: list[list[str]] = [[] for _ in range(min(count, len(sizes)))]
    loads = [0] * len(parts)
    for key, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        lightest = loads.index(min(loads))
        parts[lightest].append(key)
        loads[lightest] += size
    return parts


def _general(name: str, values: Mapping[str, float]) -> str | None:
    while "." in name:
        name = name.rpartition(".")[0]
        if name in values:
            return name
    return None
