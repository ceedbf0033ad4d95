"""Any file or folder that holds a model, or describes one, becomes a model. Nothing is fetched, and only headers are read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers import hf_config, weights_index
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.diffusers_folder import INDEX_NAME, import_diffusers
from gpuplanner.catalog.importers.file_kinds import kind_of
from gpuplanner.catalog.importers.gguf_model import SUFFIX as GGUF
from gpuplanner.catalog.importers.gguf_model import import_gguf, import_gguf_folder
from gpuplanner.catalog.importers.hf_folder import import_hf_folder, import_index, import_safetensors
from gpuplanner.catalog.importers.ollama import MANIFESTS, import_manifest, import_store, looks_like_manifest
from gpuplanner.catalog.importers.safetensors import SUFFIX as SAFETENSORS
from gpuplanner.catalog.schema.model import Model

_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt")
_CACHE_NAME: Final = "models--"


def import_model(path: Path) -> Model:
    """The model of a file or folder, told by content.

    Args:
        path: a ``config.json``; a Hugging Face or diffusers folder; an index of safetensors files or one such file; a GGUF
            file or a folder of one; a manifest or blob of Ollama, or Ollama's folder with one model.

    Returns:
        The model, not saved anywhere. ``shape`` is None where it is of a kind that isn't estimated.

    Raises:
        InputError: it is none of these, or is damaged or dangerous; the sentence names the file and the way out.
    """
    if path.is_dir():
        return _folder(path)
    match kind_of(path):
        case "gguf":
            return import_gguf(path)
        case "safetensors":
            return import_safetensors(path)
        case _:
            return _json(path)


def _json(path: Path) -> Model:
    if path.name.endswith(weights_index.ENDING):
        return import_index(path)
    fields = hf_config.load_fields(path)
    if "weight_map" in fields:
        return import_index(path)
    if looks_like_manifest(fields):
        return import_manifest(path)
    if path.name == INDEX_NAME and "_class_name" in fields:
        return import_diffusers(Folder.at(path.absolute().parent))
    folder = Folder.at(path.absolute().parent)
    if path.name == hf_config.CONFIG_NAME and folder.names(SAFETENSORS, weights_index.ENDING):
        return _named_by_cache(import_hf_folder(folder), folder)
    return hf_config.from_fields(fields, path)


def _folder(path: Path) -> Model:
    folder = _snapshot(path)
    if folder.member(INDEX_NAME) is not None:
        return import_diffusers(folder)
    if folder.member(hf_config.CONFIG_NAME) is not None or folder.names(SAFETENSORS, weights_index.ENDING):
        return _named_by_cache(import_hf_folder(folder), folder)
    if folder.names(GGUF):
        return import_gguf_folder(folder)
    if folder.member(MANIFESTS) is not None:
        return import_store(folder)
    raise refusal(path, "import.pickle" if folder.names(*_PICKLES) else "import.nothing")


def _snapshot(path: Path) -> Folder:
    """A model's folder in a Hugging Face cache stands for its only snapshot."""
    if path.absolute().name.startswith(_CACHE_NAME):
        held = [entry for entry in sorted((path / "snapshots").glob("*"))[:2] if entry.is_dir()]
        if len(held) == 1:
            return Folder.at(held[0])
    return Folder.at(path)


def _named_by_cache(model: Model, folder: Folder) -> Model:
    """In a Hugging Face cache the folder around tells the model's name; the snapshot is called by a number."""
    absolute = folder.path.absolute()
    owner, _, name = absolute.parent.parent.name.removeprefix(_CACHE_NAME).partition("--")
    published = f"{owner}/{name}"
    if absolute.parent.name != "snapshots" or model.hf_id or not hf_config.OWNER_AND_NAME.fullmatch(published):
        return model
    return model.model_copy(update={"hf_id": published, "name": name, "id": hf_config.identifier(name)})
