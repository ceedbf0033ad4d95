"""The window as a process: the program's own test, offscreen and on a real X server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.end_to_end.program import EXAMPLES, environment, run

pytestmark = [pytest.mark.process, pytest.mark.gui]


def test_self_test_offscreen(tmp_path):
    done = run("--self-test", LC_ALL="C.UTF-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all well" in done.stdout
    assert "FAILED" not in done.stdout


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_window_opens_on_an_x_server(tmp_path):
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        program = subprocess.Popen(
            [sys.executable, "-m", "gpuplanner", "--new-instance", str(EXAMPLES[0])],
            env=environment(
                DISPLAY=display,
                QT_QPA_PLATFORM="xcb",
                LC_ALL="C.UTF-8",
                GPUPLANNER_HOME=str(tmp_path),
                GPUPLANNER_TRACE_START="1",
            ),
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            lines = [program.stderr.readline(), program.stderr.readline()]
            assert [line.split()[0] for line in lines] == ["first_paint", "first_answer"], lines
            assert program.poll() is None
        finally:
            program.terminate()
            program.communicate(timeout=30)
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_second_start_hands_its_file_over(tmp_path):
    variables = {"LC_ALL": "C.UTF-8", "GPUPLANNER_HOME": str(tmp_path), "GPUPLANNER_TRACE_START": "1"}
    first = subprocess.Popen(
        [sys.executable, "-m", "gpuplanner", str(EXAMPLES[0])], env=environment(**variables), stderr=subprocess.PIPE, text=True
    )
    try:
        while not first.stderr.readline().startswith("first_answer"):
            assert first.poll() is None
        second = run(EXAMPLES[1], **variables)
        assert (second.returncode, second.stderr) == (0, ""), "the second start opened a window of its own"
        assert first.poll() is None
    finally:
        first.terminate()
        first.communicate(timeout=30)
