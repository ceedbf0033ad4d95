from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.evidence.rows import read_measurements
from tests.evidence.conftest import MEMORY_HEADER, SPEED_HEADER

GOOD = "a1,llm_latency,Qwen2-7B,bf16,,A100-SXM-80GB,1,1,,,,vLLM,0.4.2,6144,2048,1,,tokens_per_s_total_output,58.5,2024-06,A,T,S,n"


def test_a_speed_row_keeps_its_words(csv_file):
    rows = read_measurements([csv_file(f"{SPEED_HEADER}\n{GOOD}\n")])
    (row,) = rows.rows
    assert not rows.bad
    assert (row.table, row.task, row.model, row.gpu) == ("speed", "llm_latency", "Qwen2-7B", "A100-SXM-80GB")
    assert (row.isl, row.osl, row.tp, row.pp, row.value, row.unit) == (6144, 2048, 1, None, 58.5, "tok/s")


def test_memory_comes_in_bytes_whatever_the_source_printed(csv_file):
    lines = [
        "m1,kv_cache,X,bf16,,H100,1,1,1,vllm,0.19.0,58.53,GiB,58.53,per_gpu,log,gpu_memory_utilization=0.95;max_model_len=8192,S,,2026,A",
        "m2,infer_weights,X,bf16,,H100,1,1,1,vllm,,13.5,GB,,per_gpu,log,,S,,2026,A",
        "m3,kv_tokens_capacity,X,bf16,,H100,1,1,1,vllm,,1096000,tokens,,per_gpu,log,,S,,2026,A",
    ]
    found = read_measurements([csv_file("\n".join([MEMORY_HEADER, *lines]))]).rows
    assert [row.value for row in found] == [58.53 * 2**30, 13.5e9, 1_096_000]
    assert [row.unit for row in found] == ["B", "B", "tok"]
    assert found[0].extra == {"gpu_memory_utilization": "0.95", "max_model_len": "8192"}


def test_a_byte_order_mark_and_blank_lines_are_no_matter(csv_file):
    rows = read_measurements([csv_file(f"{SPEED_HEADER}\n\n{GOOD}\n,,\n", encoding="utf-8-sig")])
    assert [row.id for row in rows.rows] == ["a1"]
    assert not rows.bad


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        (("58.5", "nan"), "evidence.row.not_a_number", "value"),
        (("58.5", "-3"), "evidence.row.not_a_number", "value"),
        (("58.5", "fast"), "evidence.row.not_a_number", "value"),
        (("58.5", ""), "evidence.row.empty", "value"),
        ((",1,1,,,,vLLM", ",1,1.5,,,,vLLM"), "evidence.row.not_a_count", "tp"),
        (("Qwen2-7B", ""), "evidence.row.empty", "model"),
        (("6144", "1e400"), "evidence.row.not_a_number", "isl"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_the_rest_go_on(csv_file, change, code, column):
    second = GOOD.replace("a1", "a2")
    rows = read_measurements([csv_file(f"{SPEED_HEADER}\n{GOOD.replace(*change)}\n{second}\n")])
    assert [row.id for row in rows.rows] == ["a2"]
    (bad,) = rows.bad
    assert (bad.id, bad.line, bad.reason.code, bad.reason.params["column"]) == ("a1", 2, code, column)
    assert column in bad.reason.sentence("en")
    assert column in bad.reason.sentence("zh")


def test_the_same_id_twice_and_a_row_too_long(csv_file):
    rows = read_measurements([csv_file(f"{SPEED_HEADER}\n{GOOD}\n{GOOD}\n{GOOD.replace('a1', 'a3')},x,y\n")])
    assert len(rows.rows) == 1
    assert [bad.reason.code for bad in rows.bad] == ["evidence.row.twice", "evidence.row.too_many_cells"]


def test_missing_columns_are_named(csv_file):
    with pytest.raises(InputError) as error:
        read_measurements([csv_file("id,task,model,gpu\n1,2,3,4\n")])
    assert error.value.code == "evidence.file.columns"
    assert "metric, value" in error.value.sentence("en")
    assert "rows.csv" in error.value.sentence("zh")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00\x01", b"id,task\n\x80"])
def test_what_is_no_table_is_refused_with_the_files_name(tmp_path, data):
    path = tmp_path / "odd.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_measurements([path])
    assert "odd.csv" in error.value.sentence("en")


def test_columns_that_only_some_rows_need_may_be_missing(csv_file):
    text = "id,kind,model,peak_bytes,measured_value,unit\nt1,train_peak_traced,gpt2-large,33337081856,31.047577,GiB\n"
    (row,) = read_measurements([csv_file(text)]).rows
    assert (row.task, row.gpu, row.metric) == ("train_peak_traced", "", "")
    assert row.value == pytest.approx(33_337_081_856, rel=1e-6)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError) as error:
            read_measurements([path])
        assert str(path) in error.value.sentence("en")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=28), max_size=6), st.binary(max_size=60))
def test_whatever_stands_in_a_file_gives_rows_or_a_sentence(tmp_path, cells, tail):
    path = tmp_path / "fuzz.csv"
    lines = [SPEED_HEADER, *(",".join(line) for line in cells)]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") + tail)
    try:
        found = read_measurements([path])
    except InputError as error:
        assert error.sentence("en")  # noqa: PT017
        return
    for row in found.rows:
        assert row.value >= 0
        assert row.id
    for bad in found.bad:
        assert bad.reason.sentence("en")
        assert bad.reason.sentence("zh")


def test_the_measurements_that_come_with_the_program_have_no_bad_row(own):
    assert len(own.rows) > 5000
    assert not own.bad
