"""Folders, indexes, pipelines and Ollama's store: what belongs together is read together, and nothing else is touched."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile

import pytest

from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.importers.model_paths import may_be_model
from gpuplanner.catalog.importers.save import save_model
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.errors import InputError
from tests.catalog.importers import writers
from tests.catalog.importers.test_gguf import small, small_tensors
from tests.catalog.importers.test_safetensors import LLAMA_8B, QWEN_05B, refused
from tests.engine.architecture.test_counts import CONFIGS

TINY = {
    "model_type": "qwen2", "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 256, "vocab_size": 512, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
}  # fmt: skip
TENSORS = writers.decoder_tensors(TINY)
links = pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs links")


def put(folder, config=TINY, name="config.json"):
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(json.dumps(config), encoding="utf-8")
    return folder


def refused_at(path, name):
    with pytest.raises(InputError) as caught:
        import_model(path)
    assert name in caught.value.sentence()
    return caught.value.sentence()


@pytest.fixture
def folder(tmp_path):
    return put(tmp_path / "Tiny-Qwen")


def test_config_and_weights_together(tmp_path):
    folder = put(tmp_path / "Qwen2.5-0.5B", QWEN_05B)
    writers.write_safetensors(folder / "model.safetensors", writers.decoder_tensors(QWEN_05B))
    model = import_model(folder)
    assert (model.name, model.params_total, model.stored.params) == ("Qwen2.5-0.5B", 494_032_768, 494_032_768)
    assert (model.shape_is_assumed, model.stored.precision, model.stored_as) == (False, "bf16", None)
    assert import_model(folder / "config.json") == model
    assert import_model(folder / "model.safetensors") == model
    assert Model.model_validate_json(model.model_dump_json()) == model


def test_a_config_alone_has_no_stored_weights(folder):
    assert import_model(folder).stored is None


def test_shards_and_index(folder):
    index = writers.write_sharded(folder, TENSORS, 3)
    model = import_model(folder)
    assert (model.stored.files, model.stored.tensors) == (3, len(TENSORS))
    assert model.stored.params == model.params_total == operator_list(model.shape).total_params
    assert import_model(index) == import_model(folder / "model-00002-of-00003.safetensors") == model


def test_the_index_alone_knows_the_total(folder):
    index = writers.write_sharded(folder, TENSORS, 3)
    for number in (1, 3):
        (folder / f"model-0000{number}-of-00003.safetensors").unlink()
    model = import_model(folder)
    assert model.stored.total_bytes == 2 * model.params_total
    assert (model.stored.parts, model.stored.precision) == ({}, "bf16")
    assert "model-00001-of-00003" in model.notes
    (folder / "config.json").unlink()
    alone = import_model(index)
    assert (alone.shape, alone.stored.total_bytes) == (None, model.stored.total_bytes)


def test_shards_without_an_index_are_counted(folder):
    writers.write_sharded(folder, TENSORS, 3).unlink()
    model = import_model(folder)
    assert model.stored.params == model.params_total
    (folder / "model-00002-of-00003.safetensors").unlink()
    assert "model-00002-of-00003.safetensors" in refused(folder)


def test_copies_and_adapters_beside_the_model_are_not_counted(folder):
    for name in ("model.safetensors", "consolidated.safetensors", "model.fp16.safetensors"):
        writers.write_safetensors(folder / name, TENSORS)
    writers.write_safetensors(folder / "adapter_model.safetensors", {"a.lora_A.weight": [4, 4]})
    assert import_model(folder).stored.files == 1


def test_quantised_checkpoints_say_their_format(tmp_path):
    config = TINY | {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
    folder = put(tmp_path / "awq", config)
    tensors = {}
    for name, shape in TENSORS.items():
        if len(shape) == 2 and "_proj" in name:
            module, (out, into) = name.removesuffix(".weight"), shape
            tensors |= {
                f"{module}.qweight": ("I32", [into, out // 8]), f"{module}.qzeros": ("I32", [into // 128, out // 8]),
                f"{module}.scales": ("F16", [into // 128, out]),
            }  # fmt: skip
        else:
            tensors[name] = ("F16", shape)
    writers.write_safetensors(folder / "model.safetensors", tensors)
    model = import_model(folder)
    assert model.stored_as == model.stored.precision == "int4-awq-g128"
    assert model.stored.params == model.params_total


def test_the_config_of_modelopt_counts_as_a_quantisation_config(folder):
    put(folder, {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}}, "hf_quant_config.json")
    assert import_model(folder).stored_as == "fp8-e4m3"
    writers.write_safetensors(folder / "model.safetensors", TENSORS, "F8_E4M3")
    assert import_model(folder).stored_as == "fp8-e4m3"


def test_layers_for_further_tokens_are_kept_apart(folder):
    more = {name.replace("layers.1.", "layers.2."): shape for name, shape in TENSORS.items() if "layers.1." in name}
    writers.write_safetensors(folder / "model.safetensors", TENSORS | more)
    model = import_model(folder)
    assert model.stored.parts["next_token"].params == model.stored.params - model.params_total
    assert not model.shape_is_assumed


def test_weights_that_differ_from_the_config_mark_it_as_assumed(folder):
    more = {"model.layers.0.surplus.weight": [128, 512]}
    writers.write_safetensors(folder / "model.safetensors", TENSORS | more)
    assert import_model(folder).shape_is_assumed


def test_weights_of_another_model_are_refused(folder):
    writers.write_safetensors(folder / "model.safetensors", writers.decoder_tensors(LLAMA_8B))
    assert "don’t belong together" in refused(folder)


@pytest.mark.parametrize(
    ("weight_map", "told"),
    [
        ({"a": "../../etc/x.safetensors"}, "isn’t there"),
        ({"a": "/etc/x.safetensors"}, "x.safetensors"),
        ({"a": "C:\\x.safetensors"}, "x.safetensors"),
        ({"a": "model.safetensors.index.json"}, "only plain names"),
        ({"a": 7}, "only plain names"),
        ({"a": ["x.safetensors"]}, "only plain names"),
        ({"a": "x" * 300 + ".safetensors"}, "only plain names"),
        ({"a": "pytorch_model.bin"}, "only plain names"),
        ({}, "weight_map"),
        (None, "weight_map"),
        ([], "weight_map"),
        ({"a": "model-1.safetensors"}, "doesn’t say their size"),
    ],
)
def test_bad_indexes_are_refused(folder, weight_map, told):
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}), encoding="utf-8")
    said = refused(path)
    assert told in said or "only plain names" in said


@pytest.mark.parametrize("total", [-1, 0, 10**30, "9", 1.5, True])
def test_impossible_totals_are_refused(folder, total):
    path = folder / "model.safetensors.index.json"
    content = {"metadata": {"total_size": total}, "weight_map": {"a": "model-1.safetensors"}}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "total_size" in refused(path)


def test_a_tensor_that_is_not_where_the_index_says(folder):
    index = writers.write_sharded(folder, TENSORS, 2)
    content = json.loads(index.read_text(encoding="utf-8"))
    content["weight_map"]["ghost.weight"] = "model-00001-of-00002.safetensors"
    index.write_text(json.dumps(content), encoding="utf-8")
    assert "ghost.weight" in refused(index)


def test_a_shard_that_is_an_index_is_refused(folder):
    index = writers.write_sharded(folder, TENSORS, 2)
    shutil.copy(index, folder / "model-00001-of-00002.safetensors")
    assert "claims a header" in refused_at(folder / "model-00002-of-00002.safetensors", "model-00001-of-00002.safetensors")


@links
def test_links_out_of_the_folder_are_not_followed(tmp_path, folder):
    outside = writers.write_safetensors(tmp_path / "secret.safetensors", TENSORS)
    (folder / "model.safetensors").symlink_to(outside)
    assert "leads out of" in refused_at(folder, "model.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "inside.bin").write_bytes(outside.read_bytes())
    (folder / "model.safetensors").symlink_to(folder / "inside.bin")
    assert import_model(folder).stored.files == 1
    assert import_model(tmp_path / "secret.safetensors").stored.files == 1


@links
def test_a_hugging_face_cache(tmp_path):
    cache = tmp_path / "models--acme--Tiny-7B"
    snapshot, blobs = cache / "snapshots" / ("0" * 40), cache / "blobs"
    snapshot.mkdir(parents=True)
    put(blobs, TINY, "aaaa")
    writers.write_safetensors(blobs / "bbbb", TENSORS)
    (snapshot / "config.json").symlink_to("../../blobs/aaaa")
    (snapshot / "model.safetensors").symlink_to("../../blobs/bbbb")
    model = import_model(snapshot)
    assert (model.id, model.hf_id, model.stored.files) == ("tiny-7b", "acme/Tiny-7B", 1)
    assert import_model(cache) == model


def pipeline(tmp_path, name="StableDiffusionXLPipeline", **components):
    folder = tmp_path / "sdxl"
    held = {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "scheduler": ["diffusers", "X"]}
    put(folder, {"_class_name": name, "_diffusers_version": "0.30", "safety_checker": [None, None], **held, **components},
        "model_index.json")  # fmt: skip
    for part, shape in (("unet", [320, 4, 3, 3]), ("vae", [128, 3, 3, 3])):
        (folder / part).mkdir()
        writers.write_safetensors(folder / part / "diffusion_pytorch_model.safetensors", {"conv_in.weight": shape}, "F32")
        writers.write_safetensors(folder / part / "diffusion_pytorch_model.fp16.safetensors", {"conv_in.weight": shape}, "F16")
    return folder


def test_a_pipeline_by_its_components(tmp_path):
    folder = pipeline(tmp_path)
    model = import_model(folder)
    assert model.kind is ModelKind.IMAGE_DIFFUSION
    assert {name: (part.bytes, part.params) for name, part in model.stored.parts.items()} == {
        "unet": (4 * 11_520, 11_520),
        "vae": (4 * 3_456, 3_456),
    }
    assert model.params_total == 14_976
    assert import_model(folder / "model_index.json") == model


def test_a_pipeline_by_its_configs_alone(tmp_path):
    held = {"unet": ["diffusers", "UNet2DConditionModel"], "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]}
    folder = put(tmp_path / "sdxl", {"_class_name": "StableDiffusionXLPipeline", **held}, "model_index.json")
    for part, config in (("unet", "SDXL_UNet.json"), ("text_encoder_2", "SDXL_text_encoder_2_OpenCLIP-bigG.json")):
        (folder / part).mkdir()
        shutil.copy(CONFIGS / config, folder / part / "config.json")
    model = import_model(folder)
    # as published: the UNet 2 567 463 684, the second text encoder 694 659 840
    assert model.params_total == 2_567_463_684 + 694_659_840
    assert (model.kind, model.stored, model.shape_is_assumed) == (ModelKind.IMAGE_DIFFUSION, None, False)


def test_a_pipeline_for_video(tmp_path):
    assert import_model(pipeline(tmp_path, "CogVideoXPipeline")).kind is ModelKind.VIDEO_DIFFUSION


@pytest.mark.parametrize("name", ["../../etc", "a/b", "a\\b", "..", "C:", "a" * 80])
def test_components_elsewhere_are_not_followed(tmp_path, name):
    folder = pipeline(tmp_path, **{name: ["diffusers", "UNet2DConditionModel"]})
    assert "plain file name" in refused_at(folder, "model_index.json")


def test_a_pipeline_without_weights_is_refused(tmp_path):
    folder = pipeline(tmp_path)
    shutil.rmtree(folder / "unet")
    shutil.rmtree(folder / "vae")
    assert ".safetensors" in refused(folder)


DIGEST, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def store(tmp_path):
    """Ollama's folder with one model."""
    models = tmp_path / "models"
    tag = models / "manifests" / "registry.ollama.ai" / "library" / "llama3.2" / "1b"
    tag.parent.mkdir(parents=True)
    (models / "blobs").mkdir()
    layers = [
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{DIGEST}", "size": 1},
        {"mediaType": "application/vnd.ollama.image.template", "digest": f"sha256:{OTHER}", "size": 1},
    ]
    media = "application/vnd.docker.distribution.manifest.v2+json"
    tag.write_text(json.dumps({"schemaVersion": 2, "mediaType": media, "config": {}, "layers": layers}), encoding="utf-8")
    content = writers.gguf_bytes(small("llama") | {"general.file_type": 15}, small_tensors())
    (models / "blobs" / f"sha256-{DIGEST}").write_bytes(content)
    return tag


