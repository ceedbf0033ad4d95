"""What a quote says, before it is said in any language: figures as quantities, phrases as codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gpuplanner.engine.result import Code, Explanation, Memory, Quantity, Status


class Verdict(StrEnum):
    """How a figure stands to its target."""

    MEETS = "meets"  # the cautious end too
    EXPECTED = "expected"  # the expected value does, the cautious end does not
    MISSES = "misses"
    NONE = "none"  # there is no target


@dataclass(frozen=True, slots=True)
class Seller:
    """Who makes the offer; stands at the head of every page."""

    name: str
    address: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the scenario does not hold: number and day of the quote, who made it, the program's version."""

    number: str
    day: date
    version: str
    prepared_by: str = ""
    seller: Seller | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the answer with its target, if it has one; ``note`` says more about it."""

    quantity: Quantity
    label: Code
    target: float | None = None
    verdict: Verdict = Verdict.NONE
    note: Code | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """A list price: of one piece, in the currency of the quote; None is unknown.

    ``original`` and ``original_currency`` are as published, ``source`` and ``published`` where and when.
    """

    unit: float | None
    original: float | None = None
    original_currency: str = ""
    kind: str = ""
    region: str = ""
    source: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the configuration; amount is count times unit price where that is known."""

    name: Code
    specification: Code | None
    count: int
    price: Price

    @property
    def amount(self) -> float | None:
        """What the line costs, None when unknown."""
        return None if self.price.unit is None else self.price.unit * self.count


@dataclass(frozen=True, slots=True)
class Option:
    """A way to carry the same load: on another GPU. ``difference`` is purchase against the offered one, None when unknown."""

    gpu_name: str
    layout: Code
    status: Status
    ttft: Quantity | None
    tpot: Quantity | None
    throughput: Quantity | None
    purchase: Quantity | None
    difference: float | None
    offered: bool = False


@dataclass(frozen=True, slots=True)
class MemoryPicture:
    """Memory of one GPU: the parts, what the driver reports, the engine's limit."""

    gpu_name: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the deployment: a label and what it is set to."""

    label: Code
    value: Code


@dataclass(frozen=True, slots=True)
class QuoteContent:
    """A quote, free of language and layout."""

    metadata: Metadata
    title: str
    customer: str
    subtitle: Code
    conclusion: Code
    verdict: Code
    currency: str
    figures: tuple[Figure, ...]
    latencies: tuple[Figure, ...]
    deployment: tuple[Setting, ...]
    lines: tuple[Line, ...]
    total: Quantity
    options: tuple[Option, ...]
    performance: tuple[Figure, ...]
    memory: MemoryPicture | None
    assumptions: tuple[Code, ...]
    warnings: tuple[Code, ...]
    formulas: tuple[Explanation, ...]
    footnotes: tuple[Code, ...]
    catalog_date: str
    catalog_digest: str
