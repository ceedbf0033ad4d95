"""What is known about each field."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.scenario import fields
from gpuplanner.scenario.document import Scenario
from gpuplanner.units import QuantityKind


@pytest.mark.parametrize("path", [*fields.paths(), *(name for name in Scenario.model_fields if name not in fields.paths())])
def test_every_field_has_a_name_and_help(path: str) -> None:
    assert texts.has(f"field.{path}")
    if path in fields.paths():
        assert texts.text(f"field.{path}.help").endswith(".")
    for choice in fields.choices(path) if path in fields.paths() else ():
        assert texts.has(f"choice.{path}.{choice}".lower())


def test_every_number_says_how_it_is_written() -> None:
    numbers = {path for path in fields.paths() if fields.limits(path).high is not None}
    assert numbers == set(fields.WRITTEN)
    for path in numbers:
        assert texts.has(f"field.{path}.unit")
        assert fields.limits(path).low is not None


def test_limits() -> None:
    assert fields.limits("workload.input_tokens") == fields.Limits(1, 100_000_000, above=False, whole=True, empty=False)
    assert fields.limits("targets.ttft_s") == fields.Limits(0, 86_400, above=True, whole=False, empty=True)
    assert fields.limits("deployment.tensor_parallel").empty
    assert fields.longest("name") == 200
    assert fields.longest("deployment.gpu") == 200
    assert fields.choices("workload.kind") == ("serve", "batch", "generate", "encode", "tune", "train")
    assert fields.WRITTEN["targets.ttft_s"] == (QuantityKind.SECONDS, "ms")
    for unknown in ("nothing", "workload.nothing", "name.nothing"):
        with pytest.raises(KeyError):
            fields.limits(unknown)


def test_whole_fields_are_read_as_whole() -> None:
    for path, (kind, _) in fields.WRITTEN.items():
        assert fields.limits(path).whole == (kind in (QuantityKind.TOKENS, QuantityKind.WHOLE)), path


def test_an_unknown_place_is_named_by_what_is_around_it() -> None:
    assert fields.name("model.custom.shape.layers.0").key == "field.model.custom"
    assert fields.name("later").key == "field.unnamed"
