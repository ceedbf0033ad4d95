"""Plain frozen data to JSON values and back, checked against the types that the classes declare."""

from __future__ import annotations

import base64
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gpuplanner.engine.result import Code

T = TypeVar("T")
_DEEPEST = 40


class Misfit(ValueError):
    """A value isn't what its place asks for."""


def encode(value: object) -> Any:
    """Dataclasses as objects by field, codes within untyped parameters as ``{"code": …, "params": …}``."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: encode(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {encode(key): encode(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [encode(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def decode(wanted: type[T], value: object) -> T:
    """The object that :func:`encode` made these values of.

    Raises:
        Misfit: naming the place.
    """
    return _decode(wanted, value, "", 0)  # type: ignore[no-any-return]


def _decode(wanted: Any, value: object, place: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise Misfit(place)
    if wanted is object:
        return _free(value, place, depth)
    origin = get_origin(wanted)
    if origin in (types.UnionType, Union):
        kinds = [kind for kind in get_args(wanted) if kind is not type(None)]
        return None if value is None else _decode(kinds[0], value, place, depth + 1)
    if origin is tuple:
        return _tuple(get_args(wanted), value, place, depth)
    if origin is not None and issubclass(origin, Mapping):
        key_kind, kind = get_args(wanted)
        items = _of(dict, value, place).items()
        return {_decode(key_kind, key, place, depth + 1): _decode(kind, part, f"{place}.{key}", depth + 1) for key, part in items}
    if is_dataclass(wanted):
        return _object(wanted, value, place, depth)
    return _plain(wanted, value, place)


def _tuple(kinds: tuple[Any, ...], value: object, place: str, depth: int) -> tuple[Any, ...]:
    parts = _of(list, value, place)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(parts)
    if len(kinds) != len(parts):
        raise Misfit(place)
    return tuple(
        _decode(kind, part, f"{place}[{number}]", depth + 1) for number, (kind, part) in enumerate(zip(kinds, parts, strict=True))
    )


def _object(wanted: Any, value: object, place: str, depth: int) -> Any:
    given = _of(dict, value, place)
    hints = _hints(wanted)
    made = {}
    for one in fields(wanted):
        if one.name in given:
            made[one.name] = _decode(hints[one.name], given[one.name], f"{place}.{one.name}", depth + 1)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise Misfit(f"{place}.{one.name}")
    return wanted(**made)


def _plain(wanted: Any, value: object, place: str) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        try:
            return wanted(value)
        except ValueError as error:
            raise Misfit(place) from error
    if wanted is date or wanted is bytes:
        text = _of(str, value, place)
        try:
            return date.fromisoformat(text) if wanted is date else base64.b64decode(text, validate=True)
        except ValueError as error:
            raise Misfit(place) from error
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if wanted is int and isinstance(value, bool):
        raise Misfit(place)
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit(place)
    return _of(wanted, value, place)


def _free(value: object, place: str, depth: int) -> object:
    """A parameter of a code: a number, a word, a code, or several."""
    if isinstance(value, dict):
        return _decode(Code, value, place, depth + 1)
    if isinstance(value, list):
        return tuple(_free(part, place, depth + 1) for part in value)
    return value


def _of(kind: type[T], value: object, place: str) -> T:
    if not isinstance(value, kind):
        raise Misfit(place or "—")
    return value


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return get_type_hints(wanted)
