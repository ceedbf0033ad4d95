"""What kind of work a model can be put to, and what else changes along with the kind of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gpuplanner.scenario.document import Deployment, ModelChoice, PrecisionChoice, Scenario, WorkloadKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.model import Model

_USUAL: Final = {WorkloadKind.GENERATE: "flux.1-dev", WorkloadKind.ENCODE: "bge-m3"}
_USUAL_FORMAT: Final = {WorkloadKind.GENERATE: "bf16", WorkloadKind.ENCODE: "fp16"}
_USUAL_ENGINE: Final = {WorkloadKind.GENERATE: "diffusers", WorkloadKind.ENCODE: "onnxruntime"}
_USUAL_LIMIT_S: Final = {WorkloadKind.GENERATE: 60.0, WorkloadKind.ENCODE: 1.0}  # without one, the cheapest card takes hours


def suits(model: Model, kind: WorkloadKind) -> bool:
    """Whether a model can be put to this kind of work, and its structure is known well enough for that."""
    if kind.trains:
        return model.shape is not None
    if kind is WorkloadKind.GENERATE:
        return model.shape is not None and model.kind.diffuses
    if kind is WorkloadKind.ENCODE:
        return model.shape is not None and model.kind.takes is not None
    return model.language is not None


def of_model(model: Model, now: WorkloadKind) -> WorkloadKind:
    """The kind of work that a model is put to: the present one where it suits, else what the model was made for."""
    if suits(model, now):
        return now
    made_for = (WorkloadKind.SERVE, WorkloadKind.GENERATE, WorkloadKind.ENCODE, WorkloadKind.TRAIN)
    return next((kind for kind in made_for if suits(model, kind)), now)


def along_with_kind(kind: WorkloadKind, scenario: Scenario, model: Model | None, catalog: Catalog | None) -> dict[str, object]:
    """What choosing a kind of work sets: the kind; a model and a weight format that suit it, where the present ones don't."""
    changes: dict[str, object] = {"workload.kind": kind}
    if catalog is None or model is None or suits(model, kind):
        return changes | along_with_work(kind, scenario)
    wanted = _USUAL.get(kind, ModelChoice().id)
    if wanted in catalog.models:
        changes |= {"model.id": wanted, "model.custom": None}
    return changes | along_with_work(kind, scenario)


def along_with_work(kind: WorkloadKind, scenario: Scenario) -> dict[str, object]:
    """What comes with another sort of work: text is served in 8 bit by serving engines, pictures and vectors in 16 by others.

    A limit that someone set stays.
    """
    before = scenario.workload.kind
    if kind.trains or kind is before or (kind.writes and before.writes):
        return {}
    changes: dict[str, object] = {
        "precision.weights": _USUAL_FORMAT.get(kind, PrecisionChoice().weights),
        "deployment.engine": _USUAL_ENGINE.get(kind, Deployment().engine),
    }
    if kind.writes and before.trains and scenario.deployment.engine not in _USUAL_ENGINE.values():
        changes = {}
    if scenario.targets.e2e_s in (None, *_USUAL_LIMIT_S.values()):
        changes["targets.e2e_s"] = _USUAL_LIMIT_S.get(kind)
    return changes
