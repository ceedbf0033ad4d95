"""A pipeline as the diffusers library lays it out: model_index.json, and a folder for each component."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gpuplanner.catalog.importers import hf_config
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.joined import joined
from gpuplanner.catalog.importers.tensors import summed, together
from gpuplanner.catalog.importers.weight_files import weight_files
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import UnsupportedArchitecture, shape_from_config
from gpuplanner.errors import shown

INDEX_NAME: Final = "model_index.json"
_MAX_COMPONENTS: Final = 40
_MAX_DENOISERS, _MAX_ENCODERS = 4, 6  # as the shape of a pipeline allows
_BESIDE: Final = frozenset({"safety_checker", "image_encoder", "feature_extractor"})  # many are served without them
_COMPONENT: Final = re.compile(r"\w{1,60}", re.ASCII)
_VIDEO: Final = re.compile(r"video|cogvideo|wan|mochi|ltx|animatediff|latte|allegro|cosmos|easyanimate|skyreels", re.IGNORECASE)
_NAME_LIMIT: Final = 100


def import_diffusers(folder: Folder) -> Model:
    """The model of a pipeline: parameters and bytes of each component, as its files hold them.

    Raises:
        InputError: the index is bad, or no component has weights in safetensors.
    """
    file = folder.member(INDEX_NAME)
    if file is None:
        raise refusal(folder.path, "import.nothing")
    fields = hf_config.load_fields(file)
    pipeline = fields.get("_class_name")
    names = [name for name, value in fields.items() if _is_component(value)]
    if not isinstance(pipeline, str) or not names or len(names) > _MAX_COMPONENTS:
        raise refusal(file, "import.diffusers.index")
    if any(not _COMPONENT.fullmatch(name) for name in names):
        raise refusal(file, "import.path_parts", name=next(name for name in names if not _COMPONENT.fullmatch(name)))
    weights = [stored for name in names if (stored := _component(folder, name)) is not None]
    described = _described(folder, pipeline, names, fields)
    if weights:
        return joined(described, together(weights), folder.path)
    if described.shape is None:
        raise refusal(folder.path, "import.diffusers.no_weights")
    return described


def _is_component(value: object) -> bool:
    """A component names its library and its class; one that the pipeline does without has null for both."""
    return isinstance(value, list) and len(value) == 2 and all(isinstance(word, str) for word in value)


def _component(folder: Folder, name: str) -> StoredWeights | None:
    inner = folder.folder(name)
    weights = weight_files(inner) if inner is not None else None
    if weights is None:
        return None
    if weights.index is not None:
        raise refusal(weights.index.file, "import.missing_file", missing=weights.missing[0])
    return summed(weights.counted(), weights.files, part=name)


def _described(folder: Folder, pipeline: str, names: list[str], fields: Mapping[str, object]) -> Model:
    told = fields.get("_name_or_path")
    published = told if isinstance(told, str) and hf_config.OWNER_AND_NAME.fullmatch(told) else None
    name = shown(published.rpartition("/")[2] if published else folder.path.absolute().name, _NAME_LIMIT)
    shape, whole = _shape(folder, names)
    total = operator_list(shape).total_params if shape else None
    return Model(
        id=hf_config.identifier(name),
        name=name,
        hf_id=published,
        family=shown(pipeline, _NAME_LIMIT),
        kind=ModelKind.VIDEO_DIFFUSION if _VIDEO.search(pipeline) else ModelKind.IMAGE_DIFFUSION,
        params_total=total,
        params_active=total,
        params_basis="counted from the components' configs" if shape else None,
        shape=shape,
        shape_is_assumed=not whole,
        no_shape_reason=None if shape else "model.unread.diffusion",
        sources=(Source(title=INDEX_NAME, date="n/a"),),
    )


def _shape(folder: Folder, names: list[str]) -> tuple[DiffusionShape | None, bool]:
    """The pipeline's shape by its components' configs, and whether all of them were read; None without a denoiser."""
    found: list[Shape] = []
    whole = True
    for name in names:
        inner = folder.folder(name)
        config = inner.member(hf_config.CONFIG_NAME) if inner is not None else None
        if config is None or not config.is_file() or name in _BESIDE:
            continue
        try:
            found.append(shape_from_config(hf_config.load_fields(config)))
        except UnsupportedArchitecture:
            whole = False
    denoisers = [shape for shape in found if isinstance(shape, BlocksShape) and shape.role == "denoiser"]
    encoders = [shape for shape in found if isinstance(shape, TowersShape | DecoderShape | MultimodalShape)]
    if not 0 < len(denoisers) <= _MAX_DENOISERS or len(encoders) > _MAX_ENCODERS:
        return None, True
    decoder = next((shape for shape in found if isinstance(shape, BlocksShape) and shape.role == "autoencoder"), None)
    return DiffusionShape(denoisers=tuple(denoisers), text_encoders=tuple(encoders), autoencoder=decoder), whole
