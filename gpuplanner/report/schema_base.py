"""What every part of the JSON of an estimate is made of, for its schema."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Nothing stands in an answer that isn't told here."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Message(Part):
    """A stable code, its parameters, and the sentence in both languages."""

    code: str
    params: dict[str, Any]
    text_en: str
    text_zh: str


class Figure(Part):
    """A number with its range (10th to 90th percentile). ``at_least``: a sum with unknown parts. Unknown is null, never 0."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    provenance: str
    rows: int = Field(ge=0)
    at_least: bool
