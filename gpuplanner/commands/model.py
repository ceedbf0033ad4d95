"""``gpuplanner model``: list, show and import models."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpuplanner.catalog.importers.hf_config import import_config
from gpuplanner.catalog.importers.save import save_model
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.commands.columns import columns, rows
from gpuplanner.engine.architecture.operators import OperatorList, operator_list
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.format import format_count, format_integer
from gpuplanner.texts import text

_NEAR = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``list``, ``show`` and ``import``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | show | import", parser_class=type(parser))
    listing = actions.add_parser("list", help=text("model.help.list"))
    listing.add_argument("--search", default="", metavar="WORDS", help=text("model.help.search"))
    showing = actions.add_parser("show", help=text("model.help.show"))
    showing.add_argument("id", metavar="ID", help=text("model.help.id"))
    importing = actions.add_parser("import", help=text("model.help.import"))
    importing.add_argument("path", metavar="PATH", type=Path, help=text("model.help.path"))
    importing.add_argument("--save", action="store_true", help=text("model.help.save"))
    for action in (listing, showing, importing):
        action.add_argument("--json", action="store_true", help=text("model.help.json"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked; bad input is raised as InputError."""
    {"list": _list, "show": _show, "import": _import}[args.action](args)
    return 0


def _list(args: argparse.Namespace) -> None:
    found = [model for model in load_catalog().models.values() if _matches(model, args.search)]
    if args.json:
        _print_json([_summary(model) for model in found])
    elif found:
        print(_table(found))
    else:
        print(text("model.none_found", search=shown(args.search)))


def _show(args: argparse.Namespace) -> None:
    model = _find(load_catalog(), args.id)
    if args.json:
        _print_json(_summary(model) | {"record": model.model_dump(mode="json", exclude_defaults=True)})
    else:
        print(rows(_lines(model)))


def _import(args: argparse.Namespace) -> None:
    model = import_config(args.path)
    saved = None
    if args.save:
        saved = save_model(model, load_catalog())
        model = saved.model
    if args.json:
        shape = model.shape.model_dump(mode="json", exclude_none=True) if model.shape else None
        _print_json(_summary(model) | {"shape": shape, "saved_to": str(saved.file) if saved else None})
        return
    print(rows(_lines(model)))
    if saved:
        print(text("model.saved", id=model.id, file=saved.file))


def _find(catalog: Catalog, key: str) -> Model:
    model = catalog.models.get(key)
    if model is not None:
        return model
    close = difflib.get_close_matches(key.lower(), list(catalog.models), n=_NEAR)
    near = Message("catalog.near", {"ids": ", ".join(close)}) if close else ""
    raise InputError("model.unknown", id=shown(key), near=near)


def _matches(model: Model, search: str) -> bool:
    held = " ".join((model.id, model.name, model.hf_id or "", model.family or "")).casefold()
    return all(word in held for word in search.casefold().split())


def _counted(model: Model) -> tuple[OperatorList | None, int | None, int | None]:
    """The operators, and total and active parameters: by the shape where there is one, else as published."""
    if model.shape is None:
        return None, model.params_total, model.params_active
    operators = operator_list(model.shape)
    return operators, operators.total_params, operators.active_params


def _summary(model: Model) -> dict[str, Any]:
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
        "shape_is_assumed": model.shape_is_assumed,
        "estimated": model.language is not None,
        "no_shape_reason": model.no_shape_reason,
    }


def _kv_elements(operators: OperatorList) -> int:
    """Elements that one token adds to the cache while no window is full."""
    return sum(state.layers * state.kv_elements for state in operators.states if state.stores)


def _table(models: Sequence[Model]) -> str:
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


def _lines(model: Model) -> list[tuple[str, str]]:
    operators, total, active = _counted(model)
    lines = [
        ("name", model.name),
        ("id", model.id),
        ("kind", text(f"model.kind.{model.kind.value}")),
        ("total", _both(total)),
        ("active", _both(active)),
    ]
    if operators is not None:
        lines += [("layers", format_integer(operators.layers)), ("hidden", format_integer(operators.hidden))]
    if operators is not None and model.language is not None:
        lines += [("vocab", format_integer(operators.vocab)), ("kv", format_integer(_kv_elements(operators)))]
    lines += [("context", format_integer(model.max_context)), ("stored", model.stored_as or "")]
    lines += [("licence", model.licence or ""), ("released", model.release_date or ""), ("basis", model.params_basis or "")]
    if model.no_shape_reason:
        lines.append(("estimated", f"{text('model.estimated.no')}. {text(model.no_shape_reason)}"))
    lines.append(("note", " ".join(filter(None, (text("model.assumed") if model.shape_is_assumed else None, model.notes)))))
    lines += [("source", ", ".join(filter(None, (source.title, source.date, source.url)))) for source in model.sources]
    return [(text(f"model.label.{name}"), value) for name, value in lines if value]


def _both(count: int | None) -> str:
    """A count short and in full."""
    return str(format_count(count)) if count is None else f"{format_count(count)} ({format_integer(count)})"


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
