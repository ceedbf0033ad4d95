"""Run the program as a person does: as a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.gpuplan"))

# Runs the command line in this very process and then says which parts of Qt it has loaded.
_AND_TELL_QT = """
import sys
from gpuplanner.cli import main
code = main(sys.argv[1:])
loaded = sorted(name for name in sys.modules if name.startswith(("PySide6", "shiboken6", "pyqtgraph")))
print("QT:", *loaded, file=sys.stderr)
sys.exit(code)
"""


def environment(**changes: str) -> dict[str, str]:
    """The environment of the tests, without what would colour the answer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", **changes}


def run(*words: object, stdin: str | bytes | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``gpuplanner`` with arguments; text in and out is UTF-8."""
    return _run([sys.executable, "-W", "error", "-m", "gpuplanner", *map(str, words)], stdin, variables)


def run_and_tell_qt(*words: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``gpuplanner``; the last line on standard error names the modules of Qt that were loaded."""
    return _run([sys.executable, "-c", _AND_TELL_QT, *map(str, words)], stdin, {})


def _run(command: list[str], stdin: str | bytes | None, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    given = stdin.encode() if isinstance(stdin, str) else stdin or b""
    done = subprocess.run(command, input=given, capture_output=True, env=environment(**variables), timeout=150, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
