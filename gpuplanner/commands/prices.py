"""``gpuplanner prices``: check a price list, put it in force, take it out of force."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Final

from gpuplanner.catalog.prices.book import PriceBook, guessed, head_row, read_book
from gpuplanner.catalog.prices.items import Items
from gpuplanner.catalog.prices.sheet import read_sheet
from gpuplanner.catalog.prices.store import save_prices
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.errors import InputError
from gpuplanner.texts import text

BAD_INPUT: Final = 2
_TOLD: Final = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``check``, ``import`` and ``clear``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="check | import | clear", parser_class=type(parser))
    for name in ("check", "import"):
        action = actions.add_parser(name, help=text(f"prices.help.{name}"))
        action.add_argument("file", type=Path, metavar="FILE", help=text("prices.help.file"))
        action.add_argument("--currency", choices=("CNY", "USD", "EUR"), help=text("prices.help.currency"))
    actions.add_parser("clear", help=text("prices.help.clear"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked. Exit code 2 when a row can't be taken; nothing is imported then.

    Raises:
        InputError: the file is no price list.
    """
    catalog = load_and_tell()
    if args.action == "clear":
        for file in save_prices((), catalog):
            print(file)
        return 0
    book = _book(args.file, catalog, args.currency)
    for error in book.errors[:_TOLD]:
        print(text("prices.told", row=error.row, column=error.column, reason=error.message.sentence()))
    if book.error_count > _TOLD:
        print(text("prices.more", count=book.error_count - _TOLD))
    print(text("prices.sum", rows=len(book.rows), errors=book.error_count, file=str(args.file)))
    if book.error_count:
        return BAD_INPUT
    if args.action == "import":
        for file in save_prices(book.rows, catalog):
            print(file)
    return 0


def _book(path: Path, catalog: Catalog, currency: str | None) -> PriceBook:
    rows = read_sheet(path)
    head = head_row(rows)
    mapping = guessed(rows[head])
    try:
        return read_book(rows, Items(catalog), mapping, head, currency, date.today())
    except InputError as error:
        raise InputError("prices.file.unread", file=str(path), row=head + 1, reason=error.message) from error
