"""The checker passes what is right and catches what is wrong."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpuplanner import assets, texts
from gpuplanner.catalog.check import Report, check_catalog, check_own
from gpuplanner.catalog.checks import gpus
from gpuplanner.catalog.load import load_catalog
from gpuplanner.errors import InputError

HOPPER = "gpus/nvidia-hopper.json"
AWS = "clouds/aws.json"
ADA = "gpus/nvidia-ada.json"
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The built-in files, to be damaged."""
    return Path(
        shutil.copytree(assets.catalogs(), tmp_path / "catalogs", ignore=shutil.ignore_patterns("measurements", "schema"))
    )


def _edit(copy: Path, file: str, key: str, edit: Edit) -> Report:
    path = copy / file
    content = json.loads(path.read_bytes())
    edit(next(record for record in content["records"] if record["id"] == key))
    path.write_text(json.dumps(content), encoding="utf-8")
    return check_catalog(copy)


def _found(report: Report, key: str) -> list[tuple[str, str]]:
    return [(item.place, item.message.code.rpartition(".")[2]) for item in report.findings if item.record == key]


def test_our_own_catalogue_is_right() -> None:
    report = check_catalog()
    assert [finding.sentence() for finding in report.findings] == []
    assert report.counts["gpus"] >= 122
    assert report.counts["measurements"] == 5127


def test_every_exception_is_needed() -> None:
    catalog = load_catalog()
    exceptions = json.loads((assets.catalogs() / "checks.json").read_bytes())["exceptions"]
    for key, reason in exceptions.items():
        noted: list[str] = []
        gpus._ratios(catalog.gpus[key], lambda place, *rest, noted=noted, **params: noted.append(place))
        assert noted, key
        assert reason


def _rate(number_format: str, value: float) -> Edit:
    return lambda record: record["dense_tflops"].update({number_format: value})


def _set(field: str, value: object) -> Edit:
    return lambda record: record.update({field: value})


def _drop(field: str) -> Edit:
    return lambda record: record.pop(field) and None


@pytest.mark.parametrize(
    ("file", "key", "edit", "place", "code"),
    [
        (HOPPER, "nvidia-h100-sxm5-80gb", _rate("fp16", 1979), "dense_tflops.fp16", "sparse"),
        ("gpus/nvidia-ampere.json", "nvidia-a10", _rate("int8", 500), "dense_tflops.int8", "ratio"),
        (HOPPER, "nvidia-h100-sxm5-80gb", _rate("bf16", -1), "dense_tflops.bf16", "schema"),
        (HOPPER, "nvidia-h200-sxm-141gb", _set("bandwidth_gb_s", 4.8), "bandwidth_gb_s", "range"),
        (HOPPER, "nvidia-h200-sxm-141gb", _set("tdp_w", 0.7), "tdp_w", "range"),
        (HOPPER, "nvidia-h200-sxm-141gb", _set("usable_memory_bytes", 141 * 10**6), "usable_memory_bytes", "usable"),
        (HOPPER, "nvidia-h100-sxm5-80gb", _set("cuda_memory_bytes", 80 * 2**30), "cuda_memory_bytes", "seen_above_listed"),
        (ADA, "nvidia-l4", _set("engines", ["vlm"]), "engines", "dangling"),
        (ADA, "nvidia-l4", _set("colour", "green"), "colour", "schema"),
        (ADA, "nvidia-l4", _set("sources", []), "sources", "no_source"),
        (ADA, "nvidia-l4", lambda record: record["sources"][0].update(date=""), "sources.0", "source_undated"),
        (ADA, "nvidia-l4", lambda record: record["prices"][0].update(source="x"), "prices.0.source", "price_source"),
        (ADA, "nvidia-l4", lambda record: record["prices"][0].update(amount=3), "prices.0.amount", "range"),
        ("links/nvlink.json", "nvlink-4", _set("bidirectional_gb_s", 450), "bidirectional_gb_s", "duplex"),
        ("links/ethernet.json", "ethernet-100g", _set("line_rate_gbps", 12.5), "line_rate_gbps", "line_rate"),
        ("servers/nvidia.json", "nvidia-dgx-h100", _set("gpu_id", "nvidia-h101"), "gpu_id", "dangling"),
        ("servers/nvidia.json", "nvidia-dgx-h100", _set("gpu_memory_total_gb", 80), "gpu_memory_total_gb", "server_memory"),
        ("servers/nvidia.json", "nvidia-dgx-h100", _set("power_max_kw", 0.7), "power_max_kw", "server_power"),
        (AWS, "aws-g4dn-12xlarge", lambda record: record["prices"][0].update(hourly=3912), "prices.0.hourly", "gpu_hour"),
        ("precisions/float.json", "mxfp4", _set("bits_per_weight_effective", 4.6), "bits_per_weight_effective", "order"),
        ("precisions/float.json", "fp8-e4m3", _drop("native"), "native", "weights_incomplete"),
        ("precisions/kv-cache.json", "kv-fp8", _drop("kv_bits"), "kv_bits", "kv_incomplete"),
        ("electricity/cn.json", "cn-henan-commercial", _set("price", 66), "price", "range"),
        ("models/meta-llama.json", "llama-3.1-8b", lambda record: record["shape"].update(hidden=5120), "shape", "count"),
        ("models/meta-llama.json", "llama-3.1-8b", _set("params_active", 10**12), "params_active", "active_above_total"),
    ],
)  # fmt: skip
def test_a_fault_is_found(copy: Path, file: str, key: str, edit: Edit, place: str, code: str) -> None:
    report = _edit(copy, file, key, edit)
    assert (place, code) in _found(report, key)
    finding = next(item for item in report.findings if item.record == key and item.message.code.endswith(code))
    assert finding.sentence().startswith(f"{file}: {key}: {place}: ")
    texts.set_language("zh")
    assert finding.sentence().startswith(f"{file}：{key}：{place}：")


