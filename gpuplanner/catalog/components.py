"""Parts that several models share (an autoencoder, a text encoder): written once, named where they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

FILE: Final = "components.json"
MARK: Final = "$component"
_PLACES: Final = ("denoisers", "text_encoders", "autoencoder")


def expanded(record: dict[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """A model's record with the components in its shape in place of their names; an unknown name stays, and fails the check.

    Args:
        record: as the file gives it; it isn't changed.
        components: the shapes by name.
    """
    shape = record.get("shape")
    if not isinstance(shape, dict) or shape.get("kind") != "diffusion":
        return record
    named = {place: _filled(shape[place], components) for place in _PLACES if place in shape}
    return {**record, "shape": {**shape, **named}}


def _filled(value: object, components: Mapping[str, Any]) -> object:
    if isinstance(value, list):
        return [_filled(item, components) for item in value]
    if isinstance(value, dict) and isinstance(value.get(MARK), str):
        return components.get(value[MARK], value)
    return value
