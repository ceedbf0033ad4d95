"""``gpuplanner model``: list, show, import and make up models."""

from __future__ import annotations

import argparse
import difflib
import json
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers.by_hand import Dimensions, model_of_dimensions, scaled_model
from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.importers.save import save_model
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.commands.columns import rows
from gpuplanner.commands.model_words import lines, summary, table
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.texts import text

_NEAR = 3
_DIMENSIONS: Final = {
    "--layers": "num_hidden_layers",
    "--hidden": "hidden_size",
    "--heads": "num_attention_heads",
    "--kv-heads": "num_key_value_heads",
    "--head-dim": "head_dim",
    "--intermediate": "intermediate_size",
    "--vocab": "vocab_size",
    "--experts": "num_experts",
    "--experts-per-token": "num_experts_per_tok",
    "--expert-width": "moe_intermediate_size",
    "--context": "max_position_embeddings",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``list``, ``show``, ``import`` and ``new``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | show | import | new", parser_class=type(parser))
    listing = actions.add_parser("list", help=text("model.help.list"))
    listing.add_argument("--search", default="", metavar="WORDS", help=text("model.help.search"))
    showing = actions.add_parser("show", help=text("model.help.show"))
    showing.add_argument("id", metavar="ID", help=text("model.help.id"))
    importing = actions.add_parser("import", help=text("model.help.import"))
    importing.add_argument("path", metavar="PATH", type=Path, help=text("model.help.path"))
    making = actions.add_parser("new", help=text("model.help.new"))
    making.add_argument("--size", metavar="N", help=text("model.help.size"))
    making.add_argument("--like", metavar="ID", help=text("model.help.like"))
    making.add_argument("--name", metavar="NAME", help=text("model.help.name"))
    for option, field in _DIMENSIONS.items():
        making.add_argument(option, dest=field, metavar="N", type=int, help=text("model.help.dimension", field=field))
    making.add_argument("--tied", action="store_true", help=text("model.help.tied"))
    for action in (importing, making):
        action.add_argument("--save", action="store_true", help=text("model.help.save"))
    for action in (listing, showing, importing, making):
        action.add_argument("--json", action="store_true", help=text("model.help.json"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked; bad input is raised as InputError."""
    {"list": _list, "show": _show, "import": _import, "new": _new}[args.action](args)
    return 0


def _list(args: argparse.Namespace) -> None:
    catalog = load_catalog()
    found = [model for model in catalog.models.values() if _matches(model, args.search)]
    if args.json:
        _print_json([summary(model, catalog) for model in found])
    elif found:
        print(table(found))
    else:
        print(text("model.none_found", search=shown(args.search)))


def _show(args: argparse.Namespace) -> None:
    catalog = load_catalog()
    model = _find(catalog, args.id)
    if args.json:
        _print_json(summary(model, catalog) | {"record": model.model_dump(mode="json", exclude_defaults=True)})
    else:
        print(rows(lines(model, catalog)))


def _import(args: argparse.Namespace) -> None:
    _told(import_model(args.path), args)


def _new(args: argparse.Namespace) -> None:
    """By size, scaled from a known model; or by dimensions. Both at once would leave open which of them counts."""
    given = {field: getattr(args, field) for field in _DIMENSIONS.values() if getattr(args, field) is not None}
    if args.size is None:
        model = model_of_dimensions(Dimensions(**given, tie_word_embeddings=args.tied), args.name)
    elif given:
        raise InputError("import.new.dims")
    else:
        model = scaled_model(args.size, load_catalog(), args.like, args.name)
    _told(model, args)


def _told(model: Model, args: argparse.Namespace) -> None:
    """Print a model that isn't in the catalogue, and put it there when asked to."""
    catalog = load_catalog()
    saved = save_model(model, catalog) if args.save else None
    model = saved.model if saved else model
    if args.json:
        shape = model.shape.model_dump(mode="json", exclude_none=True) if model.shape else None
        _print_json(summary(model, catalog) | {"shape": shape, "saved_to": str(saved.file) if saved else None})
        return
    print(rows(lines(model, catalog)))
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


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
