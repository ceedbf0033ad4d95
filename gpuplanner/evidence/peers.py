"""A known model of about the same size, for whether one fits whose internals aren't published."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.evidence.names import parse_model

TOLERANCE: Final = 0.25  # of the parameters; a model further off says too little
PUBLISHED_TOLERANCE: Final = 3.0  # where the count is known, weights are scaled by it, and the rest is small beside them
_ACTIVE_WEIGHT: Final = 0.3  # how much the active share counts beside the size
_KIN: Final = 0.2  # advantage of a model of the same family
_A_YEAR: Final = 0.05  # advantage of a model a year newer


def peer(name: str, own: Model | None, models: Mapping[str, Model]) -> str | None:
    """Id of the language model nearest in size.

    Args:
        name: as the source writes it, read for "35B-A3B" where there is no record.
        own: the record without a shape, where there is one.
        models: of the catalogue.

    Returns:
        None when no size is known, or nobody of that size is.
    """
    total, active = _size(name, own)
    if not total:
        return None
    text = name.casefold()
    share = active / total if active else 1.0
    best: tuple[float, str] | None = None
    for model_id, model in models.items():
        if model.language is None or not model.params_total:
            continue
        apart = abs(math.log(model.params_total / total))
        if apart > math.log(1 + (PUBLISHED_TOLERANCE if own is not None else TOLERANCE)):
            continue
        sparse = abs(math.log((model.params_active or model.params_total) / model.params_total / share))
        kin = _KIN if model.family and re.sub(r"[^a-z].*", "", model.family.casefold()) in text else 0.0
        distance = apart + _ACTIVE_WEIGHT * sparse - kin - _A_YEAR * _year(model)
        best = min(best or (math.inf, ""), (distance, model_id))
    return best[1] if best else None


def _year(model: Model) -> int:
    """Years after 2020: caches have become smaller since."""
    return max(0, int(model.release_date[:4]) - 2020) if model.release_date and model.release_date[:4].isdigit() else 0


def _size(name: str, own: Model | None) -> tuple[float, float]:
    if own is not None and own.params_total:
        return float(own.params_total), float(own.params_active or 0)
    parsed = parse_model(name)
    active = re.search(r"(?<![a-z0-9])a(\d+(?:\.\d+)?)b(?![a-z0-9])", name.casefold())
    return (parsed.billions or 0.0) * 1e9, float(active[1]) * 1e9 if active else 0.0
