"""What a quote says beside its figures, from the company's settings and what was asked for this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from gpuplanner import __version__
from gpuplanner.report.content import Basis, Line, Metadata, Seller
from gpuplanner.report.logo import read_logo
from gpuplanner.report.plain import one_line
from gpuplanner.report.templates import terms
from gpuplanner.report.totals import totals
from gpuplanner.settings import Company
from gpuplanner.texts import LANGUAGES, text_in


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said of a quote where it was made; empty is the usual."""

    number: str
    day: date
    valid_until: date | None = None
    prepared_by: str = ""
    contact: str = ""
    project: str = ""
    basis: Basis = Basis.EXPECTED


def seller_of(company: Company) -> Seller | None:
    """The head of the pages; None where the settings name nobody.

    Raises:
        InputError: when the logo can't be read or is no picture.
    """
    if not company.name:
        return None
    logo = read_logo(Path(company.logo)) if company.logo else b""
    return Seller(company.name, company.address, company.contact, logo, company.colour)


def valid_until(company: Company, day: date) -> date | None:
    """The usual end of a quote's validity."""
    return day + timedelta(days=company.valid_days) if company.valid_days else None


def metadata(asked: Asked, company: Company, seller: Seller | None = None) -> Metadata:
    """All that isn't computed, without the terms: those need the lines."""
    return Metadata(
        number=one_line(asked.number),
        day=asked.day,
        version=__version__,
        prepared_by=one_line(asked.prepared_by or company.prepared_by),
        seller=seller or seller_of(company),
        contact=one_line(asked.contact),
        project=one_line(asked.project),
        valid_until=asked.valid_until,
        basis=asked.basis,
    )


def with_terms(meta: Metadata, lines: Sequence[Line], currency: str, company: Company) -> Metadata:
    """The terms in every language, as the templates have them.

    Raises:
        InputError: when a template of the user's can't be run.
    """
    sums = totals(lines)
    own = [one_line(line) for line in company.terms.splitlines() if line.strip()]

    def said(lang: str) -> tuple[str, ...]:
        values = {
            "valid_until": meta.valid_until.isoformat() if meta.valid_until else "",
            "currency": text_in(lang, f"report.currency.{currency.lower()}"),
            "taxed": bool(sums.taxes),
            "open": sums.at_least,
            "own": own,
        }
        return terms(lang, values)

    return replace(meta, terms={lang: said(lang) for lang in LANGUAGES})
