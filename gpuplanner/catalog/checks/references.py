"""Ids that must lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gpuplanner.catalog.checks.finding import Shelf
from gpuplanner.errors import shown

REFERENCES = (
    ("gpus", "engines", "engines"),
    ("gpus", "interconnect.link", "links"),
    ("servers", "gpu_id", "gpus"),
    ("clouds", "gpu_id", "gpus"),
    ("clouds", "use_instead", "clouds"),
    ("precisions", "software", "engines"),
    ("engines", "precisions", "precisions"),
    ("engines", "port_of", "engines"),
    ("models", "stored_as", "precisions"),
)
"""Kind, field, and the kind whose ids the field holds."""


def check_references(shelf: Shelf) -> None:
    """Note every id that leads nowhere."""
    for kind, field, target in REFERENCES:
        for entry, record in shelf.records(kind):
            note = shelf.reporter(entry)
            for key in _ids(record, field):
                if not shelf.has(target, key):
                    note(field, "dangling", id=shown(key), kind=target)
    for entry, gpu in shelf.records("gpus"):
        slot = gpu.pcie_link
        if slot is not None and not shelf.has("links", slot):
            shelf.reporter(entry)("interconnect.pcie_gen", "dangling", id=slot, kind="links")


def _ids(record: Any, field: str) -> Iterator[str]:
    value = record
    for name in field.split("."):
        value = getattr(value, name)
    if isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        yield from value
