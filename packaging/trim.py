"""What stays out of the bundle: parts of Qt and of the toolkit that the program never calls."""

from __future__ import annotations

import re
from pathlib import PurePath

# pyqtgraph imports pydoc, QtTest and QtSvg at its own start, and one running instance needs QtNetwork: these stay.
MODULES = [
    *("tkinter", "turtle", "idlelib", "lib2to3", "ensurepip", "pip", "setuptools", "pkg_resources", "wheel"),
    *("yaml", "cffi", "pycparser", "pydantic.v1", "numpy.f2py", "pydoc_data", "readline"),
    *("IPython", "matplotlib", "scipy", "PIL", "cupy", "h5py", "numba", "OpenGL", "colorcet", "fontTools"),
    *("ssl", "_ssl", "_hashlib", "pytest", "_pytest", "hypothesis", "mypy", "ruff", "PyInstaller", "rich", "pypinyin"),
    *(
        f"PySide6.{name}"
        for name in (
            "QtConcurrent",
            "QtDesigner",
            "QtHelp",
            "QtOpenGL",
            "QtOpenGLWidgets",
            "QtPrintSupport",
            "QtQml",
            "QtQuick",
            "QtQuickControls2",
            "QtQuickWidgets",
            "QtSql",
        )
    ),
    *(f"PySide6.{name}" for name in ("QtUiTools", "QtXml")),
]

_PLUGINS = {
    "egldeviceintegrations": (),
    "generic": (),
    "iconengines": ("qsvgicon",),
    "imageformats": ("qsvg", "qico", "qjpeg"),
    "networkinformation": (),
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qminimal", "qwindows", "qcocoa"),
    # gtk3 drags 25 MB of GTK along; the portal follows the desktop's theme and file dialogs without it.
    "platformthemes": ("qxdgdesktopportal",),
    "printsupport": (),  # cups and TLS with it; quotes are PDF files
    "sqldrivers": (),
    "tls": (),
    "qmltooling": (),
    "wayland-graphics-integration-server": (),
}
_LIBRARIES = re.compile(
    r"(lib)?(Qt6?(Quick|Qml|Sql|Designer|Help|UiTools|VirtualKeyboard|Egl|OpenGL|Pdf|WaylandCompositor|PrintSupport|Labs|Lottie|Shader|3D)"
    r"|opengl32sw|gtk-3|gdk-3|gdk_pixbuf|pangocairo|pangoft2|pango-|cairo|atk-|atk-bridge|atspi|epoxy|harfbuzz|tiff|webp|jbig|datrie|thai"
    r"|fribidi|cups|avahi|gnutls|unistring|p11-kit|hogweed|nettle|tasn1|gmp|idn2"
    r"|ssl\.so|crypto\.so|gio-2|gobject-2|gmodule-2|mount\.|blkid|selinux|pixman|jpeg\.so|graphite2|readline|tinfo)",
    re.IGNORECASE,
)
_CODECS = tuple(f"_codecs_{name}." for name in ("hk", "iso2022", "jp", "kr", "tw"))  # price lists come in GBK at most
_TRANSLATIONS = re.compile(r"qt(base)?_(zh_CN|en)\.qm$")


def keep(name: str) -> bool:
    """Whether a file belongs into the bundle.

    Args:
        name: its place in the bundle, with either kind of slash.
    """
    path = PurePath(name.replace("\\", "/"))
    folders = path.parts[:-1]
    if "translations" in folders:
        return _TRANSLATIONS.match(path.name) is not None
    if path.name.startswith(_CODECS):
        return False
    if "qml" in folders or (path.parts[:1] == ("PySide6",) and path.name == "icudtl.dat"):
        return False
    if "plugins" in folders:
        wanted = _PLUGINS.get(folders[-1])
        return wanted is None or any(stem in path.name for stem in wanted)
    return _LIBRARIES.match(path.name) is None
