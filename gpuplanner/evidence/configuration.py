"""A measurement row with everything looked up: what was run, on what, how loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile
from gpuplanner.catalog.schema.model import Model
from gpuplanner.engine.layout.rows import Overrides
from gpuplanner.evidence.benchmarks import Offered, burst_size, offered, run_size
from gpuplanner.evidence.formats import engine_id, kv_precision, weight_precision
from gpuplanner.evidence.hosts import host_profile, one_stream_runtimes
from gpuplanner.evidence.lengths import Lengths, lengths_of
from gpuplanner.evidence.peers import peer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.standin import StandIn, stand_in
from gpuplanner.evidence.told import at_a_rate, beams, graphs, kv_of_checkpoint, number, overrides, proposers, share, weight_words
from gpuplanner.evidence.versions import profile_index, soon_after

SPEED_TASKS: Final = frozenset(
    {"llm_offline_throughput", "llm_serving_at_concurrency", "llm_latency", "llm_prefill", "llm_decode"}
)
MEMORY_KINDS: Final = frozenset(
    {"infer_weights", "kv_cache", "kv_tokens_capacity", "activation", "nontorch_overhead", "cudagraph", "fits", "infer_peak"}
)
_METRICS: Final = {
    "llm_offline_throughput": {"tokens_per_s_total_output", "tokens_per_s_per_gpu"},
    "llm_serving_at_concurrency": {"tokens_per_s_total_output", "ttft_ms", "tpot_ms", "itl_ms"},
    "llm_latency": {"tokens_per_s_total_output", "e2e_ms", "ttft_ms", "tpot_ms"},
    "llm_prefill": {"tokens_per_s_total", "ttft_ms"},
    "llm_decode": {"tokens_per_s_total_output", "tpot_ms", "itl_ms"},
}
_SIDE_MODEL: Final = re.compile(r"(?<!no cpu )offload|ktransformers", re.IGNORECASE)
_ATTENTION_COPIES: Final = re.compile(r"attention[-_ ]?dp|dp[-_ ]?att|\bDEP\d*\b", re.IGNORECASE)
_ANY_ENGINE: Final = "vllm"
_DEGREES: Final = (1, 2, 4, 8)
_FIT_TOKENS: Final = 8192  # a deployment page that names no length means one that is of use
_LONG_TOKENS: Final = 131072  # vLLM starts only when its cache holds the longest request; beyond this people set a length
_FEW_TOKENS: Final = 2048  # a script that tries the model out


@dataclass(frozen=True, slots=True)
class Setup:
    """What rows can share, so that they are computed together."""

    model: str
    weights: str
    kv: str
    engine: str
    profile: MemoryProfile
    input_tokens: int
    output_tokens: int
    overrides: Overrides
    usable_bytes: float | None
    graphs: bool = True
    open_loop: bool = False  # requests come at a rate of their own
    beams: int = 1  # sequences of a request; they share its prompt
    heads: bool = False  # heads of the model itself propose tokens
    draft_bytes: float = 0.0  # a draft model of this size does


@dataclass(frozen=True, slots=True)
class Configuration:
    """A row ready to be computed.

    ``layouts`` are the tensor and pipeline degrees and the copies of attention to try: one where the source names them, else
    those the GPUs allow, of which the best counts. ``gpus`` are all GPUs of the run, ``load`` the requests in flight over all of
    them (None: as full as it goes), ``offered`` how a benchmark brought it about, ``run_size`` how many requests a run for
    throughput had in all. ``size_ratio``: parameters of the model over those of the one that stands in for it.
    """

    row: Row
    setup: Setup
    gpu: str
    layouts: tuple[tuple[int, int, int], ...]
    gpus: int
    load: float | None
    size_ratio: float = 1.0
    offered: Offered | None = None
    run_size: int | None = None


class Configurer:
    """Turns rows into configurations, with one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.models = ModelResolver(catalog.models)
        self.gpus = GpuResolver(catalog.gpus)

    def __call__(self, row: Row) -> Configuration | NotDone:
        """Look everything up.

        Returns:
            The configuration, or why there is none.
        """
        unfit = _out_of_scope(row)
        if unfit is not None:
            return unfit
        model_id = self._model(row)
        if isinstance(model_id, NotDone):
            return model_id
        model = self.catalog.models[model_id]
        place = self._place(row)
        if place is None:
            return NotDone(Reason.GPU, row.gpu)
        run_by = self._run_by(row, model)
        if run_by is None:
            return NotDone(Reason.ENGINE, row.framework)
        engine, profile = run_by
        weights = weight_precision(weight_words(row), self.catalog.precisions, model)
        kv = kv_precision(row.kv_precision or kv_of_checkpoint(weights, engine), self.catalog.precisions)
        if weights is None or kv is None:
            return NotDone(Reason.PRECISION, row.weight_precision if weights is None else row.kv_precision)
        lengths = self._lengths(row, model, profile)
        if lengths is None:
            return NotDone(Reason.LENGTHS)
        load = _load(row)
        if isinstance(load, NotDone):
            return load
        tokens = (max(1, round(lengths.input_tokens)), max(1, round(lengths.output_tokens)))
        setup = Setup(
            model_id, weights, kv, engine, profile, *tokens, overrides(row), place.usable_bytes, graphs(row), at_a_rate(row),
            beams(row), *proposers(row),
        )  # fmt: skip
        placed = _placed(row, setup, place.gpu, model, load)
        if isinstance(placed, NotDone):
            return placed
        return replace(placed, size_ratio=self._size_ratio(row, model), offered=offered(row, load), run_size=run_size(row))

    def _model(self, row: Row) -> str | NotDone:
        model_id = self.models(row.model)
        model = self.catalog.models[model_id] if model_id is not None else None
        if model_id is not None and model is not None and model.language is not None:
            return model_id
        # what fits goes by the size; everything else needs the model itself
        alike = peer(row.model, model, self.catalog.models) if row.task == "fits" else None
        return alike or NotDone(Reason.MODEL if model is None else Reason.SHAPE, row.model)

    def _size_ratio(self, row: Row, stands_in: Model) -> float:
        own_id = self.models(row.model)
        own = self.catalog.models[own_id] if own_id is not None else None
        if own is None or own.id == stands_in.id or not own.params_total or not stands_in.params_total:
            return 1.0
        return own.params_total / stands_in.params_total

    def _place(self, row: Row) -> StandIn | None:
        gpu = self.gpus(row.gpu)
        if gpu is not None:
            return StandIn(gpu, number(row.extra.get("total_gpu_memory_gib"), 2**30))
        return stand_in(row, self.catalog.gpus) if row.table == "memory" else None

    def _run_by(self, row: Row, model: Model) -> tuple[str, MemoryProfile] | None:
        host = host_profile(row.framework, self.catalog) if row.table == "speed" else None
        if host is not None:
            return host
        engine = engine_id(row.framework, row.version, self.catalog.engines)
        if engine is None and row.task == "fits":  # whatever runs it, weights and cache must lie somewhere
            engine = "llama-cpp" if "llama-cpp" in self.catalog.engines else None
        if engine is None and row.table == "speed":
            engine = _ANY_ENGINE  # one nobody here knows batches continuously like the others
        if engine is not None and not self.catalog.engines[engine].profiles:
            engine = self.catalog.engines[engine].port_of or engine
        profiles = self.catalog.engines[engine].profiles if engine is not None else ()
        if engine is not None and profiles:
            date = (row.date or soon_after(model)) if row.table == "memory" else ""
            return engine, profiles[profile_index(profiles, row.version, row.framework, date)]
        return None

    def _lengths(self, row: Row, model: Model, profile: MemoryProfile) -> Lengths | None:
        if row.table == "speed":
            return lengths_of(row)
        if row.task == "infer_peak":
            return Lengths(row.isl or 1.0, row.osl or 1.0)
        asked = number(row.extra.get("max_model_len"), 1)
        if asked is None and row.isl and profile.budget == "on_demand":
            return Lengths(row.isl, row.osl or 2.0)  # whoever tries it has it write something
        context = asked or min(_default_context(profile), model.max_context or _FIT_TOKENS)
        return Lengths(max(1.0, context - 1), 1.0)


