"""How a scenario is kept: what it is filed under, and what it was made from. Changes no figure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gpuplanner.scenario.asked import Asked

Tag = Annotated[str, Field(min_length=1, max_length=40)]


class LibraryChoice(Asked):
    """Where the library files a scenario.

    ``parent`` is the name of the file, in the same folder, that this one is a variant of; empty for none.
    """

    tags: Annotated[tuple[Tag, ...], Field(max_length=50)] = ()
    parent: Annotated[str, Field(max_length=255)] = ""
    archived: bool = False
    template: bool = False
