"""A page for each rule of thumb and each guard rail of the catalogue. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from gpuplanner.texts import has, text
from gpuplanner.ui.help.page import HelpPage, bullets, heading, link, paragraph, part, table
from gpuplanner.ui.help.titles import title_of

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.common import Source
    from gpuplanner.catalog.schema.practice import Guard, PracticeRule


def pages(catalog: Catalog | None) -> Iterator[HelpPage]:
    """Rules, then guard rails; none before the catalogue is there."""
    if catalog is None:
        return
    for rule in catalog.practice.values():
        name = _said(f"rule.{rule.id}", rule.name)
        words = f"{rule.id} {' '.join(rule.lines)} {_said(f'rule.{rule.id}.right', '')}"
        yield HelpPage(f"rule.{rule.id}", name, words, partial(_rule, rule, name))
    for guard in catalog.guards.values():
        name = _said(f"guard.{guard.id}.rule", guard.name)
        yield HelpPage(f"rule.guard.{guard.id}", name, f"{guard.id} {guard.predicate}", partial(_guard, guard, name))


def _rule(rule: PracticeRule, name: str) -> str:
    formula = f"formula.{rule.formula}" if rule.formula else ""
    kinds = text("list.comma").join(text(f"choice.workload.kind.{kind}") for kind in rule.kinds)
    return (
        heading(name)
        + paragraph(text("help.rule.kind"))
        + part("help.rule.right", paragraph(_said(f"rule.{rule.id}.right", "")))
        + part("help.rule.facts", table([(text("help.rule.kinds"), escape(kinds)), *_lines(rule)]))
        + part("help.rule.formula", bullets([link(formula, title_of(formula))] if formula else []))
        + _sources(rule.sources)
    )


def _lines(rule: PracticeRule) -> list[tuple[str, str]]:
    return [(text("help.rule.within"), f"± {rule.within * 100:g} %"), (text("help.rule.lines"), escape(", ".join(rule.lines)))]


def _guard(guard: Guard, name: str) -> str:
    rows = [(text("help.rule.severity"), text(f"help.rule.{guard.severity}"))]
    if guard.gpus:
        rows.append((text("help.rule.gpus"), escape(", ".join(guard.gpus))))
    return heading(name) + paragraph(text("help.guard.kind")) + table(rows) + _sources(guard.sources)


def _sources(sources: Sequence[Source]) -> str:
    return part("help.source", bullets(escape(_source(source)) for source in sources))


def _source(source: Source) -> str:
    return ", ".join(str(said) for said in (source.title, source.date, source.url) if said and said != "n/a")


def _said(key: str, otherwise: str) -> str:
    """A text that is a whole sentence by itself; what the record says where there is none."""
    return text(key) if has(key) else otherwise
