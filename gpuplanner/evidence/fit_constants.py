"""Fitting the calibration constants to published measurements: a few physical numbers, bounded, with a robust loss.

A tool for developers; needs scipy. The same rows and starting values give the same constants.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
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
PREFIXES: Final = (
    "compute",
    "experts",
    "attention",
    "bandwidth",
    "kernels",
    "padding",
    "overhead",
    "link",
    "latency",
    "movement",
)
LEAST_ROWS: Final = 8  # a constant that touches fewer rows stays as it is
SOFT: Final = 0.1  # relative error from which a row pulls less than its square
SOURCE_WEIGHT: Final = -0.25  # a table's rows weigh with this power of their number: sources count, not rows alone
FEW_ROWS: Final = 40  # below this a constant is held twice as firmly
PULL: Final = 0.6  # how firmly a special constant is held to the general one, in errors per e-fold
TOUCH: Final = 1e-4  # relative change of a prediction that counts as touching the row
TINY: Final = 1e-8
STEP: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Fit:
    """Values of all constants, and the rows that each of those fitted has a say in."""

    values: dict[str, float]
    touched: dict[str, NDArray[np.bool_]]

    def rows(self, name: str) -> int:
        """How many rows stand behind a constant."""
        return int(self.touched[name].sum()) if name in self.touched else 0


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a fit moves, in logarithms: constants in ``order`` between ``low`` and ``high`` from ``first`` on.

    ``pulls`` times the logarithms, less ``target``, tells how far special constants are from the general ones.
    """

    start: dict[str, float]
    order: tuple[str, ...]
    low: Floats
    high: Floats
    first: Floats
    pulls: Floats
    target: Floats

    def values(self, logs: Floats) -> dict[str, float]:
        """All constants, those in order at these logarithms."""
        return {**self.start, **dict(zip(self.order, np.exp(logs).tolist(), strict=True))}


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
        self.weights = weights / weights.mean()
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

    def touched(self) -> dict[str, NDArray[np.bool_]]:
        """For each constant, the rows it has a say in."""
        base = self.errors(self.start)
        found = {}
        for name, value in self.start.items():
            moved = [self.errors({**self.start, name: value * factor + TINY}) for factor in (0.7, 1.4)]
            found[name] = np.any([np.abs(errors - base) > TOUCH for errors in moved], axis=0)
        return found

    def fit(
        self, touched: Mapping[str, NDArray[np.bool_]], start: Mapping[str, float], keep: Floats | None = None, steps: int = 12
    ) -> dict[str, float]:
        """Least squares of the robust, weighted errors over the logarithms of the constants.

        Args:
            touched: constants to fit, and the rows each has a say in; the others stay at ``start``.
            start: values of all constants.
            keep: weight of each row, 0 to leave it out; all count when None.
            steps: how often the errors may be linearised.

        Returns:
            All constants, those named fitted.
        """
        ground = self.ground(touched, start)
        weights = self.weights if keep is None else self.weights * keep

        def residuals(logs: Floats) -> Floats:
            joined: Floats = np.concatenate([self.errors(ground.values(logs)) * weights, ground.pulls @ logs - ground.target])
            return joined

        def slopes(logs: Floats) -> Floats:
            return np.vstack([self.slopes(ground, touched, logs) * weights[:, None], ground.pulls])

        found = least_squares(
            residuals, ground.first, jac=slopes, bounds=(ground.low, ground.high), loss="soft_l1", f_scale=SOFT, max_nfev=steps,
            xtol=1e-4, ftol=1e-5,
        )  # fmt: skip
        return ground.values(found.x)

    def ground(self, touched: Mapping[str, NDArray[np.bool_]], start: Mapping[str, float]) -> Ground:
        """Where a fit moves: the constants in order, their bounds, and what pulls them together."""
        order = sorted(touched)
        low, high = (np.log([self._bound(name, side) for name in order]) for side in (0, 1))
        first = np.clip(np.log([max(start[name], TINY) for name in order]), low + 1e-6, high - 1e-6)
        firm = {name: PULL * (2.0 if int(touched[name].sum()) < FEW_ROWS else 1.0) for name in order}
        pulls, target = _pulls(order, start, firm), self._pull_target(order, start, firm)
        return Ground(dict(start), tuple(order), low, high, first, pulls, target)

    def slopes(self, ground: Ground, touched: Mapping[str, NDArray[np.bool_]], logs: Floats) -> Floats:
        """How the errors change with the logarithm of each constant: a row a measurement, a column a constant."""
        base = self.errors(ground.values(logs))
        matrix = np.zeros((len(base), len(ground.order)))
        for columns in _apart([touched[name] for name in ground.order]):
            moved = logs.copy()
            moved[columns] += STEP
            change = (self.errors(ground.values(moved)) - base) / STEP
            for column in columns:
                matrix[:, column] = np.where(touched[ground.order[column]], change, 0.0)
        return matrix

    def _pull_target(self, order: Sequence[str], start: Mapping[str, float], firm: Mapping[str, float]) -> Floats:
        """What each pull aims at: the starting distance from a general constant that isn't fitted itself."""
        target = []
        for name in order:
            parent = _general(name, start)
            if parent is not None:
                target.append(0.0 if parent in order else firm[name] * np.log(max(start[parent], TINY)))
        return np.array(target)

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


def _pulls(order: Sequence[str], start: Mapping[str, float], firm: Mapping[str, float]) -> Floats:
    """A row for each constant that has a general one: how far apart they are."""
    rows = []
    for place, name in enumerate(order):
        parent = _general(name, start)
        if parent is not None:
            row = np.zeros(len(order))
            row[place] = firm[name]
            if parent in order:
                row[order.index(parent)] = -firm[name]
            rows.append(row)
    return np.array(rows).reshape(-1, len(order))


def _apart(masks: Sequence[NDArray[np.bool_]]) -> list[list[int]]:
    """Columns put together that touch no row in common: one evaluation serves them all."""
    groups: list[tuple[NDArray[np.bool_], list[int]]] = []
    for column, mask in sorted(enumerate(masks), key=lambda item: -int(item[1].sum())):
        for place, (taken, columns) in enumerate(groups):
            if not np.any(taken & mask):
                groups[place] = (taken | mask, [*columns, column])
                break
        else:
            groups.append((mask.copy(), [column]))
    return [columns for _, columns in groups]


def _general(name: str, values: Mapping[str, float]) -> str | None:
    while "." in name:
        name = name.rpartition(".")[0]
        if name in values:
            return name
    return None
