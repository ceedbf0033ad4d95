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
from gpuplanner.evidence.formats import engine_id, kv_precision, version_number, weight_precision
from gpuplanner.evidence.hosts import host_profile, one_stream_runtimes
from gpuplanner.evidence.lengths import Lengths, lengths_of
from gpuplanner.evidence.peers import peer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.standin import StandIn, stand_in

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
_NEW_MONTHS: Final = 3
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
        weights = weight_precision(_weight_words(row), self.catalog.precisions, model)
        kv = kv_precision(row.kv_precision or _kv_of_checkpoint(weights, engine), self.catalog.precisions)
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
            model_id, weights, kv, engine, profile, *tokens, _overrides(row), place.usable_bytes, _graphs(row), _at_a_rate(row),
            _beams(row), *_proposers(row),
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
            return StandIn(gpu, _float(row.extra.get("total_gpu_memory_gib"), 2**30))
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
            date = (row.date or _soon_after(model)) if row.table == "memory" else ""
            return engine, profiles[profile_index(profiles, row.version, row.framework, date)]
        return None

    def _lengths(self, row: Row, model: Model, profile: MemoryProfile) -> Lengths | None:
        if row.table == "speed":
            return lengths_of(row)
        if row.task == "infer_peak":
            return Lengths(row.isl or 1.0, row.osl or 1.0)
        asked = _float(row.extra.get("max_model_len"), 1)
        if asked is None and row.isl and profile.budget == "on_demand":
            return Lengths(row.isl, row.osl or 2.0)  # whoever tries it has it write something
        context = asked or min(_default_context(profile), model.max_context or _FIT_TOKENS)
        return Lengths(max(1.0, context - 1), 1.0)


def _graphs(row: Row) -> bool:
    """Whether steps are captured; a note's "eager" may be what helped."""
    words = " ".join(row.extra).casefold()
    if "cuda graphs on" in words:
        return True
    eager = re.search(r"\beager\b", row.note) or re.search(r"\benforce[-_]eager\b", words.replace("enforce_eager", ""))
    return row.extra.get("enforce_eager", "0") in {"0", "false"} and not eager


def _default_context(profile: MemoryProfile) -> int:
    """Tokens of a request where a page names no length: what an engine insists on holding, or a length that is of use."""
    return {"share_of_total": _LONG_TOKENS, "on_demand": _FEW_TOKENS}.get(profile.budget, _FIT_TOKENS)


def _soon_after(model: Model) -> str:
    """Month of a log that bears no date: people publish them while a model is new."""
    match = re.match(r"(\d{4})-(\d{2})", model.release_date or "")
    if not match:
        return ""
    months = 12 * int(match[1]) + int(match[2]) - 1 + _NEW_MONTHS
    return f"{months // 12}-{months % 12 + 1:02}"


def profile_index(profiles: tuple[MemoryProfile, ...], version: str, framework: str = "", date: str = "") -> int:
    """Which profile holds for a version; the newest when the version isn't understood (a fork, a date, none).

    A row that gives no version at all is of the newest release that was out at its ``date``, a fork of one from before.
    """
    # "TensorRT 10.2" is the version of the library: the engine is one compiled with it, as the older releases made them
    if framework.casefold() in {"tensorrt", "cuda", "jetpack"}:
        return len(profiles) - 1
    number = None if re.search(r"fork|nightly|image|dev\d{5}", version) else version_number(version)
    if number is None:
        dated = date[:7] if re.match(r"\d{4}-\d{2}", date) and not re.search("nightly|image", version) else ""
        if not dated or not all(profile.released for profile in profiles):
            return 0
        last = f"{dated}-00" if "fork" in version else f"{dated}-99"  # a fork leaves from what was out before its month
        return next((i for i, profile in enumerate(profiles) if f"{profile.released}-01" <= last), len(profiles) - 1)
    return next((i for i, profile in enumerate(profiles) if admits(profile.versions, number)), len(profiles) - 1)


