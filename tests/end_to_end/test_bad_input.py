"""Whatever lies in a file: a sentence that names it, exit code 2, never a traceback, never much memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from tests.end_to_end.program import EXAMPLES, environment, run

pytestmark = pytest.mark.process


def scenario(**changes: object) -> bytes:
    document = json.loads(EXAMPLES[0].read_bytes())
    return json.dumps({**document, "scenario": {**document["scenario"], **changes}}).encode()


BROKEN = {
    "empty": b"",
    "blank": b" \n\t ",
    "half": b'{"format": "gpuplan", "version": 1, "name": "x',
    "list": b"[1, 2, 3]",
    "number": b"42",
    "binary": bytes(range(256)) * 40,
    "utf16": '{"format": "gpuplan"}'.encode("utf-16"),
    "other": b'{"format": "something-else", "version": 1}',
    "no_version": b'{"format": "gpuplan"}',
    "deep": b'{"format": "gpuplan", "version": 1, "scenario": {"note": ' + b"[" * 200_000 + b"]" * 200_000 + b"}}",
    "nan": scenario(workload={"load": float("nan")}),
    "infinite": scenario(workload={"load": float("inf")}),
    "negative": scenario(workload={"input_tokens": -1}),
    "wrong_type": scenario(workload={"input_tokens": "many"}),
    "wrong_section": scenario(workload=[1]),
    "huge_number": scenario(workload={"input_tokens": 10**40}),
    "many_digits": b'{"format": "gpuplan", "version": 1, "scenario": {"workload": {"input_tokens": ' + b"9" * 50_000 + b"}}}",
    "no_such_model": scenario(model={"id": "model-of-dreams"}),
    "no_such_precision": scenario(precision={"weights": "precision-of-dreams"}),
    "no_such_engine": scenario(deployment={"engine": "engine-of-dreams"}),
    "no_such_gpu": scenario(deployment={"gpu": "gpu-of-dreams"}),
    "script": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_scenario(kind, tmp_path):
    path = tmp_path / f"{kind}.gpuplan"
    path.write_bytes(BROKEN[kind])
    done = run("estimate", path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert path.name in done.stderr or "of-dreams" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1500
    assert path.read_bytes() == BROKEN[kind]


@pytest.mark.parametrize("command", [["estimate"], ["quote"], ["model", "import"]])
def test_missing_file_and_folder(command, tmp_path):
    for path in (tmp_path / "no" / "such.file", tmp_path):
        done = run(*command, path)
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["estimate"], ["model", "import"]])
def test_a_gigabyte_is_refused_without_being_read(command, tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2**30)  # a sparse file: takes no room

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1536 * 2**20, 1536 * 2**20))

    done = subprocess.run(
        [sys.executable, "-m", "gpuplanner", *command, str(path)],
        capture_output=True,
        text=True,
        env=environment(OPENBLAS_NUM_THREADS="1"),
        preexec_fn=limit,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "huge.json" in done.stderr


def test_refusals_speak_chinese(tmp_path):
    path = tmp_path / "空.gpuplan"
    path.write_bytes(b"")
    done = run("--lang", "zh", "estimate", path)
    assert done.returncode == 2
    assert "空.gpuplan" in done.stderr
    assert any("\u4e00" <= char <= "\u9fff" for char in done.stderr.replace("空", ""))


def test_quote_into_a_place_that_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    done = run("quote", EXAMPLES[0], "--format", "md", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize("content", [b"", b"not json", b'{"gpus": 3}', b"[" * 100_000])
def test_damaged_user_catalogue_does_not_stop_the_program(content, tmp_path):
    own = tmp_path / "home" / "data" / "catalog" / "gpus"
    own.mkdir(parents=True)
    (own / "mine.json").write_bytes(content)
    done = run("--data-dir", tmp_path / "home", "estimate", EXAMPLES[0])
    assert done.returncode == 0
    assert "B200" in done.stdout
    assert "mine.json" in done.stderr
    assert "Traceback" not in done.stderr
