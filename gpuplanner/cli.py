"""The command line. Each command is a module of :mod:`gpuplanner.commands`, imported when called; no command is the window."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, NoReturn, Protocol, cast

from gpuplanner import __version__, collector, paths, texts
from gpuplanner.errors import InputError, shown

COMMANDS: Final = ("estimate", "quote", "catalog", "model", "validate", "calibrate", "pack", "prices", "deploy", "rules")
BAD_INPUT: Final = 2
FAULT: Final = 1
INTERRUPTED: Final = 130
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_TAKES_VALUE: Final = ("--data-dir", "--lang")


class Command(Protocol):
    """What a module of :mod:`gpuplanner.commands` offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code. Bad input raises :class:`InputError`."""


class Parser(argparse.ArgumentParser):
    """Tells of wrong arguments by :class:`InputError`, so that every refusal looks the same."""

    def error(self, message: str) -> NoReturn:
        """Refuse.

        Raises:
            InputError: always.
        """
        raise InputError("cli.error.usage", problem=shown(message, 300), program=self.prog)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: arguments without the program's name; those of the process when None.

    Returns:
        0 when done, 2 for bad input (a sentence stands on standard error), 1 for a fault of ours.
    """
    if argv is not None:
        return _run(list(argv))
    collector.hold()
    code = _run(sys.argv[1:])
    collector.end()
    return code


def window_main() -> int:
    """Entry point of the windowed program."""
    return main()


def _run(arguments: list[str]) -> int:
    _prepare_libraries()
    _prepare_streams()
    texts.set_language(_system_language())
    try:
        return _dispatch(arguments)
    except InputError as error:
        _say(error.sentence())
        return BAD_INPUT
    except BrokenPipeError:  # the reader (head, less) has seen enough
        _abandon_output()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        _abandon_output()
        _say(texts.text("cli.error.system", file=error.filename or "-", problem=error.strerror or type(error).__name__))
        return BAD_INPUT
    except Exception:  # noqa: BLE001 - the last net: a person gets a sentence, the traceback goes into a file
        _say(texts.text("cli.error.fault", file=_keep_traceback()))
        return FAULT


def _dispatch(arguments: list[str]) -> int:
    first = _first_word(arguments)
    if first < len(arguments) and arguments[first] in COMMANDS:
        common = _common_parser().parse_args(arguments[:first])
        _apply(common)
        return _run_command(arguments[first], arguments[first + 1 :])
    # The language first, so that help and refusals speak it.
    _apply(_common_parser(add_help=False).parse_known_args(arguments)[0])
    return _open_window(_window_parser().parse_args(arguments))


def _first_word(arguments: Sequence[str]) -> int:
    """Index of the first argument that is neither an option nor an option's value."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in _TAKES_VALUE else 1
    return index


def _run_command(name: str, arguments: list[str]) -> int:
    command = cast(Command, importlib.import_module(f"gpuplanner.commands.{name}"))
    collector.release()
    parser = Parser(prog=f"gpuplanner {name}", description=texts.text(f"cli.command.{name}"), allow_abbrev=False)
    command.add_arguments(parser)
    code = command.run(parser.parse_args(arguments))
    sys.stdout.flush()
    return code


def _open_window(options: argparse.Namespace) -> int:
    if options.self_test:
        return cast(int, _surface("selftest").run())
    for name in options.files:
        _require_file(name)
    _require_display()
    return cast(int, _surface("app").run_window([Path(name).absolute() for name in options.files], options))


def _require_file(name: str) -> None:
    if Path(name).exists():
        return
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    if near:
        raise InputError("cli.error.no_such_command", name=shown(name), near=near[0])
    raise InputError("cli.error.no_such_file", name=shown(name, 300))


def _require_display() -> None:
    """Say that there is none, where Qt would abort."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _DISPLAYS):
        raise InputError("cli.error.no_display")


def _surface(name: str) -> ModuleType:
    """A module of the window; a system library that Qt lacks is named."""
    try:
        importlib.import_module("gpuplanner.scenario.files")  # Qt's import hook slows what is imported after it
        return importlib.import_module(f"gpuplanner.ui.{name}")
    except ImportError as error:
        library, _, reason = str(error).partition(":")
        if "cannot open shared object file" not in reason:
            raise
        raise InputError("cli.error.no_library", library=shown(library)) from error


def _common_parser(*, add_help: bool = True) -> Parser:
    parser = Parser(prog="gpuplanner", add_help=add_help, allow_abbrev=False)
    parser.add_argument("--data-dir", metavar="DIR", type=Path, help=texts.text("cli.option.data_dir"))
    parser.add_argument("--lang", choices=texts.LANGUAGES, help=texts.text("cli.option.lang"))
    return parser


def _window_parser() -> Parser:
    commands = "\n".join(f"  {name:<10} {texts.text(f'cli.command.{name}')}" for name in COMMANDS)
    parser = Parser(
        prog="gpuplanner",
        parents=[_common_parser(add_help=False)],
        usage="gpuplanner [--data-dir DIR] [--lang {en,zh}] [FILE … | COMMAND …]",
        description=texts.text("cli.description"),
        epilog=f"{texts.text('cli.commands')}\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", metavar="FILE", nargs="*", help=texts.text("cli.argument.files"))
    parser.add_argument("--new-instance", action="store_true", help=texts.text("cli.option.new_instance"))
    parser.add_argument("--safe", action="store_true", help=texts.text("cli.help.safe"))
    parser.add_argument("--self-test", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"GPU Planner {__version__}")
    return parser


def _apply(common: argparse.Namespace) -> None:
    if common.data_dir is not None:
        paths.set_home(common.data_dir)
    if common.lang is not None:
        texts.set_language(common.lang)


def _system_language() -> str:
    """Chinese where the system speaks it, English elsewhere."""
    if sys.platform == "win32":
        import ctypes

        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 4 else "en"  # LANG_CHINESE
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh" if named.lower().startswith("zh") else "en"


def _prepare_libraries() -> None:
    """Spare the start what we never use: numpy's threads for matrix products, and the search for pydantic's plug-ins."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _prepare_streams() -> None:
    """Make sure that there are streams and that they take every character."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # a windowed program on Windows has none
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - stays open to the end
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty():
            reconfigure(errors="replace")
        else:  # pipes and files carry UTF-8 on every system
            reconfigure(encoding="utf-8")


def _abandon_output() -> None:
    """Let what could not be written go nowhere, or the interpreter would try once more at its end and complain."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _keep_traceback() -> str:
    """Put the current traceback into the log and return the log's name; the traceback's last line when that can't be written."""
    import traceback

    log = paths.user_state_dir() / "fault.log"
    trace = traceback.format_exc()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"GPU Planner {__version__}, Python {sys.version}\n{trace}", encoding="utf-8")
    except OSError:
        return trace.splitlines()[-1]
    return str(log)
