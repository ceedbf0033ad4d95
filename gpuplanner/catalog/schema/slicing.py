"""How a card is cut into slices that work like small cards of their own (MIG)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source

Slots = Annotated[int, Field(ge=1, le=64)]


class Profile(Record):
    """A kind of slice: ``size`` of the card's slots of memory, from one of ``starts``, with ``compute`` slices of its processors.

    ``memory_gib`` and ``sm`` (multiprocessors) are what the vendor's tool lists; None where nobody published it.
    """

    name: Annotated[str, Field(min_length=1, max_length=40)]
    compute: Slots
    memory_gib: Annotated[float, Field(gt=0, le=1e4)] | None = None
    sm: Annotated[int, Field(gt=0, le=10_000)] | None = None
    starts: tuple[Annotated[int, Field(ge=0, le=63)], ...]
    size: Slots


class Slicing(Record):
    """The slices of some cards. The memory of a card is ``slots`` equal parts; ``sm`` are its multiprocessors."""

    id: Identifier
    name: str
    gpus: tuple[Identifier, ...]
    slots: Slots
    sm: Annotated[int, Field(gt=0, le=10_000)] | None = None
    profiles: tuple[Profile, ...]
    notes: str | None = None
    sources: tuple[Source, ...] = ()
