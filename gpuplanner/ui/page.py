"""What the workbench asks of a page."""

from __future__ import annotations

from typing import Protocol

from gpuplanner.palette import Theme


class Page(Protocol):
    """A widget that takes the centre of the window."""

    def stop(self) -> None:
        """Stop what runs beside the window."""

    def retranslate(self) -> None:
        """Follow a change of language."""

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""


class SizedPage(Page, Protocol):
    """A page that shows sizes."""

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