def _default_context(profile: MemoryProfile) -> int:
    """Tokens of a request where a page names no length: what an engine insists on holding, or a length that is of use."""
    return {"share_of_total": _LONG_TOKENS, "on_demand": _FEW_TOKENS}.get(profile.budget, _FIT_TOKENS)


def _out_of_scope(row: Row) -> NotDone | None:
    if row.table == "memory":
        serving = row.extra.get("task", "serve") == "serve" and row.method in {"", "-", "inference"}
        if row.task not in MEMORY_KINDS or (row.task == "fits" and not serving):
            return NotDone(Reason.TASK, row.task)
        if row.task in {"kv_cache", "kv_tokens_capacity"} and share(row) is None and "sglang" not in row.framework.casefold():
            return NotDone(Reason.UTILIZATION)
        if row.task in {"fits", "kv_cache", "kv_tokens_capacity"} and any(_SIDE_MODEL.search(key) for key in row.extra):
            return NotDone(Reason.EXTRAS)
        return None
    if row.task not in SPEED_TASKS:
        return NotDone(Reason.TASK, row.task)
    if row.metric not in _METRICS[row.task]:
        return NotDone(Reason.METRIC, row.metric)
    return None


def _load(row: Row) -> float | NotDone | None:
    """Requests in flight over all GPUs; None for as many as go."""
    if row.task in {"infer_peak", "fits"}:
        return float(row.batch) if row.batch.replace(".", "").isdigit() and float(row.batch) >= 1 else None
    if row.table == "memory" or row.task == "llm_offline_throughput":
        return None if row.table == "memory" or not row.batch.replace(".", "").isdigit() else float(row.batch)
    burst = burst_size(row.batch)
    if burst is not None:
        return float(burst)
    text = row.batch.casefold()
    match = re.fullmatch(r"(?:max-num-seqs?|batch|concurrency)?\s*=?\s*(\d+(?:\.\d+)?)", text)
    if match and float(match[1]) > 0:
        return float(match[1])
    return NotDone(Reason.LOAD, row.batch)


