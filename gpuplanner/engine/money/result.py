"""What a plan costs over its life, against the cloud and against an API. Plain data; amounts in the scenario's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gpuplanner.engine.result import Code, Quantity
from gpuplanner.scenario.document import CloudTerm


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list of costs. ``detail`` says what it is made of; an unknown amount stays None and keeps the sum open."""

    key: str
    name: Code
    amount: Quantity
    detail: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """How the day goes: load of each hour against the busiest, and the mean over a week."""

    hours: tuple[float, ...]
    weekend: float
    mean: float


@dataclass(frozen=True, slots=True)
class Life:
    """Owning over its life.

    ``once`` is paid at the start, ``yearly`` each year. ``residual`` comes back at the end. ``own`` is what was spent after each
    month, from month 0, with ``own_low`` and ``own_high``. Figures: ``purchase_total``, ``running``, ``tco``, ``npv``,
    ``depreciation`` (a year), ``energy_year`` [kWh]; ``cost_per_million`` output tokens, ``cost_per_million_total`` with input,
    ``cost_per_thousand`` requests, ``cost_per_thousand_items``, ``cost_per_item``, ``cost_per_run``; of the purchase
    ``per_tflops``, ``per_gb``, ``per_gb_s``, ``per_token_s``.
    """

    once: tuple[Entry, ...]
    yearly: tuple[Entry, ...]
    use: Use
    own: tuple[float, ...]
    own_low: tuple[float, ...]
    own_high: tuple[float, ...]
    figures: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Cloud instances that carry the load.

    ``hourly`` is one instance's price by term, ``month`` and ``total`` what all of them cost in a month and over the life;
    unknown terms are absent (all of them where nobody published a price), ``assumed`` ones follow from a discount that was
    entered. ``against`` is the total at the chosen term less that of owning; ``date`` is the price's, ``firm`` says that it was
    read from a list. ``run`` is what one training run costs where instances are rented only as long as it takes.
    """

    instance_id: str
    provider: str
    name: str
    gpu_id: str
    count: int
    region: str
    hourly: Mapping[CloudTerm, float]
    total: Mapping[CloudTerm, float]
    month: Mapping[CloudTerm, float]
    against: float | None
    date: str
    meets: bool
    firm: bool
    gpus_each: int = 1
    assumed: frozenset[CloudTerm] = frozenset()
    run: Mapping[CloudTerm, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where owning gets cheaper: after ``months``, or from a ``use`` on; None where it never does within the life or at full use.

    ``uses`` and the curves give the cost of a lot by use of the day; ``key`` names its figure ("cost_per_million",
    "cost_per_thousand_items", "cost_per_run"). From ``cloud_use`` on owning is cheaper than the cloud over the whole life.
    """

    months: float | None
    months_low: float | None
    months_high: float | None
    use: float | None
    uses: tuple[float, ...]
    own: tuple[float, ...]
    cloud: tuple[float, ...]
    api: float | None
    key: str = "cost_per_million"
    cloud_use: float | None = None


@dataclass(frozen=True, slots=True)
class Lever:
    """One assumption moved down and up, and the cost per million tokens (or in all) that follows."""

    key: str
    name: Code
    low_label: Code
    high_label: Code
    low: float
    high: float
    edit: str | None = None

    @property
    def span(self) -> float:
        """How far it moves the cost."""
        return abs(self.high - self.low)


@dataclass(frozen=True, slots=True)
class WorkCost:
    """A workload's part of a whole: ``part`` of all GPUs, what is free or stands by shared out.

    ``purchase``, ``running`` (a year) and ``tco`` follow from it; ``unit`` is the cost of a lot of what it makes (None where that
    isn't known), ``cloud`` the instances that would carry it, None where none is priced.
    """

    letter: str
    name: str
    part: float
    purchase: Quantity
    running: Quantity
    tco: Quantity
    unit: Quantity | None
    cloud: Offer | None


@dataclass(frozen=True, slots=True)
class PhasePaid:
    """A phase of building up: what is bought then (``once``, ``added``), all that was by then, and what runs a year from then."""

    name: Code
    once: tuple[Entry, ...]
    added: Quantity
    bought: Quantity
    running: Quantity


@dataclass(frozen=True, slots=True)
class Money:
    """The whole: owning, the clouds, the API, what matters most. ``cloud`` is the offer owning is held against.

    ``unit_key`` names the figure that ``levers`` move: the cost of a lot, or "tco" where nothing is known to be made.
    """

    life: Life
    offers: tuple[Offer, ...]
    cloud: Offer | None
    cloud_months: Mapping[CloudTerm, tuple[float, ...]]
    api_months: tuple[float, ...]
    breakeven: BreakEven | None
    levers: tuple[Lever, ...]
    unit_key: str = "cost_per_million"


@dataclass(frozen=True, slots=True)
class Whole:
    """All workloads of a customer together: their ``money``, each one's part, and what each phase of building up adds."""

    money: Money
    works: tuple[WorkCost, ...]
    phases: tuple[PhasePaid, ...] = ()
