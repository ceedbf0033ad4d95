"""Why a measurement was not computed, as codes; the words stand in the texts under ``evidence.reason.<code>``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why there is no prediction for a row."""

    TASK = "out_of_scope_task"
    METRIC = "metric_not_computed"
    MODEL = "unknown_model"
    SHAPE = "architecture_not_modelled"
    GPU = "unknown_gpu"
    PRECISION = "unknown_precision"
    ENGINE = "engine_not_modelled"
    LENGTHS = "lengths_unknown"
    LOAD = "load_unknown"
    LAYOUT = "layout_not_modelled"
    UTILIZATION = "memory_share_unknown"
    EXTRAS = "side_model_or_offload"
    FORMAT = "format_refused"
    FIT = "does_not_fit"


@dataclass(frozen=True, slots=True)
class NotDone:
    """A row without a prediction; ``detail`` names the word that was not understood, where there is one."""

    reason: Reason
    detail: str = ""
