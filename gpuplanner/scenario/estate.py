"""Several workloads of one customer, and the place they stand in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked, Id
from gpuplanner.scenario.passes import EncodingChoice, GenerationChoice
from gpuplanner.scenario.serving import ServingChoice
from gpuplanner.scenario.training import TrainingChoice
from gpuplanner.scenario.work import Deployment, ModelChoice, PrecisionChoice, Targets, Workload

Nodes = Annotated[int, Field(ge=0, le=10_000)]
Hour = Annotated[float, Field(ge=0, le=24)]


class Cooling(StrEnum):
    """What the site can take."""

    ANY = "any"
    AIR = "air"
    LIQUID = "liquid"


class FabricKind(StrEnum):
    """How the cards of the GPU fabric reach the leaf switches.

    Rail: each card of a server to another leaf, cards of the same number together. Leaf and spine: a server's cards to one leaf.
    """

    RAIL = "rail"
    LEAF_SPINE = "leaf_spine"


class IndexKind(StrEnum):
    """How vectors are kept for search: as they are, as a graph over them, or compressed in lists."""

    FLAT = "flat"
    HNSW = "hnsw"
    IVF_PQ = "ivf_pq"


class Work(Asked):
    """A further workload of the estate: all that the scenario itself says of its own.

    It runs from ``from_hour`` to ``to_hour``.
    """

    name: Annotated[str, Field(max_length=200)] = ""
    model: ModelChoice = ModelChoice()
    precision: PrecisionChoice = PrecisionChoice()
    workload: Workload = Workload()
    generation: GenerationChoice = GenerationChoice()
    encoding: EncodingChoice = EncodingChoice()
    serving: ServingChoice = ServingChoice()
    targets: Targets = Targets()
    training: TrainingChoice = TrainingChoice()
    deployment: Deployment = Deployment()
    from_hour: Hour = 0
    to_hour: Hour = 24


class EstateChoice(Asked):
    """The workloads beside the scenario's own, which stands at ``position`` among them and runs between its two hours.

    ``shared`` lets small ones take turns on GPUs, ``slices`` gives them slices of their own where the card can be cut (MIG).
    ``common`` puts all on one kind of GPU: ``gpu``, or the one that serves them together
    best; otherwise each takes its own best.
    """

    more: Annotated[tuple[Work, ...], Field(max_length=64)] = ()
    position: Annotated[int, Field(ge=0, le=64)] = 0
    shared: bool = True
    slices: bool = False
    common: bool = True
    gpu: Id | None = None
    from_hour: Hour = 0
    to_hour: Hour = 24


class Phase(Asked):
    """A step of building up: so large a share of the load is carried by then."""

    name: Annotated[str, Field(max_length=100)] = ""
    share: Annotated[float, Field(gt=0, le=100)] = 1.0


class SiteChoice(Asked):
    """The servers around the GPUs and the room. None means automatic, or not told.

    ``growth_per_year`` compounds over ``growth_years``. ``rack_kw`` and ``rack_kg`` limit a rack, ``free_racks`` the room.
    ``country`` is where it stands (two letters), for export rules and tariffs. Kept are a model's files in ``model_versions``
    versions, the last ``checkpoints_kept`` checkpoints of a training and ``log_days`` days of logs; ``vectors`` of
    ``vector_width`` numbers make the index of a retrieval service; ``object_tb`` is kept in object storage. ``oversubscription``
    is that of the leaf switches' uplinks. ``sockets``, ``cores``, ``ram_gb``, ``nvme_tb``, ``client_cards`` and ``fabric_cards``
    are those of each GPU server where they aren't to follow from the need.
    """

    server: Id | None = None
    sockets: Annotated[int, Field(ge=1, le=8)] | None = None
    cores: Annotated[int, Field(ge=1, le=4096)] | None = None
    ram_gb: Annotated[float, Field(gt=0, le=1e6)] | None = None
    nvme_tb: Annotated[float, Field(gt=0, le=1e5)] | None = None
    client_cards: Annotated[int, Field(ge=1, le=64)] | None = None
    fabric_cards: Annotated[int, Field(ge=0, le=256)] | None = None
    fabric: FabricKind = FabricKind.RAIL
    growth_per_year: Annotated[float, Field(ge=0, le=10)] = 0.0
    growth_years: Annotated[int, Field(ge=0, le=5)] = 0
    phases: Annotated[tuple[Phase, ...], Field(max_length=6)] = ()
    management_nodes: Nodes | None = None
    storage_nodes: Nodes | None = None
    load_balancers: Nodes | None = None
    rack_units: Annotated[int, Field(ge=4, le=60)] = 42
    rack_kw: Annotated[float, Field(gt=0, le=1000)] | None = None
    rack_kg: Annotated[float, Field(gt=0, le=10_000)] | None = None
    free_racks: Annotated[int, Field(ge=1, le=10_000)] | None = None
    cooling: Cooling = Cooling.ANY
    country: Annotated[str, Field(max_length=2)] | None = None
    around_the_clock: bool = True
    model_versions: Annotated[int, Field(ge=1, le=1000)] = 3
    dataset_tb: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    checkpoints_kept: Annotated[int, Field(ge=1, le=10_000)] = 3
    log_days: Annotated[float, Field(ge=0, le=10_000)] = 30
    vectors: Annotated[float, Field(ge=0, le=1e13)] = 0.0
    vector_width: Annotated[int, Field(ge=1, le=100_000)] = 1024
    index: IndexKind = IndexKind.HNSW
    object_tb: Annotated[float, Field(ge=0, le=1e7)] = 0.0
    oversubscription: Annotated[float, Field(ge=1, le=100)] = 1.0
    ups_minutes: Annotated[float, Field(ge=0, le=1000)] = 10
