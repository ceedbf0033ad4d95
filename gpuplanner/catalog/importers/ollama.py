"""A model that Ollama has pulled: a manifest that names blobs by their digests, of which one is a GGUF file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers import hf_config
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.gguf_model import import_gguf
from gpuplanner.catalog.schema.model import Model

MANIFESTS: Final = "manifests"
_BLOBS: Final = "blobs"
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_MODEL: Final = "application/vnd.ollama.image.model"
_PROJECTOR: Final = "application/vnd.ollama.image.projector"
_MAX_LAYERS: Final = 1000
_MAX_WALK: Final = 2000
_LATEST: Final = "latest"


def looks_like_manifest(fields: Mapping[str, object]) -> bool:
    """Whether an object in JSON is the manifest of a container registry."""
    return "schemaVersion" in fields and isinstance(fields.get("layers"), list)


def import_manifest(path: Path) -> Model:
    """The model of a manifest; its blob lies in the folder ``blobs`` beside ``manifests``.

    Raises:
        InputError: the manifest is none, or the blob isn't there or isn't a GGUF file.
    """
    fields = hf_config.load_fields(path)
    layers = fields.get("layers")
    if not isinstance(layers, list) or not 0 < len(layers) <= _MAX_LAYERS:
        raise refusal(path, "import.ollama.manifest")
    blobs = _blobs(path)
    model = _blob(path, blobs, _digest(layers, _MODEL))
    if model is None:
        raise refusal(path, "import.ollama.no_model")
    return import_gguf(model, _name(path), _blob(path, blobs, _digest(layers, _PROJECTOR)))


def import_store(folder: Folder) -> Model:
    """The only model of Ollama's folder.

    Raises:
        InputError: there is none or more than one.
    """
    found: list[Path] = []
    looked = 0
    waiting = [folder.folder(MANIFESTS)]
    while waiting and looked < _MAX_WALK:
        at = waiting.pop()
        for name in at.names("") if at else []:
            looked += 1
            inner = at.folder(name) if at else None
            file = at.member(name) if at and not inner else None
            if inner is not None:
                waiting.append(inner)
            elif file is not None:
                found.append(file)
    if len(found) != 1:
        raise refusal(folder.path, "import.ollama.choose", count=len(found))
    return import_manifest(found[0])


def _blobs(path: Path) -> Folder:
    place = next((parent for parent in path.absolute().parents if parent.name == MANIFESTS), None)
    if place is None or not (place.parent / _BLOBS).is_dir():
        raise refusal(path, "import.ollama.no_blobs")
    return Folder.at(place.parent / _BLOBS)


def _digest(layers: list[object], kind: str) -> str | None:
    for layer in layers:
        if isinstance(layer, Mapping) and layer.get("mediaType") == kind:
            digest = layer.get("digest")
            return digest if isinstance(digest, str) else ""
    return None


def _blob(path: Path, blobs: Folder, digest: str | None) -> Path | None:
    if digest is None:
        return None
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise refusal(path, "import.ollama.digest", digest=digest)
    blob = blobs.member(f"sha256-{match[1]}", path)
    if blob is None:
        raise refusal(path, "import.ollama.missing", blob=f"sha256-{match[1][:12]}…")
    return blob


def _name(path: Path) -> str:
    """As one types it: the model's name, and the tag unless it is the usual one."""
    model, tag = path.absolute().parent.name, path.name
    return model if tag == _LATEST else f"{model}-{tag}"
