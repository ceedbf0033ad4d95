"""The other commands as processes: what they load, what they print, how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.end_to_end.program import EXAMPLES, environment, run, run_and_tell_qt

pytestmark = pytest.mark.process

# Llama-3.1-8B as published by Meta (config.json of meta-llama/Llama-3.1-8B)
LLAMA_8B = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA_8B), encoding="utf-8")
    return path


def test_no_command_loads_qt(config, tmp_path):
    commands = [
        ["estimate", EXAMPLES[0]],
        ["estimate", EXAMPLES[0], "--json"],
        ["catalog", "list"],
        ["catalog", "check"],
        ["model", "list"],
        ["model", "import", config, "--json"],
        ["quote", EXAMPLES[0], "--format", "md", "--out", tmp_path],
        ["estimat"],
    ]
    for command in commands:
        done = run_and_tell_qt(*command)
        assert done.returncode == (2 if command == ["estimat"] else 0), (command, done.stderr)
        assert done.stderr.splitlines()[-1] == "QT:", command


def test_catalogue_is_in_order():
    done = run("catalog", "check")
    assert (done.returncode, done.stderr) == (0, "")


def test_catalogue_entry_that_is_not_there():
    done = run("catalog", "show", "gpu-of-dreams")
    assert done.returncode == 2
    assert "gpu-of-dreams" in done.stderr


def test_model_import_counts_parameters_exactly(config):
    done = run("model", "import", config, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["total_parameters"] == 8_030_261_248
    assert told["active_parameters"] == 8_030_261_248


def test_reader_that_stops_early_is_no_error():
    read, write = os.pipe()
    program = subprocess.Popen(
        [sys.executable, "-m", "gpuplanner", "catalog", "list"], stdout=write, stderr=subprocess.PIPE, env=environment()
    )
    os.close(write)
    os.close(read)
    _, said = program.communicate(timeout=60)
    assert (program.returncode, said) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_full_disk_is_said():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "gpuplanner", "estimate", str(EXAMPLES[0]), "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert done.stderr.count(b"\n") == 1
