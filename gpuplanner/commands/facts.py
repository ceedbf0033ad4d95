"""The catalogue, for a command: what was left out of the user's own entries is said on standard error."""

from __future__ import annotations

import sys

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import Message


def load_and_tell() -> Catalog:
    """Load the catalogue; a damaged entry of the user is named and does not stop the command.

    Raises:
        InputError: when a built-in file is missing or damaged.
    """
    catalog = load_catalog()
    for warning in catalog.warnings:
        print(Message(warning.code, warning.params).sentence(), file=sys.stderr)
    return catalog
