"""A model as Hugging Face lays it out: config.json, and safetensors with or without an index, in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers import hf_config
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.deduced import deduced_shape
from gpuplanner.catalog.importers.joined import joined, weights_alone
from gpuplanner.catalog.importers.tensors import summed
from gpuplanner.catalog.importers.weight_files import WeightFiles, from_index, from_names, located, siblings, weight_files
from gpuplanner.catalog.importers.weights_index import ENDING, read_index
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shapes import language_part
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

QUANT_NAME: Final = "hf_quant_config.json"


def import_hf_folder(folder: Folder) -> Model:
    """The model of a folder that holds a ``config.json``, safetensors, or both.

    Raises:
        InputError: a file in it is bad, or describes something that can't be estimated; it names the file.
    """
    return _model(folder, folder.path, weight_files(folder))


def import_index(path: Path) -> Model:
    """The model of an index: with the files it names and the config beside it, as far as they are there."""
    folder, _ = located(path)
    return _model(folder, path, from_index(folder, read_index(path)))


def import_safetensors(path: Path) -> Model:
    """The model that a safetensors file belongs to: alone, or with its siblings, and with the config beside it."""
    folder, name = located(path)
    for index_name in folder.names(ENDING):
        index_file = folder.member(index_name)
        index = read_index(index_file) if index_file else None
        if index is not None and name in index.shards:
            return _model(folder, path, from_index(folder, index))
    return _model(folder, path, from_names(folder, siblings(folder, name)))


@dataclass(frozen=True, slots=True)
class _Config:
    file: Path
    fields: Mapping[str, object]


def _model(folder: Folder, asked: Path, weights: WeightFiles | None) -> Model:
    config = _config(folder)
    if config is None:
        if weights is None:
            raise refusal(asked, "import.nothing")
        stored = _stored(weights, None)
        return weights_alone(asked, stored, deduced_shape(weights.tensors))
    if weights is None:
        return hf_config.from_fields(config.fields, config.file)
    described = hf_config.from_fields_or_reason(config.fields, config.file)
    decoder = language_part(described.shape)
    stored = _stored(weights, config, layers=decoder.layer_count if decoder else None, told=described.stored_as)
    return joined(described, stored, asked, missing=weights.missing)


def _config(folder: Folder) -> _Config | None:
    file = folder.member(hf_config.CONFIG_NAME)
    if file is None or not file.is_file():
        return None
    fields = dict(hf_config.load_fields(file))
    beside = folder.member(QUANT_NAME)
    if beside is not None and beside.is_file() and not fields.get("quantization_config"):
        quantisation = hf_config.load_fields(beside).get("quantization")
        if isinstance(quantisation, Mapping):
            fields["quantization_config"] = {"quant_method": "modelopt", **quantisation}
    return _Config(file, fields)


def _stored(weights: WeightFiles, config: _Config | None, *, layers: int | None = None, told: str | None = None) -> StoredWeights:
    if weights.index is not None:
        index = weights.index
        return StoredWeights(
            total_bytes=index.total_bytes or 0,
            params=index.total_params,
            tensors=len(index.shard_of),
            files=weights.files,
            precision=told or (_torch_dtype(config.fields) if config else None),
        )
    return summed(weights.counted(_bits(config)), weights.files, layers=layers, precision=told)


def _bits(config: _Config | None) -> int | None:
    """Bits of a packed weight, from wherever the quantisation's config says them."""
    if config is None:
        return None
    try:
        quantisation = Fields(config.fields).part("quantization_config")
        groups = quantisation.raw("config_groups")
        first = next(iter(groups.values()), None) if isinstance(groups, Mapping) else None
        part = Fields(first).part("weights") if isinstance(first, Mapping) else quantisation
        return part.count("num_bits") or part.count("bits") or None
    except UnsupportedArchitecture:
        return None


def _torch_dtype(fields: Mapping[str, object]) -> str | None:
    """The precision of weights that aren't quantised, as the config names it."""
    if fields.get("quantization_config"):
        return None
    told = fields.get("dtype") or fields.get("torch_dtype")
    return {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}.get(told) if isinstance(told, str) else None
