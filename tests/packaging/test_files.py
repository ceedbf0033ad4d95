"""The files that packages are made of, each read by a parser of its format."""

from __future__ import annotations

import configparser
import importlib
import json
import plistlib
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LINUX = ROOT / "packaging" / "linux"


def test_the_desktop_entry_opens_files_in_the_window() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(LINUX / "gpuplanner.desktop", "utf-8")
    section = entry["Desktop Entry"]
    assert section["Exec"] == "gpuplanner-window %F"
    assert set(section["MimeType"].strip(";").split(";")) == {"application/x-gpuplan", "application/x-gpucatalog"}
    assert section["Name[zh_CN]"]


def test_mime_types_and_store_data_are_sound() -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    types = {
        item.get("type"): [glob.get("pattern") for glob in item.findall(f"{space}glob")]
        for item in ET.parse(LINUX / "gpuplanner.xml").getroot()
    }
    assert types == {"application/x-gpuplan": ["*.gpuplan"], "application/x-gpucatalog": ["*.gpucatalog"]}
    store = ET.parse(LINUX / "org.gpuplanner.GPUPlanner.metainfo.xml").getroot()
    assert store.findtext("id") == "org.gpuplanner.GPUPlanner"
    assert store.findtext("project_license") == "MIT"
    assert len(store.findall("description/p")) == 2


def test_the_bundle_for_macos_knows_its_documents() -> None:
    info = plistlib.loads((ROOT / "packaging" / "macos" / "Info.plist").read_bytes())
    assert [kind["CFBundleTypeExtensions"] for kind in info["CFBundleDocumentTypes"]] == [["gpuplan"], ["gpucatalog"]]
    done = subprocess.run(["sh", "-n", str(ROOT / "packaging" / "macos" / "make_dmg.sh")], check=False)
    assert done.returncode == 0


def test_the_installer_for_windows_is_for_one_user_and_keeps_its_id() -> None:
    text = (ROOT / "packaging" / "windows" / "gpuplanner.iss").read_text("utf-8")
    assert "PrivilegesRequired=lowest" in text
    assert "AppId={{6E0C7F7B-6B0B-4E0A-9B7E-3F4B1F0A5D21}" in text
    assert re.search(r"^Root: (?!HKCU)", text, re.MULTILINE) is None
    for source in re.findall(r'^Source: "([^"]+)"|^LicenseFile=(.+)$', text, re.MULTILINE):
        name = (source[0] or source[1]).replace("\\", "/").removeprefix("../../")
        assert name.startswith("dist/") or (ROOT / name).exists()


def test_the_workflow_builds_and_tests_on_three_systems() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "build.yml").read_text("utf-8"))
    assert set(workflow["jobs"]) == {"linux", "windows", "macos"}
    for job in workflow["jobs"].values():
        runs = " ".join(step.get("run", "") for step in job["steps"])
        assert "packaging/build.py" in runs or "make package" in runs


def test_the_bill_of_materials_names_what_the_program_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    made = importlib.import_module("sbom").document("0.1.0")
    names = {part["name"].lower() for part in made["components"]}
    assert {"numpy", "pydantic", "jinja2", "pyside6_essentials", "cpython"} <= names
    assert all(part["version"] and part["purl"].startswith("pkg:") for part in made["components"])
    assert json.dumps(made) == json.dumps(importlib.import_module("sbom").document("0.1.0"))
