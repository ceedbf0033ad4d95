"""The search for dead cycles: off while the program starts, on afterwards, and never among what is there by then."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from gpuplanner import collector
from tests.end_to_end.program import environment


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before, on = gc.get_threshold(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    (gc.enable if on else gc.disable)()


class Node:
    """Something that can hold itself."""

    def __init__(self) -> None:
        self.me = self


def test_held_and_released() -> None:
    collector.hold()
    assert not gc.isenabled()
    collector.release()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_later_cycles_are_still_found() -> None:
    collector.release()
    gone = weakref.ref(Node())
    gc.collect()
    assert gone() is None


def test_the_search_rests_until_all_have_ended() -> None:
    collector.release()
    collector.pause()
    collector.pause()
    collector.resume()
    assert not gc.isenabled()
    collector.resume()
    assert gc.isenabled()


def test_a_start_that_ends_within_a_rest_is_searched_afterwards() -> None:
    collector.hold()
    collector.pause()
    collector.release()
    assert not gc.isenabled()
    collector.resume()
    assert gc.isenabled()


def test_a_command_ends_released() -> None:
    """The command itself runs with the search on: a stream of lines may be long."""
    code = (
        "import gc, sys; sys.argv = ['gpuplanner', 'model', 'list', '--json']\n"
        "import gpuplanner.commands.model as model\n"
        "run = model.run\n"
        "model.run = lambda args: print(gc.isenabled(), file=sys.stderr) or run(args)\n"
        "from gpuplanner.cli import main; main(); print(gc.isenabled(), gc.get_freeze_count() > 0, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True, timeout=60)
    assert done.stderr.split() == ["True", "False", "True"]
