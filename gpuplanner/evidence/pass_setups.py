"""What rows of images, encoders, vision and speech mean: model, runtime, size of an item, after the words of a source."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from gpuplanner import assets
from gpuplanner.engine.passes.stages import WINDOW_S
from gpuplanner.evidence.names import simple
from gpuplanner.evidence.rows import Row

FILE: Final = "measurements/pass_setups.json"
_SIZE: Final = re.compile(r"(\d{3,4})\s*x\s*(\d{3,4})(?:\s*x\s*(\d{2,4}))?")
_STEPS: Final = re.compile(r"(\d{1,3})(?:\s*\w+)?\s+steps")
_XLA: Final = re.compile(r"\bXLA\b")
_BATCH: Final = re.compile(r"^\s*(\d+)")
_GIVEN: Final = ("width", "height", "steps", "guided", "tokens", "audio_s", "beams", "limit_s", "items", "late_items")
_SCENARIO: Final = re.compile(r"scenario=(\w+)|/(Offline|Server|SingleStream|MultiStream)(?:[,/]|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says, or its benchmark for it. ``scenario``: offline, server, single or plain; ``limit_s`` of a server.

    ``items`` a sample takes (windows of a scan), ``late_items`` one at the percentile of latencies.
    """

    width: int | None = None
    height: int | None = None
    steps: float | None = None
    guided: bool | None = None
    tokens: float | None = None
    audio_s: float | None = None
    beams: int = 1
    items: float = 1.0
    late_items: float | None = None
    merged: float = 1.0
    scenario: str = "plain"
    limit_s: float | None = None
    batch: int | None = None
    written_scores: bool = False


@cache
def setups() -> dict[str, Any]:
    """The file as it is."""
    found: dict[str, Any] = json.loads((assets.catalogs() / FILE).read_bytes())
    return found


def alias(name: str) -> dict[str, Any]:
    """The record of a benchmark's name for a model; empty where there is none."""
    wanted = simple(name)
    return next((record for record in setups()["models"] if simple(record["name"]) == wanted), {})


def runtime_of(row: Row) -> str | None:
    """What runs behind a framework's name; None where it isn't known."""
    name = row.framework.casefold()
    if name.startswith("tensorflow") and _XLA.search(f"{row.note} {row.weight_precision}"):
        return "xla"
    marks = [record for record in setups()["runtimes"] if record["framework"] in name]
    if any(record["runtime"] == "compiled" for record in marks):
        return "compiled"
    return str(marks[0]["runtime"]) if marks else None


def watts_of(row: Row) -> float | None:
    """A power limit below the card's own; None where the system has none."""
    text = f"{row.source} {row.note}"
    return next((float(record["watts"]) for record in setups()["platforms"] if record["mark"] in text), None)


def stated_format(row: Row, family: str, precision: str) -> str:
    """The precision that really ran, where a submission's label means another."""
    for record in setups()["formats"]:
        if record["mark"] in f"{row.note} {row.source}" and record["family"] == family and record["precision"] == precision:
            return str(record["runs"])
    return precision


def said(row: Row, model_id: str) -> Said:
    """Everything a row says about an item, its own words first."""
    known = _default(row, model_id) | {key: value for key, value in alias(row.model).items() if key in {"steps", "guided"}}
    found = Said(**{key: known[key] for key in _GIVEN if key in known})
    size, steps, batch = _SIZE.search(row.note), _STEPS.search(row.note), _BATCH.match(row.batch)
    if size:
        found = replace(found, width=int(size[1]), height=int(size[2]))
    if steps:
        found = replace(found, steps=float(steps[1]))
    if found.audio_s and found.audio_s > WINDOW_S:  # long speech is cut into windows, so many at once as the row's batch says
        found = replace(found, items=found.audio_s / WINDOW_S, audio_s=WINDOW_S)
    if row.isl:
        found = replace(found, tokens=float(row.isl))
    merged = 0.5 if re.search(r"\bToMe\b", row.framework) else 1.0
    # before PyTorch 2 a pipeline wrote the scores out, unless a library with fused attention was put in
    written = "vanilla" in row.framework or (merged < 1 and "xformers" not in row.framework.casefold())
    written = (written or (row.framework.casefold().startswith("tensorflow") and bool(row.isl))) and "SDPA" not in row.framework
    at_once = int(batch[1]) if batch else None
    return replace(found, scenario=_scenario(row), batch=at_once, merged=merged, written_scores=written)


def _default(row: Row, model_id: str) -> dict[str, Any]:
    for record in setups()["defaults"]:
        if record["source"] in row.source_table and record["model"] in ("", model_id):
            return dict(record)
    return {}


def _scenario(row: Row) -> str:
    found = _SCENARIO.search(f"{row.note}; {row.source}")
    word = (found[1] or found[2]).casefold() if found else ""
    return {"offline": "offline", "server": "server", "singlestream": "single", "multistream": "multi"}.get(word, "plain")
