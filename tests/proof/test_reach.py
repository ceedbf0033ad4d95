"""What the program reaches for, under an audit hook: its own files and the chosen ones, and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import gpuplanner
from tests.end_to_end.program import environment

PACKAGE = Path(gpuplanner.__file__).parent
_WATCHED = """
import json, os, sys
from pathlib import Path
home, chosen = Path(sys.argv[1]), Path(sys.argv[2])
found = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.startfile", "pty.spawn")

def inside(path):
    if isinstance(path, int) or path is None:
        return True
    place = Path(os.path.realpath(os.fsdecode(path)))
    return any(place.is_relative_to(folder.resolve()) for folder in (home, chosen)) or str(place) == os.devnull

def hook(event, args):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        found.append(event)
    elif event in STARTS or event.startswith("pickle."):
        found.append(f"{event} {args[:1]}")
    elif event == "open" and isinstance(args[2], int) and args[2] & WRITES and not inside(args[0]):
        found.append(f"writes {args[0]}")
    elif event in ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"):
        found.extend(f"{event} {path}" for path in args[: 2 if event in ("os.rename", "os.link") else 1] if not inside(path))

sys.addaudithook(hook)
from gpuplanner import paths
paths.set_home(home)
from gpuplanner.ui.selftest import opened, settle, wait
from gpuplanner.ui.menus import PAGES
from gpuplanner.report.quote import write_quote
window = opened(chosen / "plan.gpuplan", "en", "light")
for key in PAGES:
    window.actions_by_key[key].trigger()
    settle(0.05)
window.session.set("workload.input_tokens", 777)
wait(lambda: window.session.answer() is not None, "an answer")
settle(0.7)
assert window.document.save()
write_quote(window.session.scenario, window.session.estimate, window.session.catalog, chosen / "quotes")
window.close()
print(json.dumps(found))
"""


@pytest.mark.process
@pytest.mark.gui
def test_no_network_no_process_no_file_elsewhere(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    example = sorted((PACKAGE.parent / "resources" / "examples").glob("*.gpuplan"))[0]
    (chosen / "plan.gpuplan").write_bytes(example.read_bytes())
    done = subprocess.run(
        [sys.executable, "-B", "-c", _WATCHED, str(tmp_path / "home"), str(chosen)],
        env=environment(HOME=str(tmp_path / "home"), PYTHONPATH=str(PACKAGE.parent)),
        capture_output=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert (chosen / "quotes").is_dir()


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not imported & {"pickle", "marshal", "shelve", "dill", "subprocess"}
    assert not called & {"eval", "exec"}
