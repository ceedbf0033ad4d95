"""The questionnaire on paper: questions with their answers, or with room for them. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Final

from gpuplanner.texts import language, text
from gpuplanner.ui.questionnaire.questions import PAGES, Answers, Question, asked, pages
from gpuplanner.units import format_quantity

_LINE: Final = "_" * 28
_BOX: Final = "\N{BALLOT BOX}"
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~&])")
Named = Callable[[str, object], str]
Row = tuple[str, str]


def rows(answers: Answers | None, named: Named) -> list[tuple[str, list[Row]]]:
    """Titles of pages with questions and answers, in the current language.

    Args:
        answers: None for an empty sheet, which asks everything.
        named: what a model or GPU is called, by the question's key and the answer.
    """
    found = []
    for name in PAGES if answers is None else pages(answers):
        questions = PAGES[name] if answers is None else asked(name, answers)
        found.append((text(f"ask.page.{name}"), [(text(f"ask.{one.key}"), answer(one, answers, named)) for one in questions]))
    return found


def answer(question: Question, answers: Answers | None, named: Named) -> str:
    """An answer in words; boxes or a line where there is none yet."""
    if answers is None:
        if question.kind != "choice":
            return f"{_LINE} {_unit(question)}".strip()
        words = (text(f"ask.{question.key}.{word}") for word in question.choices)
        return "   ".join(f"{_BOX} {word}".replace(" ", "\N{NO-BREAK SPACE}") for word in words)
    value = answers[question.key]
    if question.kind == "choice":
        return text(f"ask.{question.key}.{value}")
    if question.kind in ("model", "gpu"):
        return named(question.key, value)
    if isinstance(value, int | float):
        exact = int(value) if float(value).is_integer() else value
        written = format_quantity(exact, question.quantity, unit=question.unit, lang=language())
        return f"{written} {_unit(question)}".strip()
    return str(value or "–")


def _unit(question: Question) -> str:
    return text(f"ask.{question.key}.unit") if question.kind == "quantity" else ""


def markdown(found: list[tuple[str, list[Row]]], title: str) -> str:
    """The sheet as Markdown; what was typed can't become markup."""
    lines = [f"# {_plain(title)}", "", text("ask.sheet.lead"), ""]
    for name, asked_here in found:
        lines += [f"## {name}", "", f"| {text('ask.sheet.question')} | {text('ask.sheet.answer')} |", "|---|---|"]
        lines += [f"| {_plain(question)} | {_plain(said)} |" for question, said in asked_here]
        lines.append("")
    return "\n".join(lines)


def html(found: list[tuple[str, list[Row]]], title: str) -> str:
    """The sheet as rich text for printing."""
    parts = [f"<h1>{escape(title)}</h1><p>{escape(text('ask.sheet.lead'))}</p>"]
    for name, asked_here in found:
        made = "".join(
            f'<tr><td width="42%" style="padding:6px 10px 6px 0">{escape(question)}</td>'
            f'<td style="padding:6px 0">{escape(said)}</td></tr>'
            for question, said in asked_here
        )
        parts.append(f'<h3>{escape(name)}</h3><table width="100%" cellspacing="0">{made}</table>')
    return "".join(parts)


def _plain(said: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(said.split()))
