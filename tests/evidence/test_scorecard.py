"""The score from its sides, in a file, and held against the committed one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gpuplanner.evidence.score_file import as_text, committed, read, score_file
from gpuplanner.evidence.scorecard import VIEWS, WORST_OF, digest_of, group, groups, kind_of, members
from gpuplanner.evidence.statistics import score
from gpuplanner.texts import has

SLACK = 1.05  # an error may grow by a twentieth,
SLACK_POINTS = 0.005  # or by half a point, before a change counts as a step back
LEAST_ROWS = 20  # the quantiles of fewer jump with a single row


def test_no_score_is_worse_than_the_committed_one(card):
    fresh = {item.score.group: item.score for item in card.views["kind"]}
    worse = []
    for held in (item.score for item in read(score_file()).views["kind"]):
        now = fresh[held.group]
        if held.done < LEAST_ROWS:
            continue
        if now.done < 0.97 * held.done:
            worse.append(f"{held.group[0]}: {now.done} rows done, were {held.done}")
        for figure in ("median", "p90"):
            before, after = getattr(held, figure), getattr(now, figure)
            if before is not None and (after is None or after > SLACK * before + SLACK_POINTS):
                worse.append(f"{held.group[0]}: {figure} {after}, was {before}")
    assert not worse, "if that is meant, run `make fit` and commit catalogs/calibration/score.json\n" + "\n".join(worse)


def test_every_row_is_in_the_views_it_belongs_to(card):
    rows = len(card.predictions)
    for view in ("kind", "engine", "source"):
        assert sum(item.score.rows for item in card.views[view]) == rows
    done = sum(item.score.done for item in card.views["kind"])
    assert card.total.score.done == done == sum(item.score.done for item in card.views["family"])
    assert sum(item.score.rows for item in card.views["reason"]) == rows - done
    assert tuple(card.views) == VIEWS


def test_every_group_has_words(card):
    for view, prefix in (("kind", "evidence.kind."), ("reason", "evidence.reason.")):
        for item in card.views[view]:
            assert has(prefix + item.score.group[0])


def test_the_worst_come_first_and_stand_on_enough_rows(card):
    worst = card.views["worst"]
    medians = [item.score.median for item in worst]
    assert medians == sorted(medians, reverse=True)
    assert all(item.score.done >= WORST_OF for item in worst)


def test_a_group_is_the_score_of_its_members(card, catalog):
    for view in ("kind", "family"):
        found = members(card.predictions, view, catalog)
        for item in card.views[view]:
            assert item.score == score(found[item.score.group], item.score.group)


def test_the_band_holds_four_of_five(card, catalog):
    [decode] = [item for item in card.views["kind"] if item.score.group == ("llm_decode",)]
    errors = [item.error for item in card.predictions if kind_of(item) == "llm_decode" and item.error is not None]
    inside = np.mean([decode.low <= error <= decode.high for error in errors])
    assert inside == pytest.approx(0.8, abs=0.02)


def test_of_nothing_there_is_no_score(catalog):
    nothing = group(())
    assert (nothing.low, nothing.high, nothing.score.median) == (None, None, None)
    assert groups((), "kind", catalog) == ()
    with pytest.raises(KeyError):
        groups((), "colour", catalog)


def test_a_file_gives_back_what_was_written(card, tmp_path):
    path = tmp_path / "score.json"
    path.write_text(as_text(card), encoding="utf-8")
    held = read(path)
    assert held.predictions is None
    assert held.digest == card.digest
    assert as_text(held) == as_text(card)
    assert held.total.score.median == pytest.approx(card.total.score.median, abs=1e-4)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"digest": 1, "views": 3}', '{"views": {"kind": [{}]}}'])
def test_a_damaged_file_is_none(tmp_path, text):
    path = tmp_path / "score.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):
        read(path)


def test_the_committed_score_counts_for_the_very_facts_alone(card, catalog, tmp_path, monkeypatch):
    path = tmp_path / "score.json"
    monkeypatch.setattr("gpuplanner.evidence.score_file.score_file", lambda: path)
    assert committed(catalog) is None
    path.write_text(as_text(card), encoding="utf-8")
    assert committed(catalog) == read(path)
    assert committed(replace(catalog, digest="other")) is None
    path.write_text("nonsense", encoding="utf-8")
    assert committed(catalog) is None


def test_the_digest_follows_the_measurements(catalog, tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("a", encoding="utf-8")
    before = digest_of(catalog, [path])
    path.write_text("b", encoding="utf-8")
    assert digest_of(catalog, [path]) != before
    assert len(before) == 12


def test_the_committed_file_is_no_fact(catalog):
    """Writing it must not change the digest that it names."""
    held = json.loads(score_file().read_bytes())
    assert set(held["views"]) == set(VIEWS)
    assert "score" not in {name.partition(".")[0] for name in catalog.calibration.constants}
