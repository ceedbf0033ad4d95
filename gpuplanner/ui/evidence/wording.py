"""Groups and rows of the score in words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.labels import engine_label, machine_label, model_label, source_label
from gpuplanner.evidence.predict import Prediction
from gpuplanner.evidence.scorecard import Key
from gpuplanner.format import format_bytes, format_integer, format_number, format_share
from gpuplanner.texts import has, text

NO: Final = "—"
_FAMILIES: Final = {
    "cdna3": "CDNA 3",
    "cdna4": "CDNA 4",
    "cdna2": "CDNA 2",
    "rdna": "RDNA",
    "rtx-blackwell": "RTX Blackwell",
    "xe": "Xe",
}


@dataclass(frozen=True, slots=True)
class RowText:
    """A measurement as it is shown: what it is of, where it stands, its figures; ``reason`` where it wasn't computed."""

    label: str
    detail: str
    measured: str
    estimated: str
    error: str
    reason: str
    hint: str


def group_label(view: str, key: Key) -> str:
    """What a group is called."""
    if view == "worst":
        kind, family, engine = key
        return " · ".join(filter(None, (_kind(kind), _family(family), engine)))
    named = {"kind": _kind, "family": _family, "reason": _reason}.get(view, _plain)
    return named(key[0])


def row_text(item: Prediction, catalog: Catalog) -> RowText:
    """A row in words."""
    row = item.row
    known = catalog.models.get(item.model) if item.model else None
    parts = (engine_label(row.framework, row.version), source_label(row.source), row.date)
    reason = "" if item.reason is None else _reason(str(item.reason.reason))
    detail = f" ({item.reason.detail})" if item.reason is not None and item.reason.detail else ""
    model = model_label(known.name if known is not None else row.model)
    return RowText(
        label=", ".join(filter(None, (model, machine_label(item.gpu or row.gpu, row.gpus, catalog)))),
        detail=" · ".join(part for part in parts if part),
        measured=amount(row.value, row.unit, row.task),
        estimated=NO if item.value is None else amount(item.value, row.unit, row.task),
        error="" if item.error is None or item.figure == "fits" else signed(item.error),
        reason=reason + detail,
        hint="\n".join(filter(None, (_kind_of(item), row.metric, row.source, row.date, row.note[:300], reason + detail))),
    )


def haystack(item: Prediction, catalog: Catalog) -> str:
    """All words that a row can be found by, in small letters."""
    row = item.row
    shown = row_text(item, catalog)
    return " ".join(
        (shown.label, shown.detail, row.model, row.gpu, row.framework, row.source, _kind_of(item), item.family)
    ).casefold()


def amount(value: float, unit: str, task: str = "") -> str:
    """A measured value in its unit."""
    if task == "fits":
        return text("evidence.fits" if value else "evidence.fits_not")
    if unit == "B":
        return str(format_bytes(value, "GB"))
    if unit == "share":
        return share(value)
    number = format_integer(value) if value >= 1000 else format_number(value, digits=3)
    key = f"evidence.unit.{unit}"
    return f"{number}\N{NO-BREAK SPACE}{text(key) if has(key) else unit.replace('_', ' ')}"


def share(value: float | None) -> str:
    """A share, or a dash where there is none."""
    return NO if value is None else str(format_share(value))


def signed(error: float) -> str:
    """An error with its sign."""
    number = format_number(abs(error) * 100, digits=2 if abs(error) < 10 else 3)
    return f"{'+' if error >= 0 else '−'}\N{THIN SPACE}{number}\N{THIN SPACE}%"


def _kind_of(item: Prediction) -> str:
    from gpuplanner.evidence.scorecard import kind_of

    return _kind(kind_of(item))


def _kind(kind: str) -> str:
    return text(f"evidence.kind.{kind}") if has(f"evidence.kind.{kind}") else kind.replace("_", " ").replace(".", ": ")


def _family(family: str) -> str:
    if not family:
        return text("evidence.no_family")
    return _FAMILIES.get(family, family.capitalize())


def _reason(reason: str) -> str:
    return text(f"evidence.reason.{reason}")


def _plain(name: str) -> str:
    return name or NO
