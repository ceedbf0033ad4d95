"""A quote in one language: plain strings in the order they are read. What Markdown and PDF both print."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.report.drawing.shapes import Drawing


class Paper(StrEnum):
    """What a document is printed on."""

    A4 = "a4"
    LETTER = "letter"


class Mark(StrEnum):
    """A state, told by sign and colour together."""

    GOOD = "good"
    EXPECTED = "expected"  # the expected value is good, the cautious end of the range is not
    CAUTION = "caution"
    BAD = "bad"
    NONE = ""

    @property
    def sign(self) -> str:
        """What stands beside the words."""
        return {"good": "✓", "expected": "✓!", "caution": "!", "bad": "×"}.get(self.value, "")


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a table; ``note`` is the number of a footnote, ``below`` stands under it in small type."""

    text: str
    strong: bool = False
    quiet: bool = False
    mark: Mark = Mark.NONE
    note: int = 0
    below: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: title, share of the table's width, side its texts stand on."""

    title: str
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a heading; ``aside`` stands beside the heading in a quieter tone."""

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the six figures."""

    label: str
    value: str
    below: str
    mark: Mark = Mark.NONE


@dataclass(frozen=True, slots=True)
class LatencyBar:
    """A latency drawn against its target; numbers in one unit, texts beside them."""

    label: str
    value: float
    low: float
    high: float
    target: float | None
    value_text: str
    range_text: str
    target_text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the memory bar. ``part`` names its colour; ``size`` in bytes, ``text`` its size in words."""

    part: str
    label: str
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class MemoryBar:
    """The memory of one GPU as a stacked bar; ``limit`` in bytes, what the serving engine lets itself use."""

    heading: str
    aside: str
    segments: tuple[Segment, ...]
    total: float
    limit: float
    limit_text: str


@dataclass(frozen=True, slots=True)
class SumRow:
    """A line of the sums under a bill of materials; ``amount`` for those who calculate, ``value`` for those who read."""

    key: str
    label: str
    aside: str
    value: str
    amount: float | None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing for formats that can draw; what it shows stands in tables too."""

    title: str
    aside: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document after its first two pages: a title, and tables, paragraphs and pictures in order."""

    key: str
    title: str
    parts: tuple[Table | Picture | str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A whole quote in one language."""

    lang: str
    colon: str
    kind: str
    title: str
    subtitle: str
    seller: tuple[str, ...]
    parties: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]
    conclusion_heading: str
    conclusion: str
    conclusion_rest: str
    state: str
    state_mark: Mark
    tiles: tuple[Tile, ...]
    latency_heading: str
    latency: tuple[LatencyBar, ...]
    deployment_heading: str
    deployment: tuple[tuple[str, str], ...]
    options: Table | None
    assumptions_heading: str
    assumptions: tuple[str, ...]
    second_title: str
    configuration: Table
    sums: tuple[SumRow, ...]
    sums_aside: tuple[str, ...]
    performance: Table
    memory: MemoryBar | None
    formulas: Table | None
    sections: tuple[Section, ...]
    footnotes: tuple[str, ...]
    foot: tuple[str, str]
    page_of: str  # a format with {page} and {pages}
    logo: bytes = b""
    colour: str = ""
