# ruff: noqa: E501 - lists of bad values
"""Damage and malice, repeatable: bytes, values and archives changed as a random number generator says."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
import zipfile
from copy import deepcopy
from random import Random
from typing import Any

from gpuplanner.catalog.pack import signing
from gpuplanner.report.quotes.files import _digest as digest

_SECRET = bytes(range(32))

# what has broken readers of others: ends of number ranges, wrong kinds, foreign scripts, paths, templates, formulas
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, -0.0, 1e308, 5e-324, "", " ", "0", "1e999", "NaN", "-",
    "\x00", "\ud800", "\u202e", "﷽" * 40, "a" * 70_000, "9" * 500, "../../etc/passwd", "/dev/zero", "C:\\con", "=1+1", "{{7*7}}",
    "%s%n{0}", "<b>&amp;", "'; drop", "$(reboot)", [], {}, [[]], [None] * 300, {"": None}, {"id": []}, [{"id": "x"}] * 3,
    ["a"] * 5, {"a": {"b": {"c": {}}}},
)  # fmt: skip
_WORDS = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"1e999", b"NaN", b"Infinity", b"[" * 80, b"{" * 70, b'"\\ud800"', b"\r\n", b",", b"9" * 410,
          b"-", b"null", b'"a":1,"a":2', b"\x1b[2J", b"PK\x03\x04", b"=cmd|' /C calc'!A0")  # fmt: skip
_EDGES = (0, 1, 0x7F, 0xFF, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)


def bytes_from(random: Random, content: bytes, other: bytes) -> bytes:
    """A copy with up to four wounds; ``other`` is material to splice in."""
    for _ in range(random.randint(1, 4)):
        content = random.choice(_WOUNDS)(random, content, other)
    return content


def value_from(random: Random, value: Any) -> Any:
    """A value with up to three of its parts replaced, removed, repeated or renamed; the argument is changed too."""
    for _ in range(random.randint(1, 3)):
        places = _places(value)
        if not places:
            return deepcopy(random.choice(VALUES))
        holder, key = random.choice(places)
        match random.randrange(8):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[random.choice(("", "id", "\x00", "__class__", "x" * 300, "scenario"))] = holder.pop(key)
            case 2:
                other, place = random.choice(places)
                holder[key] = deepcopy(other[place]) if place in _keys(other) else None
            case 3 if isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
                holder[key] = random.choice((-holder[key], holder[key] * 10**9, holder[key] / 7, str(holder[key]), [holder[key]]))
            case _:
                holder[key] = deepcopy(random.choice(VALUES))
    return value


def json_from(random: Random, content: bytes, other: bytes) -> bytes:
    """JSON with other values, or (one in three) with other bytes."""
    if random.randrange(3) == 0:
        return bytes_from(random, content, other)
    try:
        value = json.loads(content)
    except ValueError:  # lines of it, or a table
        return bytes_from(random, content, other)
    return json.dumps(value_from(random, value), ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def safetensors_from(random: Random, content: bytes, other: bytes) -> bytes:
    """A header with other values and a length that fits, or bytes that are anything."""
    if random.randrange(3) == 0:
        return bytes_from(random, content, other)
    (size,) = struct.unpack_from("<Q", content)
    header = json_from(random, content[8 : 8 + size], other)
    told = len(header) if random.randrange(10) else random.choice(_EDGES)
    return struct.pack("<Q", told) + header + content[8 + size :]


def zip_from(random: Random, content: bytes, other: bytes) -> bytes:
    """An archive with one member changed, renamed, doubled or made a bomb or a link; or other bytes around them."""
    if random.randrange(3) == 0:
        return bytes_from(random, content, other)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    at = random.randrange(len(members))
    info, held = members[at]
    match random.randrange(7):
        case 0:
            info.filename = random.choice(("../up.json", "/etc/passwd", "a\\b", "catalog/gpus/..json", "x" * 5000, "\u202e.json"))
        case 1:
            info.external_attr = random.choice((0o120777, 0o060666, 0o040755)) << 16
        case 2:
            members.append(members[at])
        case 3:
            members[at] = (info, b" " * random.choice((3 * 2**20, 9 * 2**20)) if random.randrange(20) == 0 else b"[" * 100_000)
        case 4:
            members.pop(at)
        case _:
            members[at] = (info, json_from(random, held, other))
    return _archive(members)


def pack_from(random: Random, content: bytes, other: bytes) -> bytes:
    """An archive as :func:`zip_from` damages it, or one whose files are others while manifest and signature fit them."""
    if random.randrange(2):
        return zip_from(random, content, other)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    files = {name: json_from(random, held, other) for name, held in members.items() if name.startswith("catalog/")}
    manifest = json.loads(members["manifest.json"])
    manifest["files"] = {name: {"sha256": hashlib.sha256(held).hexdigest(), "size": len(held)} for name, held in files.items()}
    if random.randrange(4) == 0:
        manifest = value_from(random, manifest)
    manifest_bytes = json.dumps(manifest).encode()
    signed = {"signature": signing.sign(_SECRET, manifest_bytes)} if "signature" in members else {}
    if signed and isinstance(manifest, dict) and manifest.get("key"):
        manifest_bytes = json.dumps(manifest | {"key": signing.public_of(_SECRET)}).encode()
        signed = {"signature": signing.sign(_SECRET, manifest_bytes)}
    return _archive(
        [(zipfile.ZipInfo(name), held) for name, held in ({"manifest.json": manifest_bytes} | signed | files).items()]
    )


def quote_from(random: Random, content: bytes, other: bytes) -> bytes:
    """A quote with other values, half of them under a digest that fits."""
    if random.randrange(2):
        return json_from(random, content, other)
    value = json.loads(content)
    value["quote"] = value_from(random, value["quote"])
    value["digest"] = digest(value["quote"])
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _archive(members: list[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # a name that is there twice is what is wanted
        for info, held in members:
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.external_attr, fresh.compress_type = info.external_attr, zipfile.ZIP_DEFLATED
            archive.writestr(fresh, held)
    return out.getvalue()


def _places(value: Any, most: int = 4000) -> list[tuple[Any, Any]]:
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting and len(places) < most:
        holder = waiting.pop()
        for key in _keys(holder):
            places.append((holder, key))
            waiting.append(holder[key])
    return places


def _keys(holder: Any) -> list[Any]:
    if isinstance(holder, dict):
        return list(holder)
    return list(range(len(holder))) if isinstance(holder, list) else []


def _flip(random: Random, content: bytes, _other: bytes) -> bytes:
    changed = bytearray(content or b"\x00")
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random: Random, content: bytes, _other: bytes) -> bytes:
    return content[: random.randint(0, len(content))]


def _take_out(random: Random, content: bytes, _other: bytes) -> bytes:
    start = random.randint(0, len(content))
    return content[:start] + content[start + random.choice((1, 2, 7, 100)) :]


def _put_in(random: Random, content: bytes, _other: bytes) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(_WORDS) + content[at:]


def _repeat(random: Random, content: bytes, _other: bytes) -> bytes:
    start = random.randint(0, len(content))
    part = content[start : start + random.choice((1, 5, 60, 2000))]
    return content[:start] + part * random.choice((2, 3, 50)) + content[start:]


def _edge(random: Random, content: bytes, _other: bytes) -> bytes:
    wide = random.choice("BHIQ")
    number = random.choice(_EDGES) % 2 ** (8 * struct.calcsize(f"<{wide}"))
    at = random.randint(0, min(len(content), random.choice((16, 64, 10**9))))
    word = struct.pack(random.choice("<>") + wide, number)
    return content[:at] + word + content[at + len(word) :]


def _splice(random: Random, content: bytes, other: bytes) -> bytes:
    return content[: random.randint(0, len(content))] + other[random.randint(0, len(other)) :]


_WOUNDS = (_flip, _cut, _take_out, _put_in, _repeat, _edge, _splice)
