"""The engines' own words for formats, their versions and images, as data beside the templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gpuplanner import assets
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import InputError

FOLDER = "templates/deploy"


@dataclass(frozen=True, slots=True)
class Words:
    """How an engine calls a weight format and a KV cache format; "" where it needs no flag.

    ``seen`` says where the image's tag was found to exist, in public; "" where it is only formed as the others are.
    """

    engine: str
    version: str
    image: str
    seen: str
    quantization: str
    kv: str
    dtype: str


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads((assets.resources() / FOLDER / "engines.json").read_bytes())
    return table


def engine_words(catalog: Catalog, engine: str, weights: str, kv: str, vendor: str) -> Words:
    """The words of an engine.

    Args:
        catalog: names, for the sentence that refuses.
        engine: key of the table.
        weights: precision id of the weights.
        kv: precision id of the cache.
        vendor: of the GPU: some have an image of their own.

    Raises:
        InputError: the engine has no word for the format.
    """
    entry = _table()[engine]
    formats = entry["weights"]
    if formats and weights not in formats:
        known = catalog.precisions.get(weights)
        raise InputError("deploy.no_format", engine=entry["name"], precision=known.name if known else weights)
    image = entry.get("images", {}).get(vendor, entry["image"])
    return Words(
        entry["name"],
        entry["version"],
        image,
        entry.get("seen", {}).get(image, ""),
        formats.get(weights, ""),
        entry["kv"].get(kv, ""),
        "float16" if weights == "fp16" else "float32" if weights == "fp32" else "bfloat16",
    )


def knows(engine: str, weights: str) -> bool:
    """Whether the engine has a word for a weight format."""
    return weights in _table()[engine]["weights"]
