"""A model in words and as data: what ``gpuplanner model`` prints of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.commands.columns import columns
from gpuplanner.engine.architecture.operators import OperatorList, operator_list
from gpuplanner.engine.architecture.stored import formula_bytes
from gpuplanner.engine.request import kept_parts
from gpuplanner.format import format_bytes, format_count, format_integer
from gpuplanner.texts import has, text


def summary(model: Model, catalog: Catalog) -> dict[str, Any]:
    """The main figures, under names for programs."""
    operators, total, active = _counted(model)
    return {
        "id": model.id,
        "name": model.name,
        "kind": model.kind.value,
        "total_parameters": total,
        "active_parameters": active,
        "kv_elements_per_token": _kv_elements(operators) if operators else None,
        "max_context": model.max_context,
        "stored_as": model.stored_as,
        "stored_unknown": model.stored_unknown,
        "shape_is_assumed": model.shape_is_assumed,
        "estimated": model.language is not None,
        "no_shape_reason": model.no_shape_reason,
        "stored": model.stored.model_dump(mode="json") if model.stored else None,
        "formula_bytes": _formula(model, catalog),
    }


def table(models: Sequence[Model]) -> str:
    """Models, one a line."""
    heads = [text(f"model.label.{name}") for name in ("id", "total", "active", "context", "kind", "estimated")]
    body = []
    for model in models:
        _, total, active = _counted(model)
        body.append(
            [
                model.id,
                str(format_count(total)),
                str(format_count(active if active is not None else total)),
                format_integer(model.max_context),
                text(f"model.kind.{model.kind.value}"),
                text("model.estimated.no" if model.language is None else "model.estimated.yes"),
            ]
        )
    return columns(heads, body, right=frozenset({1, 2, 3}))


def lines(model: Model, catalog: Catalog) -> list[tuple[str, str]]:
    """Labels and values; what isn't known is left out."""
    operators, total, active = _counted(model)
    told = [
        ("name", model.name),
        ("id", model.id),
        ("kind", text(f"model.kind.{model.kind.value}")),
        ("total", _both(total)),
        ("active", _both(active)),
    ]
    if operators is not None:
        told += [("layers", format_integer(operators.layers)), ("hidden", format_integer(operators.hidden))]
    if operators is not None and model.language is not None:
        told += [("vocab", format_integer(operators.vocab)), ("kv", format_integer(_kv_elements(operators)))]
    told += [("context", format_integer(model.max_context)), ("stored", model.stored_as or _unknown(model))]
    told += _weights(model, catalog)
    told += [("licence", model.licence or ""), ("released", model.release_date or ""), ("basis", model.params_basis or "")]
    if model.no_shape_reason:
        told.append(("estimated", f"{text('model.estimated.no')}. {text(model.no_shape_reason)}"))
    assumed = text("model.assumed") if model.shape_is_assumed and not model.notes else ""
    told.append(("note", model.notes or assumed))
    told += [("source", ", ".join(filter(None, (source.title, source.date, source.url)))) for source in model.sources]
    return [(text(f"model.label.{name}"), value) for name, value in told if value]


def _both(count: int | None) -> str:
    """A count short and in full."""
    return str(format_count(count)) if count is None else f"{format_count(count)} ({format_integer(count)})"


def _weights(model: Model, catalog: Catalog) -> list[tuple[str, str]]:
    """What the files hold and, beside it, what the formula gives for the same format."""
    stored = model.stored
    if stored is None:
        return []
    parts = sorted(stored.parts.items(), key=lambda item: -item[1].bytes)
    said = [f"{_part(name)} {format_bytes(part.bytes)}" for name, part in parts]
    told = [
        ("in_files", f"{format_bytes(stored.total_bytes)} ({format_integer(stored.total_bytes)} B)"),
        ("parts", ", ".join(said)),
    ]
    formula = _formula(model, catalog)
    if formula is not None and stored.precision is not None:
        told.append(("by_formula", f"{format_bytes(formula)} ({catalog.precisions[stored.precision].name})"))
    return told


def _formula(model: Model, catalog: Catalog) -> float | None:
    """Bytes of the weights by the formula, in the precision that the files are in."""
    precision = catalog.precisions.get(model.stored.precision or "") if model.stored else None
    if precision is None or model.shape is None:
        return None
    return formula_bytes(operator_list(model.shape), precision, kept_parts(model, precision))


def _part(name: str) -> str:
    """A part in words; a pipeline's component keeps its own name."""
    return text(f"model.part.{name}") if has(f"model.part.{name}") else name


def _counted(model: Model) -> tuple[OperatorList | None, int | None, int | None]:
    """The operators, and total and active parameters: by the shape where there is one, else as published."""
    if model.shape is None:
        return None, model.params_total, model.params_active
    operators = operator_list(model.shape)
    return operators, operators.total_params, operators.active_params


def _kv_elements(operators: OperatorList) -> int:
    """Elements that one token adds to the cache while no window is full."""
    return sum(state.layers * state.kv_elements for state in operators.states if state.stores)


def _unknown(model: Model) -> str:
    """A warning where the checkpoint is quantised by a method that the catalogue doesn't know."""
    return text("model.stored_unknown", method=model.stored_unknown) if model.stored_unknown else ""
