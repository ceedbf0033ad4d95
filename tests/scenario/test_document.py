"""The document: defaults, single edits, unknown fields."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gpuplanner.scenario import fields
from gpuplanner.scenario.document import Scenario, get, replace


def test_every_field_can_be_read_and_set_to_what_it_holds() -> None:
    scenario = Scenario()
    for path in fields.paths():
        assert replace(scenario, path, get(scenario, path)) == scenario


def test_an_edit_leaves_the_rest() -> None:
    scenario = Scenario(name="a", later=[1])
    edited = replace(scenario, "workload.input_tokens", 7)
    assert edited.workload.input_tokens == 7
    assert edited.workload.output_tokens == scenario.workload.output_tokens
    assert scenario.workload.input_tokens == 2048
    assert edited.model_extra == {"later": [1]}


def test_an_edit_is_checked() -> None:
    with pytest.raises(ValidationError):
        replace(Scenario(), "workload.input_tokens", 0)
    with pytest.raises(ValidationError):
        replace(Scenario(), "targets.ttft_s", float("nan"))


def test_the_document_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Scenario().name = "b"
