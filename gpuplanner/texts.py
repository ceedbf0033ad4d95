"""Every sentence a person reads, in both languages, from ``resources/texts/*.json``.

An entry is ``{"key": {"en": "…", "zh": "…"}}``; placeholders are Python format names. The files are read once, at the first
text. Qt-free, so that the command line and the quote use the same words as the window.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from gpuplanner import assets

LANGUAGES: Final = ("en", "zh")


class _Current:
    """The language that :func:`text` speaks; one for the whole program."""

    language: str = "en"


@cache
def entries() -> dict[str, dict[str, str]]:
    """All texts: key to language to sentence, merged from all files."""
    merged: dict[str, dict[str, str]] = {}
    for path in sorted((assets.resources() / "texts").glob("*.json")):
        merged.update(json.loads(path.read_bytes()))
    return merged


def text(key: str, /, **params: object) -> str:
    """The text of ``key`` in the current language with ``params`` put in.

    Raises:
        KeyError: when there is no such text, or a placeholder has no parameter.
    """
    return text_in(_Current.language, key, **params)


def text_in(lang: str, key: str, /, **params: object) -> str:
    """The text of ``key`` in ``lang`` ("en" or "zh") with ``params`` put in.

    Raises:
        KeyError: when there is no such text, or a placeholder has no parameter.
    """
    sentence = entries()[key][lang]
    return sentence.format_map(params) if "{" in sentence else sentence


def has(key: str) -> bool:
    """Whether ``key`` has a text."""
    return key in entries()


def language() -> str:
    """The current language, "en" or "zh"."""
    return _Current.language


def set_language(lang: str) -> bool:
    """Speak ``lang`` from now on; tells whether that is a change.

    Raises:
        ValueError: when there are no texts in ``lang``.
    """
    if lang not in LANGUAGES:
        raise ValueError(lang)
    changed = lang != _Current.language
    _Current.language = lang
    return changed


@contextmanager
def spoken_in(lang: str) -> Iterator[None]:
    """Speak another language for a while, as for a document in it."""
    before = language()
    set_language(lang)
    try:
        yield
    finally:
        set_language(before)
