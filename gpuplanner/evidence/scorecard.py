"""How good the estimate is, from several sides: the same predictions grouped by work, hardware, engine and source."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.labels import engine_label, source_label
from gpuplanner.evidence.predict import Prediction, own_measurements, predict
from gpuplanner.evidence.rows import Row, read_measurements
from gpuplanner.evidence.statistics import Score, score

Key = tuple[str, ...]
Progress = Callable[[int, int], None]
WORST_OF: Final = 5  # fewer rows are no group to judge by
WORST_SHOWN: Final = 20
_PORTION: Final = 300  # small enough to stop soon, large enough to share work
_FIRST_WORD: Final = re.compile(r"[ (+/]")
_COUNTED: Final = re.compile(r" \d+$")


@dataclass(frozen=True, slots=True)
class Group:
    """A score, and between which signed errors the middle 80 % of its rows lie; None where there is none to tell."""

    score: Score
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Scorecard:
    """Groups by each view of :data:`VIEWS`, the most rows first, the worst first under "worst".

    ``predictions`` are the rows behind it; None where it was read from a file. ``digest`` names the facts and measurements.
    """

    digest: str
    total: Group
    views: Mapping[str, tuple[Group, ...]]
    predictions: tuple[Prediction, ...] | None = None


def kind_of(item: Prediction) -> str:
    """The kind of work: the task, and for serving under load what was measured of it, beyond saturation apart."""
    task = item.row.task
    if task != "llm_serving_at_concurrency":
        return task
    return f"{task}.{item.row.metric.partition('_')[0]}{'_saturated' if item.figure.endswith('_saturated') else ''}"


def keys_of(view: str, catalog: Catalog) -> Callable[[Prediction], Key | None]:
    """What a row is grouped by in a view; None leaves it out.

    Raises:
        KeyError: when there is no such view.
    """

    def engine(item: Prediction) -> str:
        known = catalog.engines.get(item.engine)
        named = known.name if known is not None else _FIRST_WORD.split(item.row.framework, maxsplit=1)[0]
        return engine_label(named.partition(" (")[0], "")

    def worst(item: Prediction) -> Key | None:
        return None if item.error is None or item.figure == "fits" else (kind_of(item), item.family, engine(item))

    return {
        "kind": lambda item: (kind_of(item),),
        "family": lambda item: (item.family,) if item.reason is None else None,
        "engine": lambda item: (engine(item),),
        "source": lambda item: (_COUNTED.sub("", source_label(item.row.source)),),
        "worst": worst,
        "own": lambda item: (item.row.source,),  # the user's measurements go by the file they came from
        "reason": lambda item: (str(item.reason.reason),) if item.reason is not None else None,
    }[view]


VIEWS: Final = ("kind", "family", "engine", "source", "worst", "reason")


def group(predictions: Sequence[Prediction], key: Key = ()) -> Group:
    """The score of some rows."""
    errors = [item.error for item in predictions if item.error is not None and item.figure != "fits"]
    low, high = (float(edge) for edge in np.quantile(errors, (0.1, 0.9))) if errors else (None, None)
    return Group(score(predictions, key), low, high)


def members(predictions: Iterable[Prediction], view: str, catalog: Catalog) -> dict[Key, list[Prediction]]:
    """The rows of each group of a view."""
    found: defaultdict[Key, list[Prediction]] = defaultdict(list)
    key_of = keys_of(view, catalog)
    for item in predictions:
        key = key_of(item)
        if key is not None:
            found[key].append(item)
    return dict(found)


def groups(predictions: Iterable[Prediction], view: str, catalog: Catalog) -> tuple[Group, ...]:
    """The groups of a view, in the order they are shown."""
    found = members(predictions, view, catalog)
    if view == "worst":
        found = {key: items for key, items in found.items() if len(items) >= WORST_OF}
    made = [group(items, key) for key, items in found.items()]
    if view == "worst":
        made.sort(key=lambda item: (-(item.score.median or 0.0), item.score.group))
        return tuple(made[:WORST_SHOWN])
    return tuple(sorted(made, key=lambda item: (-item.score.done, -item.score.rows, item.score.group)))


def scorecard(predictions: Sequence[Prediction], catalog: Catalog, digest: str) -> Scorecard:
    """The whole of it."""
    views = {view: groups(predictions, view, catalog) for view in VIEWS}
    return Scorecard(digest, group(predictions), views, tuple(predictions))


def compute(catalog: Catalog, progress: Progress) -> Scorecard:
    """Run the engine over all measurements that come with the program.

    Args:
        catalog: what is known.
        progress: is told rows done and rows in all, now and then; may raise to give up.
    """
    rows = read_measurements(own_measurements()).rows
    found: list[Prediction] = []
    for portion in _portions(rows):
        progress(len(found), len(rows))
        found += predict(portion, catalog)
    progress(len(found), len(rows))
    return scorecard(found, catalog, digest_of(catalog))


def digest_of(catalog: Catalog, files: Iterable[Path] | None = None) -> str:
    """12 hex digits that change with the catalogue and with the measurements beside it."""
    state = hashlib.sha256(catalog.digest.encode())
    for path in own_measurements() if files is None else files:
        state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:12]


def _portions(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one model stay together: they share most of the work."""
    by_model: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_model[row.model].append(row)
    portions: list[list[Row]] = [[]]
    for items in by_model.values():
        if len(portions[-1]) >= _PORTION:
            portions.append([])
        portions[-1] += items
    return portions
