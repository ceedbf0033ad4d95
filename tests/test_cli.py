"""The dispatcher: what is a command, what is a file, what is refused and how."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from gpuplanner import __version__, cli, paths, texts
from gpuplanner.errors import InputError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Put a small command in the place of ``estimate``; returns what it was called with."""
    calls: list[object] = []
    module = types.ModuleType("gpuplanner.commands.estimate")

    def run(args):
        calls.append(args.word)
        if isinstance(args.word, str) and args.word in faults:
            raise faults[args.word]
        return 0

    faults = {
        "bad": InputError("cli.error.no_such_file", name="bad.gpuplan"),
        "fault": RuntimeError("wires crossed"),
        "disk": OSError(28, "No space left on device", "quote.pdf"),
        "stop": KeyboardInterrupt(),
    }
    module.add_arguments = lambda parser: parser.add_argument("word")
    module.run = run
    monkeypatch.setitem(sys.modules, "gpuplanner.commands.estimate", module)
    return calls


def test_runs_the_named_command(command):
    assert cli.main(["estimate", "a.gpuplan"]) == 0
    assert command == ["a.gpuplan"]


def test_global_options_stand_before_the_command(command, tmp_path):
    assert cli.main(["--lang", "zh", "--data-dir", str(tmp_path), "estimate", "x"]) == 0
    assert texts.language() == "zh"
    assert paths.user_data_dir() == tmp_path / "data"


def test_bad_input_is_a_sentence_and_two(command, capsys):
    assert cli.main(["estimate", "bad"]) == 2
    assert (
        capsys.readouterr().err == "bad.gpuplan: there is no such file. Check the path; 'gpuplanner --help' lists the commands.\n"
    )


def test_bad_input_speaks_chinese(command, capsys):
    assert cli.main(["--lang", "zh", "estimate", "bad"]) == 2
    assert "文件不存在" in capsys.readouterr().err


def test_system_refusal_names_file_and_reason(command, capsys):
    assert cli.main(["estimate", "disk"]) == 2
    said = capsys.readouterr().err
    assert "quote.pdf" in said
    assert "No space left on device" in said


def test_fault_shows_no_traceback_but_keeps_it(command, capsys, own_home):
    assert cli.main(["estimate", "fault"]) == 1
    said = capsys.readouterr().err
    log = own_home / "state" / "fault.log"
    assert "Traceback" not in said
    assert str(log) in said
    assert "RuntimeError: wires crossed" in log.read_text(encoding="utf-8")


def test_fault_with_an_unwritable_log_still_says_something(command, capsys, own_home):
    (own_home / "state").write_text("a file where the folder should be", encoding="utf-8")
    assert cli.main(["estimate", "fault"]) == 1
    assert "RuntimeError: wires crossed" in capsys.readouterr().err


def test_interruption_has_its_own_code(command):
    assert cli.main(["estimate", "stop"]) == 130


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"GPU Planner {__version__}\n"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_help_lists_every_command_in_each_language(language, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--lang", language, "--help"])
    out = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert texts.text_in(language, f"cli.command.{name}") in out
    assert "self-test" not in out


def test_misspelt_command_is_met_with_the_right_one(capsys):
    assert cli.main(["estimat"]) == 2
    assert "gpuplanner estimate" in capsys.readouterr().err


def test_missing_file_is_refused_before_a_window_opens(capsys, tmp_path):
    missing = str(tmp_path / "no.gpuplan")
    assert cli.main([missing]) == 2
    assert missing in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--nonsense"], ["--lang", "fr"], ["--lang"], ["estimate"], ["estimate", "a", "--nonsense"]])
def test_wrong_arguments(words, command, capsys):
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert "--help" in said
    assert said.count("\n") == 1


def test_control_characters_of_a_name_do_not_reach_the_terminal(capsys):
    assert cli.main(["\x1b[31mred"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ({}, "en"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows is asked, not its environment")
def test_language_follows_the_system(variables, language, monkeypatch, command):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    cli.main(["estimate", "x"])
    assert texts.language() == language


def test_files_open_the_window_with_absolute_paths(monkeypatch, tmp_path):
    opened: list[object] = []
    module = types.ModuleType("gpuplanner.ui.app")
    module.run_window = lambda files, options: opened.append((files, options.new_instance, options.lang)) or 0
    monkeypatch.setitem(sys.modules, "gpuplanner.ui.app", module)
    (tmp_path / "a.gpuplan").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--new-instance", "a.gpuplan", "--lang", "zh"]) == 0
    assert opened == [([Path(tmp_path / "a.gpuplan")], True, "zh")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is one")
def test_without_a_display_the_terminal_is_offered(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main([]) == 2
    assert "gpuplanner estimate" in capsys.readouterr().err


def test_missing_system_library_is_named(monkeypatch, capsys):
    class Lacking:
        """An import system without libGL, as on a server."""

        def find_spec(self, name, path=None, target=None):
            if name == "gpuplanner.ui.app":
                raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "gpuplanner.ui.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Lacking(), *sys.meta_path])
    assert cli.main([]) == 2
    assert "libGL.so.1" in capsys.readouterr().err
