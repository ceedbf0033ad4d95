"""What every catalogue record has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$", max_length=120)]


class Record(BaseModel):
    """A frozen piece of knowledge; a field nobody declared is an error, not a silent loss."""

    # schemas are built when a record is first checked: most of a program run never meets most kinds
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Source(Record):
    """Where a fact was read.

    ``date`` is what the source states, as written ("2026-09", "2026-08-22", "n/a"); ``key`` is what prices and notes
    refer to it by.
    """

    title: str
    date: str
    url: str | None = None
    key: str | None = None
