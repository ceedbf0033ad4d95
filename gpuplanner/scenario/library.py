"""The scenario files of a folder: list, rename, duplicate, put into the trash."""

from __future__ import annotations

import contextlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gpuplanner import texts
from gpuplanner.disk import disk_error, read_bounded
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.scenario.document import FORMAT
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.scenario.jsontext import read_json

_HEAD: Final = 128 * 1024  # name, customer and model stand before everything that can be long, but for the note
_QUOTES: Final = ".quotes"
_MAX_NAME_BYTES: Final = 180  # of 255, to leave room for " 2", the suffix and ".bak"
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^(.*) ([0-9]{1,6})$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario file as a list shows it.

    Attributes:
        path: the file.
        name: the scenario's name; the file's when it has none.
        customer: empty when there is none.
        model_id: empty when it can't be read.
        modified: when the file was last written, in UTC.
        problem: why it wouldn't open, as far as a glance tells; None when all seems well.
    """

    path: Path
    name: str
    customer: str
    model_id: str
    modified: datetime
    problem: Message | None = None


def list_folder(folder: Path) -> list[Entry]:
    """The scenario files of a folder (not of those inside it), by name.

    Raises:
        InputError: when the folder can't be listed.
    """
    try:
        with os.scandir(folder) as found:
            entries = [_entry(item) for item in found if item.name.lower().endswith(SUFFIX) and _is_file(item)]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("error.library.folder", folder=str(folder), reason=reason) from error
    return sorted(entries, key=lambda entry: (entry.name.casefold(), entry.path.name))


def rename(path: Path, name: str) -> Path:
    """Give a file another name in its folder; nothing is overwritten.

    Args:
        path: the file.
        name: what a person typed, with or without the suffix.

    Raises:
        InputError: when the name can't be one, is taken, or the system refuses.
    """
    target = path.with_name(file_name(name))
    if target == path:
        return path
    try:
        if target.exists() and not target.samefile(path):  # the same file: only the case of letters changes
            raise InputError("error.library.taken", name=target.name, folder=str(path.parent))
        path.rename(target)
    except OSError as error:
        raise disk_error(error, path, "move") from error
    move_quotes(path, target)
    return target


def move_quotes(source: Path, target: Path) -> None:
    """Have the folder of a file's quotes follow its name; where that can't be, the quotes stay where they are."""
    quotes, place = (path.with_name(path.stem + _QUOTES) for path in (source, target))
    with contextlib.suppress(OSError):
        if quotes.is_dir() and not place.exists():
            quotes.rename(place)


def duplicate(path: Path) -> Path:
    """Copy a file beside itself as "name 2" or the next free number.

    Raises:
        InputError: when it can't be read or written.
    """
    data = read_bounded(path)
    for target in _numbered(path):
        try:
            with target.open("xb") as stream:
                stream.write(data)
        except FileExistsError:
            continue
        except OSError as error:
            target.unlink(missing_ok=True)
            raise disk_error(error, target, "write") from error
        return target
    raise AssertionError("numbers never end")


def trash(path: Path) -> None:
    """Put a file into the system's trash.

    Raises:
        InputError: when there is no trash for it; the file then is where it was.
    """
    from send2trash import TrashPermissionError, send2trash

    if not path.exists():
        raise InputError("error.disk.move.missing", file=str(path), folder=str(path.parent))
    try:
        send2trash(str(path))
    except TrashPermissionError as error:
        raise InputError("error.library.no_trash", file=str(path), reason=error.strerror or "–") from error
    except OSError as error:
        raise disk_error(error, path, "move") from error


def file_name(name: str) -> str:
    """A file name that every system takes, suffix included.

    Raises:
        InputError: when nothing of the name is left.
    """
    stem = new_name(name.strip().removesuffix(SUFFIX))
    if not stem:
        raise InputError("error.library.bad_name", name=shown(name))
    return stem + SUFFIX


def new_name(text: str) -> str:
    """What is left of a text as a file name without suffix, on every system; empty when nothing is."""
    kept = "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    stem = " ".join(_FORBIDDEN.sub(" ", kept).split()).lstrip(". ")
    while len(stem.encode()) > _MAX_NAME_BYTES:
        stem = stem[:-1]
    stem = stem.rstrip(". ")
    return f"_{stem}" if _RESERVED.match(stem) else stem


def free_path(folder: Path, text: str) -> Path:
    """A path in a folder that nothing has yet, made from a text such as the scenario's name."""
    first = folder / f"{new_name(text) or texts.text('scenario.untitled')}{SUFFIX}"
    return first if not first.exists() else next(path for path in _numbered(first) if not path.exists())


def _numbered(path: Path) -> Iterator[Path]:
    """The paths "name 2", "name 3" …; after "name 7" comes "name 8"."""
    stem, number = path.name.removesuffix(path.suffix), 2
    if match := _NUMBERED.match(stem):
        stem, number = match[1], int(match[2]) + 1
    while True:
        yield path.with_name(f"{stem} {number}{path.suffix or SUFFIX}")
        number += 1


def _is_file(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_file()
    except OSError:  # a link that leads nowhere, a drive that went away
        return False


def _entry(item: os.DirEntry[str]) -> Entry:
    path = Path(item.path)
    stem = path.name[: -len(SUFFIX)]
    try:
        info = item.stat()
        modified = datetime.fromtimestamp(info.st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        info, modified = None, datetime.fromtimestamp(0, UTC)
    try:
        if info is not None and info.st_size > _HEAD:
            name, customer, model_id = _from_head(path)
        else:
            name, customer, model_id = _from_document(read_json(read_bounded(path), str(path)), str(path))
    except InputError as error:
        return Entry(path, stem, "", "", modified, error.message)
    return Entry(path, name or stem, customer, model_id, modified)


def _from_document(document: object, file: str) -> tuple[str, str, str]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("error.file.not_scenario", file=file)
    scenario = document.get("scenario")
    if not isinstance(scenario, dict):
        raise InputError("error.file.not_object", file=file)
    model = scenario.get("model")
    return _text(scenario.get("name")), _text(scenario.get("customer")), _text(model.get("id") if isinstance(model, dict) else "")


def _from_head(path: Path) -> tuple[str, str, str]:
    """From the first bytes of a file that is too large to be read for a list."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD).decode("utf-8-sig", "replace")
    except OSError as error:
        raise disk_error(error, path, "read") from error
    if not re.match(r'\s*\{\s*"format"\s*:\s*"gpuplan"', head):
        raise InputError("error.file.not_scenario", file=str(path))
    _, _, scenario = head.partition('"scenario"')
    return _first(scenario, "name"), _first(scenario, "customer"), _first(scenario.partition('"model"')[2], "id")


def _first(text: str, key: str) -> str:
    """The text that first stands under a key."""
    match = re.search(rf'"{key}"\s*:\s*("(?:[^"\\]++|\\.)*+")', text)
    if not match:
        return ""
    try:
        return _text(json.loads(match[1]))
    except ValueError:
        return ""


def _text(value: object) -> str:
    return shown(value, 200) if isinstance(value, str) else ""
