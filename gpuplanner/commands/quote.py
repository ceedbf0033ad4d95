"""``gpuplanner quote``: a scenario's quote as PDF and Markdown. Needs no display."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from gpuplanner import texts
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError, shown
from gpuplanner.report.content import Seller
from gpuplanner.report.quote import FORMATS, write_quote
from gpuplanner.scenario.files import load_scenario
from gpuplanner.texts import text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", type=Path, help=text("cli.argument.file"))
    parser.add_argument("--format", default=",".join(FORMATS), metavar="pdf,md", help=text("cli.option.format"))
    parser.add_argument("--lang", default=texts.language(), metavar="zh,en", help=text("cli.option.languages"))
    parser.add_argument("--out", default=Path(), type=Path, metavar="DIR", help=text("cli.option.out"))
    parser.add_argument("--number", metavar="TEXT", help=text("cli.option.number"))
    parser.add_argument("--date", metavar="YYYY-MM-DD", help=text("cli.option.date"))
    parser.add_argument("--prepared-by", default="", metavar="NAME", help=text("cli.option.prepared_by"))
    parser.add_argument("--seller", default="", metavar="NAME", help=text("cli.option.seller"))


def run(args: argparse.Namespace) -> int:
    """Write the quotes and print their paths.

    Raises:
        InputError: when the file can't be read, there is nothing to offer, or the folder can't be written.
    """
    formats, languages = _words(args.format), _words(args.lang)
    if not formats or not languages:
        raise InputError("cli.quote.nothing_asked")
    catalog = load_and_tell()
    scenario = load_scenario(args.file).scenario
    written = write_quote(
        scenario,
        estimate(scenario, catalog),
        catalog,
        args.out,
        formats,
        languages,
        number=args.number,
        date=_date(args.date),
        prepared_by=args.prepared_by,
        seller=Seller(args.seller) if args.seller else None,
    )
    for path in written:
        print(path)
    return 0


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def _date(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError("cli.quote.date", date=shown(text)) from error
