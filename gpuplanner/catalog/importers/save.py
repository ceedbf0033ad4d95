"""Putting an imported model into the user's own catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from gpuplanner.catalog.load import user_folder
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.disk import disk_error, write_atomically

_OWN = "-own"


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a model went, and the model with the id it has there."""

    model: Model
    file: Path


def save_model(model: Model, catalog: Catalog, folder: Path | None = None) -> Saved:
    """Write a model into the user's catalogue, where it is found from the next start on.

    Args:
        model: as imported. Where the catalogue that came with the program has its id already, the saved one gets another.
        catalog: what is known so far.
        folder: the user's catalogue; the usual place when None.

    Raises:
        DiskError: it can't be written; nothing has changed then.
    """
    built_in = model.id in catalog.models and f"model:{model.id}" not in catalog.yours
    if built_in:
        model = model.model_copy(update={"id": model.id + _OWN})
    file = (folder or user_folder()) / "models" / f"{model.id}.json"
    record = model.model_dump(mode="json", exclude_none=True)
    content = json.dumps({"records": [record]}, ensure_ascii=False, indent=1) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, file, "write") from error
    write_atomically(file, content.encode(), backup=True)
    return Saved(model, file)
