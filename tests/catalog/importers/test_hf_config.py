"""From a file that anybody may have written to a model, or to a sentence that names the file."""

from __future__ import annotations

import contextlib
import json
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.catalog.importers.hf_config import MAX_BYTES, identifier, import_config
from gpuplanner.catalog.importers.save import save_model
from gpuplanner.catalog.importers.stored_format import stored_precision
from gpuplanner.catalog.load import load_catalog, user_folder
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.engine.architecture.readers import UnsupportedArchitecture
from gpuplanner.errors import InputError
from tests.engine.architecture.test_counts import CONFIGS
from tests.engine.architecture.test_structure import LLAMA

LLAMA_8B = CONFIGS / "Llama-3.1-8B.json"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "Llama-3.1-8B-Instruct"
    folder.mkdir()
    shutil.copy(LLAMA_8B, folder / "config.json")
    return folder


def sentence(path):
    with pytest.raises(InputError) as caught:
        import_config(path)
    told = {lang: caught.value.sentence(lang) for lang in texts.LANGUAGES}
    assert str(path) in told["en"]
    assert told["en"] != told["zh"]
    assert all(len(words) < 600 for words in told.values())
    return told["en"]


def written(tmp_path, content):
    path = tmp_path / "some.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_a_file_becomes_a_model(folder):
    model = import_config(folder / "config.json")
    assert model.name == "Llama-3.1-8B-Instruct"
    assert model.id == "llama-3.1-8b-instruct"
    assert model.kind is ModelKind.LLM
    assert model.params_total == model.params_active == 8_030_261_248
    assert model.max_context == 131_072
    assert not model.shape_is_assumed
    assert model.stored_as is None
    assert Model.model_validate_json(model.model_dump_json()) == model


def test_its_folder_will_do(folder):
    assert import_config(folder) == import_config(folder / "config.json")


def test_the_published_name_counts_before_the_folder(tmp_path):
    model = import_config(written(tmp_path, LLAMA | {"model_type": "llama", "_name_or_path": "acme/Tiny-1B"}))
    assert (model.id, model.name, model.hf_id) == ("tiny-1b", "Tiny-1B", "acme/Tiny-1B")
    for strange in ("/home/me/secret place/model", "../..", "a/b/c", 7, None, "x\n/y"):
        model = import_config(written(tmp_path, LLAMA | {"model_type": "llama", "_name_or_path": strange}))
        assert (model.id, model.hf_id) == ("some", None)


def test_unknown_families_are_marked(tmp_path):
    assert import_config(written(tmp_path, LLAMA | {"model_type": "brand_new"})).shape_is_assumed


def test_a_byte_order_mark_is_fine(tmp_path):
    path = written(tmp_path, b"\xef\xbb\xbf" + LLAMA_8B.read_bytes())
    assert import_config(path).params_total == 8_030_261_248


