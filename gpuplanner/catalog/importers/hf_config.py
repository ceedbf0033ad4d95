"""A config.json, as published beside a model's weights, becomes a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from gpuplanner.catalog.importers.kept_parts import kept_parts_of
from gpuplanner.catalog.importers.stored_format import stored_precision, unknown_method
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.disk import read_bounded
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import Reading, UnsupportedArchitecture, read_config
from gpuplanner.errors import InputError, Message, shown

MAX_BYTES: Final = 16 * 2**20
CONFIG_NAME: Final = "config.json"
_NAME_LIMIT: Final = 100
# Reasons that tell of a whole model of another kind, not of a fault in the file.
_KINDS: Final = {
    "hybrid_attention": ModelKind.LLM,
    "state_space": ModelKind.LLM,
    "compressed_attention": ModelKind.LLM,
    "per_layer_design": ModelKind.LLM,
    "vision_language": ModelKind.VLM,
    "encoder": ModelKind.ENCODER,
    "encoder_decoder": ModelKind.ENCODER_DECODER,
    "not_generating": ModelKind.ENCODER,
    "diffusion": ModelKind.IMAGE_DIFFUSION,
    "speech": ModelKind.ASR,
    "vision": ModelKind.VISION,
}
OWNER_AND_NAME: Final = re.compile(r"\w[\w.-]{0,60}/\w[\w.-]{0,100}", re.ASCII)


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
    return from_fields(load_fields(file), file)


def from_fields(config: Mapping[str, object], file: Path) -> Model:
    """The model that the fields of a config describe.

    Raises:
        InputError: they describe something that can't be estimated; it names ``file``.
    """
    try:
        return _model(config, read_config(config), stored_precision(config), file)
    except UnsupportedArchitecture as refused:
        raise sentence(refused, file) from refused


def from_fields_or_reason(config: Mapping[str, object], file: Path) -> Model:
    """As :func:`from_fields`; but what is a model of a kind that isn't estimated comes back without a shape, with the reason.

    Raises:
        InputError: a value is missing or impossible.
    """
    try:
        return _model(config, read_config(config), stored_precision(config), file)
    except UnsupportedArchitecture as refused:
        if refused.code not in _KINDS:
            raise sentence(refused, file) from refused
        return _model(config, None, stored_precision(config), file, refused.code)


def identifier(name: str) -> str:
    """A name as an id: lower case, digits, single dashes and dots between them."""
    kept = re.sub(r"[^a-z0-9.]+", "-", name.lower())
    return re.sub(r"[-.]*([-.])[-.]*", r"\1", kept).strip("-.")[:_NAME_LIMIT].strip("-.") or "model"


def sentence(refused: UnsupportedArchitecture, file: Path) -> InputError:
    """Why an architecture isn't read, as an error that names the file."""
    params = {name: shown(value) if isinstance(value, str) else value for name, value in refused.params.items()}
    return InputError("model.file.unread", file=str(file), reason=Message(f"model.unread.{refused.code}", params))


def load_fields(file: Path) -> Mapping[str, object]:
    """The fields of a JSON file.

    Raises:
        InputError: it can't be read, is too large, or isn't an object in JSON.
    """
    data = read_bounded(file, MAX_BYTES)
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


def _model(
    config: Mapping[str, object], reading: Reading | None, stored_as: str | None, file: Path, reason: str | None = None
) -> Model:
    operators = operator_list(reading.shape) if reading else None
    told = config.get("_name_or_path")
    published = told if isinstance(told, str) and OWNER_AND_NAME.fullmatch(told) else None
    name = _name(published, file)
    return Model(
        id=identifier(name),
        name=name,
        hf_id=published,
        family=_text(config.get("model_type")),
        kind=reading.kind if reading else _KINDS.get(reason or "", ModelKind.LLM),
        params_total=operators.total_params if operators else None,
        params_active=operators.active_params if operators else None,
        params_basis="counted from config.json" if operators else None,
        shape=reading.shape if reading else None,
        no_shape_reason=f"model.unread.{reason}" if reason else None,
        shape_is_assumed=bool(reading and reading.assumed),
        max_context=reading.max_context if reading else None,
        stored_as=stored_as,
        stored_unknown=unknown_method(config),
        stored_kept=kept_parts_of(config, operators.layers) if operators and stored_as else None,
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
