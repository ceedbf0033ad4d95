"""What things of the catalogue are called in reports."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from gpuplanner.report.plain import one_line
from gpuplanner.scenario.document import Scenario

if TYPE_CHECKING:  # the window words its first answer before all of the catalogue's schema is loaded
    from gpuplanner.catalog.schema.catalog import Catalog

_GLUED: Final = re.compile(r"(?<=\d)(?=GB\b)")
_NEEDLESS: Final = re.compile(r"^GeForce | Blackwell(?= )| Edition$| Grace Hopper(?= )")


class Branded(Protocol):
    """A catalogue record with a name and a vendor."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def vendor(self) -> str: ...  # noqa: D102


def gpu_label(gpu: Branded) -> str:
    """A GPU's name without its vendor, the size apart from its unit: "H20 141 GB"."""
    return _label(gpu.name, gpu.vendor)


@lru_cache(maxsize=4096)
def shortened(label: str) -> str:
    """A GPU's label for narrow places, without what no other of that name is told apart by: "RTX PRO 6000 Server"."""
    return _NEEDLESS.sub("", label)


def gpu_name(gpu_id: str, catalog: Catalog) -> str:
    """The label of a GPU; its id where the catalogue has no such GPU."""
    gpu = catalog.gpus.get(gpu_id)
    return gpu_label(gpu) if gpu else one_line(gpu_id)


@lru_cache(maxsize=4096)
def _label(name: str, vendor: str) -> str:
    return _GLUED.sub(" ", one_line(name.removeprefix(vendor)) or one_line(name))


def model_name(scenario: Scenario, catalog: Catalog) -> str:
    """The model's name: of the imported record, of the catalogue's, or its id."""
    if scenario.model.custom is not None:
        return one_line(scenario.model.custom.name)
    model = catalog.models.get(scenario.model.id)
    return one_line(model.name if model else scenario.model.id)


def precision_name(precision_id: str, catalog: Catalog) -> str:
    """The name of a number format without its explanation in brackets; its id where the catalogue doesn't know it."""
    precision = catalog.precisions.get(precision_id)
    name = precision.name.partition(" (")[0].removeprefix("KV cache ") if precision else precision_id
    return one_line(name)


def engine_name(scenario: Scenario, catalog: Catalog) -> str:
    """The serving engine's name, its id where the catalogue doesn't know it."""
    engine = catalog.engines.get(scenario.deployment.engine)
    return one_line(engine.name if engine else scenario.deployment.engine)
