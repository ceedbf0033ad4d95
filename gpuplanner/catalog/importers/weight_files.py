"""All weights of a folder: through its index, or as the safetensors files that lie in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers import packed
from gpuplanner.catalog.importers.bounded import Folder, refusal
from gpuplanner.catalog.importers.safetensors import SUFFIX, read_safetensors
from gpuplanner.catalog.importers.tensors import Counted, Tensor
from gpuplanner.catalog.importers.weights_index import ENDING, WeightsIndex, read_index

_NUMBERED: Final = re.compile(r"^(?P<stem>.+)-(?P<number>\d{4,6})-of-(?P<count>\d{4,6})\.safetensors$")
_VARIANT: Final = re.compile(r"\.(?:fp16|bf16|fp32|non_ema|ema)(?=[.-])")
_ADAPTER: Final = re.compile(r"\.lora_[AB]\.|\.lora_(?:up|down)\.|_lora\.")
_MAIN: Final = ("model", "diffusion_pytorch_model", "pytorch_model")


@dataclass(frozen=True, slots=True)
class WeightFiles:
    """What the headers of a model's weight files list.

    ``index`` is set, and ``tensors`` empty, where only the index was there; ``missing`` then names the files it asks for.
    """

    tensors: tuple[Tensor, ...]
    files: int
    index: WeightsIndex | None = None
    missing: tuple[str, ...] = ()

    def counted(self, bits: int | None = None) -> list[Counted]:
        """Each tensor with its parameters; ``bits`` of packed weights where the config says."""
        beside = {tensor.name: tensor for tensor in self.tensors}
        return [packed.counted(tensor, beside, bits) for tensor in self.tensors]


def weight_files(folder: Folder) -> WeightFiles | None:
    """The weights of a folder; None where it holds no safetensors.

    Raises:
        InputError: a header is bad, a tensor isn't where the index says, or a link leads out of the folder.
    """
    indexes = _preferred(folder.names(ENDING), ENDING)
    if indexes:
        file = folder.member(indexes[0])
        if file is not None:
            return from_index(folder, read_index(file))
    names = _preferred(folder.names(SUFFIX), SUFFIX)
    return from_names(folder, _whole_set(folder, names)) if names else None


def from_index(folder: Folder, index: WeightsIndex) -> WeightFiles:
    """The files that an index names; those of another folder are never touched."""
    paths = {name: folder.member(name, index.file) for name in index.shards}
    missing = tuple(name for name, path in paths.items() if path is None)
    if missing:
        if index.total_bytes is None:
            raise refusal(index.file, "import.index.missing", missing=missing[0], count=len(missing), of=len(paths))
        return WeightFiles((), len(paths), index, missing)
    tensors: list[Tensor] = []
    for name, path in paths.items():
        if path is not None:
            tensors += [tensor for tensor in read_safetensors(path) if index.shard_of.get(tensor.name) == name]
    found = {tensor.name for tensor in tensors}
    astray = next((name for name in index.shard_of if name not in found), None)
    if astray is not None:
        raise refusal(index.file, "import.index.astray", tensor=astray, shard=index.shard_of[astray])
    return WeightFiles(tuple(tensors), len(paths))


def from_names(folder: Folder, names: Collection[str]) -> WeightFiles:
    """Files without an index; a tensor that two of them hold is refused."""
    tensors: dict[str, Tensor] = {}
    for name in names:
        path = folder.member(name)
        if path is None:
            raise refusal(folder.path, "import.missing_file", missing=name)
        for tensor in read_safetensors(path):
            if tensor.name in tensors:
                raise refusal(path, "import.twice", tensor=tensor.name)
            tensors[tensor.name] = tensor
    if tensors and all(_ADAPTER.search(name) for name in tensors):
        raise refusal(folder.path / next(iter(names)), "import.adapter")
    return WeightFiles(tuple(tensors.values()), len(names))


def siblings(folder: Folder, name: str) -> list[str]:
    """A numbered file and those that belong to it; any other file alone.

    Raises:
        InputError: some of the numbered files aren't there.
    """
    match = _NUMBERED.match(name)
    if match is None:
        return [name]
    count = int(match["count"])
    width = len(match["number"])
    present = set(folder.names(SUFFIX))
    wanted = [f"{match['stem']}-{number:0{width}d}-of-{match['count']}{SUFFIX}" for number in range(1, min(count, 2001) + 1)]
    absent = [each for each in wanted if each not in present]
    if absent:
        raise refusal(folder.path / name, "import.missing_file", missing=absent[0])
    return wanted


def _preferred(names: list[str], ending: str) -> list[str]:
    """Without adapters, and of several copies of a model the one in its own format under the usual name."""
    plain = [name for name in names if not name.startswith("adapter_") and (ending == ENDING or not name.endswith(ENDING))]
    usual = [name for name in plain if name.startswith(_MAIN)] or plain
    return [name for name in usual if not _VARIANT.search(name)] or usual


def _whole_set(folder: Folder, names: list[str]) -> list[str]:
    """The file named plainly, if there is one; else all of a numbered set; else all files."""
    single = next((name for name in names if name.removesuffix(SUFFIX) in _MAIN), None)
    if single is not None:
        return [single]
    numbered = next((name for name in names if _NUMBERED.match(name)), None)
    return siblings(folder, numbered) if numbered else names


def located(path: Path) -> tuple[Folder, str]:
    """The folder and name of a file that a person chose; the file itself may be a link to anywhere."""
    folder = Folder.at(path.absolute().parent)
    real = path.resolve()
    return Folder(folder.path, (*folder.roots, real.parent)), path.name
