"""What is being quoted in the dialog: head, lines, and the frozen quote that they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.result import Code, Estimate
from gpuplanner.errors import InputError
from gpuplanner.report.compose_estate import has_works
from gpuplanner.report.content import Line, State
from gpuplanner.report.options import Picked
from gpuplanner.report.plain import one_line
from gpuplanner.report.pricing import EXTRA
from gpuplanner.report.quote import default_number
from gpuplanner.report.quotes import files
from gpuplanner.report.quotes.make import draft, now, requoted
from gpuplanner.report.quotes.quote import Quote, edited, moved
from gpuplanner.report.quotes.terms import Asked, metadata, valid_until, with_terms
from gpuplanner.scenario.document import Scenario
from gpuplanner.settings import Company

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """What the window holds: question, answer, catalogue, company, and the scenario's file if it has one."""

    scenario: Scenario
    estimate: Estimate
    catalog: Catalog
    company: Company
    path: Path | None


class Order:
    """Changes step by step into a quote.

    Attributes:
        asked: number, contact, dates.
        lines: with the prices of this quote.
        revision: of this number; the earlier one is replaced when this is kept.
        whole: all workloads of an estate are quoted, not only the form's own.
        picked: what stands beside the offer.
    """

    def __init__(self, facts: Facts, today: date) -> None:
        self.facts = facts
        self.asked = Asked(
            number=default_number(facts.scenario, today),
            day=today,
            valid_until=valid_until(facts.company, today),
            prepared_by=facts.company.prepared_by,
        )
        self.whole = has_works(facts.scenario)
        self.picked = Picked()
        self._estate: Estate | None = None
        self.revision = 1
        self._replaced: files.Stored | None = None
        self.lines = self._drafted(None).content.lines
        self.follow(self.asked.number)

    def quote(self) -> Quote:
        """The quote as it stands.

        Raises:
            InputError: when nothing can be offered, the logo is no picture, or a template can't be run.
        """
        made = self._drafted(self.lines)
        meta = with_terms(made.metadata, self.lines, self.facts.scenario.money.currency, self.facts.company)
        old = self._replaced.quote if self._replaced is not None else None
        replaced = f"v{old.metadata.revision}" if old is not None else ""
        return edited(made, replace(meta, revision=self.revision, replaces=replaced))

    def _drafted(self, lines: tuple[Line, ...] | None) -> Quote:
        facts = self.facts
        head = metadata(self.asked, facts.company)
        return draft(facts.scenario, self._answer(), facts.catalog, head, now(), lines, self.picked)

    def _answer(self) -> Estimate | Estate:
        """What is quoted: the answer of the form's own workload, or that of all together."""
        if not self.whole:
            return self.facts.estimate
        if self._estate is None:
            self._estate = estate_of(self.facts.scenario, self.facts.catalog)
        return self._estate

    def quote_whole(self, *, whole: bool) -> None:
        """Quote all workloads, or the form's own; prices and discounts that were given stay with what is in both.

        Raises:
            InputError: when that can't be offered: all stays as it was.
        """
        before, self.whole = self.whole, whole
        try:
            fresh = self._drafted(None).content.lines
        except InputError:
            self.whole = before
            raise
        self.lines = requoted(self.lines, fresh)

    def kept(self) -> tuple[files.Stored, ...]:
        """The scenario's quotes, newest first."""
        return files.quotes_of(self.facts.path) if self.facts.path is not None else ()

    def follow(self, number: str) -> None:
        """Take a number; where a quote of it was sent, this is its next version."""
        same = [one for one in self.kept() if one.quote is not None and one.quote.metadata.number == number]
        last = max(same, key=lambda one: one.quote.metadata.revision if one.quote else 0, default=None)
        self.asked = replace(self.asked, number=number)
        if last is None or last.quote is None:
            self.revision, self._replaced = 1, None
        elif last.quote.locked:
            self.revision, self._replaced = last.quote.metadata.revision + 1, last
        else:
            self.revision, self._replaced = last.quote.metadata.revision, None

    def keep(self, quote: Quote) -> Path | None:
        """Keep the quote beside the scenario; the one it replaces is marked so. None where the scenario has no file.

        Raises:
            InputError: when that can't be written.
        """
        if self.facts.path is None:
            return None
        path = files.quote_path(files.quotes_folder(self.facts.path), quote)
        files.save_quote(path, quote)
        old = self._replaced
        if old is not None and old.quote is not None and old.quote.metadata.state is not State.REPLACED:
            files.save_quote(old.path, moved(old.quote, State.REPLACED, now(), self.asked.prepared_by))
        return path

    def reprice(self, place: int, **changes: object) -> None:
        """Change price, discount or tax of a line."""
        line = replace(self.lines[place], **changes)  # type: ignore[arg-type]
        if "unit_price" in changes:  # a price that was agreed is whole
            line = replace(line, at_least=False, footnote=None)
        self.lines = (*self.lines[:place], line, *self.lines[place + 1 :])

    def on_all(self, **changes: float) -> None:
        """One discount, or one tax, on every line."""
        self.lines = tuple(replace(line, **changes) for line in self.lines)  # type: ignore[arg-type]

    def add(self, name: str) -> None:
        """Add a line of the seller's own."""
        taken = {line.key for line in self.lines}
        number = next(n for n in range(1, len(taken) + 2) if f"{EXTRA}{n}" not in taken)
        tax = self.lines[0].tax if self.lines else 0.0
        said = Code("report.word", {"word": name})
        nothing = Code("report.spec.none")
        self.lines = (*self.lines, Line(said, nothing, 1, None, key=f"{EXTRA}{number}", unit="report.unit.item", tax=tax))

    def is_own(self, place: int) -> bool:
        """Whether a line was added here."""
        return self.lines[place].key.startswith(EXTRA)

    def rename(self, place: int, name: str) -> None:
        """Another name for a line that was added here."""
        if self.is_own(place) and one_line(name):
            self.reprice(place, name=Code("report.word", {"word": one_line(name)[:_LONGEST]}))

    def remove(self, place: int) -> None:
        """Take out a line that was added here."""
        if self.is_own(place):
            self.lines = (*self.lines[:place], *self.lines[place + 1 :])
