from __future__ import annotations

import csv
import json

import pytest

from gpuplanner.cli import main
from gpuplanner.evidence.predict import own_measurements
from gpuplanner.evidence.rows import read_measurements

HEADER = (
    "id,task,model,weight_precision,kv_precision,gpu,gpus,tp,pp,ep,dp,framework,framework_version,isl,osl,"
    "batch_or_concurrency,request_rate,metric,value,date,quality,source_table,source,note"
)
ROWS = [
    "a,llm_offline_throughput,Llama-3.1-8B,fp8,fp8,H100-SXM-80GB,1,1,1,,,TensorRT-LLM,1.0,1000,1000,max,inf,tokens_per_s_total_output,"
    "15000,2025-09,A,T,S,n",
    "b,llm_offline_throughput,Llama-3.1-8B,fp8,fp8,H200-SXM,1,1,1,,,TensorRT-LLM,1.0,1000,1000,max,inf,tokens_per_s_total_output,"
    "17000,2025-09,A,T,S,n",
    "c,text_to_speech,Kokoro-82M,fp16,,V100-SXM-16GB,1,,,,,TensorRT,8,,,1,,audio_s_per_s,100,2025,A,T,S,n",
    "d,llm_latency,Llama-3.1-8B,fp8,fp8,H100-SXM-80GB,1,1,1,,,vLLM,0.10,1000,1000,1,,e2e_ms,NaN,2025,A,T,S,n",
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    return path


def test_json_holds_groups_reasons_and_bad_rows(file, capsys):
    assert main(["validate", "--measurements", str(file), "--by", "task,gpu", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["by"] == ["task", "gpu"]
    groups = {(item["task"], item["gpu"]): item for item in found["groups"]}
    h100 = groups["llm_offline_throughput", "nvidia-h100-sxm5-80gb"]
    assert (h100["rows"], h100["done"]) == (1, 1)
    assert 0 <= h100["mape"] < 0.5
    assert found["not_done"] == [{"reason": "out_of_scope_task", "detail": "text_to_speech", "rows": 1}]
    assert [row["id"] for row in found["bad_rows"]] == ["d"]
    assert found["total"]["rows"] == 3


def test_rows_out_has_a_line_for_every_row(file, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert main(["validate", "--measurements", str(file), "--rows-out", str(out)]) == 0
    lines = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert list(lines[0]) == ["id", "measured", "predicted", "low", "high", "unit", "reason"]
    by_id = {line["id"]: line for line in lines}
    assert set(by_id) == {"a", "b", "c", "d"}
    assert by_id["a"]["reason"] == ""
    assert float(by_id["a"]["low"]) < float(by_id["a"]["predicted"]) < float(by_id["a"]["high"])
    assert by_id["c"]["reason"] == "out_of_scope_task"
    assert by_id["c"]["predicted"] == ""
    assert by_id["d"]["reason"] == "bad_row_not_a_number"
    assert "line 5" in capsys.readouterr().out


def test_the_table_speaks_chinese(file, capsys):
    assert main(["--lang", "zh", "validate", "--measurements", str(file)]) == 0
    out = capsys.readouterr().out
    assert "中位误差" in out
    assert "不在估算范围内的任务" in out


def test_without_files_the_own_measurements_are_used(capsys, monkeypatch):
    files = own_measurements()
    every = read_measurements(files)
    assert len(files) > 20
    assert len(every.rows) > 5000
    assert not every.bad
    few = [
        min((path for path in files if path.parent.name == kind), key=lambda path: path.stat().st_size)
        for kind in ("speed", "memory")
    ]  # all of them are scored in tests/evidence
    monkeypatch.setattr("gpuplanner.evidence.predict.own_measurements", lambda: few)
    assert main(["validate", "--by", "kind", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {item["kind"] for item in found["groups"]} == {"speed", "memory"}
    assert found["total"]["rows"] == len(read_measurements(few).rows)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--by", "colour"], "colour"), (["--measurements", "/none/at/all.csv"], "/none/at/all.csv")],
)
def test_bad_input_is_a_sentence(arguments, named, capsys):
    assert main(["validate", *arguments]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert "Traceback" not in error


def test_an_unwritable_result_is_a_sentence(file, tmp_path, capsys):
    assert main(["validate", "--measurements", str(file), "--rows-out", str(tmp_path / "no" / "out.csv")]) == 2
    assert "no" in capsys.readouterr().err


def test_the_summary_is_a_file(file, tmp_path, capsys):
    from gpuplanner.evidence.score_file import read

    out = tmp_path / "score.json"
    assert main(["validate", "--measurements", str(file), "--summary", str(out)]) == 0
    card = read(out)
    assert card.total.score.rows == 3
    assert [item.score.group for item in card.views["kind"]] == [("llm_offline_throughput",), ("text_to_speech",)]