def test_a_manifest_leads_to_its_blob(store):
    model = import_model(store)
    assert (model.name, model.id, model.stored_as) == ("llama3.2-1b", "llama3.2-1b", "gguf-q4-k-m")
    blob = store.parents[4] / "blobs" / f"sha256-{DIGEST}"
    assert import_model(blob).stored == model.stored
    assert import_model(store.parents[4]) == model
    assert may_be_model(store)
    assert may_be_model(blob)


def test_a_tower_is_served_along(store):
    content = json.loads(store.read_text(encoding="utf-8"))
    content["layers"].append({"mediaType": "application/vnd.ollama.image.projector", "digest": f"sha256:{OTHER}"})
    store.write_text(json.dumps(content), encoding="utf-8")
    tower = writers.gguf_bytes({"general.architecture": "clip"}, {"v.blk.0.attn_q.weight": ("F16", [64, 64])})
    (store.parents[4] / "blobs" / f"sha256-{OTHER}").write_bytes(tower)
    assert import_model(store).stored.parts["tower"].params == 4096


@pytest.mark.parametrize(
    ("digest", "told"),
    [
        (f"sha256:{OTHER}", "isn’t in “blobs”"),
        ("sha256:../../../../etc/passwd", "isn’t a digest"),
        ("sha256-" + DIGEST, "isn’t a digest"),
        (7, "isn’t a digest"),
    ],
)
def test_bad_digests_are_refused(store, digest, told):
    content = json.loads(store.read_text(encoding="utf-8"))
    content["layers"][0]["digest"] = digest
    store.write_text(json.dumps(content), encoding="utf-8")
    assert told in refused(store)


