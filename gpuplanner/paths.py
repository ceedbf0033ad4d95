"""Where the user's own files lie. The folders may not exist yet; whoever writes makes them."""

from __future__ import annotations

import os
from pathlib import Path

APP = "gpuplanner"
HOME_VARIABLE = "GPUPLANNER_HOME"


def set_home(folder: Path) -> None:
    """Keep everything of the user under one folder, here and in programs started from here (``--data-dir``)."""
    os.environ[HOME_VARIABLE] = str(folder.absolute())


def home() -> Path | None:
    """The one folder that holds everything, when one was set."""
    folder = os.environ.get(HOME_VARIABLE)
    return Path(folder) if folder else None


def user_config_dir() -> Path:
    """Settings."""
    return _place("config")


def user_data_dir() -> Path:
    """The user's own catalogue and scenarios."""
    return _place("data")


def user_state_dir() -> Path:
    """Recovery copies, recent files, logs."""
    return _place("state")


def user_cache_dir() -> Path:
    """What can be made again."""
    return _place("cache")


def _place(kind: str) -> Path:
    own = home()
    if own is not None:
        return own / kind
    import platformdirs  # 30 ms that a start with a home of its own saves

    directories = platformdirs.PlatformDirs(APP, appauthor=False, roaming=False)
    return {
        "config": directories.user_config_path,
        "data": directories.user_data_path,
        "state": directories.user_state_path,
        "cache": directories.user_cache_path,
    }[kind]
