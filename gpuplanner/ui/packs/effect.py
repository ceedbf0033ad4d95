"""What a catalogue pack would do: to the entries, and to the scenario that is open."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gpuplanner import assets, paths
from gpuplanner.catalog.load import BuiltIn, load_catalog
from gpuplanner.catalog.pack.archive import Pack
from gpuplanner.catalog.pack.difference import Change, changes_of
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.disk import make_folder
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import Message
from gpuplanner.report.since import since_saved
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.receipt import receipt_of
from gpuplanner.ui.library.detail import Detail, since_lines
from gpuplanner.ui.library.lines import Line


@dataclass(frozen=True, slots=True)
class Effect:
    """Entries added, changed and removed; lines of what becomes of the open scenario, those that change alone; warnings."""

    changes: tuple[Change, ...]
    lines: tuple[Line, ...]
    warnings: tuple[Message, ...]

    def count(self, what: str) -> int:
        """How many entries are "added", "changed" or "removed"."""
        return sum(change.what == what for change in self.changes)


def effect_of(pack: Pack, scenario: Scenario, catalog: Catalog, byte_unit: str) -> Effect:
    """Lay a pack over the built-in catalogue without putting it in force, and estimate the scenario with both."""
    place = paths.user_cache_dir()
    make_folder(place)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for name, content in pack.files.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        then = load_catalog(packed_dir=Path(folder) / "catalog")
        answer = estimate(scenario, then)
    now = receipt_of(estimate(scenario, catalog), scenario.money.currency, catalog.digest, catalog.date, "")
    since = since_saved(now, answer, then.digest)
    detail = Detail(pack.path, scenario, then, answer, now, since, None)
    lines = () if since.same else tuple(line for line in since_lines(detail, byte_unit) if line.ink != "good")
    warnings = tuple(Message(code.code, _within(pack, folder, code.params)) for code in then.warnings)
    return Effect(changes_of(pack, BuiltIn(assets.catalogs())), lines, warnings)


def _within(pack: Pack, folder: str, params: Mapping[str, object]) -> dict[str, object]:
    """What a warning names, with the pack in place of the folder it was laid out in."""
    laid_out = str(Path(folder) / "catalog")
    return {name: value.replace(laid_out, pack.path.name) if isinstance(value, str) else value for name, value in params.items()}
