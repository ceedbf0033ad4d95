"""Linux packages of the built folder: .tar.xz, .deb and .rpm.

python packaging/packages.py            after packaging/build.py
"""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gpuplanner import __version__  # noqa: E402

FOLDER = ROOT / "dist" / "gpuplanner"
LINUX = ROOT / "packaging" / "linux"
OUT = ROOT / "dist"
#: What a desktop has and a bundle can't bring: the X and Wayland client sides of the graphics driver.
DEPENDS = "libc6 (>= 2.34), libgl1, libegl1, libx11-6, libxcb1, libdbus-1-3, libfontconfig1, libxkbcommon0, zlib1g"
_LINKS = ("gpuplanner", "gpuplanner-window")
_EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600"))


def main() -> int:
    """Make all packages that this machine has the tools for, and name them with their sizes."""
    if not FOLDER.is_dir():
        raise SystemExit("There is no built program in dist/: run packaging/build.py first.")
    made = [tar_xz()]
    with tempfile.TemporaryDirectory() as folder:
        tree = installed_tree(Path(folder) / "tree")
        if shutil.which("dpkg-deb"):
            made.append(deb(tree, Path(folder)))
        if shutil.which("rpmbuild"):
            made.append(rpm(tree, Path(folder)))
    for path in made:
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def tar_xz() -> Path:
    """The folder as it is, to be unpacked anywhere."""
    name = f"gpuplanner-{__version__}-linux-x86_64"
    path = OUT / f"{name}.tar.xz"

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = _EPOCH
        return info

    with tarfile.open(path, "w:xz", preset=6) as archive:
        archive.add(FOLDER, name, filter=plain)
    return path


def installed_tree(tree: Path) -> Path:
    """What is installed, at its places under a root."""
    program = tree / "opt" / "gpuplanner"
    shutil.copytree(FOLDER, program, symlinks=True)
    for name in _LINKS:
        link = tree / "usr" / "bin" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"/opt/gpuplanner/{name}")
    places = {
        "gpuplanner.desktop": "usr/share/applications",
        "gpuplanner.xml": "usr/share/mime/packages",
        "org.gpuplanner.GPUPlanner.metainfo.xml": "usr/share/metainfo",
        "gpuplanner.1": "usr/share/man/man1",
    }
    today = datetime.datetime.fromtimestamp(_EPOCH, datetime.UTC).date().isoformat()
    for name, place in places.items():
        text = (LINUX / name).read_text("utf-8").replace("@VERSION@", __version__).replace("@DATE@", today)
        target = tree / place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    icon = tree / "usr/share/icons/hicolor/scalable/apps/gpuplanner.svg"
    icon.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "resources" / "icons" / "gpuplanner.svg", icon)
    licence = tree / "usr/share/doc/gpuplanner/copyright"
    licence.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "LICENSE", licence)
    return tree


def deb(tree: Path, work: Path) -> Path:
    """A package for Debian and its kin."""
    root = work / "deb"
    shutil.copytree(tree, root, symlinks=True)
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
    control = root / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        f"Package: gpuplanner\nVersion: {__version__}\nArchitecture: amd64\n"
        "Maintainer: GPU Planner <packages@gpuplanner.invalid>\n"
        f"Installed-Size: {size}\nSection: science\nPriority: optional\nDepends: {DEPENDS}\n"
        "Description: size GPU servers for AI models\n"
        " Answers which GPUs and servers a model needs, how fast it will be and what\n"
        " it costs, with the formula, the inputs and the source of every number.\n",
        encoding="utf-8",
    )
    path = OUT / f"gpuplanner_{__version__}_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(path)], check=True, capture_output=True)
    return path


def rpm(tree: Path, work: Path) -> Path:
    """A package for Fedora, openSUSE, openEuler and their kin."""
    spec = work / "gpuplanner.spec"
    files = sorted(f"/{path.relative_to(tree)}" for path in tree.rglob("*") if path.is_symlink() or path.is_file())
    listed = "\n".join(f'"{name}"' for name in files if not name.startswith("/opt/gpuplanner/"))
    spec.write_text(
        f"Name: gpuplanner\nVersion: {__version__}\nRelease: 1\nSummary: Size GPU servers for AI models\nLicense: MIT\n"
        "AutoReqProv: no\nRequires: libglvnd-glx, libglvnd-egl, libX11, libxcb, dbus-libs, fontconfig, libxkbcommon\n"
        "%global __os_install_post %{nil}\n%global _build_id_links none\n%define _binary_payload w6.xzdio\n"
        "%description\nAnswers which GPUs and servers a model needs, how fast it will be and what it costs.\n"
        f"%install\ncp -a {tree}/. %{{buildroot}}/\n%files\n/opt/gpuplanner\n{listed}\n",
        encoding="utf-8",
    )
    out = work / "rpms"
    command = ["rpmbuild", "-bb", "--define", f"_rpmdir {out}", "--define", f"_topdir {work / 'rpmbuild'}", str(spec)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = out.rglob("*.rpm")
    path = OUT / made.name
    shutil.move(made, path)
    return path


if __name__ == "__main__":
    sys.exit(main())
