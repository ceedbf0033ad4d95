"""A GGUF file, or the files that it was split into, becomes a model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers import hf_config
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.gguf import GgufHeader, read_gguf
from gpuplanner.catalog.importers.gguf_config import config_of
from gpuplanner.catalog.importers.gguf_types import PRECISION_OF_FILE, PRECISION_OF_TYPE, TYPES
from gpuplanner.catalog.importers.joined import joined
from gpuplanner.catalog.importers.tensors import Counted, Tensor, summed
from gpuplanner.catalog.importers.weight_files import located
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shapes import language_part
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.readers.fields import UnsupportedArchitecture
from gpuplanner.errors import shown

SUFFIX: Final = ".gguf"
_SPLIT: Final = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")
_MAX_SPLITS: Final = 500
_BLOCKS: Final = {block.name: block for block in TYPES.values()}
_NAME_LIMIT: Final = 100


def import_gguf(path: Path, name: str | None = None, projector: Path | None = None) -> Model:
    """The model in a GGUF file; the other files of a split one are found beside it.

    Args:
        path: the file.
        name: what the model is called; by its own metadata when None.
        projector: the file of a vision tower that is served along with it.

    Raises:
        InputError: a header is bad, or describes something that can't be estimated.
    """
    headers = _headers(path)
    first = headers[0]
    _refuse_parts(path, first)
    described = _described(path, first, headers, name)
    decoder = language_part(described.shape)
    stored = _stored(headers, described.stored_as, decoder.layer_count if decoder else None, projector)
    return joined(described, stored, path)


def import_gguf_folder(folder: Folder) -> Model:
    """The model of a folder of GGUF files, which must be one model in one format.

    Raises:
        InputError: there are several to choose from.
    """
    names = [name for name in folder.names(SUFFIX) if not name.lower().startswith("mmproj")]
    stems = {match["stem"] if (match := _SPLIT.match(name)) else name for name in names}
    if len(stems) != 1:
        raise refusal(folder.path, "import.gguf.several" if stems else "import.nothing", count=len(stems))
    path = folder.member(names[0])
    if path is None:
        raise refusal(folder.path, "import.nothing")
    return import_gguf(path)


def _headers(path: Path) -> list[GgufHeader]:
    """Of a split model all headers, the first in front."""
    header = read_gguf(path)
    count = header.metadata.get("split.count", 1)
    match = _SPLIT.match(path.name)
    if type(count) is not int or count <= 1:
        return [header]
    if match is None or int(match["count"]) != count or count > _MAX_SPLITS:
        raise refusal(path, "import.gguf.split", count=count)
    folder, _ = located(path)
    headers = []
    for number in range(1, count + 1):
        name = f"{match['stem']}-{number:05d}-of-{match['count']}{SUFFIX}"
        part = folder.member(name)
        if part is None:
            raise refusal(path, "import.missing_file", missing=name)
        headers.append(header if name == path.name else read_gguf(part))
    return headers


def _refuse_parts(path: Path, header: GgufHeader) -> None:
    """What isn't a model by itself: adapters, projectors, importance matrices."""
    kind, architecture = header.metadata.get("general.type"), header.metadata.get("general.architecture")
    if kind == "adapter":
        raise refusal(path, "import.adapter")
    if architecture == "clip" or kind in {"mmproj", "imatrix", "vocab"}:
        raise refusal(path, "import.gguf.part", kind=str(kind or architecture))


def _described(path: Path, first: GgufHeader, headers: list[GgufHeader], name: str | None) -> Model:
    whole = GgufHeader(first.metadata, tuple(tensor for header in headers for tensor in header.tensors))
    try:
        config = config_of(whole)
    except UnsupportedArchitecture as refused:
        raise hf_config.sentence(refused, path) from refused
    described = hf_config.from_fields_or_reason(config, path)
    told = first.metadata.get("general.name")
    chosen = name or (told if isinstance(told, str) and hf_config.identifier(told) != "model" else path.stem)
    file_type = first.metadata.get("general.file_type")
    return described.model_copy(
        update={
            "id": hf_config.identifier(chosen),
            "name": shown(chosen.strip(), _NAME_LIMIT),
            "params_basis": "counted from the GGUF header" if described.shape else None,
            "stored_as": PRECISION_OF_FILE.get(file_type) if isinstance(file_type, int) else None,
        }
    )


def _stored(headers: list[GgufHeader], told: str | None, layers: int | None, projector: Path | None) -> StoredWeights:
    counted = [_counted(tensor) for header in headers for tensor in header.tensors]
    if projector is not None:
        counted += [_counted(_renamed(tensor)) for tensor in read_gguf(projector).tensors]
    stored = summed(counted, len(headers) + (projector is not None), layers=layers, precision=told)
    if told is None:
        stored = stored.model_copy(update={"precision": _mostly(counted)})
    return stored


def _counted(tensor: Tensor) -> Counted:
    counts = _BLOCKS[tensor.dtype].counts and not tensor.name.startswith("rope_")
    return Counted(tensor, tensor.elements if counts else 0)


def _mostly(counted: Iterable[Counted]) -> str | None:
    """The precision of the type that most parameters have."""
    params: dict[str, int] = {}
    for item in counted:
        params[item.tensor.dtype] = params.get(item.tensor.dtype, 0) + item.params
    return PRECISION_OF_TYPE.get(max(params, key=lambda name: params[name]))


def _renamed(tensor: Tensor) -> Tensor:
    """A tensor of a vision tower's own file, where its name doesn't say so."""
    return Tensor(f"vision.{tensor.name}", tensor.dtype, tensor.shape, tensor.size)
