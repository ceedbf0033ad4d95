"""What the details of a scenario are: read and estimated beside the window, then worded. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.format import MINUS, format_expected, format_integer, format_money, format_share
from gpuplanner.report.answer import headline_text
from gpuplanner.report.inputs import differing, input_name, input_text
from gpuplanner.report.names import gpu_name
from gpuplanner.report.since import FigureChange, Since, since_saved
from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import load_scenario
from gpuplanner.scenario.receipt import Receipt
from gpuplanner.texts import has, text
from gpuplanner.ui.library.lines import Line
from gpuplanner.ui.library.words import GLYPHS, hardware_words
from gpuplanner.ui.results.figures import Verdict, label
from gpuplanner.ui.results.six import figures

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.report.quotes.files import Stored

_INKS: Final = {Verdict.CAUTION: "caution", Verdict.MISS: "caution", Verdict.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class Detail:
    """A scenario with its answer of today.

    ``quotes`` were made from it, newest first; ``receipt`` as saved, ``since`` what became of it; ``parent`` the scenario it is a
    variant of, where that can be read.
    """

    path: Path
    scenario: Scenario
    catalog: Catalog
    estimate: Estimate
    receipt: Receipt | None
    since: Since | None
    parent: Scenario | None
    quotes: tuple[Stored, ...] = ()


def detail_of(path: Path, parent: Path | None, catalog: Catalog) -> Detail | InputError:
    """Read a file and estimate it; the sentence where it can't be read."""
    from gpuplanner.engine.estimate import estimate
    from gpuplanner.report.quotes.files import quotes_of

    try:
        loaded = load_scenario(path)
    except InputError as error:
        return error
    answer = estimate(loaded.scenario, catalog)
    receipt = loaded.receipt
    since = since_saved(receipt, answer, catalog.digest) if receipt is not None else None
    return Detail(path, loaded.scenario, catalog, answer, receipt, since, _parent(parent), quotes_of(path))


def _parent(path: Path | None) -> Scenario | None:
    if path is None:
        return None
    try:
        return load_scenario(path).scenario
    except InputError:
        return None


def answer_sentence(detail: Detail, byte_unit: str) -> str:
    """The answer in a sentence."""
    return headline_text(detail.estimate, detail.catalog, byte_unit)


def figure_lines(detail: Detail, byte_unit: str) -> list[Line]:
    """The figures of the answer but for its memory, which the bar shows."""
    shown = figures(detail.estimate.plan(), detail.scenario, byte_unit)
    return [
        Line(
            item.label,
            f"{item.number} {item.unit}".strip(),
            " · ".join(part for part in item.details if part),
            ink=_INKS.get(item.verdict, "text"),
        )
        for item in shown
        if item.key != "memory_per_gpu"
    ]


def variant_lines(
    variants: Sequence[Card], answers: Sequence[Answer | None], own: Answer | None, catalog: Catalog | None
) -> list[Line]:
    """Variants of a scenario: what they take, and what they cost more or less."""
    from gpuplanner.ui.library.arrange import state_of

    lines = []
    for card, answer in zip(variants, answers, strict=True):
        state = state_of(card, answer)
        ink = {"good": "good", "caution": "caution", "bad": "bad"}.get(state, "quiet")
        lines.append(Line(card.name, _dearer(answer, own), hardware_words(answer, catalog), GLYPHS[state], ink))
    return lines


def _dearer(answer: Answer | None, own: Answer | None) -> str:
    if answer is None or own is None or answer.purchase is None or own.purchase is None or answer.currency != own.currency:
        return ""
    difference = answer.purchase - own.purchase
    if abs(difference) < 0.005 * max(own.purchase, 1.0):
        return text("compare.same")
    sign = "+" if difference > 0 else MINUS
    return f"{sign} {format_money(abs(difference), own.currency)}"


