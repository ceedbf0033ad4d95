"""Bad values as sentences."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.errors import InputError
from gpuplanner.scenario import fields
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import read_line
from gpuplanner.scenario.validation import replace_checked


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "workload.input_tokens",
            -5,
            "Input length can't be -5. It can be a whole number, 1 to 100\u2009000\u2009000 tokens.",
        ),
        ("workload.input_tokens", 200_000_000, "Input length can't be 200\u2009000\u2009000. It can be a whole number, 1 to"),
        ("targets.ttft_s", 0.0, "First token can't be 0. It can be more than 0, at most 86\u2009400\u2009000 ms."),
        ("targets.percentile", 0.2, "Percentile can't be 20. It can be 50 to 99 %."),
        ("workload.load", float("nan"), "Load can't be nan. It can be more than 0"),
        ("workload.kind", "dream", "Kind of work can't be dream. It can be one of: serve, batch, generate, encode, tune, train."),
        ("money.currency", "GBP", "Currency can't be GBP. It can be one of: CNY, USD, EUR."),
        ("money.rate_date", "tomorrow", "Date of the rate can't be tomorrow. It can be a date such as"),
        ("name", "x" * 201, "Name can't be xxx"),
        ("model.custom", {"id": "a"}, "Imported model can't be"),
    ],
)
def test_an_edit_that_cannot_be_is_told_in_the_units_of_the_form(path: str, value: object, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        replace_checked(Scenario(), path, value)
    assert caught.value.sentence("en").startswith(sentence)
    assert texts.text_in("zh", f"field.{path}") in caught.value.sentence("zh")


def test_an_edit_that_can_be() -> None:
    assert replace_checked(Scenario(), "targets.ttft_s", None).targets.ttft_s is None
    assert replace_checked(Scenario(), "workload.load", 3.5).workload.load == 3.5


def checked(values: object) -> Scenario:
    return read_line(json.dumps(values).encode(), "line 1")


@pytest.mark.parametrize(
    "values",
    [
        {"workload": {"input_tokens": "2048"}},
        {"workload": {"input_tokens": True}},
        {"workload": {"input_tokens": 2048.5}},
        {"workload": {"load": "200"}},
        {"name": 5},
        {"workload": []},
        [],
        None,
        5,
        {"model": {"custom": {"id": "x", "name": "x", "kind": "llm", "shape": {"hidden": -1}}}},
    ],
)
def test_wrong_types_are_refused(values: object) -> None:
    with pytest.raises(InputError) as caught:
        checked(values)
    for lang in texts.LANGUAGES:
        assert caught.value.sentence(lang)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(path=st.sampled_from(fields.paths()), value=JSON)
def test_any_value_is_taken_or_told(path: str, value: object) -> None:
    head, _, rest = path.partition(".")
    values = {head: {rest: value}} if rest else {head: value}
    refused = None
    try:
        scenario = checked(values)
    except InputError as error:
        refused = error
    else:
        assert checked(scenario.model_dump(mode="json")) == scenario
    if refused:
        for lang in texts.LANGUAGES:
            assert texts.text_in(lang, f"field.{path}") in refused.sentence(lang)
            assert len(refused.sentence(lang)) < 400
