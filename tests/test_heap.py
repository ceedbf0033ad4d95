"""What the C library keeps, counted by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_AREAS = """
import ctypes, sys, threading
if sys.argv[1] == "held":
    from gpuplanner import heap
    heap.hold_small()
together = threading.Barrier(6)

def compute():
    together.wait()  # all at once: each would get an area of its own
    kept = [bytes(70_000) for _ in range(20)]
    together.wait()
    del kept

threads = [threading.Thread(target=compute) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL("libc.so.6")
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc")
def test_threads_share_two_areas(tmp_path: Path) -> None:
    areas = {}
    for how in ("held", "as it comes"):
        told = tmp_path / f"{how}.xml"
        subprocess.run([sys.executable, "-c", _AREAS, how, str(told)], check=True)
        areas[how] = told.read_text(encoding="ascii").count("<heap nr=")
    assert areas["held"] <= 2 < areas["as it comes"]
