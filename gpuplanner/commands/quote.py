"""``gpuplanner quote``: a scenario's quote, or one that was kept, in six formats. Needs no display."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gpuplanner import texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.report.compose import offered
from gpuplanner.report.compose_estate import has_works
from gpuplanner.report.content import Basis, Line, Seller
from gpuplanner.report.options import Picked, Variant, others
from gpuplanner.report.quote import FORMATS, default_number, default_stem, write_documents
from gpuplanner.report.quotes import files
from gpuplanner.report.quotes.make import changes, draft, is_older, now, told
from gpuplanner.report.quotes.quote import Quote, edited
from gpuplanner.report.quotes.terms import Asked, metadata, valid_until, with_terms
from gpuplanner.report.templates import copy_templates
from gpuplanner.report.words import Paper
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import load_scenario
from gpuplanner.settings import load_settings
from gpuplanner.texts import text

_USUAL = ("pdf", "md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help=text("cli.quote.file"))
    parser.add_argument("--format", default=",".join(_USUAL), metavar=",".join(FORMATS), help=text("cli.option.format"))
    parser.add_argument("--lang", default=texts.language(), metavar="zh,en", help=text("cli.option.languages"))
    parser.add_argument("--out", default=Path(), type=Path, metavar="DIR", help=text("cli.option.out"))
    parser.add_argument("--number", metavar="TEXT", help=text("cli.option.number"))
    parser.add_argument("--date", metavar="YYYY-MM-DD", help=text("cli.option.date"))
    parser.add_argument("--valid-until", metavar="YYYY-MM-DD", help=text("cli.quote.valid_until"))
    parser.add_argument("--prepared-by", default="", metavar="NAME", help=text("cli.option.prepared_by"))
    parser.add_argument("--seller", default="", metavar="NAME", help=text("cli.option.seller"))
    parser.add_argument("--contact", default="", metavar="NAME", help=text("cli.quote.contact"))
    parser.add_argument("--project", default="", metavar="TEXT", help=text("cli.quote.project"))
    parser.add_argument("--discount", type=float, metavar="0.08", help=text("cli.quote.discount"))
    parser.add_argument("--tax", type=float, metavar="0.13", help=text("cli.quote.tax"))
    parser.add_argument("--scope", choices=("estate", "workload"), help=text("cli.quote.scope"))
    parser.add_argument("--alternatives", metavar="ID,ID", help=text("cli.quote.alternatives"))
    parser.add_argument("--variant", action="append", default=[], type=Path, metavar="FILE", help=text("cli.quote.variant"))
    parser.add_argument("--optional", default="", metavar="KEY,KEY", help=text("cli.quote.optional"))
    parser.add_argument("--basis", choices=[basis.value for basis in Basis], default="expected", help=text("cli.quote.basis"))
    parser.add_argument("--paper", choices=[paper.value for paper in Paper], default="a4", help=text("cli.quote.paper"))
    parser.add_argument("--keep", action="store_true", help=text("cli.quote.keep"))
    parser.add_argument("--templates", action="store_true", help=text("cli.quote.templates"))


def run(args: argparse.Namespace) -> int:
    """Write the documents and print their paths.

    Raises:
        InputError: when the file can't be read, there is nothing to offer, or the folder can't be written.
    """
    if args.templates:
        print("\n".join(str(path) for path in copy_templates()))
        return 0
    formats, languages = _words(args.format), _words(args.lang)
    if args.file is None or not formats or not languages:
        raise InputError("cli.quote.nothing_asked")
    if args.file.suffix == files.SUFFIX:
        quote, stem = files.load_quote(args.file), args.file.stem
        _tell_changes(quote)
    else:
        quote, stem = _quoted(args)
    written = write_documents(quote.content, args.out, formats, languages, stem, Paper(args.paper))
    if args.keep and args.file.suffix != files.SUFFIX:
        kept = files.quote_path(files.quotes_folder(args.file), quote)
        files.save_quote(kept, quote)
        written.append(kept)
    for path in written:
        print(path)
    return 0


def _tell_changes(quote: Quote) -> None:
    """Say what would be other today, where the facts or the program are."""
    catalog = load_and_tell()
    if is_older(quote, catalog):
        print("\n".join([text("quote.history.older"), *told(changes(quote, catalog), quote.content.currency)]), file=sys.stderr)


def _quoted(args: argparse.Namespace) -> tuple[Quote, str]:
    """The quote of a scenario file, and the name of its documents."""
    discount, tax = _share(args.discount), _share(args.tax)
    catalog = load_and_tell()
    scenario = load_scenario(args.file).scenario
    company = load_settings().company
    day = _date(args.date) or datetime.date.today()
    asked = Asked(
        number=args.number or default_number(scenario, day),
        day=day,
        valid_until=_date(args.valid_until) or valid_until(company, day),
        prepared_by=args.prepared_by,
        contact=args.contact,
        project=args.project,
        basis=Basis(args.basis),
    )
    meta = metadata(asked, company, Seller(args.seller) if args.seller else None)
    answer, at = _answer(scenario, catalog, args.scope), now()
    picked = _picked(args, answer, catalog)
    made = draft(scenario, answer, catalog, meta, at, None, picked)
    lines = _changed(made.content.lines, discount, tax, _words(args.optional))
    if lines != made.content.lines:
        made = draft(scenario, answer, catalog, meta, at, lines, picked)
    meta = with_terms(made.metadata, lines, scenario.money.currency, company)
    return edited(made, meta), default_stem(scenario, day)


def _answer(scenario: Scenario, catalog: Catalog, scope: str | None) -> Estimate | Estate:
    """What is quoted: all workloads together where there are several, unless only the own one was asked for."""
    from gpuplanner.engine.estate.build import estate_of

    whole = has_works(scenario) if scope is None else scope == "estate"
    return estate_of(scenario, catalog) if whole else estimate(scenario, catalog)


def _picked(args: argparse.Namespace, answer: Estimate | Estate, catalog: Catalog) -> Picked:
    """What stands beside the offer.

    Raises:
        InputError: when a GPU can't carry the load, or another scenario can't be read or offered.
    """
    if not isinstance(answer, Estimate):
        return Picked()
    gpus = None if args.alternatives is None else tuple(word for word in _words(args.alternatives) if word != "none")
    known = [plan.gpu_id for plan in others(answer, offered(answer, catalog))]
    for gpu in gpus or ():
        if gpu not in known:
            raise InputError("cli.quote.no_alternative", gpu=shown(gpu), known=", ".join(known))
    variants = []
    for path in args.variant:
        scenario = load_scenario(path).scenario
        other = estimate(scenario, catalog)
        offered(other, catalog)
        variants.append(Variant(scenario.name or path.stem, scenario, other))
    return Picked(gpus, tuple(variants))


def _changed(lines: Sequence[Line], discount: float | None, tax: float | None, optional: Sequence[str]) -> tuple[Line, ...]:
    """The lines with one discount, and one tax, on all of them, and those that are only shown, where that was asked for.

    Raises:
        InputError: when there is no such line.
    """
    known = [line.key for line in lines]
    for key in optional:
        if key not in known:
            raise InputError("cli.quote.no_line", key=shown(key), known=", ".join(known))
    return tuple(
        replace(
            line,
            optional=line.optional or line.key in optional,
            discount=line.discount if discount is None else discount,
            tax=line.tax if tax is None else tax,
        )
        for line in lines
    )


def _share(share: float | None) -> float | None:
    if share is None or 0 <= share <= 1:
        return share
    raise InputError("cli.quote.share", share=f"{share:g}")


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def _date(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError("cli.quote.date", date=shown(text)) from error
