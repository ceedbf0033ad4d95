"""Measurements of the user's own that a scenario is corrected by."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked, Id

MAX_ROWS = 2000
_Measured = Annotated[float, Field(gt=0, le=1e18)]
_Count = Annotated[int, Field(ge=1, le=10_000_000)]
_Tokens = Annotated[float, Field(gt=0, le=1e8)]


class MeasuredFigure(StrEnum):
    """What was measured: output tokens per second of all GPUs, prompt tokens per second, milliseconds, or bytes of a GPU."""

    THROUGHPUT = "throughput"
    PREFILL = "prefill"
    TTFT = "ttft"
    TPOT = "tpot"
    MEMORY = "memory"

    @property
    def is_rate(self) -> bool:
        """Whether more of it is faster."""
        return self in {MeasuredFigure.THROUGHPUT, MeasuredFigure.PREFILL}


class CalibrationRow(Asked):
    """One figure of a benchmark run.

    ``run`` names the run, so that figures of one run count as one. ``measured`` and ``estimated``, what the program says for the
    same configuration without correction, are in the figure's unit. ``model``, ``gpu``, ``engine`` and ``weights`` are ids of the
    catalogue. A row that does not count (``counts`` False) is kept to be seen: its load was beyond what the GPUs carry, or the
    engine sets memory aside whatever it needs.
    """

    run: Id = ""
    figure: MeasuredFigure = MeasuredFigure.THROUGHPUT
    measured: _Measured = 1.0
    estimated: _Measured = 1.0
    counts: bool = True
    model: Id = ""
    gpu: Id = ""
    gpus: _Count = 1
    tensor_parallel: _Count = 1
    engine: Id = ""
    weights: Id = ""
    input_tokens: _Tokens | None = None
    output_tokens: _Tokens | None = None
    concurrency: _Tokens | None = None
    request_rate: Annotated[float, Field(gt=0, le=1e9)] | None = None
    file: Id = ""
    date: Annotated[str, Field(max_length=40)] = ""

    @property
    def ratio(self) -> float:
        """Measured over estimated time or bytes: above 1 where reality is slower, or takes more, than estimated."""
        return self.estimated / self.measured if self.figure.is_rate else self.measured / self.estimated


class Calibration(Asked):
    """Own measurements and whether estimates are corrected by them.

    ``facts`` names the state of the catalogue that ``estimated`` of the rows was computed with.
    """

    enabled: bool = True
    rows: Annotated[tuple[CalibrationRow, ...], Field(max_length=MAX_ROWS)] = ()
    facts: Annotated[str, Field(max_length=40)] = ""
