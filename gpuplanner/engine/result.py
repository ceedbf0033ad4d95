"""What follows: an estimate as plain, frozen data. Texts are codes with parameters; the surface words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Provenance(StrEnum):
    """How a figure is known."""

    EXACT = "exact"  # follows from published values by arithmetic
    MEASURED = "measured"  # measurements of the same kind on the same hardware stand near
    MODELLED = "modelled"  # modelled, on a hardware family with measurements
    EXTRAPOLATED = "extrapolated"  # modelled, no measurement of this family


class Unit(StrEnum):
    """The unit a quantity is held in; the surface may show another."""

    BYTES = "B"
    SECONDS = "s"
    TOKENS_PER_SECOND = "tok/s"
    TOKENS = "tok"
    REQUESTS = "req"
    REQUESTS_PER_SECOND = "req/s"
    ITEMS_PER_SECOND = "item/s"  # pictures, clips, texts, images, recordings
    COUNT = "1"
    SHARE = "share"
    MONEY = "money"  # in the scenario's currency
    WATTS = "W"
    HOURS = "h"
    FLOPS = "FLOP"
    FLOPS_PER_SECOND = "FLOP/s"
    BYTES_PER_SECOND = "B/s"
    KILOWATT_HOURS = "kWh"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure with its range.

    ``value`` None means unknown (a price nobody published), never zero. ``low``/``high`` span the 10th to 90th
    percentile of the errors of comparable measurements; ``rows`` says how many those were.
    """

    key: str
    value: float | None
    unit: Unit
    low: float | None = None
    high: float | None = None
    provenance: Provenance = Provenance.MODELLED
    rows: int = 0
    at_least: bool = False  # a sum with unknown parts: the true figure is this or more


@dataclass(frozen=True, slots=True)
class Code:
    """A message as a code with parameters; both languages stand under it in ``resources/texts``.

    Parameters are numbers, words, or nested codes; a parameter name ending in ``_bytes``, ``_s``, ``_tokens`` … tells its unit.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class Status(StrEnum):
    """What became of a GPU."""

    MEETS = "meets"  # meets every target, the cautious end of the range too
    EXPECTED = "expected"  # the expected values meet the targets, the cautious end does not
    MISSES = "misses"  # it runs, but a target is missed
    IMPOSSIBLE = "impossible"  # it cannot run; ``reasons`` say why, ``remedies`` what would change that


class Verdict(StrEnum):
    """How a load stands to what a plan can carry at all."""

    STABLE = "stable"
    NEAR = "near"  # a little more, and requests queue
    OVERLOADED = "overloaded"  # they queue without end


class MemoryPart(StrEnum):
    """The parts of a GPU's memory, in the order they are drawn."""

    WEIGHTS = "weights"
    GRADIENTS = "gradients"
    OPTIMIZER = "optimizer"
    KV_CACHE = "kv_cache"
    ACTIVATIONS = "activations"  # logits and loss among them
    ENGINE = "engine"  # driver and CUDA context, graphs, allocator
    COMMUNICATION = "communication"


@dataclass(frozen=True, slots=True)
class Moment:
    """What lies on a GPU at one moment of a training step: end of ``forward``, ``loss``, ``backward`` or ``optimizer``."""

    name: str
    parts: Mapping[MemoryPart, float]

    @property
    def need_bytes(self) -> float:
        """All parts."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of the fullest GPU, in bytes.

    ``parts`` is what this load needs, part by part; ``usable_bytes`` what the driver reports; ``limit_bytes`` what the serving
    engine lets itself use. ``kv_pool_bytes`` is what is left for KV cache under the limit, ``kv_tokens_fit`` and
    ``requests_fit`` what one replica holds in it. Of a training step ``parts`` are those of the worst of its ``moments``, and
    there is no cache.
    """

    parts: Mapping[MemoryPart, float]
    usable_bytes: float
    limit_bytes: float
    kv_pool_bytes: float
    kv_tokens_fit: int
    requests_fit: int
    moments: tuple[Moment, ...] = ()

    @property
    def need_bytes(self) -> float:
        """What the load needs on this GPU."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How a training step is laid out.

    ``micro_batch`` sequences a GPU works on at once, ``micro_batches`` of them between two updates. ``recompute`` and
    ``sharding`` are words of the document; ``peak`` names the moment at which most lives.
    """

    micro_batch: int
    micro_batches: int
    data_parallel: int
    context_parallel: int
    expert_parallel: int
    recompute: str
    sharding: str
    peak: str
    virtual_stages: int = 1
    recomputed: float = 0.0


