"""What practice says: rules of thumb that stand beside the engine, and guard rails against foolish plans."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source

Severity = Literal["stop", "warn", "note"]
Workload = Literal["serve", "batch", "generate", "encode", "tune", "train"]


class PracticeRule(Record):
    """A rule of thumb, as practitioners write it.

    ``lines`` are its places in the collected practice ("S000-23"). ``formula`` is the id of what it computes, where it does more
    than name a number; ``values`` are its numbers, with units in their names. It is told for the workloads ``kinds``, beside
    the figure ``figure``. Within a share ``within`` of the engine it agrees. ``again``: the engine has to estimate a second time.
    ``choice``: it advises where others choose otherwise, and never misleads by that.
    """

    id: Identifier
    name: str
    lines: Annotated[tuple[str, ...], Field(min_length=1)]
    formula: str | None = None
    kinds: Annotated[tuple[Workload, ...], Field(min_length=1)]
    figure: str
    values: dict[str, float] = {}
    within: Annotated[float, Field(ge=0, le=1)] = 0.1
    again: bool = False
    choice: bool = False
    sources: tuple[Source, ...] = ()


class Guard(Record):
    """A guard rail: a predicate of the engine with its numbers, and how grave it is.

    ``gpus`` are patterns of the cards it is about; empty for all. ``severity``: a plan that can't be, one to think again about,
    or a word to the wise. The date of the first source is that of the rule.
    """

    id: Identifier
    name: str
    predicate: str
    severity: Severity
    gpus: tuple[str, ...] = ()
    values: dict[str, float] = {}
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
