"""Deployment files from a scenario: which there are, what they hold, and the sheet that goes with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gpuplanner import assets, texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate
from gpuplanner.errors import InputError
from gpuplanner.format import format_count, format_seconds
from gpuplanner.report.deploy.dashboard import dashboard
from gpuplanner.report.deploy.escape import FILTERS
from gpuplanner.report.deploy.facts import Launch, launch_of
from gpuplanner.report.deploy.training import accelerate_fsdp, deepspeed_config, factory_config
from gpuplanner.report.deploy.words import FOLDER, knows
from gpuplanner.scenario.document import Scenario

if TYPE_CHECKING:
    from jinja2 import Environment

Render = Callable[[str, Launch, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class DeployFile:
    """A file: its place under the folder, its text, whether it is to be run."""

    path: str
    text: str
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What can be asked for. ``engine`` is the key of the engines' words, ``vendors`` whose GPUs it runs on (empty: any)."""

    key: str
    engine: str
    trains: bool = False
    vendors: tuple[str, ...] = ()


TARGETS: Final = {
    target.key: target
    for target in (
        Target("vllm", "vllm"),
        Target("sglang", "sglang"),
        Target("triton", "triton", vendors=("NVIDIA",)),
        Target("llama-cpp", "llama-cpp"),
        Target("mindie", "mindie", vendors=("Huawei",)),
        Target("compose", "vllm"),
        Target("k8s", "vllm"),
        Target("prometheus", "vllm"),
        Target("deepspeed", "deepspeed", trains=True),
        Target("llamafactory", "llamafactory", trains=True),
    )
}


def targets_for(scenario: Scenario, vendor: str | None = None) -> tuple[str, ...]:
    """The targets that fit the kind of work, and a vendor's GPUs where one is given."""
    if scenario.workload.kind.passes:
        return ()
    fitting = [target for target in TARGETS.values() if target.trains == scenario.workload.kind.trains]
    return tuple(target.key for target in fitting if vendor is None or not target.vendors or vendor in target.vendors)


def suiting(scenario: Scenario, catalog: Catalog, answer: Estimate) -> tuple[str, ...]:
    """The targets that fit the work, the chosen GPU and the precision."""
    plan = answer.plan()
    vendor = catalog.gpus[plan.gpu_id].vendor if plan is not None else None
    return tuple(key for key in targets_for(scenario, vendor) if knows_precision(scenario, key))


def knows_precision(scenario: Scenario, key: str) -> bool:
    """Whether the engine of a target runs the scenario's weight format."""
    return TARGETS[key].trains or knows(TARGETS[key].engine, scenario.precision.weights)


def deployment_files(
    scenario: Scenario, catalog: Catalog, answer: Estimate, targets: Sequence[str], languages: Sequence[str] = ("en", "zh")
) -> tuple[DeployFile, ...]:
    """All files of some targets, a sheet for each language and the load test beside them.

    Args:
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate; its chosen plan is deployed.
        targets: keys of :data:`TARGETS`.
        languages: of the sheets.

    Raises:
        InputError: a target is unknown or doesn't fit the work, its engine doesn't run the precision, or nothing runs.
    """
    files: list[DeployFile] = []
    render = _renderer()
    launch: Launch | None = None
    for key in dict.fromkeys(targets):
        target = TARGETS.get(key)
        if target is None:
            raise InputError("deploy.target", target=key, known=", ".join(TARGETS))
        plan = answer.plan()
        fitting = targets_for(scenario, catalog.gpus[plan.gpu_id].vendor if plan is not None else None)
        if key not in fitting:
            raise InputError("deploy.not_for", target=key, known=", ".join(fitting) or "–")
        launch = launch_of(scenario, catalog, answer, target.engine)
        files += _WRITERS[key](launch, render)
    if launch is None:
        raise InputError("deploy.nothing_asked")
    if not scenario.workload.kind.trains:
        files.append(DeployFile("loadtest.sh", render("loadtest.sh.j2", launch, {}), runs=True))
    for lang in languages:
        name = "README.md" if lang == "en" else f"README.{lang}.md"
        files.append(DeployFile(name, _readme(launch, files, lang, render)))
    return tuple(files)