@dataclass(frozen=True, slots=True)
class PassPart:
    """A part of a pass: ``text_encoders``, ``denoiser``, ``autoencoder``, ``encoder``, ``network`` or ``decoder``."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PassPlan:
    """What a pass through a model that writes no long text is made of.

    ``item``: image, clip, text, pair, picture or audio; ``items`` of them a request holds. ``parts`` of the time of a full batch,
    in order. Of images and clips ``steps``, ``guided``, ``width``, ``height`` and ``frames``, of texts ``tokens``, of speech
    ``audio_s`` apply. ``utilization`` is the share of the replicas' capacity in use, ``at_once`` the requests a pass then
    carries on average; ``runtime`` what runs it. Under this load a pass takes ``service_s``, a share ``busy`` of the requests
    finds one running, and they wait ``queue_s`` in the queue on average. One request lies on ``cfg_parallel`` times
    ``sequence_parallel`` GPUs: halves of guidance, and parts of the tokens.
    """

    item: str
    parts: tuple[PassPart, ...]
    steps: int
    guided: bool
    width: int
    height: int
    frames: int
    tokens: int
    audio_s: float
    items: int
    utilization: float
    at_once: float
    runtime: str
    service_s: float = 0.0
    busy: float = 0.0
    queue_s: float = 0.0
    cfg_parallel: int = 1
    sequence_parallel: int = 1


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """Replicas that only read prompts (``prefill``) and replicas that only write (``decode``), all of the plan's layout.

    ``rate`` is the requests per second that pass through, ``busy`` the share of the time in which the readers are at work.
    ``transfer_s`` is the way of a prompt's cache from one to the other, over the fast link within a server where ``fast_link``.
    ``together_gpus`` is what the same GPU needs when every replica does both, spares included; None where it can't.
    """

    prefill: int
    decode: int
    rate: float
    busy: float
    transfer_s: float
    fast_link: bool
    together_gpus: int | None = None


@dataclass(frozen=True, slots=True)
class ReusePlan:
    """Conversations that come back: the share ``kept`` whose cache is still there, and the part of it ``on_gpu``.

    ``reload_s`` is the mean time to bring the rest back from host memory; ``conversations`` fit in all caches together;
    ``history_tokens`` of a prompt come back.
    """

    kept: float
    on_gpu: float
    reload_s: float
    conversations: float
    history_tokens: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The best way to carry the load on one kind of GPU, or why there is none.

    ``replicas`` carry the load, ``spare_replicas`` stand by; ``batch`` is requests in flight per replica. ``figures`` hold,
    where they apply:
    ``memory_per_gpu``, ``ttft``, ``tpot`` (at the scenario's percentile), ``ttft_mean``, ``tpot_mean``, ``throughput``
    (output tokens per
    second of all replicas), ``request_rate``, ``e2e``, ``purchase``, ``cost_per_million``, ``power``, ``batch_time``.
    ``attention_copies`` above 1: so many GPUs of a replica keep attention whole, each for requests of its own, and share the
    experts.
    ``pools`` is set where prefill runs apart: ``replicas`` then counts both kinds, ``batch`` what each of the writing ones holds.
    ``compute_format`` is the number format the matrix products run in; ``fallback`` is set when that isn't the one asked for.
    ``mix`` is set on the chosen plan where a second kind of GPU takes a part of its load: servers and money are those of both
    kinds, the plan's own counts and figures those of its GPU alone.
    ``training`` is set for a model that is tuned or trained: ``replicas`` are then its data-parallel copies.
    ``passes`` is set where requests are passes (images, encoders, vision, speech): ``batch`` is then items at once on a replica,
    and the figures are ``memory_per_gpu``, ``pass_time`` (one full batch), ``e2e`` (arrival to result at the scenario's
    percentile), ``e2e_mean``, ``request_rate`` and ``item_rate`` (carried), ``capacity_rate`` (requests at most), ``purchase``,
    ``power``, ``cost_per_thousand`` (items); of images and clips ``step_time``; of speech ``real_time_factor`` (seconds heard a
    second, one replica), ``streams`` (live, all replicas) and ``cost_per_audio_hour``.
    """

    gpu_id: str
    status: Status
    tensor_parallel: int = 0
    pipeline_parallel: int = 0
    replicas: int = 0
    spare_replicas: int = 0
    servers: int = 0
    batch: int = 0
    compute_format: str = ""
    fallback: Code | None = None
    memory: Memory | None = None
    figures: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))
    reasons: tuple[Code, ...] = ()
    remedies: tuple[Code, ...] = ()
    warnings: tuple[Code, ...] = ()
    training: TrainingPlan | None = None
    passes: PassPlan | None = None
    attention_copies: int = 1
    verdict: Verdict | None = None
    bought_gpus: int = 0
    pools: PoolPlan | None = None
    reuse: ReusePlan | None = None
    mix: Mix | None = None

    @property
    def gpus_per_replica(self) -> int:
        """GPUs that hold one copy of the model."""
        spread = self.passes.cfg_parallel * self.passes.sequence_parallel if self.passes else 1
        return self.tensor_parallel * self.pipeline_parallel * spread

    @property
    def gpus(self) -> int:
        """All GPUs, spares included."""
        return self.gpus_per_replica * (self.replicas + self.spare_replicas)

    @property
    def bought(self) -> int:
        """All GPUs that stand in the servers: more than are used, where they come only by the board."""
        return max(self.bought_gpus, self.gpus)


