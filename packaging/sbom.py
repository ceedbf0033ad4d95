"""The bill of materials of the bundle as CycloneDX JSON: every package with version, licence and package URL."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import licences

_MIT = {"license": {"id": "MIT"}}


def document(version: str) -> dict[str, Any]:
    """The whole, made from what is installed; the same packages give the same serial number."""
    packages = sorted(licences.run_time("gpuplanner").items(), key=lambda item: item[0].lower())
    components = [_component(name, package) for name, package in packages if name != "gpuplanner"]
    python = sys.version.split()[0]
    components.append({"type": "platform", "name": "CPython", "version": python, "purl": f"pkg:generic/python@{python}"})
    named = ";".join(f"{part['name']}@{part['version']}" for part in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "gpuplanner", "version": version, "licenses": [_MIT]}},
        "components": components,
    }


def _component(name: str, package: Any) -> dict[str, Any]:
    licence = package.metadata.get("License-Expression") or package.metadata.get("License") or ""
    entry: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": package.version,
        "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{package.version}",
    }
    if licence:
        entry["licenses"] = [{"license": {"name": licence.splitlines()[0][:200]}}]
    return entry


def write(target: Path, version: str) -> int:
    """Write the document and return how many components it names."""
    made = document(version)
    target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(made["components"])
