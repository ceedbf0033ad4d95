"""Bad values of a scenario as sentences: the field by its name, what stands there, and what may stand there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gpuplanner import texts
from gpuplanner.errors import InputError, Message, Named, shown
from gpuplanner.scenario import document, fields
from gpuplanner.scenario.document import Scenario
from gpuplanner.units import LARGEST, format_quantity

_CUSTOM: Final = "model.custom"
_SPECIAL: Final = {
    "money.rate_date": "error.allowed.date",
    _CUSTOM: "error.allowed.model",
    "workload.mix": "error.allowed.mix",
    "money.day_curve": "error.allowed.curve",
    "money.discounts": "error.allowed.discounts",
    "money.prices": "error.allowed.prices",
    "site.phases": "error.allowed.phases",
    "estate.more": "error.allowed.workloads",
    "library.tags": "error.allowed.tags",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that can't be taken.

    Attributes:
        path: dotted place in the scenario, list positions included.
        kind: pydantic's name of what is wrong.
        value: what stands there.
    """

    path: str
    kind: str
    value: object

    def error(self) -> InputError:
        """The problem as the form tells it: in the units of the form."""
        value = self.value
        if self.path in fields.WRITTEN and _is_number(value) and 0 <= value < LARGEST:
            found = _written(self.path, value)
        else:
            found = _shown(self.kind, value)
        allowed_here = allowed(self.path, stored=False)
        return InputError("error.field", field=fields.name(self.path), found=found, allowed=allowed_here)

    def in_file(self, file: str) -> InputError:
        """The problem as a file's reader needs it: the place, and values as they stand in the file."""
        return InputError(
            f"error.file.{'missing_field' if self.kind == 'missing' else 'field'}",
            file=file,
            place=shown(self.path or "scenario", 120),
            field=fields.name(self.path),
            found=_shown(self.kind, self.value),
            allowed=allowed(self.path, stored=True),
        )


def replace_checked(scenario: Scenario, path: str, value: object) -> Scenario:
    """A copy of the scenario with one field changed.

    Raises:
        InputError: when the field can't hold the value; the sentence names the field and what is possible.
    """
    try:
        return document.replace(scenario, path, value)
    except ValidationError as error:
        raise _first(error, path).error() from error


def strict_scenario(values: object) -> Scenario:
    """A scenario from plain values, as read from JSON; numbers written as texts and the like are refused.

    Raises:
        pydantic.ValidationError: see :func:`problems`.
    """
    # by way of JSON text, as only then strict checking takes a word for a choice and a list for a tuple
    return Scenario.model_validate_json(json.dumps(values), strict=True)


def problems(error: ValidationError) -> tuple[Problem, ...]:
    """All that is wrong, in the order of the document; at least one."""
    return tuple(_problem(detail) for detail in error.errors(include_url=False, include_context=False))


def _first(error: ValidationError, path: str) -> Problem:
    """The problem at the field that was edited; replace() validates a section, so the place in the error is relative."""
    detail = error.errors(include_url=False, include_context=False)[0]
    return Problem(path, detail["type"], detail["input"])


def _problem(detail: ErrorDetails) -> Problem:
    return Problem(".".join(str(part) for part in detail["loc"]), detail["type"], detail["input"])


def allowed(path: str, *, stored: bool = False) -> Message:
    """What a field may hold.

    Args:
        path: dotted place.
        stored: numbers as they stand in the file instead of in the units of the form.
    """
    if path.startswith(f"{_CUSTOM}."):
        return Message("error.allowed.model")
    if path in fields.WRITTEN:
        return _number(path, stored=stored)
    within = next((name for name in _SPECIAL if path.startswith(f"{name}.")), None)
    if within is not None:  # an entry of a list
        return Message(_SPECIAL[within])
    if path not in fields.paths():
        return Message("error.allowed.object")
    if words := fields.choices(path):
        return Message("error.allowed.choice", {"choices": ", ".join(words)})
    if path in _SPECIAL:
        return Message(_SPECIAL[path])
    return Message("error.allowed.text", {"limit": fields.longest(path)})


def _number(path: str, *, stored: bool) -> Message:
    limits = fields.limits(path)
    low, high = limits.low or 0.0, limits.high or 0.0
    params: dict[str, object] = {
        "low": _plain(low) if stored else _written(path, low),
        "high": _plain(high) if stored else _written(path, high),
        "unit": "" if stored else Message("error.allowed.unit", {"unit": Named(f"field.{path}.unit")}),
    }
    code = "above" if limits.above else "whole" if limits.whole else "between"
    return Message(f"error.allowed.{code}", params)


def _plain(value: float) -> str:
    return f"{int(value):,}" if value.is_integer() else f"{value:g}"


def _written(path: str, value: float) -> str:
    kind, unit = fields.WRITTEN[path]
    exact = int(value) if value == int(value) else value
    return format_quantity(exact, kind, unit=unit, lang=texts.language())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(kind: str, value: object) -> str:
    if kind == "missing":
        return "–"
    if isinstance(value, str):
        return shown(value, 40)
    if isinstance(value, Mapping | list | tuple):
        return "{…}" if isinstance(value, Mapping) else "[…]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else shown(value, 40)
