"""Values into files of other formats: each format has one way in, and no text gets in without it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

_LABEL: Final = re.compile(r"[^a-z0-9]+")
#: Characters that JSON allows and YAML, or an editor, takes for ends of lines or controls.
_UNSAFE: Final = "".join(map(chr, (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF, *range(0x7F, 0xA0))))
MAX_LABEL: Final = 52  # Kubernetes allows 63; suffixes need the rest


def one_line(value: object) -> str:
    """A text on one line, without what ends a comment or turns the writing direction."""
    return "".join(char if char.isprintable() else " " for char in str(value)).strip()[:300]


def shell(value: object) -> str:
    """One word of a POSIX shell."""
    return shlex.quote(one_line(value))


def as_json(value: object) -> str:
    """A JSON value; the same stands for a YAML scalar, which JSON's strings and numbers are."""
    out = json.dumps(value, ensure_ascii=False)
    for char in _UNSAFE:
        out = out.replace(char, f"\\u{ord(char):04x}")
    return out


def protobuf(value: object) -> str:
    """A string of protobuf's text format, quotes included."""
    out = []
    for byte in str(value).encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def systemd(value: object) -> str:
    """A value of a systemd unit: one line, without specifiers, continuation or quotes that stay open."""
    return one_line(value).replace("\\", "/").replace("%", "%%").replace('"', "'")


def label(value: object) -> str:
    """A DNS label as Kubernetes wants for names: lower case, digits and hyphens."""
    return _LABEL.sub("-", str(value).lower()).strip("-")[:MAX_LABEL].strip("-") or "model"


def markdown(value: object) -> str:
    """A text within Markdown that makes no mark-up."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~])", r"\\\1", one_line(value))


FILTERS: Final[Mapping[str, Callable[[object], str]]] = {
    "line": one_line,
    "sh": shell,
    "json": as_json,
    "yaml": as_json,
    "pb": protobuf,
    "unit": systemd,
    "label": label,
    "md": markdown,
}