BROKEN = {
    "empty": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "half": (b'{"hidden_size": 4096,', "isn’t valid JSON"),
    "binary": (bytes(range(256)) * 9, "isn’t valid JSON"),
    "utf16": (LLAMA_8B.read_text().encode("utf-16"), "isn’t valid JSON"),
    "latin1": ('{"name": "Müller"}'.encode("latin-1"), "isn’t valid JSON"),
    "list": (b"[1, 2]", "no group of fields"),
    "number": (b"42", "no group of fields"),
    "deep": (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "isn’t valid JSON"),
    "many digits": (b'{"model_type": "llama", "hidden_size": ' + b"9" * 100_000 + b"}", "some.json"),
    "nan": (json.dumps(LLAMA | {"model_type": "llama", "vocab_size": float("nan")}).encode(), "“vocab_size” holds nan"),
    "negative": (json.dumps(LLAMA | {"model_type": "llama", "vocab_size": -5}).encode(), "“vocab_size” holds -5"),
    "missing": (b'{"model_type": "llama", "hidden_size": 4096}', "num_hidden_layers, num_attention_heads, vocab_size"),
    "package": (b'{"name": "left-pad", "version": "1.0.0"}', "isn’t a model’s config.json"),
    "control signs": (json.dumps(LLAMA | {"hidden_size": "\x1b[31m\u202e"}).encode(), "“hidden_size”"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files(kind, tmp_path):
    content, told = BROKEN[kind]
    said = sentence(written(tmp_path, content))
    assert told in said
    assert said.isprintable()


def test_files_that_are_not_there(tmp_path):
    assert "not there" in sentence(tmp_path / "no" / "config.json")
    assert "not there" in sentence(tmp_path)


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert str(MAX_BYTES // 10**6) in sentence(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_does_not_hang(tmp_path):
    path = tmp_path / "config.json"
    os.mkfifo(path)
    assert "ordinary file" in sentence(path)


def test_a_range_without_end_is_no_reason_to_refuse(tmp_path):
    content = LLAMA | {"model_type": "llama", "time_step_limit": [0.0, float("inf")]}
    assert import_config(written(tmp_path, content)).shape is not None


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "config.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        import_config(path)
    assert str(path) in caught.value.sentence()


def compressed(weights, **group):
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": weights, **group}}}


@pytest.mark.parametrize(
    ("quantisation", "expected"),
    [
        (None, None),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8-block128"),
        ({"quant_method": "fp8"}, "fp8-e4m3"),
        ({"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}, "mxfp4"),
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, "int4-awq-g128"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, "int4-gptq-g128"),
        ({"quant_method": "gptq", "bits": 8}, "int8-w8a16"),
        ({"quant_method": "gptq", "bits": 3}, None),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bnb-nf4"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "fp8-e4m3"),
        ({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}, "nvfp4"),
        (compressed({"type": "float", "num_bits": 8}), "fp8-e4m3"),
        (compressed({"type": "float", "num_bits": 8, "strategy": "block"}), "fp8-block128"),
        (compressed({"type": "int", "num_bits": 4, "group_size": 32}), "int4-w4a16-g32"),
        (compressed({"type": "int", "num_bits": 4, "group_size": 128}), "int4-gptq-g128"),
        (compressed({"type": "int", "num_bits": 8}, input_activations={"num_bits": 8}), "int8-w8a8"),
        (compressed({"type": "int", "num_bits": 8}, input_activations=None), "int8-w8a16"),
        ({"quant_method": "compressed-tensors", "config_groups": []}, None),
        ({"quant_method": "never heard of"}, None),
        ({}, None),
    ],
)
def test_stored_format(quantisation, expected):
    assert stored_precision({"quantization_config": quantisation}) == expected
    if expected:
        assert expected in load_catalog().precisions


names = st.sampled_from(
    ["quant_method", "bits", "format", "config_groups", "g", "weights", "num_bits", "type", "input_activations"]
)


def test_an_unknown_quantisation_is_named(tmp_path):
    known = json.loads(LLAMA_8B.read_text(encoding="utf-8"))
    file = tmp_path / "config.json"
    file.write_text(json.dumps(known | {"quantization_config": {"quant_method": "vptq"}}), encoding="utf-8")
    assert (import_config(file).stored_as, import_config(file).stored_unknown) == (None, "vptq")
    file.write_text(json.dumps(known | {"quantization_config": {"quant_method": "fp8"}}), encoding="utf-8")
    assert (import_config(file).stored_as, import_config(file).stored_unknown) == ("fp8-e4m3", None)


KINDS = {
    "Qwen3-VL-2B-Instruct.json": ModelKind.VLM,
    "mamba2-2.7b.json": ModelKind.LLM,
    "bge-base-en-v1.5.json": ModelKind.ENCODER,
    "t5-small.json": ModelKind.ENCODER_DECODER,
    "whisper-base.json": ModelKind.ASR,
    "vit-base-patch16-224.json": ModelKind.VISION,
    "convnext-base.json": ModelKind.VISION,
    "clip-vit-large-patch14.json": ModelKind.MULTIMODAL_EMBEDDING,
    "FLUX.1-schnell_transformer.json": ModelKind.IMAGE_DIFFUSION,
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_config_becomes_a_model_of_its_kind(name):
    model = import_config(CONFIGS / name)
    assert model.kind is KINDS[name]
    assert (model.language is not None) == (model.kind in (ModelKind.LLM, ModelKind.VLM))


@given(st.recursive(st.none() | st.integers() | st.text(max_size=9), lambda inner: st.dictionaries(names, inner, max_size=4)))
def test_stored_format_of_anything(quantisation):
    stored = None
    with contextlib.suppress(UnsupportedArchitecture):
        stored = stored_precision({"quantization_config": quantisation})
    assert stored is None or stored in load_catalog().precisions


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Llama-3.1-8B", "llama-3.1-8b"),
        ("Ünï çödé/模型", "n-d"),
        ("..--..", "model"),
        ("", "model"),
        ("A__B", "a-b"),
        ("v1.-2", "v1-2"),
    ],
)
def test_identifiers(name, expected):
    assert identifier(name) == expected


@given(st.text(max_size=300))
def test_identifiers_are_always_valid(name):
    assert Model(id=identifier(name), name="x", kind=ModelKind.LLM).id == identifier(name)


def test_saved_models_are_in_the_catalogue_and_marked(folder):
    saved = save_model(import_config(folder), load_catalog())
    assert saved.file.parent == user_folder() / "models"
    catalog = load_catalog()
    assert catalog.warnings == ()
    assert catalog.models[saved.model.id] == saved.model
    assert f"model:{saved.model.id}" in catalog.yours


def test_saving_twice_replaces_what_was_saved(folder):
    first = save_model(import_config(folder), load_catalog())
    second = save_model(import_config(folder), load_catalog())
    assert first == second


def test_a_built_in_model_is_not_replaced_in_silence(tmp_path):
    (tmp_path / "Llama-3.1-8B").mkdir()
    shutil.copy(LLAMA_8B, tmp_path / "Llama-3.1-8B" / "config.json")
    before = load_catalog()
    saved = save_model(import_config(tmp_path / "Llama-3.1-8B"), before)
    assert saved.model.id == "llama-3.1-8b-own"
    assert load_catalog().models["llama-3.1-8b"] == before.models["llama-3.1-8b"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path, folder):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(InputError) as caught:
        save_model(import_config(folder), load_catalog(), blocked)
    assert str(blocked) in caught.value.sentence()
