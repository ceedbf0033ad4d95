"""``gpuplanner rules``: a scenario beside the rules, and the rules themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuplanner.cli import main
from gpuplanner.scenario.examples import examples

TIERS = Path(__file__).parents[2] / "docs/tiers.md"
CHAT = next(example.path for example in examples() if example.key == "chat_70b_200_users")


def test_a_scenario_beside_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", str(CHAT)]) == 0
    told = capsys.readouterr().out
    assert "GPUs = concurrency × time ÷ latency" in told
    assert "64 query heads share 8 KV heads." in told
    assert main(["rules", str(CHAT), "--lang", "zh"]) == 0
    assert "经验法则对照" in capsys.readouterr().out


def test_as_json_and_within_the_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", str(CHAT), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "gpuplanner-rules"
    width = next(rule for rule in found["rules_of_thumb"] if rule["id"] == "kv-by-width")
    assert width["says"]["low"] == pytest.approx(8 * width["engine"])
    assert width["agreement"] == "misleads"
    assert main(["estimate", str(CHAT), "--json", "--only", "rules"]) == 0
    part = json.loads(capsys.readouterr().out)["rules"]
    assert part["rules_of_thumb"] == found["rules_of_thumb"]
    assert part["guard_rails"] == found["guard_rails"]


def test_without_a_scenario_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    told = capsys.readouterr().out
    assert "S000-14" in told
    assert "geforce-licence" in told
    assert main(["rules", "--json"]) == 0
    known = json.loads(capsys.readouterr().out)
    assert "six-p-t" in {rule["id"] for rule in known["rules_of_thumb"]}


def test_tables_are_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", str(CHAT), "--tables"]) == 0
    told = capsys.readouterr().out
    for heading in ("Number formats", "Ways to need less", "Questions that customers ask", "Tiers of practice, checked"):
        assert heading in told


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["rules", str(tmp_path / "none.gpuplan")]) == 2
    assert "none.gpuplan" in capsys.readouterr().err


def test_the_tiers_stand_in_the_documents_beside_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """Made by ``gpuplanner rules --tiers``; what the article says is fixed, what the engine finds moves with it."""
    assert main(["rules", "--tiers", "--lang", "en"]) == 0
    told, kept = (text.splitlines() for text in (capsys.readouterr().out, TIERS.read_text(encoding="utf-8")))
    assert [said(line) for line in told] == [said(line) for line in kept]
    assert "| Enterprise | Largest model, half precision | 70 B | 43.2 B | ✕ |" in "\n".join(told).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def said(line: str) -> list[str]:
    """Tier, claim and what the article says, of a line of the table."""
    return line.split("|")[:4]
