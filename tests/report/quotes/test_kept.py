"""Frozen quotes: what they say stays, whatever becomes of the facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from gpuplanner.engine.result import Code
from gpuplanner.errors import InputError
from gpuplanner.report.content import QuoteContent, State
from gpuplanner.report.frozen import Misfit, decode, encode
from gpuplanner.report.quotes import files
from gpuplanner.report.quotes.make import changes
from gpuplanner.report.quotes.quote import edited, moved, revised, standing
from gpuplanner.report.wording import words
from tests.report.quotes.offer import AT


def test_a_file_holds_all_of_it(quote, tmp_path):
    path = tmp_path / "Chat.quotes" / "Q-v1.gpuquote"
    files.save_quote(path, quote)
    again = files.load_quote(path)
    assert again == quote
    for lang in ("en", "zh"):
        assert words(again.content, lang) == words(quote.content, lang)


def test_the_way_through_the_states(quote):
    sent = moved(quote, State.SENT, AT, "Lin")
    assert [event.state for event in sent.history] == [State.DRAFT, State.SENT]
    assert moved(sent, State.ACCEPTED, AT).metadata.state is State.ACCEPTED
    assert standing(sent, date(2026, 12, 21)) is State.SENT
    assert standing(sent, date(2026, 12, 22)) is State.EXPIRED
    for state, start in ((State.ACCEPTED, quote), (State.DRAFT, sent), (State.SENT, moved(sent, State.REPLACED, AT))):
        with pytest.raises(InputError, match=r"quote\.state\.not_after") as told:
            moved(start, state, AT)
        assert "Q-2026-1147" in told.value.sentence("zh")


def test_what_was_sent_stays(quote, tmp_path):
    path = tmp_path / "q.gpuquote"
    sent = moved(quote, State.SENT, AT)
    files.save_quote(path, sent)
    with pytest.raises(InputError, match=r"quote\.locked"):
        edited(sent, replace(sent.metadata, contact="other"))
    dearer = tuple(replace(line, unit_price=1.0) for line in quote.content.lines)
    other = replace(sent, content=replace(sent.content, lines=dearer))
    with pytest.raises(InputError, match=r"quote\.locked"):
        files.save_quote(path, other)
    assert files.load_quote(path) == sent
    files.save_quote(path, moved(sent, State.ACCEPTED, AT))
    assert files.load_quote(path).metadata.state is State.ACCEPTED


def test_a_new_version_names_the_one_it_replaces(quote):
    second = revised(moved(quote, State.SENT, AT), date(2026, 12, 1), AT, "Lin")
    assert (second.metadata.revision, second.metadata.state, second.metadata.replaces) == (2, State.DRAFT, "v1")
    assert ("Version", "2 (draft), replaces v1") in words(second.content, "en").parties[1]


def test_quotes_of_a_scenario(quote, tmp_path):
    scenario = tmp_path / "Chat.gpuplan"
    folder = files.quotes_folder(scenario)
    assert files.quotes_of(scenario) == ()
    second = revised(moved(quote, State.SENT, AT), date(2026, 12, 1), AT)
    for one in (quote, second):
        files.save_quote(files.quote_path(folder, one), one)
    (folder / "torn.gpuquote").write_bytes(b'{"format": "gpuquote", "ver')
    (folder / "other.txt").write_text("x", encoding="utf-8")
    found = files.quotes_of(scenario)
    assert [one.path.name for one in found] == ["Q-2026-1147-v2.gpuquote", "Q-2026-1147-v1.gpuquote", "torn.gpuquote"]
    assert found[2].quote is None
    assert "torn.gpuquote" in found[2].error.sentence("zh")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda document: document | {"format": "gpuplan"}, "quote.file.no_quote"),
        (lambda document: document | {"version": 99}, "quote.file.newer"),
        (lambda document: document | {"quote": document["quote"] | {"currency": "USD"}}, "quote.file.changed"),
        (lambda document: [document], "quote.file.no_quote"),
    ],
)
def test_a_file_that_is_no_quote_or_was_changed(quote, tmp_path, change, code):
    path = tmp_path / "q.gpuquote"
    document = json.loads(files.quote_bytes(quote))
    path.write_text(json.dumps(change(document)), encoding="utf-8")
    with pytest.raises(InputError) as told:
        files.load_quote(path)
    assert told.value.code == code
    assert "q.gpuquote" in told.value.sentence("en")


@pytest.mark.parametrize("wrong", [{"currency": 7}, {"lines": [{"count": "3"}]}, {"metadata": None}, {"percentile": True}])
def test_values_of_another_kind_are_told_by_their_place(quote, wrong):
    given = encode(quote.content) | wrong
    with pytest.raises(Misfit, match=next(iter(wrong))):
        decode(QuoteContent, given)


def test_codes_within_codes_come_back():
    code = Code("a", {"b": Code("c", {"d": (1, Code("e"), "f")}), "g": None, "h": 1.5})
    assert decode(Code, json.loads(json.dumps(encode(code)))) == code


def test_nothing_changes_while_the_facts_are_the_same(quote, catalog):
    found = changes(quote, catalog)
    assert found.none
    assert not found.catalog


def test_other_facts_are_told(quote, catalog):
    gpu = catalog.gpus["nvidia-h800-sxm5-80gb"]
    dearer = gpu.model_copy(update={"prices": tuple(p.model_copy(update={"amount": p.amount * 2}) for p in gpu.prices)})
    other = replace(catalog, gpus={**catalog.gpus, gpu.id: dearer}, digest="another")
    found = changes(quote, other)
    assert found.catalog
    total = next(change for change in found.figures if change.name == "report.total")
    assert total.now.value > 1.5 * total.was.value  # agreed prices and services stay
