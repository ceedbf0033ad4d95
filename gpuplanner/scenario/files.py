"""Scenario files: JSON with the scenario and what it was made with, read with care and written as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from gpuplanner import __version__, texts
from gpuplanner.disk import MAX_BYTES, DiskError, read_bounded, write_atomically
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.scenario.document import FORMAT, VERSION, Scenario
from gpuplanner.scenario.jsontext import read_json
from gpuplanner.scenario.migrations import migrate
from gpuplanner.scenario.receipt import Receipt, as_fields, from_fields
from gpuplanner.scenario.validation import problems, strict_scenario

SUFFIX: Final = ".gpuplan"
#: Where fields beside "scenario" that this version doesn't know travel inside the scenario, until they are written again.
_ENVELOPE: Final = "file_fields"
_OWN_FIELDS: Final = frozenset({"format", "version", "program", "catalog", "receipt", "scenario"})


class Stamp(NamedTuple):
    """How a file looked when it was last read or written; equal content is equal, whatever the time says."""

    mtime_ns: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a scenario file holds.

    ``program`` and ``catalog_digest`` say what it was made with; empty when the file doesn't. ``receipt`` are the figures of that
    time, where they were kept.
    """

    scenario: Scenario
    program: str
    catalog_digest: str
    newer: bool
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario and the file it came from.

    ``read_only``: a save to the same path would lose something or fail; ``warnings`` say why.
    """

    scenario: Scenario
    path: Path
    read_only: bool
    warnings: tuple[Message, ...]
    stamp: Stamp
    program: str = ""
    catalog_digest: str = ""
    receipt: Receipt | None = None


class ChangedOnDisk(InputError):
    """The file isn't what it was when it was read; nothing was written."""


def load_scenario(path: Path) -> LoadedScenario:
    """Read a scenario file of this or an older version; one of a newer version comes read-only where it can be understood.

    Raises:
        InputError: naming file, place and way out.
    """
    data = read_bounded(path)
    content = read_document(data, str(path))
    warnings: list[Message] = []
    if content.newer:
        warnings.append(Message("warning.file.newer", {"file": str(path), "program": content.program or "?"}))
    elif not os.access(path, os.W_OK):
        warnings.append(Message("warning.file.protected", {"file": str(path)}))
    made = (content.program, content.catalog_digest, content.receipt)
    return LoadedScenario(content.scenario, path, bool(warnings), tuple(warnings), _stamp(path, data), *made)


def save_scenario(
    path: Path, scenario: Scenario, catalog_digest: str, expect_stamp: Stamp | None = None, receipt: Receipt | None = None
) -> Stamp:
    """Write a scenario file as a whole; the former content stays beside it as ``.bak``.

    Args:
        path: where to; a link is followed.
        scenario: what to write; made into bytes before anything on disk is touched.
        catalog_digest: of the catalogue that was in use.
        expect_stamp: of the file as last read or written; None overwrites whatever is there.
        receipt: the answer at this moment, kept beside the inputs.

    Returns:
        the stamp of the new file.

    Raises:
        ChangedOnDisk: when the file was changed since ``expect_stamp``.
        DiskError: when it can't be written; the former content is still there.
    """
    data = document_bytes(scenario, catalog_digest, receipt)
    if len(data) > MAX_BYTES:
        raise InputError("error.file.too_large", file=str(path), limit_mb=MAX_BYTES // 10**6)
    if expect_stamp is not None and changed_on_disk(path, expect_stamp):
        raise ChangedOnDisk("error.file.changed", file=str(path))
    write_atomically(path, data, backup=True)
    return _stamp(path, data)


def changed_on_disk(path: Path, stamp: Stamp) -> bool:
    """Whether a file's content differs from what it was; a file that is gone, or can't be read, counts as unchanged."""
    try:
        data = read_bounded(path)
    except DiskError as error:
        return error.code == "error.disk.read.huge"
    return _digest(data) != stamp.sha256


def document_bytes(scenario: Scenario, catalog_digest: str, receipt: Receipt | None = None) -> bytes:
    """The file's content: what made it, a receipt of the answer where there is one, then what was asked."""
    fields = scenario.model_dump(mode="json")
    beside = fields.pop(_ENVELOPE) if isinstance(fields.get(_ENVELOPE), dict) else {}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "catalog": catalog_digest,
        **({} if receipt is None else {"receipt": as_fields(receipt)}),
        "scenario": fields,
        **{key: value for key, value in beside.items() if key not in _OWN_FIELDS},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def read_document(data: bytes, file: str) -> Content:
    """What the bytes of a scenario file hold.

    Args:
        data: bounded by whoever read them.
        file: what sentences call it.

    Raises:
        InputError: naming file, place and way out.
    """
    document = read_json(data, file)
    _check_format(document, file)
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError("error.file.version", file=file, found=shown(version, 30) if _is_plain(version) else "…")
    program = _text(document.get("program"))
    newer = version > VERSION
    try:
        scenario = _scenario(document if newer else migrate(document))
        return Content(scenario, program, _text(document.get("catalog")), newer, from_fields(document.get("receipt")))
    except ValidationError as error:
        if newer:
            raise InputError("error.file.newer", file=file, program=program or "?") from error
        raise problems(error)[0].in_file(file) from error


def read_line(data: bytes, file: str) -> Scenario:
    """A scenario from one line of JSON: a whole document as in a file, or only the scenario's own fields.

    Raises:
        InputError: as for a file.
    """
    try:
        return _line(data.strip(), file)
    except InputError as error:
        own = error.code.replace("error.file.", "error.line.")  # a line has no backup copy to open
        raise InputError(own if texts.has(own) else error.code, **error.params) from error


def _line(data: bytes, file: str) -> Scenario:
    value = read_json(data, file)
    if isinstance(value, dict) and "format" in value:
        return read_document(data, file).scenario
    if not isinstance(value, dict):
        raise InputError("error.file.not_object", file=file)
    try:
        return strict_scenario(value)
    except ValidationError as error:
        raise problems(error)[0].in_file(file) from error


def _check_format(document: object, file: str) -> None:
    if not isinstance(document, dict):
        raise InputError("error.file.not_object", file=file)
    if document.get("format") == FORMAT:
        return
    is_config = "model_type" in document or "architectures" in document
    raise InputError("error.file.is_config" if is_config else "error.file.not_scenario", file=file)


def _scenario(document: Mapping[str, Any]) -> Scenario:
    fields = document.get("scenario")
    beside = {key: value for key, value in document.items() if key not in _OWN_FIELDS}
    if beside and isinstance(fields, dict):
        fields = {**fields, _ENVELOPE: beside}
    return strict_scenario(fields)


def _stamp(path: Path, data: bytes) -> Stamp:
    try:
        mtime_ns = path.stat().st_mtime_ns
    except OSError:  # gone again between two calls: the content still tells
        mtime_ns = 0
    return Stamp(mtime_ns, len(data), _digest(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _text(value: object) -> str:
    return shown(value, 80) if isinstance(value, str) else ""


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
