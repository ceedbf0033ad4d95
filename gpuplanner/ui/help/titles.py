"""What pages of help are called, by their ids. No Qt."""

from __future__ import annotations

from gpuplanner.texts import has, text


def formula_title(formula_id: str) -> str:
    """What a formula is called; the engine's own words for its result where there are no better."""
    name = formula_id.partition(".")[2]
    for key in (f"formula.{formula_id}", f"explain.{name}", f"results.figure.{name}", f"figure.{name}"):
        if has(key):
            said = text(key)
            return said[:1].upper() + said[1:]
    raise KeyError(formula_id)


def title_of(page_id: str) -> str:
    """What a page is called, in the current language."""
    group, _, name = page_id.partition(".")
    if group == "formula":
        return formula_title(name)
    if group == "term":
        return text(f"glossary.{name}")
    if group == "task":
        return text(f"help.task.{name}")
    return text(page_id)
