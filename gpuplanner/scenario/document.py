"""What was asked: a scenario as plain, frozen data. Nothing computed stands here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from gpuplanner.scenario.asked import Asked, Degree, Id, Share, Tokens
from gpuplanner.scenario.calibration import Calibration, CalibrationRow, MeasuredFigure
from gpuplanner.scenario.estate import Cooling, EstateChoice, FabricKind, IndexKind, Phase, SiteChoice, Work
from gpuplanner.scenario.money import CloudTerm, Discount, Money, OwnPrice
from gpuplanner.scenario.passes import EncodingChoice, GenerationChoice
from gpuplanner.scenario.serving import ServingChoice
from gpuplanner.scenario.shelf import LibraryChoice
from gpuplanner.scenario.training import (
    AdapterTargets,
    AttentionKind,
    Kernels,
    LossKind,
    Offload,
    Optimizer,
    Recompute,
    Sharding,
    TrainingBudget,
    TrainingChoice,
    TrainingPrecision,
    TuningMethod,
)
from gpuplanner.scenario.work import (
    Availability,
    Deployment,
    LengthShare,
    LoadKind,
    ModelChoice,
    Objective,
    PrecisionChoice,
    Targets,
    Workload,
    WorkloadKind,
)

__all__ = [
    "FORMAT",
    "VERSION",
    "AdapterTargets",
    "Asked",
    "AttentionKind",
    "Availability",
    "Calibration",
    "CalibrationRow",
    "CloudTerm",
    "Cooling",
    "Degree",
    "Deployment",
    "Discount",
    "EncodingChoice",
    "EstateChoice",
    "FabricKind",
    "GenerationChoice",
    "Id",
    "IndexKind",
    "Kernels",
    "LengthShare",
    "LibraryChoice",
    "LoadKind",
    "LossKind",
    "MeasuredFigure",
    "ModelChoice",
    "Money",
    "Objective",
    "Offload",
    "Optimizer",
    "OwnPrice",
    "Phase",
    "PrecisionChoice",
    "Recompute",
    "Scenario",
    "ServingChoice",
    "Sharding",
    "Share",
    "SiteChoice",
    "Targets",
    "Tokens",
    "TrainingBudget",
    "TrainingChoice",
    "TrainingPrecision",
    "TuningMethod",
    "Work",
    "Workload",
    "WorkloadKind",
    "get",
    "replace",
]

FORMAT = "gpuplan"
VERSION = 1


class Scenario(Asked):
    """One question of one customer."""

    name: Annotated[str, Field(max_length=200)] = ""
    customer: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=20_000)] = ""
    library: LibraryChoice = LibraryChoice()
    model: ModelChoice = ModelChoice()
    precision: PrecisionChoice = PrecisionChoice()
    workload: Workload = Workload()
    generation: GenerationChoice = GenerationChoice()
    encoding: EncodingChoice = EncodingChoice()
    serving: ServingChoice = ServingChoice()
    targets: Targets = Targets()
    training: TrainingChoice = TrainingChoice()
    deployment: Deployment = Deployment()
    money: Money = Money()
    site: SiteChoice = SiteChoice()
    estate: EstateChoice = EstateChoice()
    calibration: Calibration = Calibration()


def get(scenario: Scenario, path: str) -> Any:
    """The value at a dotted path such as ``workload.input_tokens``."""
    value: Any = scenario
    for name in path.split("."):
        value = getattr(value, name)
    return value


def replace(scenario: Scenario, path: str, value: object) -> Scenario:
    """A copy of the scenario with one field changed and checked.

    Args:
        scenario: left as it is.
        path: dotted, one or two names.
        value: what the field shall hold.

    Raises:
        pydantic.ValidationError: when the field can't hold the value.
    """
    head, _, rest = path.partition(".")
    if rest:
        section = getattr(scenario, head)
        value = type(section).model_validate({**_fields(section), rest: value})
    return Scenario.model_validate({**_fields(scenario), head: value})


def _fields(model: BaseModel) -> dict[str, Any]:
    return {**{name: getattr(model, name) for name in type(model).model_fields}, **(model.model_extra or {})}
