"""A page for each field of a scenario: what it means, what it may hold, what it is without. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Final

from pydantic import BaseModel

from gpuplanner.scenario import fields
from gpuplanner.scenario.document import Scenario, get
from gpuplanner.scenario.validation import allowed
from gpuplanner.texts import has, language, text
from gpuplanner.ui.help import terms
from gpuplanner.ui.help.page import HelpPage, bullets, heading, link, paragraph, part, table
from gpuplanner.ui.help.titles import title_of
from gpuplanner.units import format_quantity

_DEFAULTS: Final = Scenario()


def pages() -> Iterator[HelpPage]:
    """Every field that has a name, in the order of the document."""
    for path in fields.paths():
        if has(f"field.{path}") and not isinstance(get(_DEFAULTS, path), BaseModel):
            yield HelpPage(f"field.{path}", text(f"field.{path}"), f"{path} {_help(path)}", partial(_body, path))


def _help(path: str) -> str:
    return text(f"field.{path}.help") if has(f"field.{path}.help") else ""


def _body(path: str) -> str:
    rows = [(text("help.field.default"), _default(path)), (text("help.field.path"), path)]
    words = fields.choices(path)
    if not words:
        rows.insert(0, (text("help.field.allowed"), _allowed(path)))
    options = ""
    if words:
        options = table(_choice(path, word) for word in words if has(f"choice.{path}.{word}"))
    related = bullets(link(other, title_of(other)) for other in terms.about(f"field.{path}"))
    return (
        heading(text(f"field.{path}"))
        + paragraph(_help(path))
        + part("help.field.choices", options)
        + part("help.field.facts", table((escape(name), escape(said)) for name, said in rows if said))
        + part("help.see", related)
    )


def _choice(path: str, word: str) -> tuple[str, str]:
    key = f"choice.{path}.{word}"
    return f"<b>{escape(text(key))}</b>", escape(text(f"{key}.help")) if has(f"{key}.help") else ""


def _allowed(path: str) -> str:
    said = allowed(path).sentence()
    return said[:1].upper() + said[1:]


def _default(path: str) -> str:
    value = get(_DEFAULTS, path)
    if value is None:
        return text("form.automatic")
    if isinstance(value, bool):
        return text(f"help.{'yes' if value else 'no'}")
    if path in fields.WRITTEN and isinstance(value, int | float):
        kind, unit = fields.WRITTEN[path]
        exact = int(value) if float(value).is_integer() else value
        return f"{format_quantity(exact, kind, unit=unit, lang=language())} {_unit(path)}".strip()
    key = f"choice.{path}.{getattr(value, 'value', value)}"
    if has(key):
        return text(key)
    return str(getattr(value, "value", value)) if value not in ("", ()) else ""


def _unit(path: str) -> str:
    return text(f"field.{path}.unit") if has(f"field.{path}.unit") else ""
