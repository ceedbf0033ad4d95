"""A pipeline as the diffusers library lays it out: model_index.json, and a folder for each component."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gpuplanner.catalog.importers import hf_config
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.tensors import summed, together
from gpuplanner.catalog.importers.weight_files import weight_files
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.errors import shown

INDEX_NAME: Final = "model_index.json"
_MAX_COMPONENTS: Final = 40
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
    components: dict[str, StoredWeights] = {}
    for name in names:
        if not _COMPONENT.fullmatch(name):
            raise refusal(file, "import.path_parts", name=name)
        stored = _component(folder, name)
        if stored is not None:
            components[name] = stored
    if not components:
        raise refusal(folder.path, "import.diffusers.no_weights")
    return _model(folder, pipeline, together(components.values()), fields)


def component_configs(folder: Folder) -> dict[str, Mapping[str, object]]:
    """The config of each component that has one, by the component's name."""
    file = folder.member(INDEX_NAME)
    fields = hf_config.load_fields(file) if file is not None else {}
    configs: dict[str, Mapping[str, object]] = {}
    for name in [name for name, value in fields.items() if _is_component(value) and _COMPONENT.fullmatch(name)][:_MAX_COMPONENTS]:
        inner = folder.folder(name)
        config = inner.member(hf_config.CONFIG_NAME) if inner is not None else None
        if config is not None and config.is_file():
            configs[name] = hf_config.load_fields(config)
    return configs


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


def _model(folder: Folder, pipeline: str, stored: StoredWeights, fields: Mapping[str, object]) -> Model:
    told = fields.get("_name_or_path")
    published = told if isinstance(told, str) and hf_config.OWNER_AND_NAME.fullmatch(told) else None
    name = shown(published.rpartition("/")[2] if published else folder.path.absolute().name, _NAME_LIMIT)
    return Model(
        id=hf_config.identifier(name),
        name=name,
        hf_id=published,
        family=shown(pipeline, _NAME_LIMIT),
        kind=ModelKind.VIDEO_DIFFUSION if _VIDEO.search(pipeline) else ModelKind.IMAGE_DIFFUSION,
        params_total=stored.params,
        params_basis="counted from the tensors",
        no_shape_reason="model.unread.diffusion",
        stored=stored,
        sources=(Source(title=INDEX_NAME, date="n/a"),),
    )
