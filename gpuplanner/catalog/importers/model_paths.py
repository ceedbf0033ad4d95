"""Which files and folders are worth asking for a model: by name alone, quick, for drag and drop."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUFFIXES: Final = (".json", ".safetensors", ".gguf")
# Never opened, but told why.
REFUSED: Final = (".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5")
_OLLAMA: Final = frozenset({"manifests", "blobs"})
_SCENARIO: Final = ".gpuplan"


def may_be_model(path: Path) -> bool:
    """Whether a path is for :func:`~gpuplanner.catalog.importers.importing.import_model` rather than a scenario."""
    suffix = path.suffix.lower()
    if suffix == _SCENARIO:
        return False
    # What Ollama keeps has no ending: a blob is named by its digest, a manifest by its tag.
    return suffix in SUFFIXES + REFUSED or path.is_dir() or not _OLLAMA.isdisjoint(path.absolute().parts[:-1])
