"""Deployment files, each read by a parser of its own format."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import promql_parser
import pytest
import yaml
from google.protobuf import text_format

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError
from gpuplanner.report.deploy.build import TARGETS, DeployFile, deployment_files, suiting, targets_for
from gpuplanner.report.deploy.escape import label, protobuf
from gpuplanner.scenario.document import Scenario, Sharding, TuningMethod, WorkloadKind, replace
from gpuplanner.scenario.serving import Speculation


def _triton() -> ModuleType:
    """Triton's own message of a model's configuration; its package wants gRPC, the message doesn't."""
    package = importlib.util.find_spec("tritonclient")
    assert package is not None
    assert package.submodule_search_locations
    file = Path(package.submodule_search_locations[0]) / "grpc" / "model_config_pb2.py"
    spec = importlib.util.spec_from_file_location("model_config_pb2", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ModelConfig = _triton().ModelConfig
CATALOG = load_catalog()
FLAGS = json.loads((Path(__file__).parents[2] / "data" / "deploy" / "flags.json").read_text())
HOSTILE = 'x"; rm -rf / #$(reboot)`id`\n- evil: "1"\r\n{{ 7*7 }}{% raw %}%i \\ \' }\u2028</script> 客户'


def a_service(**values: object) -> Scenario:
    scenario = Scenario(name="Support chat")
    asked = {"deployment.gpu": "nvidia-h100-sxm5-80gb", "deployment.tensor_parallel": 2, **values}
    for path, value in asked.items():
        scenario = replace(scenario, path, value)
    return scenario


def a_tuning(**values: object) -> Scenario:
    asked = {
        "workload.kind": WorkloadKind.TUNE, "model.id": "llama-3.1-8b", "deployment.gpu": "nvidia-a100-sxm4-80gb",
        "deployment.tensor_parallel": None, **values,
    }  # fmt: skip
    return a_service(**asked)


def written(scenario: Scenario, *targets: str) -> dict[str, DeployFile]:
    answer = estimate(scenario, CATALOG)
    files = deployment_files(scenario, CATALOG, answer, targets or suiting(scenario, CATALOG, answer))
    return {file.path: file for file in files}


def words_of(script: str) -> list[str]:
    """The words of the last command of a script, as a shell cuts them."""
    command = script.replace("\\\n", " ").strip().splitlines()[-1]
    return shlex.split(command)


def flags_of(script: str) -> set[str]:
    return {word for word in words_of(script) if word.startswith("--")}


@pytest.mark.parametrize("name", ["vllm/serve.sh", "sglang/serve.sh", "loadtest.sh"])
def test_every_flag_is_one_the_tool_has(name: str) -> None:
    everything = {
        "deployment.max_seqs": 128, "deployment.max_batched_tokens": 4096, "serving.chunked_prefill": True,
        "serving.cuda_graphs": False, "serving.speculation": Speculation.NGRAM, "serving.adapters": 4,
        "workload.cached_prefix": 0.5,
    }  # fmt: skip
    known = set(FLAGS["sglang" if name.startswith("sglang") else "vllm"]["flags"])
    for scenario in (a_service(), a_service(**everything)):
        found = flags_of(written(scenario, "vllm", "sglang")[name].text)
        negated = {flag.replace("--no-", "--", 1) for flag in found}
        assert len(found) > 4
        assert negated <= known


def test_the_plan_stands_in_the_command() -> None:
    scenario = a_service(**{"deployment.memory_utilization": 0.85, "workload.input_tokens": 6000, "workload.output_tokens": 500})
    words = words_of(written(scenario, "vllm")["vllm/serve.sh"].text)
    value = dict(pairwise(words))
    assert value["--tensor-parallel-size"] == "2"
    assert value["--max-model-len"] == "7168"
    assert value["--gpu-memory-utilization"] == "0.85"
    assert value["--quantization"] == "fp8"
    assert value["--kv-cache-dtype"] == "fp8"


def test_a_draft_model_is_json_in_one_word() -> None:
    draft = {"serving.speculation": Speculation.DRAFT, "serving.draft_model": "llama-3.2-1b", "serving.draft_tokens": 5}
    words = words_of(written(a_service(**draft), "vllm")["vllm/serve.sh"].text)
    config = json.loads(words[words.index("--speculative-config") + 1])
    assert config["num_speculative_tokens"] == 5
    assert config["model"].endswith("Llama-3.2-1B-Instruct")


def test_triton_takes_the_configuration() -> None:
    files = written(a_service(**{"deployment.max_seqs": 48}), "triton")
    config = text_format.Parse(files["triton/models/tensorrt_llm/config.pbtxt"].text, ModelConfig())
    assert config.backend == "tensorrtllm"
    assert config.model_transaction_policy.decoupled
    assert config.max_batch_size == 48
    assert not config.HasField("dynamic_batching")
    assert [group.count for group in config.instance_group] == [1]
    assert config.parameters["gpt_model_type"].string_value == "inflight_fused_batching"
    assert " -n 2 " in files["triton/run.sh"].text.replace("\\\n", " ")


def test_kubernetes_objects_hold_together() -> None:
    scenario = a_service()
    plan = estimate(scenario, CATALOG).plan()
    assert plan is not None
    objects = {item["kind"]: item for item in yaml.safe_load_all(written(scenario, "k8s")["k8s/deployment.yaml"].text)}
    assert set(objects) == {"Deployment", "Service", "PodDisruptionBudget", "ScaledObject"}
    pod = objects["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": plan.gpus_per_replica}
    assert objects["Deployment"]["spec"]["replicas"] == plan.replicas
    selector = objects["Service"]["spec"]["selector"]
    assert selector.items() <= pod["metadata"]["labels"].items()
    assert objects["ScaledObject"]["spec"]["scaleTargetRef"]["name"] == objects["Deployment"]["metadata"]["name"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["spec"]["volumes"]}
    promql_parser.parse(objects["ScaledObject"]["spec"]["triggers"][0]["metadata"]["query"])
    for item in objects.values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", item["metadata"]["name"])


def test_alerts_and_panels_ask_what_prometheus_understands() -> None:
    files = written(a_service(), "prometheus")
    rules = yaml.safe_load(files["prometheus/rules.yaml"].text)["groups"][0]["rules"]
    assert {rule["alert"] for rule in rules} == {"SlowTTFT", "SlowTPOT", "CacheFull", "ReplicaDown"}
    for rule in rules:
        promql_parser.parse(rule["expr"])
    assert "> 1.0" in rules[0]["expr"]
    board = json.loads(files["grafana/dashboard.json"].text)
    for panel in board["panels"]:
        promql_parser.parse(panel["targets"][0]["expr"])
    assert board["panels"][0]["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] == 1.0


def test_compose_gives_the_container_its_gpus() -> None:
    services = yaml.safe_load(written(a_service(), "compose")["compose/docker-compose.yaml"].text)["services"]
    (service,) = services.values()
    assert service["deploy"]["resources"]["reservations"]["devices"][0]["count"] == 2
    assert service["command"][:2] == ["--model", "meta-llama/Llama-3.3-70B-Instruct"]
    amd = a_service(**{"deployment.gpu": "amd-mi300x", "deployment.tensor_parallel": None})
    (service,) = yaml.safe_load(written(amd, "compose")["compose/docker-compose.yaml"].text)["services"].values()
    assert service["devices"] == ["/dev/kfd", "/dev/dri"]
    assert "rocm" in service["image"]


def test_mindie_is_json_for_ascend_alone() -> None:
    ascend = {"deployment.gpu": "huawei-ascend-910b3", "deployment.tensor_parallel": None, "precision.weights": "bf16",
              "precision.kv_cache": "kv-fp16", "deployment.engine": "mindie"}  # fmt: skip
    scenario = a_service(**ascend)
    plan = estimate(scenario, CATALOG).plan()
    assert plan is not None
    config = json.loads(written(scenario, "mindie")["mindie/config.json"].text)
    backend = config["BackendConfig"]
    assert backend["npuDeviceIds"] == [list(range(plan.gpus_per_replica))]
    assert backend["ModelDeployConfig"]["ModelConfig"][0]["worldSize"] == plan.gpus_per_replica
    with pytest.raises(InputError, match=r"deploy\.not_for"):
        written(a_service(), "mindie")


def test_llama_cpp_gets_room_for_all_its_slots() -> None:
    gguf = {"precision.weights": "gguf-q4-k-m", "precision.kv_cache": "kv-fp16", "deployment.engine": "llama-cpp",
            "model.id": "llama-3.1-8b", "workload.load": 4, "deployment.tensor_parallel": None}  # fmt: skip
    files = written(a_service(**gguf), "llama-cpp")
    words = words_of(files["llama-cpp/serve.sh"].text)
    value = dict(pairwise(words))
    assert int(value["--ctx-size"]) == int(value["--parallel"]) * 3072
    assert "FROM ./llama-3-1-8b-Q4_K_M.gguf" in files["ollama/Modelfile"].text


def test_a_unit_that_systemd_can_read() -> None:
    text = written(a_service(), "vllm")["vllm/llama-3-3-70b.service"].text
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    assert unit["Service"]["ExecStart"] == "/opt/llama-3-3-70b/serve.sh"


def test_deepspeed_batches_multiply_and_stages_follow_the_plan() -> None:
    for sharding, stage in ((Sharding.NONE, 0), (Sharding.OPTIMIZER, 1), (Sharding.GRADIENTS, 2), (Sharding.FULL, 3)):
        scenario = a_tuning(**{"training.sharding": sharding, "training.method": TuningMethod.LORA})
        plan = estimate(scenario, CATALOG).plan()
        assert plan is not None
        assert plan.training is not None
        config = json.loads(written(scenario, "deepspeed")["deepspeed/ds_config.json"].text)
        made = config["train_micro_batch_size_per_gpu"] * config["gradient_accumulation_steps"] * plan.training.data_parallel
        assert config["train_batch_size"] == made
        expected = stage if plan.training.data_parallel > 1 else config["zero_optimization"]["stage"]
        assert config["zero_optimization"]["stage"] == expected


def test_llama_factory_knows_the_method() -> None:
    found: dict[str, Mapping[str, Any]] = {}
    for method in TuningMethod:
        text = written(a_tuning(**{"training.method": method}), "llamafactory")["llamafactory/train.yaml"].text
        found[method.value] = yaml.safe_load(text)
    assert found["full"]["finetuning_type"] == "full"
    assert "lora_rank" not in found["full"]
    assert (found["qlora"]["quantization_bit"], found["qlora"]["lora_rank"]) == (4, 16)
    assert found["dora"]["use_dora"] is True
    assert all(config["cutoff_len"] == 4096 for config in found.values())
    accelerate = yaml.safe_load(written(a_tuning(), "deepspeed")["fsdp/accelerate.yaml"].text)
    assert accelerate["fsdp_config"]["fsdp_sharding_strategy"] in ("NO_SHARD", "SHARD_GRAD_OP", "FULL_SHARD")


@pytest.mark.parametrize("scenario", [a_service(name=HOSTILE, customer=HOSTILE), a_tuning(name=HOSTILE)], ids=["serve", "tune"])
def test_names_cannot_get_out_of_their_place(scenario: Scenario) -> None:
    calm = written(replace(scenario, "name", "calm"))
    for path, file in written(scenario).items():
        other = calm[path].text
        assert "\u2028" not in file.text
        assert "49" not in re.sub(r"[0-9.]*49[0-9.]*", "", file.text) or "{{ 7*7 }}" not in file.text
        if path.endswith(".sh"):
            assert words_of(file.text) == words_of(other)
            assert len(file.text.splitlines()) == len(other.splitlines())
        elif path.endswith((".yaml", ".yml")):
            assert _shape(list(yaml.safe_load_all(file.text))) == _shape(list(yaml.safe_load_all(other)))
        elif path.endswith(".json"):
            assert _shape(json.loads(file.text)) == _shape(json.loads(other))
        elif path.endswith((".service", ".pbtxt", "Modelfile")):
            assert len(file.text.splitlines()) == len(other.splitlines())
        elif path.endswith(".md"):
            assert "<" not in file.text.replace("\\<", "")


def _shape(value: object) -> object:
    """The structure without the texts."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def test_a_hostile_model_stays_one_word() -> None:
    base = a_service()
    model = CATALOG.models["llama-3.3-70b"].model_copy(update={"hf_id": None, "name": HOSTILE})
    scenario = base.model_copy(update={"model": base.model.model_copy(update={"custom": model})})
    files = written(scenario, "vllm", "sglang", "compose", "k8s")
    words = words_of(files["sglang/serve.sh"].text)
    assert words[words.index("--model-path") + 2] == "--served-model-name"
    result = subprocess.run(["sh", "-n"], input=files["vllm/serve.sh"].text, text=True, capture_output=True, check=False)
    assert result.returncode == 0
    for line in files["vllm/serve.sh"].text.splitlines():
        if line.startswith(": "):
            assert "$(" not in line
            assert "`" not in line
    (service,) = yaml.safe_load(files["compose/docker-compose.yaml"].text)["services"].values()
    assert service["command"][2] == "--served-model-name"


@pytest.mark.parametrize("text", ["", "a", 'q"\\', "\n\t\0", "客户", "\x7f"])
def test_protobuf_text_reads_back(text: str) -> None:
    parsed = text_format.Parse(f"name: {protobuf(text)}", ModelConfig())
    assert parsed.name == text


def test_labels_are_labels() -> None:
    assert label("Qwen/Qwen2.5-72B_Instruct!") == "qwen-qwen2-5-72b-instruct"
    assert label("客户") == "model"
    assert len(label("x" * 200)) == 52


def test_what_does_not_fit_is_refused() -> None:
    answer = estimate(a_service(), CATALOG)
    for targets, code in ((["nothing"], "deploy.target"), (["deepspeed"], "deploy.not_for"), ([], "deploy.nothing_asked"),
                          (["llama-cpp"], "deploy.no_format")):  # fmt: skip
        with pytest.raises(InputError) as caught:
            deployment_files(a_service(), CATALOG, answer, targets)
        assert caught.value.code == code
        assert all(caught.value.sentence(lang) for lang in texts.LANGUAGES)
    impossible = a_service(**{"deployment.gpu": "nvidia-t4", "deployment.tensor_parallel": 1, "deployment.max_gpus": 1})
    with pytest.raises(InputError, match=r"deploy\.nothing_runs"):
        written(impossible, "vllm")


def test_the_sheet_holds_figures_with_their_ranges() -> None:
    scenario = a_service()
    plan = estimate(scenario, CATALOG).plan()
    assert plan is not None
    files = written(scenario, "vllm")
    for name, heading in (("README.md", "What to expect"), ("README.zh.md", "验收预期")):
        assert f"## {heading}" in files[name].text
        assert files[name].text.count("\n| ") == 5
    assert files["vllm/serve.sh"].runs
    assert not files["README.md"].runs


def test_targets_by_work() -> None:
    assert set(targets_for(a_service())) | set(targets_for(a_tuning())) == set(TARGETS)
    assert targets_for(a_service(**{"workload.kind": WorkloadKind.ENCODE})) == ()


def test_what_the_files_leave_to_the_engine_is_said() -> None:
    apart = a_service(**{"serving.disaggregated": True})
    back = a_service(**{"workload.reused_prefix": 0.8, "serving.host_kv_gib": 64.0})
    sheets = [
        [file.text for file in deployment_files(asked, CATALOG, estimate(asked, CATALOG), ("vllm",)) if "README" in file.path]
        for asked in (apart, back)
    ]
    assert len(sheets[0]) == len(texts.LANGUAGES)
    assert all("--kv-transfer-config" in sheet for sheet in sheets[0])
    assert all("--kv-transfer-config" not in sheet and "64" in sheet for sheet in sheets[1])


def test_prefill_apart_and_cache_in_host_memory_stand_in_the_commands() -> None:
    apart = written(a_service(**{"serving.disaggregated": True}), "vllm", "sglang", "k8s")
    remembering = a_service(**{"workload.reused_prefix": 0.8, "serving.host_kv_gib": 64.0})
    back, plan = written(remembering, "vllm", "sglang", "k8s"), estimate(remembering, CATALOG).plan()
    assert plan is not None
    value = dict(pairwise(words_of(apart["vllm/serve.sh"].text)))
    assert json.loads(value["--kv-transfer-config"]) == {"kv_connector": "NixlConnector", "kv_role": "kv_both"}
    value = dict(pairwise(words_of(apart["sglang/serve.sh"].text)))
    assert value["--disaggregation-mode"] == "$ROLE"
    assert ': "${ROLE:?' in apart["sglang/serve.sh"].text
    value = dict(pairwise(words_of(back["vllm/serve.sh"].text)))
    assert float(value["--kv-offloading-size"]) == 64 * plan.gpus_per_replica
    value = dict(pairwise(words_of(back["sglang/serve.sh"].text)))
    assert int(value["--hicache-size"]) == 68  # GB of each GPU
    for files, flag in ((apart, "--kv-transfer-config"), (back, "--kv-offloading-size")):
        args = yaml.safe_load(files["k8s/deployment.yaml"].text.split("\n---")[0])["spec"]["template"]["spec"]["containers"][0][
            "args"
        ]
        assert flag in args
        assert flag in FLAGS["vllm"]["flags"]
        assert flags_of(files["sglang/serve.sh"].text) <= set(FLAGS["sglang"]["flags"])


@pytest.mark.parametrize(
    ("target", "image", "says"),
    [("triton", "nvcr.io/nvidia/tritonserver", "found in public sources"), ("vllm", "vllm/vllm-openai", "was not looked up")],
)
def test_the_sheet_says_how_well_the_image_is_known(target: str, image: str, says: str) -> None:
    (line,) = [line for line in written(a_service(), target)["README.md"].text.splitlines() if line.startswith("Image: ")]
    assert f"`{image}:" in line
    assert says in line
