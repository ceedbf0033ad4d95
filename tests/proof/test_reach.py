"""What the program reaches for, under an audit hook: its own files and the chosen ones, and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import gpuplanner
from gpuplanner.catalog.pack.archive import make_pack
from tests.catalog.importers.writers import LLAMA_1B
from tests.end_to_end.program import environment
from tests.evidence.imports import samples

PACKAGE = Path(gpuplanner.__file__).parent
WATCHED = Path(__file__).with_name("watched.py")
#: Dialogs that a command opens; a new one belongs here.
DIALOGS = {
    "AboutDialog", "DeployDialog", "HelpWindow", "ImportDialog", "MeasurementsDialog", "NewModelDialog", "PackDialog",
    "PickPopup", "PracticeDialog", "PriceListDialog", "Questionnaire", "QuoteDialog", "SettingsDialog",
}  # fmt: skip


@pytest.mark.process
@pytest.mark.gui
def test_no_network_no_process_no_file_elsewhere(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    example = sorted((PACKAGE.parent / "resources" / "examples").glob("*.gpuplan"))[0]
    (chosen / "plan.gpuplan").write_bytes(example.read_bytes())
    _prepare(chosen, tmp_path / "facts")
    done = subprocess.run(
        [sys.executable, "-B", str(WATCHED), str(tmp_path / "home"), str(chosen)],
        env=environment(HOME=str(tmp_path / "home"), PYTHONPATH=str(PACKAGE.parent)),
        capture_output=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["found"] == []
    assert set(told["shown"]) == DIALOGS
    assert (chosen / "quotes").is_dir()
    assert (chosen / "deploy" / "README.md").is_file()


def _prepare(chosen: Path, facts: Path) -> None:
    """A file of each kind that a command asks for."""
    (facts / "gpus").mkdir(parents=True)
    (facts / "gpus" / "new.json").write_text(json.dumps({"records": [{"id": "nvidia-t4", "hidden": True}]}), encoding="utf-8")
    make_pack(facts, chosen / "new.gpucatalog", "November", date(2026, 11, 1))
    (chosen / "prices.csv").write_text("card,price,currency\nNVIDIA H100 SXM5 80GB,195000,CNY\n", encoding="utf-8")
    (chosen / "config.json").write_text(json.dumps(LLAMA_1B), encoding="utf-8")
    held = next(held for name, held in samples.FILES.items() if name.startswith("vllm"))
    (chosen / "vllm.json").write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not imported & {"pickle", "marshal", "shelve", "dill", "subprocess"}
    assert not called & {"eval", "exec"}
