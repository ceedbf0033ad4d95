"""A config.json, as published beside a model's weights, becomes a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from gpuplanner.catalog.importers.stored_format import stored_precision
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.disk import read_bounded
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import Reading, UnsupportedArchitecture, read_config
from gpuplanner.errors import InputError, Message, shown

MAX_BYTES: Final = 16 * 2**20
CONFIG_NAME: Final = "config.json"
_NAME_LIMIT: Final = 100
_OWNER_AND_NAME: Final = re.compile(r"\w[\w.-]{0,60}/\w[\w.-]{0,100}", re.ASCII)


def import_config(path: Path) -> Model:
    """The model that a ``config.json`` describes.

    Args:
        path: the file, or a folder that holds it.

    Returns:
        A model with its shape; its parameters are counted from the shape. It isn't saved anywhere.

    Raises:
        InputError: the file can't be read, isn't JSON, or describes something that can't be estimated; it names the file.
    """
    file = path / CONFIG_NAME if path.is_dir() else path
    config = _parsed(read_bounded(file, MAX_BYTES), file)
    try:
        reading = read_config(config)
        stored_as = stored_precision(config)
    except UnsupportedArchitecture as refusal:
        params = {name: shown(value) if isinstance(value, str) else value for name, value in refusal.params.items()}
        raise InputError("model.file.unread", file=str(file), reason=Message(f"model.unread.{refusal.code}", params)) from refusal
    return _model(config, reading, stored_as, file)


def identifier(name: str) -> str:
    """A name as an id: lower case, digits, single dashes and dots between them."""
    kept = re.sub(r"[^a-z0-9.]+", "-", name.lower())
    return re.sub(r"[-.]*([-.])[-.]*", r"\1", kept).strip("-.")[:_NAME_LIMIT].strip("-.") or "model"


def _parsed(data: bytes, file: Path) -> Mapping[str, object]:
    if not data.strip():
        raise InputError("model.file.empty", file=str(file))
    try:
        # Some configs hold Infinity (a range without an end); where a size is asked for, it is refused there.
        config: object = from_json(data.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=True)
    except (ValueError, RecursionError) as error:
        raise InputError("model.file.not_json", file=str(file), problem=shown(str(error), 120)) from error
    if not isinstance(config, dict):
        raise InputError("model.file.not_a_config", file=str(file))
    return config


def _model(config: Mapping[str, object], reading: Reading, stored_as: str | None, file: Path) -> Model:
    operators = operator_list(reading.shape)
    told = config.get("_name_or_path")
    published = told if isinstance(told, str) and _OWNER_AND_NAME.fullmatch(told) else None
    name = _name(published, file)
    return Model(
        id=identifier(name),
        name=name,
        hf_id=published,
        family=_text(config.get("model_type")),
        kind=ModelKind.LLM,
        params_total=operators.total_params,
        params_active=operators.active_params,
        params_basis="counted from config.json",
        shape=reading.shape,
        shape_is_assumed=reading.assumed,
        max_context=reading.shape.max_context,
        stored_as=stored_as,
        sources=(Source(title=shown(file.name, _NAME_LIMIT), date="n/a"),),
    )


def _name(published: str | None, file: Path) -> str:
    """The published name, else the folder's when the file has the usual name, else the file's."""
    if published:
        return published.rpartition("/")[2]
    folder = file.absolute().parent.name
    name = folder if file.name == CONFIG_NAME and folder else file.stem
    return shown(name, _NAME_LIMIT)


def _text(value: object) -> str | None:
    return shown(value, _NAME_LIMIT) if isinstance(value, str) and value else None