def test_manifests_without_a_model_or_blobs(store, tmp_path):
    content = json.loads(store.read_text(encoding="utf-8"))
    store.write_text(json.dumps(content | {"layers": content["layers"][1:]}), encoding="utf-8")
    assert "no GGUF model" in refused(store)
    store.write_text(json.dumps(content | {"layers": []}), encoding="utf-8")
    assert "isn’t a manifest" in refused(store)
    away = tmp_path / "latest"
    away.write_text(json.dumps(content), encoding="utf-8")
    assert "“blobs”" in refused(away)


@links
def test_a_blob_that_leads_elsewhere_is_not_followed(store, tmp_path):
    blob = store.parents[4] / "blobs" / f"sha256-{DIGEST}"
    outside = tmp_path / "outside"
    blob.rename(outside)
    blob.symlink_to(outside)
    assert "leads out of" in refused_at(store, DIGEST)


class _Trap:
    """Unpickled, it would fail the test."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.ckpt", "model.pt", "model.safetensors", "model.gguf", "config.json"]
)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_pickles_are_never_opened(tmp_path, name, protocol):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(_Trap(), protocol))
    said = refused(path)
    assert protocol == 0 or "pickle" in said


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors", "model.gguf", "config.json"])
def test_archives_are_refused_whatever_they_are_called(tmp_path, name):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(_Trap()))
    assert "pickle" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert ("pickle" if name.endswith(".bin") else "archive") in refused(path)


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("model.onnx", b"\x08\x07\x12\x07pytorch", "ONNX"),
        ("model.tflite", b"\x1c\x00\x00\x00TFL3", "TFLite"),
        ("model.h5", b"\x89HDF\r\n\x1a\n", "HDF5"),
        ("ggml-model-q4_0.bin", b"tjgg\x03\x00\x00\x00", "pickle"),
        ("ggml-model", b"tjgg\x03\x00\x00\x00", "old GGML"),
        ("model.tar.gz", b"\x1f\x8b\x08\x00", "archive"),
    ],
)
def test_other_formats_are_named(tmp_path, name, start, told):
    path = tmp_path / name
    path.write_bytes(start + bytes(64))
    assert told in refused(path)


def test_folders_without_a_model(tmp_path):
    assert "No model was found" in refused(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04")
    assert "pickle" in refused(tmp_path)


def test_pipes_and_missing_files(tmp_path):
    assert "not there" in refused(tmp_path / "nothing.gguf")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "model.safetensors")
        assert "ordinary file" in refused(tmp_path / "model.safetensors")


def test_saved_models_keep_what_was_stored(folder):
    writers.write_safetensors(folder / "model.safetensors", TENSORS)
    saved = save_model(import_model(folder), load_catalog())
    assert load_catalog().models[saved.model.id].stored == saved.model.stored


@pytest.mark.parametrize(
    ("name", "worth"),
    [("a.gguf", True), ("a.SAFETENSORS", True), ("config.json", True), ("a.bin", True), ("a.gpuplan", False), ("a.txt", False)],
)
def test_what_is_worth_asking(tmp_path, name, worth):
    assert may_be_model(tmp_path / name) is worth
    assert may_be_model(tmp_path)
