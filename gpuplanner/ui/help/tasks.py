"""How to do things: pages written by hand in ``resources/help/<language>``; the first line is the title. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from gpuplanner import assets
from gpuplanner.texts import language, text
from gpuplanner.ui.help.page import HelpPage

#: In the order they are listed.
TASKS: Final = (
    "first-estimate", "read-answer", "why", "workloads", "training", "load", "compare", "estate", "cost", "quotes", "deployment",
    "models", "measurements", "prices", "files", "command-line", "offline",
)  # fmt: skip


def pages() -> Iterator[HelpPage]:
    """All of them, in the current language."""
    for name in TASKS:
        written = _written(name)
        yield HelpPage(f"task.{name}", text(f"help.task.{name}"), written, partial(_written, name), markdown=True)


def _written(name: str) -> str:
    return (assets.resources() / "help" / language() / f"{name}.md").read_text(encoding="utf-8")
