"""What a quote says, before it is said in any language: figures as quantities, phrases as codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from gpuplanner.engine.estate.result import PlacedGpu
from gpuplanner.engine.result import Code, Explanation, Memory, Quantity, Status
from gpuplanner.engine.site.result import Edge, Node, Rack
from gpuplanner.report.kinds import Basis as Basis
from gpuplanner.report.kinds import State as State
from gpuplanner.report.kinds import Topic as Topic
from gpuplanner.report.kinds import Verdict as Verdict


@dataclass(frozen=True, slots=True)
class Seller:
    """Who makes the offer; stands at the head of every page.

    ``logo`` holds the bytes of a PNG or JPEG picture that was checked, ``colour`` the lines' and headings' as ``#rrggbb``.
    """

    name: str
    address: str = ""
    contact: str = ""
    logo: bytes = b""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the scenario does not hold: number and day of the quote, who made it, the program's version."""

    number: str
    day: date
    version: str
    prepared_by: str = ""
    seller: Seller | None = None
    revision: int = 1
    state: State = State.DRAFT
    replaces: str = ""
    contact: str = ""
    project: str = ""
    valid_until: date | None = None
    basis: Basis = Basis.EXPECTED
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def terms_in(self, lang: str) -> tuple[str, ...]:
        """The terms in a language."""
        return tuple(self.terms.get(lang, ()))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the answer with its target, if it has one. ``name`` is the text key of a name of its own."""

    quantity: Quantity
    target: float | None = None
    verdict: Verdict = Verdict.NONE
    name: str = ""

    @property
    def key(self) -> str:
        """Which figure it is."""
        return self.quantity.key


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the configuration; ``unit_price`` in the currency of the quote before discount and tax, None is unknown.

    ``key`` is stable, ``why`` tells how the count came about. ``discount`` and ``tax`` are shares. ``at_least``: the price is
    that of a part only (the cards of a server). An ``optional`` line is shown and not summed. ``catalog_price`` is what the
    catalogue said on the day.
    """

    name: Code
    specification: Code
    count: int
    unit_price: float | None
    footnote: Topic | None = None
    key: str = ""
    unit: str = ""
    why: tuple[Code, ...] = ()
    discount: float = 0.0
    tax: float = 0.0
    at_least: bool = False
    optional: bool = False
    catalog_price: float | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Another way than the offered one, at the prices and discounts of the same quote.

    ``name`` is that of a variant with a scenario of its own, a word or the key of a text; empty where only the GPU is another.
    ``difference`` is what more is to be paid for it, None when unknown.
    """

    gpu_name: str
    gpus: Code
    layout: Code
    status: Status
    figures: tuple[Quantity | None, ...]
    difference: float | None
    offered: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the deployment: a label's text key with its parameters, and what it is set to."""

    label: str
    value: Code
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Footnote:
    """A numbered remark; its number is its place."""

    topic: Topic
    text: Code


@dataclass(frozen=True, slots=True)
class Cost:
    """A line of the cost over the life: once, or each year."""

    key: str
    name: Code
    amount: Quantity
    detail: tuple[Code, ...] = ()
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class LifeCost:
    """What owning costs over ``years``: lines, and the sums by the key of their figure."""

    years: float
    residual: float
    costs: tuple[Cost, ...]
    figures: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """Where it stands: figures of the site, racks, topology, and what one server needs."""

    figures: tuple[Quantity, ...]
    racks: tuple[Rack, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the acceptance test: measured with ``command``, passed at or below ``limit`` (``above``: at or above).

    ``name`` is the key of a text, ``target`` tells that the limit is the customer's, not the end of our range. ``work`` is the
    letter of the workload in an estate, ``percentile`` that of the figure.
    """

    name: str
    command: str
    expected: Quantity
    limit: float
    above: bool = False
    target: bool = False
    work: str = ""
    percentile: float = 0.0


@dataclass(frozen=True, slots=True)
class Occupant:
    """A workload where it lies on GPUs: its name, in how many replicas of how many GPUs."""

    name: str
    replicas: int
    degree: int


@dataclass(frozen=True, slots=True)
class ServerRun:
    """Servers from ``first`` to ``last`` (numbered from 1) that hold the same, and the GPUs of one of them."""

    first: int
    last: int
    gpus: tuple[PlacedGpu, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """What lies on each GPU of an estate: runs of like servers; workloads by letter, names and servers' power by kind of GPU."""

    runs: tuple[ServerRun, ...]
    occupants: Mapping[str, Occupant]
    gpu_names: Mapping[str, str]
    power_w: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Work:
    """A workload of an estate.

    ``gpus`` are those it takes, a fraction where it shares; ``cost`` is its part of the purchase. ``reasons`` say why it isn't
    carried: its figures are empty then.
    """

    letter: str
    name: str
    model: str
    gpu: str
    load: Code
    lengths: Code
    hours: Code
    layout: Code
    state: Code
    status: Status
    percentile: float
    gpus: float
    cost: Quantity | None = None
    shared: bool = False
    performance: tuple[Figure, ...] = ()
    memory: Memory | None = None
    deployment: tuple[Setting, ...] = ()
    assumptions: tuple[Code, ...] = ()
    formulas: tuple[Explanation, ...] = ()
    reasons: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteContent:
    """A quote, free of language and layout. ``option_keys`` are the figures that each option shows, in order.

    The quote of an estate has ``works``; what only one workload has (``memory``, ``performance``, ``latencies``) stands there.
    """

    metadata: Metadata
    title: str
    customer: str
    model: str
    gpu: str
    load: Code
    lengths: Code
    hardware: Code
    layout: Code
    state: Code
    status: Status
    percentile: float
    currency: str
    figures: tuple[Figure, ...]
    latencies: tuple[Figure, ...]
    deployment: tuple[Setting, ...]
    lines: tuple[Line, ...]
    option_keys: tuple[str, ...]
    options: tuple[Option, ...]
    performance: tuple[Figure, ...]
    memory: Memory | None
    assumptions: tuple[Code, ...]
    warnings: tuple[Code, ...]
    formulas: tuple[Explanation, ...]
    footnotes: tuple[Footnote, ...]
    catalog_date: str
    catalog_digest: str
    life: LifeCost | None = None
    room: Room | None = None
    checks: tuple[Check, ...] = ()
    works: tuple[Work, ...] = ()
    placement: Placement | None = None

    def footnote_number(self, topic: Topic | None) -> int:
        """The number of the footnote on a topic, 0 when there is none."""
        return next((number for number, note in enumerate(self.footnotes, 1) if note.topic is topic), 0)