@dataclass(frozen=True, slots=True)
class MixPart:
    """Replicas of one kind of GPU: how many, and the share of the load they carry within the targets.

    ``plan`` counts them with the spares and the whole boards of their kind; of figures it holds what is carried. ``cost`` is that
    of all GPUs bought, in the scenario's currency; None where the price isn't known.
    """

    plan: Plan
    share: float
    cost: float | None = None

    @property
    def gpu_id(self) -> str:
        """The kind of GPU."""
        return self.plan.gpu_id

    @property
    def replicas(self) -> int:
        """Those that carry load."""
        return self.plan.replicas

    @property
    def gpus(self) -> int:
        """Spares included."""
        return self.plan.gpus


@dataclass(frozen=True, slots=True)
class Mix:
    """Two kinds of GPU carrying one load together, each with spares of its own.

    ``alone`` is what the first kind needs by itself. One kind alone may be the best: ``parts`` then holds one.
    """

    parts: tuple[MixPart, ...]
    alone: MixPart

    @property
    def gpus(self) -> int:
        """All of both kinds."""
        return sum(part.gpus for part in self.parts)

    @property
    def cost(self) -> float | None:
        """Of both kinds; None where a price isn't known."""
        costs = [part.cost for part in self.parts]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer to a scenario: a plan for every GPU of the catalogue, best first.

    ``chosen`` is the GPU the answer is given for: the scenario's own, or the best; None when nothing can run.
    ``mix`` is set where a second GPU is asked for and both carry some of the load.
    ``refusal`` is set when the scenario as a whole cannot be estimated; there are no plans then.
    """

    plans: tuple[Plan, ...] = ()
    chosen: str | None = None
    refusal: Code | None = None
    warnings: tuple[Code, ...] = ()
    params_total: int = 0
    params_active: int = 0
    kv_bytes_per_token: float = 0.0
    candidates: int = 0
    mix: Mix | None = None

    def plan(self, gpu_id: str | None = None) -> Plan | None:
        """The plan of a GPU; of the chosen one when none is named."""
        wanted = gpu_id or self.chosen
        return next((plan for plan in self.plans if plan.gpu_id == wanted), None)


@dataclass(frozen=True, slots=True)
class Term:
    """One symbol of an opened formula.

    ``symbol`` as printed, ``name`` the text key of its meaning, ``source`` where the value comes from (a code, e.g.
    ``source.config`` with the field's name),
    ``edit`` the scenario field that changes it, if one does; ``opens`` the key of the figure it opens into, if it is
    computed itself.
    """

    symbol: str
    name: str
    value: float
    unit: Unit
    source: Code
    edit: str | None = None
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one figure came about: formula in symbols and in numbers, its terms, source and notes."""

    key: str
    formula_id: str
    formula: str  # in symbols
    numbers: str  # with the numbers put in
    result: Quantity
    terms: tuple[Term, ...]
    reference: str  # paper, datasheet or documentation
    notes: tuple[Code, ...] = ()