def test_an_id_twice(copy: Path) -> None:
    shutil.copy(copy / "gpus" / "metax.json", copy / "gpus" / "metax-again.json")
    assert ("id", "twice") in _found(check_catalog(copy), "metax-c500")


def test_an_id_that_is_none(copy: Path) -> None:
    report = _edit(copy, "gpus/metax.json", "metax-c500", _set("id", "MetaX C500"))
    assert ("id", "schema") in _found(report, "MetaX C500")


def test_lost_records(copy: Path) -> None:
    (copy / "gpus" / "metax.json").unlink()
    report = check_catalog(copy)
    assert [item.message.code for item in report.errors] == ["catalog.check.lost"]
    assert "123" in report.errors[0].sentence()


def test_a_broken_file_does_not_hide_the_rest(copy: Path) -> None:
    (copy / "switches" / "all.json").write_bytes(b"{")
    report = check_catalog(copy)
    assert [(item.file, item.message.code) for item in report.errors] == [("switches/all.json", "catalog.file.not_json")]
    assert report.counts["gpus"] >= 122


def test_a_folder_that_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        check_catalog(tmp_path)


def test_measurement_rows(copy: Path) -> None:
    folder = copy / "measurements" / "speed"
    folder.mkdir(parents=True)
    with (assets.catalogs() / "measurements" / "speed" / "autoawq.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[:3]
    rows[1]["id"] = rows[0]["id"]
    rows[2]["value"] = "fast"
    with (folder / "x.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    report = check_catalog(copy)
    assert report.counts["measurements"] == 3
    assert [(item.record, item.place) for item in report.errors] == [(rows[0]["id"], "id"), (rows[2]["id"], "value")] or [
        (item.record, item.place) for item in report.errors
    ] == [(rows[2]["id"], "value"), (rows[0]["id"], "id")]


def test_measurements_keep_no_sentences_of_others() -> None:
    for path in (assets.catalogs() / "measurements").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        assert "caveat" in header
        assert not {"note", "quote_or_note"} & set(header)


def test_the_users_own_gpus_are_only_warned_of(tmp_path: Path) -> None:
    (tmp_path / "gpus").mkdir()
    (tmp_path / "gpus" / "x.json").write_text(
        '[{"id": "nvidia-l4", "change": {"bandwidth_gb_s": 3}}, {"id": "y"}, {"id": "nvidia-l40", "hidden": true}]'
    )
    findings = check_own(load_catalog(tmp_path))
    assert {(item.record, item.place) for item in findings} >= {("nvidia-l4", "bandwidth_gb_s"), ("y", "-")}
    assert not any(item.is_error for item in findings)


def test_all_findings_have_words() -> None:
    for key, words in texts.entries().items():
        if key.startswith("catalog."):
            assert words["en"]
            assert words["zh"]
