"""What the files of a model's weights hold, counted from their headers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record

Bytes = Annotated[int, Field(ge=0, le=10**16)]
Params = Annotated[int, Field(ge=0, le=10**15)]
Name = Annotated[str, Field(max_length=60)]


class StoredPart(Record):
    """One part of the model as stored: its bytes, and the parameters in them (packed formats unpacked, scales not counted)."""

    bytes: Bytes
    params: Params = 0


class StoredWeights(Record):
    """The weights as they lie in the files.

    ``parts`` are named by the parts of the operator list; besides these there may be ``other`` (what stands beside the decoder)
    and ``next_token`` (layers for multi-token prediction, which serving leaves out). A pipeline's parts are its components.
    ``parts`` is empty and ``params`` None where only an index was there, which has the total alone. ``dtypes``: bytes by the
    files' own names of number formats. ``precision`` is the precision id of most of the weights, None where there is none.
    """

    total_bytes: Bytes
    params: Params | None = None
    parts: Annotated[dict[Name, StoredPart], Field(max_length=64)] = {}
    tensors: Annotated[int, Field(ge=0)] = 0
    files: Annotated[int, Field(ge=0)] = 0
    dtypes: Annotated[dict[Name, Bytes], Field(max_length=64)] = {}
    precision: Identifier | None = None
