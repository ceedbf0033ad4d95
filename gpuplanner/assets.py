"""Where the data that comes with the program lies: source tree, wheel or frozen bundle."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """The folder that holds ``resources`` and ``catalogs``.

    Raises:
        FileNotFoundError: when the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    places = [package.parent, package / "_data"]
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        places.insert(0, Path(bundle) / "gpuplanner" / "_data")
    for place in places:
        if (place / "resources").is_dir() and (place / "catalogs").is_dir():
            return place
    raise FileNotFoundError(f"no resources and catalogs under {', '.join(map(str, places))}")


def resources() -> Path:
    """Icons, texts, templates, example scenarios."""
    return root() / "resources"


def catalogs() -> Path:
    """The catalogue's JSON files."""
    return root() / "catalogs"
