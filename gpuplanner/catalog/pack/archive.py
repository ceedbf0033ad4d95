"""Packs as files: a zip of JSON, a manifest and a signature. Nothing in it is trusted before it is checked."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from gpuplanner.catalog.files import read_bytes, records_in
from gpuplanner.catalog.pack import signing
from gpuplanner.catalog.pack.manifest import (
    FORMAT,
    MANIFEST,
    MAX_FILE_BYTES,
    MAX_FILES,
    SIGNATURE,
    VERSION,
    Entry,
    Manifest,
    check_name,
    read_manifest,
)
from gpuplanner.catalog.schema.kinds import KINDS
from gpuplanner.disk import read_bounded, write_atomically
from gpuplanner.errors import InputError, shown

SUFFIX: Final = ".gpucatalog"
MAX_ARCHIVE_BYTES: Final = 64 * 2**20
_LARGEST_RATIO: Final = 200  # JSON shrinks to a tenth; what shrinks to less than this is a bomb
_FIXED_TIME: Final = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read whole and whose digests hold; one with a wrong signature never gets here."""

    path: Path
    manifest: Manifest
    files: Mapping[str, bytes]
    signed: bool

    @property
    def digest(self) -> str:
        """What names this very pack."""
        return hashlib.sha256(self.manifest.to_bytes()).hexdigest()[:16]


def make_pack(folder: Path, out: Path, name: str, day: date, author: str = "", note: str = "") -> Manifest:
    """Put a folder of catalogue files (``<kind>/*.json``) into a pack without signature.

    Raises:
        InputError: there is nothing in the folder, or a file isn't catalogue JSON.
    """
    files: dict[str, bytes] = {}
    for kind in KINDS:
        for path in sorted((folder / kind.plural).glob("*.json")):
            content = read_bytes(path)
            records_in(content, path)
            member = f"catalog/{kind.plural}/{path.name}"
            check_name(member, str(path))
            files[member] = content
    if not files:
        raise InputError("pack.empty", folder=str(folder))
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        name=name,
        date=day,
        author=author,
        note=note,
        files={k: _entry(v) for k, v in files.items()},
    )
    write_atomically(out, _zipped({MANIFEST: manifest.to_bytes(), **files}))
    return manifest


def sign_pack(path: Path, secret: bytes) -> Manifest:
    """Sign a pack with a key, in place; an older signature is replaced.

    Raises:
        InputError: it isn't a sound pack.
    """
    pack = read_pack(path)
    manifest = pack.manifest.model_copy(update={"key": signing.public_of(secret)})
    raw = manifest.to_bytes()
    write_atomically(path, _zipped({MANIFEST: raw, SIGNATURE: signing.sign(secret, raw), **pack.files}))
    return manifest


def read_pack(path: Path) -> Pack:
    """Read and check a pack.

    Raises:
        InputError: it isn't one, is broken, too large, holds what it shouldn't, or its signature is wrong.
    """
    file = shown(path.name, 200)
    raw = read_bounded(path, MAX_ARCHIVE_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = _members(archive, file)
            manifest_bytes = _content(archive, members[MANIFEST], file)
            manifest = read_manifest(manifest_bytes, file)
            signature = _content(archive, members[SIGNATURE], file) if SIGNATURE in members else None
            names = set(members) - {MANIFEST, SIGNATURE}
            if names != set(manifest.files):
                odd = sorted(names ^ set(manifest.files))[0]
                raise InputError("pack.unlisted", file=file, name=shown(odd))
            files = {name: _content(archive, members[name], file) for name in sorted(names)}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError("pack.broken", file=file, reason=shown(str(error), 100)) from error
    for name, content in files.items():
        if _entry(content) != manifest.files[name]:
            raise InputError("pack.changed", file=file, name=shown(name))
        records_in(content, Path(name))
    if bool(manifest.key) != (signature is not None):
        raise InputError("pack.signature", file=file)
    if signature is not None and not signing.is_signed(manifest.key, manifest_bytes, signature):
        raise InputError("pack.signature", file=file)
    return Pack(path, manifest, files, signature is not None)


def _members(archive: zipfile.ZipFile, file: str) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_FILES + 2:
        raise InputError("pack.too_many", file=file, limit=MAX_FILES)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.orig_filename
        if name not in (MANIFEST, SIGNATURE):
            check_name(name, file)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if name in members or info.is_dir() or info.flag_bits & 1 or kind not in (0, stat.S_IFREG):
            raise InputError("pack.member", file=file, name=shown(name))
        if info.file_size > MAX_FILE_BYTES or info.file_size > _LARGEST_RATIO * max(info.compress_size, 64):
            raise InputError("pack.bomb", file=file, name=shown(name))
        members[name] = info
    if MANIFEST not in members:
        raise InputError("pack.not_a_pack", file=file)
    return members


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> bytes:
    with archive.open(info) as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES or len(content) != info.file_size:
        raise InputError("pack.bomb", file=file, name=shown(info.filename))
    return content


def _entry(content: bytes) -> Entry:
    return Entry(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return out.getvalue()