def _renderer() -> Render:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment: Environment = SandboxedEnvironment(
        loader=FileSystemLoader(assets.resources() / FOLDER),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # nothing here is HTML: each value goes through the filter of its format
    )
    environment.filters.update(FILTERS)

    def render(name: str, launch: Launch, more: Mapping[str, Any]) -> str:
        return environment.get_template(name).render(l=launch, **more)

    return render


def vllm_words(launch: Launch) -> list[str]:
    """The arguments of vLLM's server as words, for files that don't go through a shell."""
    words = ["--model", launch.model, "--served-model-name", launch.served, "--host", "0.0.0.0", "--port", str(launch.port)]
    words += ["--tensor-parallel-size", str(launch.tensor if launch.copies == 1 else 1)]
    if launch.pipeline > 1:
        words += ["--pipeline-parallel-size", str(launch.pipeline)]
    if launch.copies > 1:
        words += ["--data-parallel-size", str(launch.copies), "--enable-expert-parallel"]
    words += ["--dtype", launch.words.dtype, "--max-model-len", str(launch.length)]
    words += ["--gpu-memory-utilization", str(launch.share)]
    if launch.words.quantization:
        words += ["--quantization", launch.words.quantization]
    if launch.words.kv:
        words += ["--kv-cache-dtype", launch.words.kv]
    if launch.max_seqs:
        words += ["--max-num-seqs", str(launch.max_seqs)]
    if launch.max_batched:
        words += ["--max-num-batched-tokens", str(launch.max_batched)]
    words += [word for pair in vllm_transfer(launch) for word in pair]
    words.append("--enable-prefix-caching" if launch.prefix else "--no-enable-prefix-caching")
    return words


def vllm_transfer(launch: Launch) -> list[tuple[str, str]]:
    """The arguments by which vLLM hands its cache to another replica, or keeps some of it in host memory; it does one of both."""
    if launch.prefill:
        return [("--kv-transfer-config", json.dumps({"kv_connector": "NixlConnector", "kv_role": "kv_both"}))]
    if launch.host_kv_gib:
        return [
            ("--kv-offloading-backend", "native"),
            ("--kv-offloading-size", f"{launch.host_kv_gib * launch.gpus_per_replica:g}"),
        ]
    return []


def _vllm(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("vllm/serve.sh", render("vllm-serve.sh.j2", launch, {"transfer": vllm_transfer(launch)}), runs=True),
        DeployFile(f"vllm/{launch.name}.service", render("unit.service.j2", launch, {})),
    ]


def _sglang(launch: Launch, render: Render) -> list[DeployFile]:
    return [DeployFile("sglang/serve.sh", render("sglang-serve.sh.j2", launch, {}), runs=True)]


def _triton(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("triton/models/tensorrt_llm/config.pbtxt", render("config.pbtxt.j2", launch, {})),
        DeployFile("triton/run.sh", render("triton-run.sh.j2", launch, {}), runs=True),
        DeployFile("tensorrt-llm/serve.sh", render("trtllm-serve.sh.j2", launch, {}), runs=True),
        DeployFile("tensorrt-llm/extra-llm-api-config.yml", render("trtllm-extra.yml.j2", launch, {})),
    ]


def _llama(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("llama-cpp/serve.sh", render("llama-serve.sh.j2", launch, {}), runs=True),
        DeployFile("ollama/Modelfile", render("Modelfile.j2", launch, {})),
    ]


def _mindie(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("mindie/config.json", render("mindie.json.j2", launch, {})),
        DeployFile("vllm-ascend/serve.sh", render("vllm-serve.sh.j2", launch, {"transfer": vllm_transfer(launch)}), runs=True),
    ]


