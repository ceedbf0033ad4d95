"""What a person has set up: language, look, units, and how the window was left."""

from __future__ import annotations

import contextlib
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gpuplanner.disk import make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.paths import home, user_config_dir, user_data_dir
from gpuplanner.scenario.jsontext import read_json

_Text = Annotated[str, Field(max_length=20_000)]
_LIMIT: Final = 2**20
_COMPANY: Final = "company"


class Language(StrEnum):
    """Which texts are shown."""

    SYSTEM = "system"
    ENGLISH = "en"
    CHINESE = "zh"


class Theme(StrEnum):
    """Light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class ByteUnit(StrEnum):
    """How memory is shown: 10⁹ or 2³⁰ bytes."""

    GB = "GB"
    GIB = "GiB"


class Company(BaseModel):
    """Who makes offers; stands at the head of quotes. ``logo`` is the path of a picture, ``terms`` sentences, one a line."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    name: Annotated[str, Field(max_length=200)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    contact: Annotated[str, Field(max_length=500)] = ""
    prepared_by: Annotated[str, Field(max_length=200)] = ""
    logo: Annotated[str, Field(max_length=4096)] = ""
    colour: Annotated[str, Field(pattern=r"^(#[0-9a-fA-F]{6})?$")] = ""
    valid_days: Annotated[int, Field(ge=0, le=3650)] = 30
    terms: _Text = ""


class Settings(BaseModel):
    """All settings; each has a default that works.

    ``scenario_folder`` None is :func:`default_scenario_folder`. ``table`` is what the GPU table wrote down of
    itself (columns, sort, filters); empty for the usual. ``library_folders`` are listed beside ``scenario_folder``;
    ``library`` is how the list was left. ``currency`` is that of new scenarios. ``window_geometry`` is Qt's own bytes in base64.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, defer_build=True)

    language: Language = Language.SYSTEM
    theme: Theme = Theme.SYSTEM
    byte_unit: ByteUnit = ByteUnit.GB
    currency: Annotated[str, Field(pattern=r"^(CNY|USD|EUR)$")] = "CNY"
    scenario_folder: _Text | None = None
    library_folders: tuple[_Text, ...] = ()
    library: dict[_Text, JsonValue] = {}
    table: dict[_Text, JsonValue] = {}
    window_geometry: _Text = ""
    panel_sizes: tuple[int, ...] = ()
    why_panel: bool = True
    folded_sections: dict[_Text, bool] = {}
    quote_formats: tuple[_Text, ...] = ("pdf",)
    quote_folder: _Text = ""
    company: Company = Company()

    def folder(self) -> Path:
        """Where scenario files are looked for and saved first."""
        return Path(self.scenario_folder) if self.scenario_folder else default_scenario_folder()


def default_scenario_folder() -> Path:
    """The folder for scenarios until another is chosen; it may not exist."""
    if home() is not None:
        return user_data_dir() / "scenarios"
    import platformdirs

    return platformdirs.user_documents_path() / "GPU Planner"


def settings_file() -> Path:
    """Where the settings lie."""
    return user_config_dir() / "settings.json"


def load_settings() -> Settings:
    """The settings as kept.

    A value that makes no sense becomes its default; the damaged file is then kept aside as ``.damaged``.
    """
    file = settings_file()
    try:
        values = read_json(read_bounded(file, _LIMIT), str(file))
    except InputError as error:
        if error.code != "error.disk.read.missing":
            _keep_aside(file)
        return Settings()
    try:
        return _strict(values)
    except ValidationError as error:
        _keep_aside(file)
        return _without_wrong(values, error)


def save_settings(settings: Settings) -> None:
    """Keep the settings; the file is replaced as a whole.

    Raises:
        DiskError: when it can't be written.
    """
    make_folder(settings_file().parent)
    text = json.dumps(settings.model_dump(mode="json"), ensure_ascii=False, indent=2)
    write_atomically(settings_file(), (text + "\n").encode())


def _strict(values: object) -> Settings:
    return Settings.model_validate_json(json.dumps(values), strict=True)


def _without_wrong(values: object, error: ValidationError) -> Settings:
    if not isinstance(values, dict):
        return Settings()
    wrong = {
        detail["loc"][:2] if detail["loc"][0] == _COMPANY else detail["loc"][:1] for detail in error.errors() if detail["loc"]
    }
    kept = {key: value for key, value in values.items() if (key,) not in wrong}
    if isinstance(kept.get(_COMPANY), dict):  # a wrong colour doesn't cost the address
        kept[_COMPANY] = {key: value for key, value in kept[_COMPANY].items() if (_COMPANY, key) not in wrong}
    try:
        return _strict(kept)
    except ValidationError:
        return Settings()


def _keep_aside(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.replace(file.with_name(file.name + ".damaged"))
