"""Build the program as a folder that runs without Python, prove that it runs, and say how large it is.

python packaging/build.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import icu
import licences
import sbom
from trim import keep

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gpuplanner import __version__  # noqa: E402

FOLDER = ROOT / "dist" / "gpuplanner"
_NOT_FOUND = re.compile(r"Library not found: could not resolve '([^']+)', dependency of '([^']+)'")


def main() -> int:
    """Build, strip, add licences, run the self-test of both programs."""
    started = time.monotonic()
    freeze()
    strip_libpython()
    shrink_icu()
    one_program()
    packages = licences.write(FOLDER / "THIRD_PARTY.txt")
    sbom.write(FOLDER / "sbom.json", __version__)
    (FOLDER / "VERSION.txt").write_text(f"GPU Planner {__version__}\n", encoding="utf-8")
    print(f"GPU Planner {__version__}, with the licences of {packages} packages, in {FOLDER.relative_to(ROOT)}")
    for program in ("gpuplanner", "gpuplanner-window"):
        self_test(program)
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file() and not path.is_symlink())
    files = sum(path.is_file() for path in FOLDER.rglob("*"))
    print(f"{size / 1e6:.0f} MB in {files} files, built and tested in {time.monotonic() - started:.0f} s")
    return 0


def freeze() -> None:
    """Run PyInstaller.

    Raises:
        SystemExit: when it fails, or leaves out a library that the bundle needs and only this machine lacks.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    log = ROOT / "build" / "pyinstaller.log"
    log.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=INFO"]
    command += [
        f"--distpath={ROOT / 'dist'}",
        f"--workpath={ROOT / 'build' / 'pyinstaller'}",
        str(ROOT / "packaging" / "gpuplanner.spec"),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1767225600"}
    with log.open("w", encoding="utf-8") as stream:
        code = subprocess.run(command, cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT, check=False).returncode
    said = log.read_text("utf-8", "replace")
    if code:
        raise SystemExit(f"PyInstaller failed, see {log}:\n{said[-3000:]}")
    missing = sorted({(library, user) for library, user in _NOT_FOUND.findall(said) if keep(_bundled(user))})
    if missing:
        lines = "\n".join(f"  {library}, needed by {Path(user).name}" for library, user in missing)
        raise SystemExit(f"This machine lacks libraries that the bundle must carry; install them and build again:\n{lines}")


def _bundled(path: str) -> str:
    """A file's place in the bundle, from its place on this machine."""
    _, found, inside = path.partition("site-packages/")
    return inside if found else Path(path).name


def strip_libpython() -> None:
    """Drop the debug symbols of libpython (17 MB); other libraries don't survive stripping."""
    if sys.platform != "linux" or shutil.which("strip") is None:
        return
    for library in FOLDER.rglob("libpython3*.so*"):
        if not library.is_symlink():
            subprocess.run(["strip", "--strip-unneeded", library], check=True)


def shrink_icu() -> None:
    """Cut the ICU data that Qt brings to the languages of the program."""
    for library in FOLDER.rglob("libicudata.so.*"):
        if not library.is_symlink():
            print(f"{library.name}: {icu.shrink(library) / 1e6:.0f} MB of other languages left out")


def one_program() -> None:
    """On Linux both programs are the same: the windowed one becomes a link."""
    if sys.platform == "linux":
        window = FOLDER / "gpuplanner-window"
        window.unlink()
        window.symlink_to("gpuplanner")


def self_test(program: str) -> None:
    """Run the built program's own test with an empty environment and, where the system lets us, without any network.

    Raises:
        SystemExit: when the test fails.
    """
    executable = FOLDER / (f"{program}.exe" if sys.platform == "win32" else program)
    with tempfile.TemporaryDirectory() as home:
        command = [*_without_network(), str(executable), "--self-test"]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
        environment = {**kept, "HOME": home, "GPUPLANNER_HOME": home, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    print(f"{program} --self-test{' (no network interface)' if _without_network() else ''}")
    print(re.sub("^", "  ", (done.stdout + done.stderr).rstrip(), flags=re.MULTILINE))
    if done.returncode:
        raise SystemExit(f"the self-test of {program} failed with exit code {done.returncode}")


def _without_network() -> list[str]:
    """A command prefix that takes the network away, where there is one."""
    prefix = ["unshare", "--net", *([] if os.name == "nt" or os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None:
        return []
    return prefix if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0 else []


if __name__ == "__main__":
    sys.exit(main())
