"""What every section of a scenario is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """Frozen; keeps fields it doesn't know, so that a file from elsewhere survives a round trip."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, defer_build=True)


Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
Degree = Annotated[int, Field(ge=1, le=1024)]
Id = Annotated[str, Field(max_length=200)]
Share = Annotated[float, Field(ge=0, le=0.99)]
Pixels = Annotated[int, Field(ge=16, le=32_768)]
Batch = Annotated[int, Field(ge=1, le=65_536)]
