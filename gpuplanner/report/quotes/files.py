"""Quotes as files, in a folder beside their scenario: ``Chat.gpuplan`` has ``Chat.quotes/Q-20261121-3F2A-v1.gpuquote``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from gpuplanner import __version__
from gpuplanner.disk import DiskError, make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.report.content import QuoteContent, State
from gpuplanner.report.frozen import Misfit, decode, encode
from gpuplanner.report.plain import file_stem
from gpuplanner.report.quotes.quote import Event, Quote
from gpuplanner.scenario.jsontext import read_json

FORMAT: Final = "gpuquote"
VERSION: Final = 1
SUFFIX: Final = ".gpuquote"
_FOLDER: Final = ".quotes"
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the folder: its quote, or why it can't be read."""

    path: Path
    quote: Quote | None
    error: InputError | None = None


def quotes_folder(scenario: Path) -> Path:
    """Where a scenario's quotes lie."""
    return scenario.with_name(scenario.stem + _FOLDER)


def quote_path(folder: Path, quote: Quote) -> Path:
    """The file of a quote in a folder."""
    return folder / f"{file_stem(quote.metadata.number) or 'quote'}-v{quote.metadata.revision}{SUFFIX}"


def save_quote(path: Path, quote: Quote) -> None:
    """Write a quote. One that was sent keeps all but its state.

    Raises:
        InputError: when the file holds a quote that was sent and says otherwise, or can't be written.
    """
    if path.exists():
        kept = load_quote(path)
        if kept.locked and _bare(kept) != _bare(quote):
            raise InputError("quote.locked", number=kept.metadata.number, revision=kept.metadata.revision)
    make_folder(path.parent)
    write_atomically(path, quote_bytes(quote))


def quote_bytes(quote: Quote) -> bytes:
    """The file's content. The digest is over all but the history."""
    content = encode(quote.content)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "digest": _digest(content),
        "quote": content,
        "scenario": json.loads(quote.scenario),
        "history": encode(quote.history),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def load_quote(path: Path) -> Quote:
    """Read a quote.

    Raises:
        InputError: when it can't be read, is no quote, of a newer version, or was changed by hand.
    """
    document = read_json(read_bounded(path), str(path))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("quote.file.no_quote", file=str(path))
    version = document.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise InputError("quote.file.newer", file=str(path))
    content = document.get("quote")
    if document.get("digest") != _digest(content):
        raise InputError("quote.file.changed", file=str(path))
    try:
        made = decode(QuoteContent, content)
        history = tuple(decode(Event, entry) for entry in document.get("history") or ())
    except (Misfit, TypeError) as error:
        raise InputError("quote.file.misfit", file=str(path), place=str(error).lstrip(".") or "quote") from error
    scenario = document.get("scenario")
    return Quote(made, json.dumps(scenario if isinstance(scenario, dict) else {}, ensure_ascii=False), history)


def quotes_of(scenario: Path) -> tuple[Stored, ...]:
    """A scenario's quotes, newest first; a file that can't be read comes with the reason."""
    folder = quotes_folder(scenario)
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)[:_MOST]
    except OSError:  # no folder, no quotes
        return ()
    found = [_stored(path) for path in paths]
    return tuple(sorted(found, key=_order, reverse=True))


def _order(stored: Stored) -> tuple[str, int, str]:
    meta = stored.quote.metadata if stored.quote else None
    return (meta.day.isoformat() if meta else "", meta.revision if meta else 0, stored.path.name)


def _stored(path: Path) -> Stored:
    try:
        return Stored(path, load_quote(path))
    except (DiskError, InputError) as error:
        return Stored(path, None, error)


def _bare(quote: Quote) -> object:
    """All but the state."""
    content = quote.content
    return encode(replace(content, metadata=replace(content.metadata, state=State.SENT))), quote.scenario


def _digest(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
