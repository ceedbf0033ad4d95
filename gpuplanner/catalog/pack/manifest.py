"""What a pack says of itself: the signed part."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gpuplanner.catalog.schema.kinds import BY_NAME, KINDS
from gpuplanner.errors import InputError, shown

FORMAT: Final = "gpucatalog"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature"
MAX_FILES: Final = 2000
MAX_FILE_BYTES: Final = 8 * 2**20
MAX_TOTAL_BYTES: Final = 128 * 2**20

_NAME: Final = re.compile(r"catalog/([a-z_]{1,40})/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json")
_HEX: Final = r"^[0-9a-f]{64}$"


class Entry(BaseModel):
    """One file of the pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Annotated[str, Field(pattern=_HEX)]
    size: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


class Manifest(BaseModel):
    """Name, date and author of a pack, the public key it is signed with ("" for none), and the digest of each of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    version: int
    name: Annotated[str, Field(min_length=1, max_length=200)]
    date: date
    author: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    files: Annotated[dict[str, Entry], Field(max_length=MAX_FILES)]

    def to_bytes(self) -> bytes:
        """The form that is signed."""
        return self.model_dump_json(indent=1).encode()


def read_manifest(raw: bytes, file: str) -> Manifest:
    """A manifest from its bytes.

    Raises:
        InputError: it isn't one, is of a newer version, or names a file that has no place in a catalogue.
    """
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in detail["loc"]) or "-"
        raise InputError("pack.manifest", file=file, place=shown(place), reason=shown(detail["msg"], 120)) from error
    if manifest.format != FORMAT:
        raise InputError("pack.not_a_pack", file=file)
    if manifest.version > VERSION:
        raise InputError("pack.newer", file=file, version=manifest.version)
    for name in manifest.files:
        check_name(name, file)
    if sum(entry.size for entry in manifest.files.values()) > MAX_TOTAL_BYTES:
        raise InputError("pack.too_large", file=file, limit_mb=MAX_TOTAL_BYTES >> 20)
    return manifest


def check_name(name: str, file: str) -> None:
    """Refuse names that aren't ``catalog/<kind>/<name>.json``.

    Raises:
        InputError: it is another.
    """
    match = _NAME.fullmatch(name)
    if match is None or match[1] not in BY_NAME or not any(kind.plural == match[1] for kind in KINDS) or ".." in name:
        raise InputError("pack.name", file=file, name=shown(name))
