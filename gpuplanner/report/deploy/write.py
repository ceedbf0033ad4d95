"""Deployment files onto the disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gpuplanner.disk import make_folder, write_atomically
from gpuplanner.report.deploy.build import DeployFile


def write_files(files: Iterable[DeployFile], folder: Path) -> list[Path]:
    """Write the files under a folder; scripts may be run.

    Raises:
        InputError: the folder can't be written.
    """
    written = []
    for file in files:
        path = folder / file.path
        make_folder(path.parent)
        write_atomically(path, file.text.encode())
        if file.runs:
            path.chmod(0o755)
        written.append(path)
    return written
