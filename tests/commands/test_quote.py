"""The quote command."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gpuplanner.assets import resources
from gpuplanner.cli import main
from gpuplanner.report.quotes.files import load_quote, save_quote

EXAMPLES = sorted((resources() / "examples").glob("*.gpuplan"))


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(["quote", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_in_both_languages(run, path, tmp_path):
    code, out, err = run(path, "--format", "md", "--lang", "zh,en", "--out", tmp_path, "--date", "2026-11-21")
    assert (code, err) == (0, "")
    assert sorted(out.split("\n")[:-1]) == sorted(str(path) for path in tmp_path.iterdir())
    for written in tmp_path.iterdir():
        assert "2026-11-21" in written.name
        text = written.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert ("报价单" in text) is written.stem.endswith("_zh")


def test_pdf_with_all_that_can_be_said(run, tmp_path, qapp):
    given = ("--number", "Q-7", "--prepared-by", "Lin Ming", "--seller", "Yunheng", "--date", "2026-11-21")
    code, out, err = run(EXAMPLES[0], "--format", "pdf", "--lang", "en", "--out", tmp_path, *given)
    assert (code, err) == (0, "")
    [path] = tmp_path.iterdir()
    assert out == f"{path}\n"
    assert path.read_bytes().startswith(b"%PDF")


def test_language_of_the_program_when_none_is_named(run, tmp_path):
    run(EXAMPLES[0], "--format", "md", "--out", tmp_path)
    assert [path.stem[-3:] for path in tmp_path.iterdir()] == ["_en"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "odt"), "odt"),
        (("--discount", "8"), "0.08"),
        (("--lang", "fr"), "fr"),
        (("--format", " , "), "format"),
        (("--date", "21.11.2026"), "21.11.2026"),
    ],
)
def test_bad_arguments(run, tmp_path, arguments, said):
    code, out, err = run(EXAMPLES[0], "--out", tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_all_formats_with_discount_and_tax(run, tmp_path):
    given = ("--discount", "0.08", "--tax", "0.13", "--basis", "cautious", "--paper", "letter", "--valid-until", "2026-12-21")
    formats = "pdf,xlsx,docx,md,csv,json"
    code, out, err = run(EXAMPLES[6], "--format", formats, "--lang", "zh,en", "--out", tmp_path, *given)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 12
    made = json.loads(next(tmp_path.glob("*_en.json")).read_text(encoding="utf-8"))
    assert {(line["discount"], line["tax"]) for line in made["lines"]} == {(0.08, 0.13)}
    assert made["metadata"]["valid_until"] == "2026-12-21"
    assert "cautious end" in next(tmp_path.glob("*_en.md")).read_text(encoding="utf-8")


def test_a_quote_is_kept_and_printed_again(run, tmp_path):
    scenario = Path(shutil.copy(EXAMPLES[0], tmp_path / "case.gpuplan"))
    given = ("--keep", "--number", "Q/1", "--date", "2026-11-21")
    code, out, _ = run(scenario, "--format", "md", "--out", tmp_path / "first", *given)
    kept = tmp_path / "case.quotes" / "Q-1-v1.gpuquote"
    assert code == 0
    assert out.splitlines()[-1] == str(kept)
    code, out, err = run(kept, "--format", "md", "--out", tmp_path / "again")
    assert (code, err) == (0, "")
    [first], [again] = ((tmp_path / name).glob("*.md") for name in ("first", "again"))
    assert again.read_bytes() == first.read_bytes()
    older = load_quote(kept)
    save_quote(kept, replace(older, content=replace(older.content, catalog_digest="another")))
    _, _, err = run(kept, "--format", "md", "--out", tmp_path / "older")
    assert err.splitlines() == [
        "Made with other facts or another version of the program.",
        "Today the same would be offered.",
    ]
    kept.write_text(kept.read_text(encoding="utf-8").replace('"count": 1', '"count": 2', 1), encoding="utf-8")
    code, _, err = run(kept, "--format", "md", "--out", tmp_path / "third")
    assert code == 2
    assert "Q-1-v1.gpuquote was changed" in err
    assert not (tmp_path / "third").exists()


def test_templates_are_copied(run, own_home):
    code, out, _ = run("--templates")
    assert code == 0
    assert all(Path(line).is_file() for line in out.splitlines())


def test_no_file_is_a_sentence(run):
    code, _, err = run()
    assert code == 2
    assert "Name a file" in err


INSURER = next(path for path in EXAMPLES if "insurer" in path.name)


def made(run, tmp_path, *arguments):
    code, out, err = run(*arguments, "--format", "json", "--lang", "en", "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    return json.loads(Path(out.split("\n")[0]).read_text(encoding="utf-8"))


def test_an_estate_or_its_own_workload(run, tmp_path):
    whole = made(run, tmp_path, INSURER)
    assert [work["letter"] for work in whole["works"]] == list("ABCDEF")
    assert all(work["figures"] for work in whole["works"])
    own = made(run, tmp_path, INSURER, "--scope", "workload")
    assert own["works"] == []
    assert made(run, tmp_path, EXAMPLES[0])["works"] == []


def test_alternatives_variants_and_optional_lines(run, tmp_path):
    first, second = EXAMPLES[:2]
    plain = made(run, tmp_path, first, "--alternatives", "none")
    assert plain["words"]["options"] is None
    varied = made(run, tmp_path, first, "--alternatives", "none", "--variant", second)
    assert len(varied["words"]["options"]["rows"]) == 2
    key = plain["lines"][0]["key"]
    optional = made(run, tmp_path, first, "--optional", key)
    assert optional["lines"][0]["optional"]
    assert optional["totals"]["net"] != plain["totals"]["net"]


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--alternatives", "warp-drive"), "warp-drive"), (("--optional", "moon"), "moon")]
)
def test_what_there_is_not(run, tmp_path, arguments, said):
    code, out, err = run(EXAMPLES[0], "--out", tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert list(tmp_path.iterdir()) == []
