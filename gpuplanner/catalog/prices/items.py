"""Which record of the catalogue a line of a price list means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import InputError, shown

KINDS: Final = ("gpus", "servers", "equipment")
_TOKEN: Final = re.compile(r"[a-z]+\d*[a-z]*|\d+[a-z]*|[\u4e00-\u9fff]+")
_SIZE: Final = re.compile(r"(\d+)\s*(gb|g|tb|u)\b")
_NEAR: Final = 3
_MOST_GUESSES: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """A record that has a price."""

    kind: str
    id: str
    name: str


class Items:
    """Finds records by id or by name, the vendor's name and the order of words left aside."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_key: dict[str, list[Item]] = {}
        self._words: list[tuple[frozenset[str], Item]] = []
        self._found: dict[str, list[Item]] = {}
        self._guesses = 0
        for kind in KINDS:
            for record_id, record in getattr(catalog, kind).items():
                item = Item(kind, record_id, record.name)
                for key in {_key(record_id), _key(record.name)}:
                    self._by_key.setdefault(key, []).append(item)
                extra = f" {getattr(record, 'vendor', '')} {getattr(record, 'form_factor', '')}"
                self._words.append((frozenset(_tokens(f"{record.name}{extra}")), item))

    def find(self, written: str) -> Item:
        """The record meant.

        Raises:
            InputError: none or several.
        """
        found = self._found.get(written)
        if found is None:
            found = self._found[written] = self._search(written)
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError("prices.item.several", item=shown(written), near=_listed(item.name for item in found))
        self._guesses += 1
        if self._guesses > _MOST_GUESSES:  # of a list about something else
            raise InputError("prices.item.unknown", item=shown(written))
        near = difflib.get_close_matches(written.casefold(), [item.name.casefold() for _, item in self._words], _NEAR, 0.5)
        names = [item.name for _, item in self._words if item.name.casefold() in near]
        if names:
            raise InputError("prices.item.unknown_near", item=shown(written), near=_listed(names))
        raise InputError("prices.item.unknown", item=shown(written))

    def _search(self, written: str) -> list[Item]:
        words = frozenset(_tokens(written))
        return self._by_key.get(_key(written)) or [item for known, item in self._words if words and words <= known]


def _key(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _tokens(name: str) -> list[str]:
    bare = _SIZE.sub(lambda match: f" {match[1]}{'gb' if match[2] == 'g' else match[2]} ", name.casefold())
    return _TOKEN.findall(bare)


def _listed(names: Iterable[str]) -> str:
    kept = list(names)
    return ", ".join(kept[:_NEAR]) + (" …" if len(kept) > _NEAR else "")
