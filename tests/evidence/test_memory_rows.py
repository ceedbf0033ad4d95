"""Memory rows beyond serving: what a counter sees, cards and models of like size, components, the derived constants."""

from __future__ import annotations

import csv
import json

import pytest

from gpuplanner import assets
from gpuplanner.evidence.components import Answer, Components
from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.fit_knobs import KNOBS
from gpuplanner.evidence.peaks import sees_context
from gpuplanner.evidence.peers import peer
from gpuplanner.evidence.predict import predict
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.standin import stand_in
from gpuplanner.evidence.versions import profile_index
from gpuplanner.evidence.wordbits import element_bytes, weight_bytes

GIB = 2**30


def row(**more) -> Row:
    values = {
        "task": "infer_peak", "model": "Qwen2.5-7B-Instruct", "gpu": "A100-SXM-80GB", "metric": "torch max_memory_allocated",
        "weight_precision": "bf16", "gpus": 1, "batch": "1", "framework": "transformers", "version": "4.46.0", "value": 1.0,
        "isl": 1.0, "osl": 2048.0,
    } | more  # fmt: skip
    return Row(id="m", file="f", line=1, table="memory", **values)


def value(catalog, wanted: Row) -> float:
    found = predict([wanted], catalog)[0]
    assert found.value is not None, found.reason
    return found.value / GIB


@pytest.mark.parametrize(
    ("more", "measured_gib"),
    [  # Qwen's published tables: Transformers, FlashAttention 2, batch 1
        ({}, 14.38),
        ({"isl": 6144.0}, 15.38),
        ({"isl": 30720.0}, 19.97),
        ({"model": "Qwen2.5-14B-Instruct", "isl": 30720.0}, 36.85),
        ({"model": "Qwen2-7B-Instruct", "version": "4.38.2", "isl": 14336.0}, 27.71),
        ({"model": "Qwen2-1.5B-Instruct", "version": "4.38.2", "isl": 14336.0}, 15.92),
        ({"model": "Qwen2.5-72B-Instruct", "isl": 30720.0, "gpus": 3, "scope": "sum_gpus"}, 164.79),
        ({"model": "Qwen-72B-Chat", "version": "", "date": "2023-11", "gpus": 2, "scope": "sum_gpus"}, 144.69),
    ],
)
def test_transformers_meets_published_peaks(catalog, more, measured_gib):
    assert value(catalog, row(**more)) == pytest.approx(measured_gib, rel=0.05)


def test_the_whole_card_sees_the_context_and_an_allocator_does_not(catalog):
    allocated, seen = (value(catalog, row(metric=metric)) for metric in ("max_memory_allocated", "nvidia-smi peak"))
    assert seen - allocated == pytest.approx(0.5)
    assert sees_context("NVML process memory")
    assert not sees_context("torch.cuda.max_memory_allocated, checked with nvidia-smi")


def test_a_release_is_chosen_by_version_then_by_date(catalog):
    profiles = catalog.engines["pytorch"].profiles
    assert profiles[profile_index(profiles, "4.40")].versions == ">=4.36,<4.45"
    assert profiles[profile_index(profiles, "", date="2023-05")].versions == "<4.36"
    assert profiles[profile_index(profiles, "", date="2020-01")].versions == "<4.36"
    assert profile_index(profiles, "", date="") == 0


def test_a_card_the_catalogue_lacks_counts_by_its_size(catalog):
    found = stand_in(row(gpu="RTX 2060-12GB"), catalog.gpus)
    assert found is not None
    assert found.usable_bytes == pytest.approx(12 * GIB * 0.985)
    assert catalog.gpus[found.gpu].memory_gb == 12
    assert stand_in(row(gpu="", task="kv_cache"), catalog.gpus) is None
    assert stand_in(row(gpu=""), catalog.gpus) is not None


