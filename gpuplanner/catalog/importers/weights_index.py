"""The index of a model whose weights are spread over several safetensors files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from gpuplanner.catalog.importers.bounded import refusal
from gpuplanner.catalog.importers.safetensors import SUFFIX
from gpuplanner.disk import read_bounded
from gpuplanner.errors import shown

ENDING: Final = ".safetensors.index.json"
MAX_BYTES: Final = 40 * 2**20
MAX_TENSORS: Final = 400_000
MAX_SHARDS: Final = 2_000
MAX_TOTAL: Final = 10**15


@dataclass(frozen=True, slots=True)
class WeightsIndex:
    """``shard_of`` names the file of each tensor; ``total_bytes`` and ``total_params`` are what the index claims, if it does."""

    file: Path
    shard_of: Mapping[str, str]
    total_bytes: int | None
    total_params: int | None

    @property
    def shards(self) -> list[str]:
        """The files' names, each once, sorted."""
        return sorted(set(self.shard_of.values()))


def read_index(path: Path) -> WeightsIndex:
    """An index by itself; the files it names aren't looked at.

    Raises:
        InputError: it is no such index, too large, or names something other than plain safetensors files.
    """
    data = read_bounded(path, MAX_BYTES)
    if data.count(b",") > MAX_TENSORS:  # counting is quick, parsing isn't
        raise refusal(path, "import.too_many", limit=f"{MAX_TENSORS:,}")
    try:
        fields: object = from_json(data)
    except (ValueError, RecursionError) as error:
        raise refusal(path, "import.index.not_json", problem=shown(str(error), 120)) from error
    return index_of(path, fields)


def index_of(path: Path, fields: object) -> WeightsIndex:
    """As :func:`read_index`, for fields that were read from the file."""
    shard_of = fields.get("weight_map") if isinstance(fields, dict) else None
    if not isinstance(shard_of, dict) or not shard_of:
        raise refusal(path, "import.index.no_map")
    if len(shard_of) > MAX_TENSORS:
        raise refusal(path, "import.too_many", limit=f"{MAX_TENSORS:,}")
    for shard in set(shard_of.values()) if all(isinstance(shard, str) for shard in shard_of.values()) else [None]:
        if shard is None or not shard.endswith(SUFFIX) or len(shard) > 255 or not {"/", "\\", ":", "\0"}.isdisjoint(shard):
            raise refusal(path, "import.index.shard", shard=shard or "–")
    index = WeightsIndex(path, shard_of, *_claims(path, fields))
    if len(index.shards) > MAX_SHARDS:
        raise refusal(path, "import.too_many_files", limit=f"{MAX_SHARDS:,}")
    return index


def _claims(path: Path, fields: object) -> tuple[int | None, int | None]:
    metadata = fields.get("metadata") if isinstance(fields, dict) else None
    if not isinstance(metadata, dict):
        return None, None
    claims: list[int | None] = []
    for name in ("total_size", "total_parameters"):
        value = metadata.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and (type(value) is not int or not 0 < value <= MAX_TOTAL):
            raise refusal(path, "import.index.total", field=name)
        claims.append(value)
    return claims[0], claims[1]