def _compose(launch: Launch, render: Render) -> list[DeployFile]:
    devices = [f"/dev/davinci{number}" for number in range(launch.gpus_per_replica)]
    more = {"command": vllm_words(launch), "devices": [*devices, "/dev/davinci_manager", "/dev/devmm_svm", "/dev/hisi_hdc"]}
    return [DeployFile("compose/docker-compose.yaml", render("compose.yaml.j2", launch, more))]


def _k8s(launch: Launch, render: Render) -> list[DeployFile]:
    device = {"NVIDIA": "nvidia.com/gpu", "AMD": "amd.com/gpu", "Huawei": "huawei.com/Ascend910"}.get(
        launch.vendor, "nvidia.com/gpu"
    )
    more = {"command": vllm_words(launch), "device": device}
    return [DeployFile("k8s/deployment.yaml", render("k8s.yaml.j2", launch, more))]


def _prometheus(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("prometheus/rules.yaml", render("rules.yaml.j2", launch, {})),
        DeployFile("grafana/dashboard.json", dashboard(launch)),
    ]


def _deepspeed(launch: Launch, render: Render) -> list[DeployFile]:
    return [
        DeployFile("deepspeed/ds_config.json", deepspeed_config(launch)),
        DeployFile("fsdp/accelerate.yaml", accelerate_fsdp(launch)),
        DeployFile("deepspeed/train.sh", render("train.sh.j2", launch, {}), runs=True),
    ]


def _factory(launch: Launch, render: Render) -> list[DeployFile]:
    del render
    return [DeployFile("llamafactory/train.yaml", factory_config(launch))]


_WRITERS: Final[Mapping[str, Callable[[Launch, Render], list[DeployFile]]]] = {
    "vllm": _vllm,
    "sglang": _sglang,
    "triton": _triton,
    "llama-cpp": _llama,
    "mindie": _mindie,
    "compose": _compose,
    "k8s": _k8s,
    "prometheus": _prometheus,
    "deepspeed": _deepspeed,
    "llamafactory": _factory,
}


def _readme(launch: Launch, files: Sequence[DeployFile], lang: str, render: Render) -> str:
    def t(key: str, **params: object) -> str:
        return texts.text_in(lang, key, **params)

    steps = ("train",) if launch.training else ("copy", "run", "check", "test")
    more = {
        "t": t,
        "files": [(file.path, t(f"deploy.about.{_about(file.path)}")) for file in files if not file.path.startswith("README")],
        "start": [t(f"deploy.step.{step}", port=launch.port, name=launch.name) for step in steps],
        "rows": _rows(launch, lang, t),
    }
    return render("README.md.j2", launch, more)


def _about(path: str) -> str:
    """Key of the line on a file: its last part, or its suffix where that carries the model's name."""
    name = path.rsplit("/", 1)[-1]
    return "unit" if name.endswith(".service") else name.lower().replace(".", "_").replace("-", "_")


def _rows(launch: Launch, lang: str, t: Callable[..., str]) -> list[tuple[str, str, str, str]]:
    """What the load test should show: figure, expected value, range, limit."""

    def seconds(value: float) -> str:
        return str(format_seconds(value, lang))

    rows = []
    for key in ("ttft", "tpot", "e2e"):
        if key in launch.expected:
            low, value, high = launch.expected[key]
            limit = launch.targets.get(key)
            name = t(f"deploy.figure.{key}", percentile=f"{launch.percentile * 100:g}")
            shown = "–" if limit is None else f"≤ {seconds(limit)}"
            rows.append((name, seconds(value), f"{seconds(low)} – {seconds(high)}", shown))
    if "throughput" in launch.expected:
        least, middle, most = (str(format_count(number, lang)) for number in launch.expected["throughput"])
        rows.append((t("deploy.figure.throughput"), f"{middle} tok/s", f"{least} – {most}", "–"))
    return rows
