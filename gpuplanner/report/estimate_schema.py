"""The JSON Schema of an estimate: what its parts look like to other programs. Described in docs/estimate-json.md."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gpuplanner.report.schema_base import Figure, Message, Part
from gpuplanner.report.site_schema import EstatePart, SitePart

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class UnitCost(Figure):
    """The cost of a lot of what a workload makes; ``figure`` names the lot."""

    figure: str


class Entry(Part):
    """A line of a list of costs."""

    key: str
    name: Message
    amount: Figure
    detail: list[Message]


class Use(Part):
    """How the day goes: hours against the busiest, and the mean over a week."""

    mean: float
    hours: list[float] = Field(min_length=24, max_length=24)
    weekend: float


class BreakEven(Part):
    """Where owning gets cheaper; null where it never does, or isn't known."""

    months: float | None
    months_low: float | None
    months_high: float | None
    use_against_api: float | None
    use_against_cloud: float | None
    api_per_million_output: float | None


class Lever(Part):
    """An assumption moved down and up, and the cost that follows."""

    key: str
    name: Message
    low: Message
    high: Message
    cost_at_low: float
    cost_at_high: float


Terms = dict[Literal["on_demand", "reserved_1y", "reserved_3y", "spot"], float]


class Offer(Part):
    """Instances that carry the load. A term that nobody priced is absent."""

    instance: str
    provider: str
    name: str
    gpu: str
    gpus_each: int
    count: int
    region: str
    meets: bool
    hourly: Terms
    month: Terms
    life: Terms
    run: Terms | None
    assumed: list[str]
    against_own: float | None
    priced: str
    firm: bool


class WorkCost(Part):
    """A workload's part of the whole, what is free or stands by shared out."""

    letter: str
    name: str
    part: float
    purchase: Figure
    running: Figure
    life: Figure
    unit_cost: UnitCost | None
    cloud: Offer | None


class PhasePaid(Part):
    """What a phase adds, all that was bought by then, and what runs a year from then."""

    name: Message
    once: list[Entry]
    added: Figure
    bought: Figure
    running: Figure


class Whole(Part):
    """All workloads together."""

    figures: dict[str, Figure]
    once: list[Entry]
    yearly: list[Entry]
    workloads: list[WorkCost]
    phases: list[PhasePaid]
    cloud_month: Terms | None
    breakeven_months: float | None


class MoneyPart(Part):
    """Owning over its life. Amounts are in ``currency``."""

    currency: Literal["CNY", "USD", "EUR"]
    lifetime_years: float
    use: Use
    figures: dict[str, Figure]
    once: list[Entry]
    yearly: list[Entry]
    spent_by_month: list[float]
    breakeven: BreakEven | None
    levers: list[Lever]
    levers_move: str
    warnings: list[Message]
    whole: Whole | None


class CloudPart(Part):
    """The same need met by rented instances."""

    currency: Literal["CNY", "USD", "EUR"]
    term: Literal["on_demand", "reserved_1y", "reserved_3y", "spot"]
    held_against: str | None
    offers: list[Offer]


class Setting(Part):
    """A field of the scenario and what it shall hold."""

    model_config = ConfigDict(extra="forbid")

    field: str
    value: Any


class Effect(Part):
    """A figure of the answer now and then."""

    figure: str
    before: Figure | None
    after: Figure


class Change(Part):
    """A change of fields, judged by a second estimate. ``saving`` is a share of the purchase, ``speedup`` of a request's time."""

    message: Message
    aim: Literal["safer", "cheaper", "faster"]
    set: list[Setting]
    gpu: str
    gpu_name: str
    gpus: int
    status: Literal["meets", "expected", "misses", "impossible"]
    saving: float | None
    speedup: float | None
    risk: Message | None
    effects: list[Effect]


class AdvicePart(Part):
    """Changes, the most useful first."""

    currency: Literal["CNY", "USD", "EUR"]
    changes: list[Change]


class MixShare(Part):
    """Replicas of one kind of GPU, and the share of the load they carry."""

    gpu: str
    replicas: int
    spare_replicas: int
    gpus: int
    bought_gpus: int
    load_share: float
    cost: float | None


class MixPart(Part):
    """Two kinds of GPU carrying one load; ``alone`` is the first by itself."""

    parts: list[MixShare]
    gpus: int
    cost: float | None
    alone: MixShare


class Answer(BaseModel):
    """An estimate; parts that weren't asked for are absent."""

    model_config = ConfigDict(extra="forbid", strict=True, title="gpuplanner-estimate")

    format: Literal["gpuplanner-estimate"]
    version: Literal[1]
    program: str
    catalogue: dict[str, str]
    scenario: dict[str, str]
    model: dict[str, Any]
    currency: Literal["CNY", "USD", "EUR"]
    gpu: str | None
    answer: dict[str, str]
    refusal: Message | None
    warnings: list[Message]
    mix: MixPart | None = None
    plans: list[dict[str, Any]] = []
    site: SitePart | None = None
    estate: EstatePart | None = None
    money: MoneyPart | None = None
    cloud: CloudPart | None = None
    rules: dict[str, Any] | None = None
    advice: AdvicePart | None = None


def as_text() -> str:
    """The schema as it is published."""
    schema = {"$schema": DIALECT, **Answer.model_json_schema()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
