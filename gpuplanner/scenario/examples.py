"""The example scenarios that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gpuplanner import assets, texts
from gpuplanner.scenario.files import SUFFIX


@dataclass(frozen=True, slots=True)
class Example:
    """An example and where it lies; opened, it becomes an unsaved copy."""

    key: str
    path: Path

    def title(self) -> str:
        """What menus call it, in the current language."""
        return texts.text(f"example_file.{self.key}")


def examples() -> tuple[Example, ...]:
    """All examples, in the order that their file names give."""
    found = sorted((assets.resources() / "examples").glob(f"*{SUFFIX}"))
    return tuple(Example(path.stem.partition("-")[2].replace("-", "_"), path) for path in found)
