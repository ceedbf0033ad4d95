"""The licences of everything in the bundle, gathered from what is installed."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_LICENCE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|/licen[cs]es/", re.IGNORECASE)
_QT = """Qt and PySide6 are used under the GNU Lesser General Public License, version 3 (https://www.gnu.org/licenses/lgpl-3.0.html).
They lie beside the program as shared libraries of their own and can be replaced by builds of your own. Their source code is at
https://download.qt.io/official_releases/QtForPython/ and https://download.qt.io/official_releases/qt/.
"""


def run_time(name: str, seen: dict[str, Distribution] | None = None) -> dict[str, Distribution]:
    """All distributions that ``name`` needs at run time, itself included, by their names."""
    seen = {} if seen is None else seen
    try:
        found = distribution(name)
    except PackageNotFoundError:  # for another system or Python
        return seen
    if found.name not in seen:
        seen[found.name] = found
        for requirement in found.requires or ():
            if "extra ==" not in requirement:
                run_time(re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0], seen)
    return seen


def write(target: Path) -> int:
    """Write names, versions and licence texts to a file and return how many packages it names."""
    packages = run_time("gpuplanner")
    parts = [_QT]
    for name, package in sorted(packages.items(), key=lambda item: item[0].lower()):
        licence = package.metadata.get("License-Expression") or package.metadata.get("License") or "see below"
        parts.append(f"{'=' * 80}\n{name} {package.version}: {licence.splitlines()[0]}\n")
        parts += [path.read_text("utf-8", "replace") for path in _texts(package)]
    target.write_text("\n".join(parts), encoding="utf-8")
    return len(packages)


def _texts(package: Distribution) -> list[Path]:
    files = [Path(str(package.locate_file(file))) for file in package.files or () if _LICENCE.search(file.as_posix())]
    return [file for file in files if file.is_file() and file.suffix not in (".py", ".pyc")]
