"""Servers, room and estate in the JSON of an estimate."""

from __future__ import annotations

import json

import pytest

from gpuplanner import cli
from gpuplanner.scenario.examples import examples

INSURER = str(next(example.path for example in examples() if example.key == "insurer_estate"))
CHAT = str(next(example.path for example in examples() if example.key == "chat_70b_200_users"))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main(["estimate", *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_an_estate_closes_at_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    answer = printed(capsys, INSURER, "--only", "estate,site")
    estate = answer["estate"]
    assert isinstance(estate, dict)
    assert "plans" not in answer
    assert "money" not in answer
    total = len(estate["placement"])
    assert sum(work["gpus"] for work in estate["workloads"]) + estate["free_gpus"] == pytest.approx(total)
    assert [work["letter"] for work in estate["workloads"] if work["own"]] == ["A"]
    assert estate["workloads"][5]["hours"] == [0, 1, 2, 3, 4, 5, 22, 23]
    for gpu in estate["placement"]:
        assert gpu["need_bytes"] <= gpu["usable_bytes"]


def test_a_site_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    answer = printed(capsys, CHAT, "--only", "site,estate")
    site = answer["site"]
    assert isinstance(site, dict)
    assert answer["estate"] is None
    power = sum((line["power_w"] or 0) * line["count"] for line in site["lines"])
    assert site["figures"]["power_load"]["value"] == pytest.approx(power)
    units = sum(device["units"] for rack in site["racks"] for device in rack["devices"])
    assert site["figures"]["rack_units"]["value"] == units
    assert all(line["why"][0]["text_zh"] for line in site["lines"])
