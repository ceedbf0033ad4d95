"""Profiles to time programs by whose memory isn't modelled: enough for speed where memory doesn't bind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from gpuplanner import assets
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile, Tier

FILE = "measurements/hosts.json"
PATTERN = "vllm"  # the budget rule stands in; these rows run far from it


@dataclass(frozen=True, slots=True)
class Host:
    """A measured program: the engine record it goes by, the name of its overheads, prompt tokens it computes at once.

    ``half_accumulate``: its kernels sum products in 16 bit, which some cards do at twice the rate.
    """

    framework: str
    engine: str
    runtime: str
    prompt_tokens: int
    half_accumulate: bool


@cache
def hosts() -> tuple[Host, ...]:
    """All hosts, the longest name first."""
    records = json.loads((assets.catalogs() / FILE).read_bytes())["records"]
    found = [
        Host(item["framework"], item["engine"], item["runtime"], item["prompt_tokens"], item["half_accumulate"])
        for item in records
    ]
    return tuple(sorted(found, key=lambda host: -len(host.framework)))


def sums_in_half(runtime: str) -> bool:
    """Whether the kernels of a runtime sum in 16 bit."""
    return any(host.half_accumulate for host in hosts() if host.runtime == runtime)


@cache
def one_stream_runtimes() -> frozenset[str]:
    """Runtimes that answer one request after the other, and put a model too large for a card on several in turn."""
    return frozenset(host.runtime for host in hosts())


def host_profile(framework: str, catalog: Catalog) -> tuple[str, MemoryProfile] | None:
    """Engine id and profile to time a program by; None when it isn't known."""
    name = framework.casefold()
    host = next((host for host in hosts() if name.startswith(host.framework)), None)
    if host is None or host.engine not in catalog.engines:
        return None
    pattern = catalog.engines[PATTERN].profiles[0]
    tokens = (Tier(min_gib=0, value=host.prompt_tokens),)
    changes = {"runtime": host.runtime, "max_batched_tokens": tokens, "utilization": 1.0, "logit_bytes": 0.0}
    return host.engine, pattern.model_copy(update={**changes, "max_seqs": (Tier(min_gib=0, value=256),), "mlp_tensors": 0.0})
