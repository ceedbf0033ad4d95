"""What a check finds, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuplanner.catalog.schema.common import Record
from gpuplanner.errors import Message

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a file. An error must be corrected; a warning is to be looked at.

    ``place`` is the field, or "-" for the whole record; ``message`` says what is wrong and what to do.
    """

    file: str
    record: str
    place: str
    message: Message
    is_error: bool = True

    def sentence(self) -> str:
        """File, record, field and what to do, in the current language."""
        return Message(
            "catalog.check.line", {"file": self.file, "record": self.record, "place": self.place, "what": self.message}
        ).sentence()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as its file gives it, and checked where it fits its schema."""

    file: str
    raw: Raw
    record: Record | None


@dataclass
class Shelf:
    """Everything to be checked: entries by kind and id, and what the checker knows besides (``catalogs/checks.json``)."""

    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    knowledge: Mapping[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def of(self, plural: str) -> Mapping[str, Entry]:
        """The entries of a kind."""
        return self.entries.get(plural, {})

    def has(self, plural: str, key: object) -> bool:
        """Whether there is such a record."""
        return key in self.of(plural)

    def reporter(self, entry: Entry) -> Callable[..., None]:
        """A function that notes a finding about this entry: ``note(place, code, error=True, **params)``."""

        def note(place: str, code: str, error: bool = True, **params: object) -> None:
            message = Message(f"catalog.check.{code}", params)
            self.findings.append(Finding(entry.file, str(entry.raw.get("id", "-")), place, message, error))

        return note

    def records(self, plural: str) -> Iterator[tuple[Entry, Any]]:
        """Entries of a kind that fit their schema, with the checked record."""
        return ((entry, entry.record) for entry in self.of(plural).values() if entry.record is not None)
