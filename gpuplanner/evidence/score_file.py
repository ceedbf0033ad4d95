"""The committed score: what a reader sees at once, and what a change of the engine is held against."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from gpuplanner import assets
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.scorecard import VIEWS, Group, Scorecard, digest_of
from gpuplanner.evidence.statistics import Score

NOTE: Final = "How well the engine meets the measurements under catalogs/measurements. By gpuplanner validate --summary."
_DIGITS: Final = 4


def score_file() -> Path:
    """Where the committed score lies."""
    return assets.catalogs() / "calibration" / "score.json"


def as_text(card: Scorecard) -> str:
    """A score as JSON, a group a line, rounded so that it changes only where something changed."""
    lines = [
        f' "{view}": [\n  ' + ",\n  ".join(_dumped(item) for item in card.views[view]) + "\n ]"
        if card.views[view]
        else f' "{view}": []'
        for view in VIEWS
    ]
    head = f'{{\n"note": {json.dumps(NOTE)},\n"digest": "{card.digest}",\n"total": {_dumped(card.total)},\n'
    return head + '"views": {\n' + ",\n".join(lines) + "\n}\n}\n"


def read(path: Path) -> Scorecard:
    """A score from a file.

    Raises:
        ValueError: when the file holds something else.
    """
    try:
        held = json.loads(path.read_bytes())
        views = {view: tuple(_group(item) for item in held["views"][view]) for view in VIEWS}
        return Scorecard(str(held["digest"]), _group(held["total"]), views)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is no score") from error


def committed(catalog: Catalog) -> Scorecard | None:
    """The committed score where it was made with these very facts and measurements; else None."""
    try:
        card = read(score_file())
    except (OSError, ValueError):
        return None
    return card if card.digest == digest_of(catalog) else None


def _dumped(item: Group) -> str:
    values = {**asdict(item.score), "low": item.low, "high": item.high}
    return json.dumps({name: _rounded(value) for name, value in values.items()}, ensure_ascii=False)


def _rounded(value: object) -> object:
    return round(value, _DIGITS) if isinstance(value, float) else value


def _group(held: dict[str, Any]) -> Group:
    values = {field.name: held[field.name] for field in fields(Score)} | {"group": tuple(held["group"])}
    return Group(Score(**values), held["low"], held["high"])
