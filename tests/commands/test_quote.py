"""The quote command."""

from __future__ import annotations

import pytest

from gpuplanner.assets import resources
from gpuplanner.cli import main

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