def test_an_unpublished_model_goes_by_its_size_and_kin(catalog):
    assert peer("Nobody-8B", None, catalog.models) is not None
    assert peer("Nobody-90000B", None, catalog.models) is None
    assert peer("Nobody", None, catalog.models) is None
    alike = peer("someone's Qwen-35B-A3B", None, catalog.models)
    assert alike is not None
    assert alike.startswith("qwen")
    unknown = row(model="Nobody-8B", task="fits", framework="vllm", version="0.19.0", extra={"task": "serve"})
    assert isinstance(Configurer(catalog)(unknown), Configuration)
    weights = Configurer(catalog)(row(model="Nobody-8B", task="infer_weights"))
    assert isinstance(weights, NotDone)
    assert weights.reason is Reason.MODEL


@pytest.mark.parametrize(
    ("word", "stored", "element"),
    [
        ("", 2.0, 2.0),
        ("fp32", 4.0, 4.0),
        ("fp16 stated (size fits fp32)", 4.0, 4.0),
        ("int8dq (transformer + T5, torchao)", 1.0, 2.0),
        ("bf16 + int8dynamic", 1.0, 2.0),
        ("bnb nf4 (transformer+T5)", 0.5625, 2.0),
        ("fp6 (torchao)", 0.75, 2.0),
    ],
)
def test_words_for_bytes(catalog, word, stored, element):
    assert weight_bytes(word, catalog.precisions) == stored
    assert element_bytes(word) == element


def test_words_that_mean_no_format(catalog):
    assert weight_bytes("w3a3", catalog.precisions) is None


def answer(catalog, wanted: Row) -> Answer:
    found = Components(catalog)(wanted)
    assert isinstance(found, Answer), found
    return found


def test_checkpoints_hold_weights_and_what_the_optimizer_keeps(catalog):
    plain = row(task="checkpoint_size", model="Llama-3-8B", gpu="", metric="bytes on disk")
    states = row(task="checkpoint_size", model="Llama-3-8B", gpu="", metric="bytes", extra={"optimizer_states": "1"})
    params = catalog.models["llama-3-8b"].params_total
    assert answer(catalog, plain).value == params * 2
    assert answer(catalog, states).value == params * 14


def test_a_pipeline_that_offloads_fits_a_card_that_holds_it_not_at_once(catalog):
    whole = row(
        task="fits", model="black-forest-labs/FLUX.2-dev", gpu="A800-80GB", framework="diffusers", extra={"task": "image"}
    )
    apart = row(
        task="fits", model="black-forest-labs/FLUX.2-dev", gpu="A800-80GB", framework="diffusers",
        extra={"task": "image", "model cpu offload": "", "1024x1024": ""},
    )  # fmt: skip
    assert [answer(catalog, wanted).value for wanted in (whole, apart)] == [0.0, 1.0]


def test_rows_of_served_models_are_left_to_the_engine(catalog):
    assert Components(catalog)(row()) is None
    assert Components(catalog)(row(task="fits", extra={"task": "serve"})) is None


def test_profiles_hold_what_the_measurements_give():
    held = json.loads((assets.catalogs() / "calibration" / "memory.json").read_bytes())["constants"]
    engines = {
        record["id"]: record
        for path in (assets.catalogs() / "engines").glob("*.json")
        for record in json.loads(path.read_bytes())["records"]
    }
    compared = 0
    for knob in KNOBS:
        if knob.name not in held or held[knob.name]["rows"] < 10:
            continue
        profile = next(item for item in engines[knob.engine]["profiles"] if item["versions"] == knob.versions)
        own = profile.get(knob.field, 0.0)
        assert held[knob.name]["value"] == pytest.approx(own, rel=0.35 if knob.engine == "pytorch" else 0.1), knob.name
        compared += 1
    assert compared >= 8


def test_doubtful_rows_are_there_with_a_reason():
    folder = assets.catalogs() / "measurements"
    listed = json.loads((folder / "doubtful.json").read_bytes())["rows"]
    ids = {line["id"] for path in folder.glob("*/*.csv") for line in csv.DictReader(path.read_text("utf-8").splitlines())}
    assert {item["id"] for item in listed} <= ids
    assert all(len(item["reason"]) > 20 for item in listed)
