"""A page of help, and the small pieces of rich text it is made of. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from gpuplanner.texts import text

SCHEME: Final = "help"
GROUPS: Final = ("task", "term", "field", "formula", "rule", "keyboard")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One page.

    ``id`` begins with its group ("term.ttft"); ``words`` is what a search looks through besides the title. ``body`` writes the
    page as rich text in the current language; ``markdown`` pages are written in Markdown.
    """

    id: str
    title: str
    words: str
    body: Callable[[], str]
    markdown: bool = False

    @property
    def group(self) -> str:
        """What kind of page it is, one of :data:`GROUPS`."""
        return self.id.partition(".")[0]


def link(page_id: str, label: str) -> str:
    """A link to another page."""
    return f'<a href="{SCHEME}:{escape(page_id)}">{escape(label)}</a>'


def heading(said: str) -> str:
    """The title of a page."""
    return f"<h2>{escape(said)}</h2>"


def paragraph(said: str) -> str:
    """A paragraph of plain text."""
    return f'<p style="margin:0 0 8px 0">{escape(said)}</p>' if said else ""


def part(title_key: str, rich: str) -> str:
    """A part of a page under a small heading; nothing where it is empty."""
    return f'<p style="margin:12px 0 4px 0"><b>{escape(text(title_key))}</b></p>{rich}' if rich else ""


def table(rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are rich text already."""
    made = "".join("<tr>" + "".join(f'<td style="padding:3px 18px 3px 0">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f'<table cellspacing="0">{made}</table><p style="margin:0; font-size:4px">&nbsp;</p>' if made else ""


def bullets(items: Iterable[str]) -> str:
    """A list of rich texts."""
    made = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul style="-qt-list-indent:0; margin-left:14px; margin-top:0">{made}</ul>' if made else ""
