"""Collect each figure with its bar and print them as one table at the end."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its bar; ``more_is_better`` turns the comparison round."""

    what: str
    value: float
    bar: float
    unit: str
    more_is_better: bool

    @property
    def met(self) -> bool:
        return self.value >= self.bar if self.more_is_better else self.value <= self.bar


_load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
FIGURES: list[Figure] = []
Record = Callable[..., None]


@pytest.fixture
def record() -> Record:
    """``record(what, value, bar, unit)`` puts a figure into the table."""

    def put(what: str, value: float, bar: float, unit: str, *, more_is_better: bool = False) -> None:
        FIGURES.append(Figure(what, value, bar, unit, more_is_better))

    return put


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the values lie below."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not FIGURES:
        return
    terminalreporter.section("figures and bars")
    cores, busy = os.cpu_count() or 1, os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    note = ", and others work on it: the times below are too long" if _load_before > 0.5 * cores else ""
    terminalreporter.line(f"{cores} cores, load {_load_before:.1f} before, {busy:.1f} now{note}")
    for figure in FIGURES:
        sign = "≥" if figure.more_is_better else "≤"
        value, bar = (f"{number:,.4g}" if number < 1e5 else f"{number:,.0f}" for number in (figure.value, figure.bar))
        verdict = "met" if figure.met else "MISSED"
        terminalreporter.line(f"{figure.what:<58} {value:>12} {figure.unit:<4} {sign} {bar:>10} {figure.unit:<4} {verdict}")
