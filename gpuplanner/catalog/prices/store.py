"""The price list in the user's own catalogue, on top of what the program knows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from gpuplanner.catalog.load import user_folder
from gpuplanner.catalog.prices.book import PriceRow
from gpuplanner.catalog.prices.items import KINDS
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.disk import disk_error, write_atomically
from gpuplanner.errors import InputError

FILE: Final = "price-list.json"
_MARK: Final = {"gpus": "gpu", "servers": "server", "equipment": "equipment"}


def save_prices(rows: Iterable[PriceRow], catalog: Catalog, folder: Path | None = None) -> tuple[Path, ...]:
    """Put a list in force in place of the last one; what the program knew of each record stays below it.

    Args:
        rows: checked.
        catalog: what is known now.
        folder: the user's catalogue; the usual place when None.

    Returns:
        The files that were written.

    Raises:
        InputError: a record has an entry of the user's own elsewhere, or nothing can be written; the last list stays then.
    """
    place = folder or user_folder()
    listed: dict[str, dict[str, list[PriceRow]]] = {kind: {} for kind in KINDS}
    for row in rows:
        listed[row.item.kind].setdefault(row.item.id, []).append(row)
    before = {kind: _ids(place / kind / FILE) for kind in KINDS}
    for kind, records in listed.items():
        for record_id in records:
            if f"{_MARK[kind]}:{record_id}" in catalog.yours and record_id not in before[kind]:
                raise InputError("prices.item.yours", item=record_id)
    contents = {
        kind: [_record(kind, key, prices, catalog) for key, prices in records.items()] for kind, records in listed.items()
    }
    return tuple(_write(place / kind / FILE, records) for kind, records in contents.items() if records or before[kind])


def _record(kind: str, record_id: str, rows: list[PriceRow], catalog: Catalog) -> dict[str, Any]:
    record = getattr(catalog, kind)[record_id]
    below = [price.model_dump(mode="json", exclude_none=True) for price in record.prices if price.kind != "own"]
    return {"id": record_id, "change": {"prices": [*(_price(kind, row) for row in rows), *below]}}


def _price(kind: str, row: PriceRow) -> dict[str, Any]:
    amount = round(row.amount, 2)
    value = {"amount": amount} if kind == "gpus" else {"low": amount, "high": amount}
    region = {"region": row.region} if row.region else {}
    return {"kind": "own", **value, "currency": row.currency, "date": row.date, **region}


def _ids(file: Path) -> frozenset[str]:
    try:
        records = json.loads(file.read_text(encoding="utf-8")).get("records", [])
        return frozenset(str(record["id"]) for record in records)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return frozenset()


def _write(file: Path, records: list[dict[str, Any]]) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, file, "write") from error
    write_atomically(file, (json.dumps({"records": records}, ensure_ascii=False, indent=1) + "\n").encode(), backup=True)
    return file
