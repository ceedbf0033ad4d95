"""Making a quote from a scenario, and what would be other if it were made today."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gpuplanner import __version__
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.result import Estimate, Quantity, Unit
from gpuplanner.errors import InputError, Message
from gpuplanner.format import format_figure
from gpuplanner.report.compose import compose
from gpuplanner.report.compose_estate import compose_estate
from gpuplanner.report.content import Line, Metadata, QuoteContent, State
from gpuplanner.report.options import Picked
from gpuplanner.report.pricing import EXTRA
from gpuplanner.report.quotes.quote import Event, Quote
from gpuplanner.report.totals import totals
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import language, text_in

_LEAST = 0.005  # of the value: less is rounding


@dataclass(frozen=True, slots=True)
class Change:
    """A figure as quoted and as it would be now. ``name`` is the key of a text."""

    name: str
    was: Quantity | None
    now: Quantity | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What today's facts and program would change. ``refused`` says why nothing could be offered any more."""

    catalog: bool
    program: bool
    figures: tuple[Change, ...] = ()
    refused: Message | None = None

    @property
    def none(self) -> bool:
        """Whether the same would be offered."""
        return not self.figures and self.refused is None


def now() -> str:
    """This moment as it is kept."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def is_older(quote: Quote, catalog: Catalog) -> bool:
    """Whether it was made with other facts or another program than today's."""
    return quote.content.catalog_digest != catalog.digest or quote.metadata.version != __version__


def draft(
    scenario: Scenario,
    answer: Estimate | Estate,
    catalog: Catalog,
    metadata: Metadata,
    at: str,
    lines: tuple[Line, ...] | None = None,
    picked: Picked = Picked(),  # noqa: B008 - frozen
) -> Quote:
    """A draft with all that it will ever say.

    Args:
        scenario: what was asked.
        answer: what followed: of its own workload, or of all together.
        catalog: the facts it followed from.
        metadata: number, customer's contact, terms and so on.
        at: now.
        lines: instead of the site's own.
        picked: what stands beside the offer.

    Raises:
        InputError: when there is nothing to offer.
    """
    content = composed(scenario, answer, catalog, replace(metadata, state=State.DRAFT), lines, picked)
    kept = json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False)
    return Quote(content, kept, (Event(at, State.DRAFT, metadata.prepared_by),))


def composed(
    scenario: Scenario,
    answer: Estimate | Estate,
    catalog: Catalog,
    metadata: Metadata,
    lines: tuple[Line, ...] | None = None,
    picked: Picked = Picked(),  # noqa: B008 - frozen
) -> QuoteContent:
    """The content for one workload, or for an estate.

    Raises:
        InputError: when there is nothing to offer.
    """
    if isinstance(answer, Estate):
        return compose_estate(scenario, answer, catalog, metadata, lines)
    return compose(scenario, answer, catalog, metadata, lines, picked)


def changes(quote: Quote, catalog: Catalog) -> Changes:
    """What would be other if the same were quoted today.

    Raises:
        InputError: when the scenario in the quote can't be read by this version.
    """
    from gpuplanner.engine.estate.build import estate_of
    from gpuplanner.engine.estimate import estimate
    from gpuplanner.scenario.files import read_line

    scenario = read_line(quote.scenario.encode(), quote.metadata.number)
    catalog_differs = catalog.digest != quote.content.catalog_digest
    program_differs = quote.metadata.version != __version__
    try:
        answer = estate_of(scenario, catalog) if quote.content.works else estimate(scenario, catalog)
        today = composed(scenario, answer, catalog, quote.metadata)
        fresh = composed(scenario, answer, catalog, quote.metadata, requoted(quote.content.lines, today.lines))
    except InputError as error:
        return Changes(catalog_differs, program_differs, refused=error.message)
    was, is_now = _figures(quote.content), _figures(fresh)
    differing = tuple(
        Change(name, was.get(name), is_now.get(name))
        for name in dict.fromkeys((*was, *is_now))
        if _differs(was.get(name), is_now.get(name))
    )
    return Changes(catalog_differs, program_differs, differing)


def requoted(quoted: tuple[Line, ...], today: tuple[Line, ...]) -> tuple[Line, ...]:
    """Today's lines with the discounts, taxes and agreed prices of the quote, and the lines that were added to it by hand."""
    by_key = {line.key: line for line in quoted}
    made = []
    for line in today:
        old = by_key.pop(line.key, None)
        if old is None:
            made.append(line)
            continue
        agreed = old.unit_price != old.catalog_price
        price, least = (old.unit_price, old.at_least) if agreed else (line.unit_price, line.at_least)
        made.append(replace(line, unit_price=price, at_least=least, discount=old.discount, tax=old.tax, optional=old.optional))
    return (*made, *(line for line in by_key.values() if line.key.startswith(EXTRA)))


def _figures(content: QuoteContent) -> dict[str, Quantity]:
    """What a customer would notice: the total, each figure, how many of everything."""
    made = {"report.total": totals(content.lines).quantity}
    made |= {figure.name or f"report.figure.{figure.key}": figure.quantity for figure in (*content.performance, *content.figures)}
    for work in content.works:
        made |= {f"{work.letter} {figure.name or f'report.figure.{figure.key}'}": figure.quantity for figure in work.performance}
    gpus = sum(line.count for line in content.lines if line.key.startswith("gpu_server"))
    made["site.figure.servers"] = Quantity("servers", float(gpus), Unit.COUNT)
    return made


def _name(name: str, lang: str) -> str:
    """The text of a key, after the letter of its workload where it has one."""
    letter, _, key = name.rpartition(" ")
    return f"{letter} {text_in(lang, key)}".strip()


def _differs(was: Quantity | None, is_now: Quantity | None) -> bool:
    before, after = (quantity.value if quantity is not None else None for quantity in (was, is_now))
    if before is None or after is None:
        return before is not after
    return abs(after - before) > _LEAST * max(abs(before), abs(after))


def told(found: Changes, currency: str, lang: str | None = None) -> list[str]:
    """What would be other today, a line each."""
    lang = lang or language()
    if found.refused is not None:
        return [found.refused.sentence(lang)]
    if found.none:
        return [text_in(lang, "quote.history.same")]
    return [
        text_in(
            lang,
            "quote.history.change",
            name=_name(change.name, lang),
            was=format_figure(change.was, lang, currency=currency),
            now=format_figure(change.now, lang, currency=currency),
        )
        for change in found.figures
    ]
