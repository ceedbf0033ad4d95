"""The kinds of records: where their files lie, what schema they have, what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.cloud import CloudInstance
from gpuplanner.catalog.schema.common import Record
from gpuplanner.catalog.schema.engine import ServingEngine
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.link import Link
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.catalog.schema.server import Server
from gpuplanner.catalog.schema.site import NetworkCard, PlanningRule, PowerUsage, StorageClass, Switch, Tariff


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. ``plural`` is its folder and its field of the catalogue, ``singular`` its mark in ``Catalog.yours``."""

    plural: str
    singular: str
    schema: type[Record]


KINDS: Final = tuple(
    Kind(*row)
    for row in (
        ("gpus", "gpu", Gpu),
        ("precisions", "precision", Precision),
        ("engines", "engine", ServingEngine),
        ("links", "link", Link),
        ("models", "model", Model),
        ("servers", "server", Server),
        ("clouds", "cloud", CloudInstance),
        ("network_cards", "network_card", NetworkCard),
        ("switches", "switch", Switch),
        ("storage", "storage", StorageClass),
        ("power", "power", PowerUsage),
        ("rules", "rule", PlanningRule),
        ("electricity", "electricity", Tariff),
    )
)

BY_NAME: Final = {name: kind for kind in KINDS for name in (kind.plural, kind.singular)}
"""Kinds by plural and by singular name."""
