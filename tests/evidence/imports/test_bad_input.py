"""Benchmark files that are broken: a sentence, never a traceback, nothing half read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.evidence.imports import source
from gpuplanner.evidence.imports.registry import Benchmark, read_benchmark

JSON = sorted(name for name in samples.FILES if name.endswith(".json"))


def refused(path: Path, content: str | bytes) -> InputError:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        read_benchmark(path)
    for lang in ("en", "zh"):
        assert path.name in caught.value.sentence(lang)
    return caught.value


def tried(path: Path) -> Benchmark | str:
    """What a file holds, or the sentence that refuses it."""
    try:
        return read_benchmark(path)
    except InputError as error:
        return error.sentence()


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_truncated_file_says_where(tmp_path: Path, name: str, share: float) -> None:
    content = samples.FILES[name]
    error = refused(tmp_path / name, content[: int(len(content) * share)])
    assert error.code in {"benchmark.file.truncated", "benchmark.file.json"}
    assert int(str(error.params["line"])) >= 1


@pytest.mark.parametrize("name", sorted(samples.FILES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cut_anywhere_it_reads_or_refuses(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = samples.FILES[name]
    at = data.draw(st.integers(0, len(content)))
    path = tmp_path / name
    path.write_text(content[:at])
    held = tried(path)
    assert path.name in held if isinstance(held, str) else held.runs


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@pytest.mark.parametrize("name", JSON)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_reads_or_refuses(tmp_path: Path, name: str, data: st.DataObject) -> None:
    record: Any = json.loads(samples.FILES[name])
    here = record
    while True:  # walk to some place and put something there
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            break
        here = here[key]
    here[key] = data.draw(_VALUES)
    path = tmp_path / name
    path.write_text(json.dumps(record))
    held = tried(path)
    if isinstance(held, str):
        assert path.name in held
    else:
        assert all(0 < value < float("inf") for run in held.runs for value in run.figures.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.bin"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_benchmark(path)
    assert "any.bin" in caught.value.sentence()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "benchmark.file.empty"),
        (b"PK\x03\x04rest", "benchmark.file.archive"),
        (b"\xff\x00\xfe\x01", "benchmark.file.no_text"),
        ("[]", "benchmark.file.unknown"),
        ("{}", "benchmark.file.unknown"),
        ('{"model_id": 3}', "benchmark.file.unknown"),
        ("a,b,c\n1,2,3\n", "benchmark.file.unknown"),
        ("[" * 100_000, "benchmark.file.json"),
        ('{"a": ' + "9" * 6000 + "}", "benchmark.file.json"),
        (json.dumps(samples.vllm(duration=0)), "benchmark.file.nothing"),
        (json.dumps(samples.vllm(completed=0)), "benchmark.file.nothing"),
        (json.dumps(samples.vllm(total_output_tokens=0)), "benchmark.file.nothing"),
        (json.dumps(samples.aiperf(was_cancelled=True)), "benchmark.file.nothing"),
        (json.dumps({"benchmarks": []}), "benchmark.file.nothing"),
        ("index, memory.used [MiB]\n", "benchmark.file.nothing"),
        ("index, memory.used [MiB]\n0, [N/A]\n", "benchmark.file.nothing"),
        ("model,ttft_ms\nQwen3-8B,fast\n", "benchmark.file.nothing"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str | bytes, code: str) -> None:
    assert refused(tmp_path / "bench.out", content).code == code


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 1000)
    assert refused(tmp_path / "bench.json", "x" * 2000).code == "error.disk.read.huge"


def test_runs_without_end_are_refused(tmp_path: Path) -> None:
    line = json.dumps(samples.vllm())
    error = refused(tmp_path / "many.jsonl", "\n".join([line] * (source.MAX_RECORDS + 1)))
    assert error.code == "benchmark.file.many"


def test_a_table_of_a_million_lines_is_refused(tmp_path: Path) -> None:
    content = "model,ttft_ms,concurrency\n" + "Qwen3-8B,120,4\n" * 1_000_000
    assert refused(tmp_path / "many.csv", content).code == "benchmark.file.many"


def test_a_broken_line_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    good = json.dumps(samples.sglang())
    path.write_text(f"{good}\n{good[:100]}\n{good}\n")
    held = read_benchmark(path)
    assert [run.place for run in held.runs] == ["1", "3"]
    assert [(item.place, item.reason.code) for item in held.unusable] == [("2", "benchmark.record.json")]