def saved_line(detail: Detail) -> Line:
    """How the figures stand to those that were saved."""
    since = detail.since
    if since is None or detail.receipt is None:
        return Line(text("library.saved.none"))
    if since.same:
        return Line(text("library.saved.same"), glyph="✓", ink="good")
    count = len(since.changed) + len(since.counts) + (since.gpu is not None) + (since.status is not None)
    return Line(text("library.saved.changed", count=format_integer(count)), glyph="!", ink="caution")


def reason_text(detail: Detail) -> str:
    """Why figures may be others than when they were saved."""
    since, receipt = detail.since, detail.receipt
    if since is None or receipt is None:
        return ""
    parts = [text("library.since.saved_on", day=receipt.day or "–", program=receipt.program, catalog=receipt.catalog_date)]
    if since.catalog:
        parts.append(text("library.since.catalog", date=detail.catalog.date))
    if since.program:
        parts.append(text("library.since.program"))
    return " ".join(parts)


def since_lines(detail: Detail, byte_unit: str) -> list[Line]:
    """What became of the figures since saving, those that changed first."""
    since, receipt = detail.since, detail.receipt
    if since is None or receipt is None:
        return []
    lines = []
    if since.gpu is not None:
        was, now = (gpu_name(each, detail.catalog) if each else "–" for each in since.gpu)
        lines.append(Line(text("input.gpu"), now, was, "!", "caution"))
    if since.status is not None:
        was, now = (text(f"library.status.{each}") if has(f"library.status.{each}") else each for each in since.status)
        lines.append(Line(text("library.since.status"), now, was, "!", "caution"))
    lines += [
        Line(text(f"library.count.{name}"), format_integer(now), format_integer(was), "!", "caution")
        for name, was, now in since.counts
    ]
    changed = sorted(since.figures, key=lambda figure: not figure.differs)
    return lines + [_change_line(figure, detail, receipt.currency, byte_unit) for figure in changed]


def _change_line(figure: FigureChange, detail: Detail, currency: str, byte_unit: str) -> Line:
    name = (
        label(figure.key, detail.scenario, detail.estimate.plan())
        if has(f"results.figure.{figure.key}")
        else _figure_name(figure.key)
    )
    now = str(format_expected(figure.now, byte_unit=byte_unit, currency=detail.scenario.money.currency))
    if not figure.differs:
        return Line(name, now, text("compare.same"), "✓", "good")
    was = str(format_expected(figure.was, byte_unit=byte_unit, currency=currency or detail.scenario.money.currency))
    return Line(name, now, " · ".join(part for part in (was, percent(figure.relative)) if part), "!", "caution")


def _figure_name(key: str) -> str:
    return text(f"report.figure.{key}") if has(f"report.figure.{key}") else key


def percent(relative: float | None) -> str:
    """A change with its sign."""
    if relative is None:
        return ""
    sign = "+" if relative > 0 else MINUS
    return f"{sign}{format_share(abs(relative))}"


def parent_lines(detail: Detail) -> list[Line]:
    """The inputs in which a variant differs from its parent."""
    if detail.parent is None:
        return []
    pair = (detail.parent, detail.scenario)
    made = []
    for path in differing(pair):
        was, now = (input_text(each, path, detail.catalog) for each in pair)
        made.append(Line(input_name(path), now, was))
    return made


def quote_lines(detail: Detail, today: date) -> list[Line]:
    """The quotes of a scenario: number, state, day and what is to be paid."""
    from gpuplanner.report.quotes.quote import standing
    from gpuplanner.report.totals import totals

    lines = []
    for stored in detail.quotes:
        if stored.quote is None:
            said = stored.error.sentence() if stored.error is not None else ""
            lines.append(Line(shown(stored.path.name), "", said, "✕", "bad"))
            continue
        quote, meta = stored.quote, stored.quote.metadata
        paid = format_expected(totals(quote.content.lines).quantity, currency=quote.content.currency)
        state = text(f"report.state_of.{standing(quote, today).value}")
        lines.append(Line(f"{meta.number} v{meta.revision}", str(paid), f"{state} · {meta.day.isoformat()}"))
    return lines
