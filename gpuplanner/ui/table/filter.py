"""Which GPUs are shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpuplanner.ui.table.row import FITS, Row


@dataclass(frozen=True, slots=True)
class Filter:
    """Which GPUs to show. ``words`` must all stand in the name, vendor, architecture or id; no vendors means all."""

    words: str = ""
    fits_only: bool = False
    in_china: bool = False
    priced: bool = False
    vendors: frozenset[str] = field(default_factory=frozenset)

    @property
    def active(self) -> bool:
        """Whether anything may be left out."""
        return bool(self.words.strip() or self.fits_only or self.in_china or self.priced or self.vendors)

    def accepts(self, row: Row) -> bool:
        """Whether a row is shown."""
        gpu = row.gpu
        if self.fits_only and row.plan.status not in FITS:
            return False
        if self.in_china and gpu.export.china_new_sale is not True:
            return False
        if self.priced and not gpu.prices:
            return False
        if self.vendors and gpu.vendor not in self.vendors:
            return False
        return not self.words or self._words_found(row)

    def _words_found(self, row: Row) -> bool:
        gpu = row.gpu
        searched = f"{row.name} {gpu.name} {gpu.vendor} {gpu.architecture} {gpu.id}".casefold()
        return all(word in searched for word in self.words.casefold().split())
