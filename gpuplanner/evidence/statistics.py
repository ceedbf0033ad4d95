"""How well predictions meet measurements: the figures of the score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gpuplanner.evidence.predict import Prediction

LEAST_GPUS = 3  # a ranking of fewer says nothing


@dataclass(frozen=True, slots=True)
class Score:
    """Statistics of a group of rows; shares, None where nothing was there to count.

    ``mape`` is the mean, ``median`` and ``p90`` the quantiles of the absolute relative errors, ``bias`` the median signed one
    (positive: predicted too high). ``rank`` is the median over pieces of the same work of Spearman's correlation between
    measured and predicted over GPUs. ``inside`` is the share of measurements within the range; ``agree`` of yes-or-no rows
    the share answered right. ``reasons`` counts what was not done.
    """

    group: tuple[str, ...]
    rows: int
    done: int
    mape: float | None
    median: float | None
    p90: float | None
    bias: float | None
    rank: float | None
    inside: float | None
    agree: float | None
    reasons: dict[str, int]


def score(predictions: Sequence[Prediction], group: tuple[str, ...] = ()) -> Score:
    """The statistics of a group.

    Args:
        predictions: the group's rows, done or not.
        group: what the group is called.
    """
    answered = [prediction for prediction in predictions if prediction.value is not None]
    choices = [prediction for prediction in answered if prediction.figure == "fits"]
    errors = np.array([item.error for item in answered if item.error is not None and item.figure != "fits"])
    inside = [prediction.inside for prediction in answered if prediction.inside is not None]
    sizes = np.abs(errors)
    reasons = Counter(str(item.reason.reason) for item in predictions if item.reason is not None)
    return Score(
        group=group,
        rows=len(predictions),
        done=len(answered),
        mape=float(sizes.mean()) if errors.size else None,
        median=float(np.median(sizes)) if errors.size else None,
        p90=float(np.quantile(sizes, 0.9)) if errors.size else None,
        bias=float(np.median(errors)) if errors.size else None,
        rank=rank_correlation(answered),
        inside=_mean(inside),
        agree=_mean([item.value == item.row.value for item in choices]),
        reasons=dict(sorted(reasons.items())),
    )


def grouped(predictions: Iterable[Prediction], key: Callable[[Prediction], tuple[str, ...]]) -> list[Score]:
    """A score for each value of ``key``, in the order of the names."""
    groups: defaultdict[tuple[str, ...], list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        groups[key(prediction)].append(prediction)
    return [score(members, name) for name, members in sorted(groups.items())]


def rank_correlation(predictions: Iterable[Prediction]) -> float | None:
    """The median, over pieces of the same work, of Spearman's correlation over at least three GPUs.

    The same work: model, formats, lengths, load, layout, engine and release; a GPU measured twice counts with its mean.
    """
    works: defaultdict[tuple[object, ...], defaultdict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for item in predictions:
        if item.value is not None and item.row.table == "speed":
            works[_work(item)][item.gpu].append((item.row.value, item.value))
    found = []
    for by_gpu in works.values():
        means = np.array([np.mean(pairs, axis=0) for pairs in by_gpu.values()])
        if len(means) >= LEAST_GPUS:
            found.append(spearman(means[:, 0], means[:, 1]))
    known = [value for value in found if value is not None]
    return float(np.median(known)) if known else None


def spearman(left: ArrayLike, right: ArrayLike) -> float | None:
    """Spearman's rank correlation, ties with their mean rank; None when one side is constant."""
    ranks = [_ranks(np.asarray(side, dtype=float)) for side in (left, right)]
    spread = [side - side.mean() for side in ranks]
    norm = float(np.sqrt((spread[0] ** 2).sum() * (spread[1] ** 2).sum()))
    return float((spread[0] * spread[1]).sum() / norm) if norm else None


def _ranks(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = (ends - (counts - 1) / 2.0)[inverse]
    return ranks


def _work(item: Prediction) -> tuple[object, ...]:
    row = item.row
    return (
        row.task, row.metric, item.model, row.weight_precision, row.kv_precision, row.isl, row.osl, row.batch, row.gpus, row.tp,
        row.pp, item.engine, row.version, row.source_table,
    )  # fmt: skip


def _mean(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
