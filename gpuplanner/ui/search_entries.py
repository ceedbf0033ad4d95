"""What the search finds besides the catalogue: commands, fields, examples, settings, pages of help; in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence

from gpuplanner.pinyin import initials
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.examples import examples
from gpuplanner.texts import LANGUAGES, text, text_in
from gpuplanner.ui.actions import other_words, plain
from gpuplanner.ui.fields.entries import Entry
from gpuplanner.ui.form.specs import SECTIONS

_SETTINGS = {"theme": ("system", "light", "dark"), "language": ("system", "en", "zh")}


def spelled(key: str) -> str:
    """A text in each language, and the initials of its pinyin."""
    said = " ".join(text_in(lang, key) for lang in LANGUAGES)
    return f"{said} {initials(text_in('zh', key))}"


def commands(actions: Sequence[QAction]) -> Iterator[Entry]:
    """Every command that can be carried out now."""
    for action in actions:
        if action.isEnabled() and action.isVisible():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            key = action.objectName()
            words = f"{other_words(key)} {initials(plain(text_in('zh', f'action.{key}')))}"
            yield Entry(("command", key), plain(action.text()), keys, text("search.commands"), words)


def fields(scenario: Scenario) -> Iterator[Entry]:
    """Every field of the form that applies."""
    for section in SECTIONS:
        for spec in section.fields:
            if spec.shown(scenario):
                name, where = f"field.{spec.path}", text(f"form.section.{section.key}")
                yield Entry(("field", spec.path), text(name), where, text("search.fields"), f"{spec.path} {spelled(name)}")


def files(paths: Sequence[Path]) -> Iterator[Entry]:
    """Scenario files."""
    for path in paths:
        yield Entry(("file", str(path)), path.stem, "", text("tab.scenarios"), initials(path.stem))


def sample_scenarios() -> Iterator[Entry]:
    """The examples that come with the program."""
    for example in examples():
        words = spelled(f"example_file.{example.key}")
        yield Entry(("example", example.key), example.title(), "", text("search.examples"), words)


def settings() -> Iterator[Entry]:
    """Theme and language."""
    for name, choices in _SETTINGS.items():
        for choice in choices:
            title = f"{plain(text(f'menu.{name}'))}: {plain(text(f'menu.{name}.{choice}'))}"
            words = plain(f"{spelled(f'menu.{name}')} {spelled(f'menu.{name}.{choice}')}")
            yield Entry((name, choice), title, "", text("search.settings"), words)


def help_pages() -> Iterator[Entry]:
    """Tasks, words of the glossary, and formulas."""
    from gpuplanner.ui.help import formulas, tasks, terms

    for name in tasks.TASKS:
        yield _help(f"task.{name}", text(f"help.task.{name}"), "task", spelled(f"help.task.{name}"))
    for name in terms.TERMS:
        yield _help(f"term.{name}", text(f"glossary.{name}"), "term", spelled(f"glossary.{name}"))
    for page in formulas.pages():
        yield _help(page.id, page.title, "formula", f"{page.id} {initials(page.title)}")


def _help(page_id: str, title: str, group: str, words: str) -> Entry:
    # begins with a word that nobody looks for: what can be done or filled in goes before what can be read of it
    found_by = f"? {title} {words}".casefold().replace("_", "-")
    return Entry(("help", page_id), title, text(f"help.group.{group}"), text("search.help_pages"), haystack=found_by)
