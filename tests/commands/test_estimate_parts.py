"""Money and clouds in the JSON of an estimate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuplanner import cli
from gpuplanner.scenario.examples import examples

FILE = str(next(example.path for example in examples() if "llama_7b" in example.key and "serve" in example.key))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main(["estimate", FILE, "--json", *words]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_all_parts_stand_in_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    answer = printed(capsys)
    money, cloud = answer["money"], answer["cloud"]
    assert isinstance(money, dict)
    assert isinstance(cloud, dict)
    once = sum(line["amount"]["value"] or 0 for line in money["once"])
    assert money["figures"]["purchase_total"]["value"] == pytest.approx(once)
    assert money["spent_by_month"][0] == pytest.approx(once)
    offer = next(one for one in cloud["offers"] if one["instance"] == cloud["held_against"])
    hourly, month = offer["hourly"]["on_demand"], offer["month"]["on_demand"]
    assert month == pytest.approx(hourly * 730 * offer["count"])
    assert offer["life"]["on_demand"] == pytest.approx(month * money["lifetime_years"] * 12)


def test_only_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    answer = printed(capsys, "--only", "money")
    assert "plans" not in answer
    assert "cloud" not in answer
    assert "money" in answer


def test_an_unknown_part_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["estimate", FILE, "--json", "--only", "moneys"]) == 2
    assert "moneys" in capsys.readouterr().err
    assert Path(FILE).exists()
