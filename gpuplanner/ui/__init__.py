"""The window."""

import contextlib
import importlib

import PySide6.QtCore  # noqa: F401 - brings the scanner


def _spare_source_scan() -> None:
    """Keep PySide from reading the source of every module that is imported after it, which costs 100 ms and 12 MB.

    It looks for modules that switch to snake-case names with ``__feature__``; none here does.
    """
    with contextlib.suppress(ImportError, AttributeError):
        scanner = importlib.import_module("shibokensupport.feature")
        if callable(scanner._mod_uses_pyside):  # noqa: SLF001 - a PySide without it is left alone
            scanner._mod_uses_pyside = lambda _module: False  # type: ignore[attr-defined]  # noqa: SLF001


_spare_source_scan()
