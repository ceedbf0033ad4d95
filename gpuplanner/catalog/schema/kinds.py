"""The kinds of records: where their files lie, what schema they have, what they are called."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final, cast

from gpuplanner.catalog.schema.common import Record


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. ``plural`` is its folder and its field of the catalogue, ``singular`` its mark in ``Catalog.yours``."""

    plural: str
    singular: str
    module: str
    class_name: str

    @property
    def schema(self) -> type[Record]:
        """What its records are; imported when it is asked for, as few runs meet all kinds."""
        return cast(type[Record], getattr(importlib.import_module(f"gpuplanner.catalog.schema.{self.module}"), self.class_name))


KINDS: Final = tuple(
    Kind(*row)
    for row in (
        ("gpus", "gpu", "gpu", "Gpu"),
        ("precisions", "precision", "precision", "Precision"),
        ("engines", "engine", "engine", "ServingEngine"),
        ("links", "link", "link", "Link"),
        ("models", "model", "model", "Model"),
        ("servers", "server", "server", "Server"),
        ("clouds", "cloud", "cloud", "CloudInstance"),
        ("network_cards", "network_card", "site", "NetworkCard"),
        ("switches", "switch", "site", "Switch"),
        ("equipment", "equipment", "site", "Equipment"),
        ("storage", "storage", "site", "StorageClass"),
        ("power", "power", "site", "PowerUsage"),
        ("rules", "rule", "site", "PlanningRule"),
        ("electricity", "electricity", "site", "Tariff"),
        ("practice", "practice", "practice", "PracticeRule"),
        ("guards", "guard", "practice", "Guard"),
        ("slicings", "slicing", "slicing", "Slicing"),
    )
)

BY_NAME: Final = {name: kind for kind in KINDS for name in (kind.plural, kind.singular)}
"""Kinds by plural and by singular name."""
