"""Python's search for dead cycles of objects, kept away from what lives as long as the program.

Starting makes some 300,000 objects that stay: modules, classes, facts. To look through them again and again while they are
made takes a fifth of the start, and half a repainting later on, whenever the search happens to fall into one.

The search runs in whichever thread happens to make objects, and takes what it finds apart there. Widgets must not end in
another thread than the window's (Qt and the interpreter may then wait for each other forever), so it rests while work runs
beside the window. Only the window's thread calls what is here.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Final

_THRESHOLD: Final = 10_000  # new objects before they are looked through; an answer makes about as many


@dataclass
class _Rest:
    """How many want the search to rest now, and whether it goes on afterwards."""

    wanted_by: int = 0
    goes_on: bool = False


_REST: Final = _Rest()


def hold() -> None:
    """Don't search from now on."""
    _REST.goes_on = False
    gc.disable()


def release() -> None:
    """Search again, but never among what is there by now."""
    gc.freeze()
    gc.set_threshold(_THRESHOLD, 10, 10)
    if _REST.wanted_by:
        _REST.goes_on = True
    else:
        gc.enable()


def pause() -> None:
    """Let the search rest until as many have called ``resume``."""
    if not _REST.wanted_by:
        _REST.goes_on = gc.isenabled()
    _REST.wanted_by += 1
    gc.disable()


def resume() -> None:
    """Go on as before, once nobody wants a rest any more."""
    _REST.wanted_by -= 1
    if not _REST.wanted_by and _REST.goes_on:
        gc.enable()


def end() -> None:
    """Spare the interpreter its search at the end of the process: the system takes everything back at once."""
    hold()
    gc.freeze()
