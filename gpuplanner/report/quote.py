"""Writing quotes: one file a format and language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gpuplanner import __version__
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.disk import make_folder, write_atomically
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.report.compose import compose
from gpuplanner.report.content import Metadata, QuoteContent, Seller
from gpuplanner.report.markdown import quote_markdown
from gpuplanner.report.plain import file_stem, one_line
from gpuplanner.report.wording import words
from gpuplanner.report.words import Paper, Words
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import LANGUAGES

__all__ = ["FORMATS", "QuoteContent", "Seller", "default_number", "default_stem", "write_documents", "write_quote"]


def _pdf(_: QuoteContent, worded: Words, paper: Paper) -> bytes:
    from gpuplanner.report.pdf.quote import quote_pdf

    return quote_pdf(worded, paper)


def _xlsx(content: QuoteContent, worded: Words, paper: Paper) -> bytes:
    from gpuplanner.report.xlsx.book import quote_xlsx

    return quote_xlsx(content, worded, paper)


def _docx(content: QuoteContent, worded: Words, paper: Paper) -> bytes:
    from gpuplanner.report.docx.document import quote_docx

    return quote_docx(content, worded, paper)


def _markdown(_: QuoteContent, worded: Words, _paper: Paper) -> bytes:
    return quote_markdown(worded).encode()


def _csv(content: QuoteContent, worded: Words, _paper: Paper) -> bytes:
    from gpuplanner.report.delimited import quote_csv

    return quote_csv(content, worded)


def _json(content: QuoteContent, worded: Words, _paper: Paper) -> bytes:
    from gpuplanner.report.quote_json import quote_json

    return quote_json(content, worded)


FORMATS: Final[Mapping[str, Callable[[QuoteContent, Words, Paper], bytes]]] = MappingProxyType(
    {"pdf": _pdf, "xlsx": _xlsx, "docx": _docx, "md": _markdown, "csv": _csv, "json": _json}
)


def default_number(scenario: Scenario, day: Date) -> str:
    """A quote number from the day and what was asked: the same scenario on the same day has the same one."""
    import hashlib

    digest = hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()
    return f"Q-{day:%Y%m%d}-{digest[:4].upper()}"


def default_stem(scenario: Scenario, day: Date) -> str:
    """Customer, scenario and day as a file name without ending, such as ``ACME_Support-chat_2026-11-21``."""
    return file_stem(scenario.customer, scenario.name or scenario.model.id, day.isoformat())


def write_quote(
    scenario: Scenario,
    estimate: Estimate,
    catalog: Catalog,
    folder: Path,
    formats: Sequence[str] = ("pdf", "md"),
    languages: Sequence[str] = ("zh", "en"),
    stem: str | None = None,
    number: str | None = None,
    date: Date | None = None,
    prepared_by: str = "",
    seller: Seller | None = None,
) -> list[Path]:
    """Write the quote of a scenario.

    Everything is made before the first file is opened, and each file appears whole or not at all; one of the same
    name is replaced.

    Args:
        scenario: what was asked.
        estimate: what followed.
        catalog: the facts it followed from.
        folder: where to; made when it isn't there.
        formats: of :data:`FORMATS`.
        languages: "zh", "en".
        stem: file name without language and ending; from customer, scenario and day when None.
        number: of the quote; from day and scenario when None.
        date: of the quote; today when None.
        prepared_by: who made it; left out when empty.
        seller: stands at the head of the pages when given.

    Returns:
        The files written, format by format within each language.

    Raises:
        InputError: when there is nothing to offer, a format or language is unknown, or the folder can't be written.
    """
    _check(formats, languages)
    day = date or Date.today()
    metadata = Metadata(number or default_number(scenario, day), day, __version__, one_line(prepared_by), seller)
    content = compose(scenario, estimate, catalog, metadata)
    return write_documents(content, folder, formats, languages, stem or default_stem(scenario, day))


def write_documents(
    content: QuoteContent, folder: Path, formats: Sequence[str], languages: Sequence[str], stem: str, paper: Paper = Paper.A4
) -> list[Path]:
    """Write a quote's documents, as :func:`write_quote` does.

    Raises:
        InputError: when a format or language is unknown, a template of the user's can't be run, or the folder can't be written.
    """
    _check(formats, languages)
    base = file_stem(*stem.split("_"))
    made = [
        (f"{base}_{lang}.{ending}", FORMATS[ending](content, worded, paper))
        for lang in dict.fromkeys(languages)
        for worded in (words(content, lang),)
        for ending in dict.fromkeys(formats)
    ]
    make_folder(folder)
    for name, data in made:
        write_atomically(folder / name, data)
    return [folder / name for name, _ in made]


def _check(formats: Sequence[str], languages: Sequence[str]) -> None:
    for ending in formats:
        if ending not in FORMATS:
            raise InputError("report.refused.format", format=shown(ending), known=", ".join(FORMATS))
    for lang in languages:
        if lang not in LANGUAGES:
            raise InputError("report.refused.language", lang=shown(lang), known=", ".join(LANGUAGES))