def _placed(row: Row, setup: Setup, gpu: str, model: Model, load: float | None) -> Configuration | NotDone:
    pipeline = row.pp or 1
    if row.table == "speed" and model.language and _spread_experts(row):
        return _experts_spread(row, setup, gpu, load)
    if setup.profile.splits == "layers" and row.table == "memory":
        gpus = row.gpus or (row.tp or 1) * pipeline
        return Configuration(row, setup, gpu, ((1, gpus, 1),), gpus, load)
    one_stream = row.table == "speed" and setup.profile.runtime in one_stream_runtimes()
    if one_stream and row.tp in {None, 1} and (row.gpus or 1) > 1:  # such programs put layers on one card after the other
        return Configuration(row, setup, gpu, ((1, row.gpus or 1, 1),), row.gpus or 1, load)
    if row.tp is not None:
        gpus = row.gpus or row.tp * pipeline
        if row.tp * pipeline > gpus:
            gpus = row.tp * pipeline
        return Configuration(row, setup, gpu, ((row.tp, pipeline, 1),), gpus, load)
    gpus = row.gpus or 1
    if row.pp is not None and (row.table == "speed" or row.pp > 1):
        return Configuration(row, setup, gpu, ((max(1, gpus // pipeline), pipeline, 1),), gpus, load)
    heads = max(layer.heads for layer in model.language.layers) if model.language else 1
    if row.task == "fits":
        whole = [(tp, gpus // tp, 1) for tp in (*_DEGREES, 16, 32) if tp <= gpus and gpus % tp == 0 and heads % tp == 0]
        layouts = tuple(item for item in whole if item[0] == min(gpus, 8) or item[1] == 1) or tuple(whole[-1:])
    else:
        layouts = tuple((tp, 1, 1) for tp in _DEGREES if tp <= gpus and gpus % tp == 0 and heads % tp == 0)
    return Configuration(row, setup, gpu, layouts, gpus, load) if layouts else NotDone(Reason.LAYOUT)


def _spread_experts(row: Row) -> bool:
    return (row.ep or 1) > 1 or _ATTENTION_COPIES.search(row.note) is not None


def _experts_spread(row: Row, setup: Setup, gpu: str, load: float | None) -> Configuration:
    """Experts shared out whole: with attention on each GPU for its own requests where that is said, else whichever is better."""
    pipeline = row.pp or 1
    said = _ATTENTION_COPIES.search(row.note) is not None or ((row.dp or 1) > 1 and (row.tp or 1) == 1)
    width = max(row.tp or 1, row.ep or 1, (row.dp or 1) if said else 1)
    if row.tp is None and (row.ep or 1) <= 1:
        width = max(1, (row.gpus or 1) // pipeline)
    layouts = ((width, pipeline, width),) if said else ((width, pipeline, 1), (width, pipeline, width))
    return Configuration(row, setup, gpu, layouts, max(row.gpus or 1, width * pipeline), load)