def admits(versions: str, number: tuple[int, int]) -> bool:
    """Whether a version lies in a range such as ">=0.17,<0.21".

    Raises:
        ValueError: when the range isn't one.
    """
    for part in filter(None, (part.strip() for part in versions.split(","))):
        match = re.fullmatch(r"(>=|<=|<|>|==)?\s*(\d+)\.(\d+)(?:\.\d+)?", part)
        if match is None:
            if part in {"all", "*"}:
                continue
            raise ValueError(versions)
        bound = (int(match[2]), int(match[3]))
        holds = {">=": number >= bound, "<=": number <= bound, "<": number < bound, ">": number > bound}
        if not holds.get(match[1], number == bound):
            return False
    return True


def _out_of_scope(row: Row) -> NotDone | None:
    if row.table == "memory":
        serving = row.extra.get("task", "serve") == "serve" and row.method in {"", "-", "inference"}
        if row.task not in MEMORY_KINDS or (row.task == "fits" and not serving):
            return NotDone(Reason.TASK, row.task)
        if row.task in {"kv_cache", "kv_tokens_capacity"} and _share(row) is None and "sglang" not in row.framework.casefold():
            return NotDone(Reason.UTILIZATION)
        if row.task in {"fits", "kv_cache", "kv_tokens_capacity"} and any(_SIDE_MODEL.search(key) for key in row.extra):
            return NotDone(Reason.EXTRAS)
        return None
    if row.task not in SPEED_TASKS:
        return NotDone(Reason.TASK, row.task)
    if row.metric not in _METRICS[row.task]:
        return NotDone(Reason.METRIC, row.metric)
    return None


def _weight_words(row: Row) -> str:
    """The words on the weights' format; double quantisation sometimes stands among the flags."""
    word = row.weight_precision or row.model
    if any("online" in key and "bf16" in key for key in row.extra):  # they lie on the GPU as they came before
        return "bf16"
    double = any(re.search(r"nf4-dq|double.quant", key) for key in row.extra)
    return f"{word} dq" if double and "nf4" in word and "dq" not in word else word


def _kv_of_checkpoint(weights: str | None, engine: str) -> str:
    """What the cache is kept in where nothing is said: TensorRT-LLM's 8 and 4 bit float checkpoints carry an FP8 cache."""
    narrow = weights is not None and weights.startswith(("fp8", "nvfp4", "mxfp"))
    return "fp8" if narrow and engine == "tensorrt-llm" else ""


def _proposers(row: Row) -> tuple[bool, float]:
    """Whether heads of the model propose tokens, and the bytes of a draft model that does, as far as a memory row says."""
    words = " ".join(row.extra) if row.table == "memory" else ""
    stated = re.search(r"draft\w* (?:head|model) (\d+(?:\.\d+)?) ?GB", words)
    if stated:
        return False, float(stated[1]) * 1e9
    return bool(re.search(r"\b(mtp|draft|mtp_drafter)\b", words, re.IGNORECASE)), 0.0


def _at_a_rate(row: Row) -> bool:
    return row.task == "llm_serving_at_concurrency" and row.request_rate is not None


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


def _beams(row: Row) -> int:
    match = re.search(r"beam width (\d+)", row.note)
    return max(1, int(match[1])) if match and row.table == "speed" else 1


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


def _overrides(row: Row) -> Overrides:
    extra = row.extra
    built = re.search(r"max_batch_size (\d+)", ";".join(extra))
    length = _int(extra.get("max_model_len"))
    if built and length and "max_num_tokens" not in extra:  # an engine compiled for whole prompts of a full batch
        return Overrides(max_batched_tokens=int(built[1]) * length, max_seqs=int(built[1]))
    seqs = re.match(r"max-num-seqs?\s*(\d+)", row.batch.casefold())
    return Overrides(
        memory_utilization=_share(row),
        max_batched_tokens=_int(extra.get("max_num_batched_tokens")),
        max_seqs=_int(seqs[1]) if seqs else _int(extra.get("max_num_seqs")),
    )


def _share(row: Row) -> float | None:
    """Share of the card that the server was given."""
    return _float(row.extra.get("gpu_memory_utilization") or row.extra.get("mem_fraction_static"), 1)


def _float(text: str | None, scale: float) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value * scale if 0 < value < 1e12 else None


def _int(text: str | None) -> int | None:
    value = _float(text, 1)
    return int(value) if value is not None and value >= 1 else None
