"""Models as they are listed and described in the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuplanner.format import format_count
from gpuplanner.scenario.document import PrecisionChoice, Scenario, WorkloadKind
from gpuplanner.texts import language as current_language
from gpuplanner.texts import text
from gpuplanner.ui.fields.entries import Entry
from gpuplanner.ui.form.kinds import along_with_kind, along_with_work, of_model, suits
from gpuplanner.units import QuantityKind, format_quantity

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.model import Model


def entries(catalog: Catalog | None, kind: WorkloadKind = WorkloadKind.SERVE) -> list[Entry]:
    """Every model that can be estimated at this kind of work, by family, the user's own first."""
    if catalog is None:
        return []
    listed = [model for model in catalog.models.values() if suits(model, kind)]
    listed.sort(
        key=lambda model: (
            not _is_yours(model, catalog),
            model.kind.value if kind.passes else "",
            (model.family or "~").casefold(),
            model.params_total or 0,
        )
    )
    return [_entry(model, catalog, kind) for model in listed]


def drafts(catalog: Catalog | None) -> list[Entry]:
    """No small model, then every language model, by family."""
    return [Entry(None, text("form.draft.none")), *entries(catalog, WorkloadKind.SERVE)]


def name_of(model_id: str | None, catalog: Catalog | None) -> str:
    """What a model is called; what stands where there is none."""
    if model_id is None:
        return text("form.draft.none")
    return catalog.models[model_id].name if catalog and model_id in catalog.models else model_id


def everything(catalog: Catalog | None) -> list[Entry]:
    """Every model that can be estimated at some kind of work, each once."""
    if catalog is None:
        return []
    found = {
        entry.value: entry
        for kind in (WorkloadKind.SERVE, WorkloadKind.GENERATE, WorkloadKind.ENCODE)
        for entry in entries(catalog, kind)
    }
    return list(found.values())


def chosen(scenario: Scenario, catalog: Catalog | None) -> Model | None:
    """The scenario's model; None when the catalogue doesn't have it (or isn't there yet)."""
    if scenario.model.custom is not None:
        return scenario.model.custom
    return catalog.models.get(scenario.model.id) if catalog else None


def described(model: Model) -> str:
    """Size and shape in a line: "70.6 B parameters · 80 layers · 8 KV heads · 128k context"."""
    from gpuplanner.catalog.schema.shape import Attention, LatentAttention  # after the first paint

    parts = [text("form.model.params", count=str(format_count(model.params_total)))]
    if model.params_active and model.params_active != model.params_total:
        parts.append(text("form.model.active", count=str(format_count(model.params_active))))
    language = model.language
    if language is not None:
        parts.append(text("form.model.layers", count=language.layer_count))
        heads = {layer.attention.kv_heads for layer in language.layers if isinstance(layer.attention, Attention)}
        latent = any(isinstance(layer.attention, LatentAttention) for layer in language.layers)
        if heads or latent:
            parts.append(text("form.model.kv_heads", count=max(heads)) if heads else text("form.model.mla"))
    parts += [
        text("form.model.component", name=text(f"form.component.{name}"), count=str(format_count(count)))
        for name, count in _components(model)
    ]
    context = model.max_context or (language.max_context if language else None)
    if context:
        parts.append(text("form.model.context", tokens=format_quantity(context, QuantityKind.TOKENS, lang=current_language())))
    return " · ".join(parts)


def _components(model: Model) -> list[tuple[str, float]]:
    """Parameters of a pipeline's parts, as far as they are published."""
    found = model.facts.get("components") if model.kind.diffuses else None
    if not isinstance(found, dict):
        return []
    texts = found.get("text_encoders")
    read = sum(texts.values()) if isinstance(texts, dict) else 0
    listed = (("denoiser", found.get("denoiser")), ("text", read), ("autoencoder", found.get("vae")))
    return [(name, float(count)) for name, count in listed if isinstance(count, int | float) and count > 0]


def changes(model_id: str, scenario: Scenario, catalog: Catalog) -> dict[str, object]:
    """What choosing a model sets: the model, and what follows from it."""
    return {"model.id": model_id, "model.custom": None} | _along(catalog.models[model_id], scenario, catalog)


def custom_changes(model: Model, scenario: Scenario, catalog: Catalog | None) -> dict[str, object]:
    """What taking an imported model sets."""
    return {"model.custom": model} | _along(model, scenario, catalog)


def kind_changes(kind: WorkloadKind, scenario: Scenario, catalog: Catalog | None) -> dict[str, object]:
    """What choosing a kind of work sets: the kind, and a model that suits it."""
    changed = along_with_kind(kind, scenario, chosen(scenario, catalog), catalog)
    taken = catalog.models.get(str(changed.get("model.id"))) if catalog else None
    return changed | (_format_along(taken, scenario, catalog) if taken is not None and taken.stored_as else {})


def _along(model: Model, scenario: Scenario, catalog: Catalog | None) -> dict[str, object]:
    """The kind of work that the model is for, and the weight format it is published in where that is a quantised one."""
    kind = of_model(model, scenario.workload.kind)
    moved = {"workload.kind": kind} if kind is not scenario.workload.kind else {}
    return moved | along_with_work(kind, scenario) | _format_along(model, scenario, catalog)


def unsuited(model: Model, kind: WorkloadKind) -> str:
    """Why a model can't be put to this kind of work, and the way out."""
    if model.shape is None:
        return text("form.model.no_shape", model=model.name)
    does, wanted = text(f"model.kind.{model.kind.value}"), text(f"choice.workload.kind.{kind.value}")
    return text("form.model.other_kind", model=model.name, does=does, wanted=wanted)


def _format_along(model: Model, scenario: Scenario, catalog: Catalog | None) -> dict[str, object]:
    before = chosen(scenario, catalog)
    if model.stored_as:
        return {"precision.weights": model.stored_as}
    if before is not None and before.stored_as and before.stored_as == scenario.precision.weights:
        return {"precision.weights": PrecisionChoice().weights}
    return {}


def _entry(model: Model, catalog: Catalog, kind: WorkloadKind) -> Entry:
    detail = str(format_count(model.params_total))
    if model.params_active and model.params_active != model.params_total:
        detail = text("form.model.total_active", total=detail, active=str(format_count(model.params_active)))
    mark = text("form.yours") if _is_yours(model, catalog) else ""
    words = " ".join(word for word in (model.id, model.hf_id, model.family, _round_size(model)) if word)
    return Entry(model.id, model.name, detail, _group(model, kind), words, mark)


def _group(model: Model, kind: WorkloadKind) -> str:
    """Language models stand by their family, the others by what they do."""
    if kind.passes:
        said = text(f"model.kind.{model.kind.value}")
        return said[:1].upper() + said[1:]
    return model.family or text("form.model.other_family")


def _round_size(model: Model) -> str:
    """The size as people name models by: 70b for 70.6 billion."""
    return f"{round(model.params_total / 1e9)}b" if model.params_total else ""


def _is_yours(model: Model, catalog: Catalog) -> bool:
    return f"model:{model.id}" in catalog.yours
