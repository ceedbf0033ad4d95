"""What things of the catalogue are called in reports."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.report.plain import one_line
from gpuplanner.scenario.document import Scenario

_GLUED: Final = re.compile(r"(?<=\d)(?=GB\b)")


def gpu_name(gpu_id: str, catalog: Catalog) -> str:
    """A GPU's name without its vendor, the size apart from its unit: "H20 141 GB"; the id where the catalogue has no such GPU."""
    gpu: Gpu | None = catalog.gpus.get(gpu_id)
    if gpu is None:
        return one_line(gpu_id)
    return _GLUED.sub(" ", one_line(gpu.name.removeprefix(gpu.vendor)) or one_line(gpu.name))


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
