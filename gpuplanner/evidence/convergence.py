"""How many samples a benchmark's reference runs needed to converge: what a time to train is made of beside speed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np

from gpuplanner import assets
from gpuplanner.evidence.rows import Row

LONG: Final = 512
FILE: Final = "measurements/convergence.json"


def samples_to_converge(model: str, batch: float) -> float | None:
    """Samples at a global batch, between the published ones in the logarithm; None where nothing is published.

    Args:
        model: catalogue id.
        batch: samples between two updates.
    """
    for record in _content()["records"]:
        if model == record["model"] or model.startswith(f"{record['model']}-"):
            batches = np.array([float(key) for key in record["samples"]])
            samples = np.array([float(value) for value in record["samples"].values()])
            return float(np.exp(np.interp(np.log(batch), np.log(batches), np.log(samples))))
    return None


def usual_tokens(row: Row) -> float | None:
    """Tokens a benchmark's samples hold, as padding is left out; None where its length is the row's."""
    if row.task != "train_pretrain" or (row.isl or LONG) < LONG:
        return None
    found: Mapping[str, float] = _content()["sequence_tokens"]
    return next((float(tokens) for name, tokens in found.items() if name in row.model.casefold()), None)


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads((assets.catalogs() / FILE).read_text(encoding="utf-8"))
    return content
