"""Benchmarks that fill all their slots at once: what they print depends on how they were run, so they are simulated as run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from gpuplanner import assets
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request
from gpuplanner.engine.simulate.replica import Rules
from gpuplanner.engine.simulate.run import Load, Served, simulate
from gpuplanner.engine.simulate.table import StepTable, step_table
from gpuplanner.engine.speed.step import StepModel
from gpuplanner.evidence.rows import Row

FILE: Final = "measurements/loads.json"
EXPONENTIAL: Final = "exponential"
_AT_ONCE: Final = re.compile(r"(\d+)\s*(?:prompts|requests)?\s*at once|burst of (\d+)", re.IGNORECASE)
_PROMPTS: Final = re.compile(r"(?:num[-_ ]prompts\s*=?\s*(\d+))|(?:(\d+) prompts)", re.IGNORECASE)
LONGEST_PROMPT: Final = 1024  # tokens: vLLM's and SGLang's benchmarks leave longer conversations out,
LONGEST: Final = 2048  # and those with more tokens in all
_MOST: Final = 4096  # requests that are enough to simulate where a source doesn't say how many it sent
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Offered:
    """How a run offered its load: ``slots`` in flight from the start, ``prompts`` in all.

    ``spread`` of the lengths: a share, or "exponential". ``told`` whether the source gives the number of prompts; ``median``
    whether it prints the median.
    """

    slots: int
    prompts: int
    spread: str
    told: bool
    median: bool


@dataclass(frozen=True, slots=True)
class _Source:
    source: str
    prompts: int | None
    prompts_alone: int | None
    spread: str


@cache
def _sources() -> tuple[tuple[_Source, ...], int, str]:
    held = json.loads((assets.catalogs() / FILE).read_bytes())
    records = tuple(_Source(item["source"], item["prompts"], item["prompts_alone"], item["spread"]) for item in held["records"])
    return records, held["defaults"]["prompts_per_slot"], held["defaults"]["spread"]


@cache
def _offline() -> tuple[tuple[str, dict[tuple[float, float], int]], ...]:
    held = json.loads((assets.catalogs() / FILE).read_bytes())
    return tuple((item["source"], {(run[0], run[1]): run[2] for run in item["requests"]}) for item in held["offline"])


def run_size(row: Row) -> int | None:
    """Requests of a run for throughput, where its source tells; None elsewhere."""
    if row.task != "llm_offline_throughput" or row.isl is None or row.osl is None:
        return None
    known = next((sizes for source, sizes in _offline() if row.source_table.startswith(source)), None)
    return known.get((row.isl, row.osl)) if known else None


def burst_size(text: str) -> int | None:
    """Requests that a row's load says were sent at once; None where it doesn't say so."""
    match = _AT_ONCE.search(text)
    return int(match[1] or match[2]) if match else None


def offered(row: Row, load: float | None) -> Offered | None:
    """How the load of a benchmark row came; None where it came at a rate, or no serving benchmark is meant."""
    if row.task != "llm_serving_at_concurrency" or row.request_rate is not None or load is None:
        return None
    sources, per_slot, spread = _sources()
    known = next((item for item in sources if row.source_table.startswith(item.source)), None)
    burst = burst_size(row.batch)
    match = _PROMPTS.search(row.note)
    said = int(match[1] or match[2]) if match else (known.prompts_alone if load <= 1 else known.prompts) if known else None
    prompts = burst or said or int(min(per_slot * load, max(_MOST, 2 * load)))
    return Offered(
        slots=round(min(load, prompts)),
        prompts=prompts,
        spread=known.spread if known else EXPONENTIAL if "sharegpt" in row.note.casefold() else spread,
        told=bool(burst or said),
        median=re.search(r"\b(median|p50)\b", row.note, re.IGNORECASE) is not None,
    )


def run(load: Offered, replicas: float, request: Request, fleet: Fleet, rows: Rows, model: StepModel, place: int) -> Served:
    """One replica's part of the run, request by request.

    Args:
        load: how it was offered, over all replicas.
        replicas: that shared it.
        request: lengths in tokens.
        fleet: the GPUs.
        rows: layouts.
        model: their step times.
        place: the layout that was run.
    """
    copies = float(rows.attention_copies[place])
    own = {name: value[place : place + 1] if np.ndim(value) == 2 else value for name, value in model.inputs.items()}
    gpu = int(rows.gpu[place])
    slots = max(1, round(load.slots / replicas))
    replica = Point(
        request=request,
        fleet=fleet,
        rows=rows.pick(np.array([place])),
        model=StepModel(own),
        max_seqs=copies * float(fleet.max_seqs[gpu]),
        batched_tokens=copies * float(fleet.batched_tokens[gpu]),
    )
    admitted = int(max(1, min(slots, replica.max_seqs * float(rows.pipeline_parallel[place]))))
    inputs, outputs = _lengths(load, max(1, round(load.prompts / replicas)), request)
    fit = replica.requests_fit if replica.requests_fit >= 1 else float(slots)  # what was timed did run
    rules = Rules(admitted, fit * request.full_tokens, int(replica.batched_tokens))
    return _sent(step_table(replica, admitted), rules, inputs, outputs, slots, own)


def _sent(table: StepTable, rules: Rules, inputs: list[int], outputs: list[int], slots: int, own: Mapping[str, Any]) -> Served:
    """What the client sees: one process reads prompts in turn, and a slot's next request comes back only after a while."""
    each, outside = (float(np.ravel(own[name])[0]) for name in ("front_end", "request_overhead"))
    starts = [each * place for place in range(min(slots, len(inputs)))]
    served = simulate(table, rules, Load(starts, inputs, outputs, slots, think_s=[outside / 2]))
    first = served.ttft_s.copy()
    first[: len(starts)] += served.arrived_s[: len(starts)]  # sent together, read one after the other
    return replace(served, ttft_s=first)


def _lengths(load: Offered, count: int, request: Request) -> tuple[list[int], list[int]]:
    draw = np.random.default_rng(_SEED)
    means = (request.uncached_tokens, float(request.output_tokens))
    if load.spread == EXPONENTIAL:
        prompts, answers = (draw.exponential(mean, count) for mean in means)
        prompts = np.minimum(prompts, LONGEST_PROMPT)
        drawn = [prompts, np.minimum(answers, LONGEST - prompts)]
    else:
        low = 1.0 - float(load.spread)
        drawn = [mean * draw.uniform(low, 1.0, count) for mean in means]
    inputs, outputs = (np.maximum(1, np.round(values)).astype(int).tolist() for values in drawn)
    return inputs, outputs
